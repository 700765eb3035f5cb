// After "changeset version": writes the version of @talo/core where its code needs it.
import { readFileSync, writeFileSync } from 'node:fs';

const core = new URL('../packages/core/', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', core), 'utf8'));
const file = new URL('src/version.ts', core);
writeFileSync(file, readFileSync(file, 'utf8').replace(/VERSION = '[^']*'/, `VERSION = '${version}'`));
