import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { allPacked, here, run } from '../packed.ts';

const tool = (name: string): string => join(here, 'node_modules/.bin', name);

for (const { manifest, tarball } of allPacked()) {
  test(`${manifest.name}: publint --strict finds nothing`, () => {
    run(here, tool('publint'), '--strict', tarball);
  });

  test(`${manifest.name}: attw finds nothing, node10 resolution included`, () => {
    run(here, tool('attw'), '--profile', 'strict', '--no-emoji', '--no-color', tarball);
  });

  test(`${manifest.name}: no workspace: or catalog: range is left in the tarball`, () => {
    const needed = { ...manifest.dependencies, ...manifest.peerDependencies };
    for (const [name, range] of Object.entries(needed)) {
      strictEqual(/^(workspace|catalog):/.test(range), false, `${name}: ${range}`);
    }
  });

  test(`${manifest.name}: the tarball holds what was built, and nothing else`, () => {
    const files = run(here, 'tar', '-tzf', tarball).trim().split('\n');
    const others = files.filter((file) => !/^package\/dist\/.*(?<!\.map)$/.test(file));
    const expected = ['LICENSE', 'README.es.md', 'README.md', 'package.json', 'place.cjs'];
    const unexpected = others.filter((file) => !expected.includes(file.replace('package/', '')));
    deepStrictEqual(unexpected, []);
    for (const file of ['LICENSE', 'README.md']) ok(others.includes(`package/${file}`), `${file} is missing`);
  });
}
