// After "changeset version": writes the version of a package where its code needs it.
import { readFileSync, writeFileSync } from 'node:fs';

for (const name of ['core', 'sandbox']) {
  const folder = new URL(`../packages/${name}/`, import.meta.url);
  const { version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
  const file = new URL('src/version.ts', folder);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/VERSION = '[^']*'/, `VERSION = '${version}'`));
}
