import { strictEqual } from 'node:assert/strict';
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
    for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
      strictEqual(/^(workspace|catalog):/.test(range), false, `${name}: ${range}`);
    }
  });
}
