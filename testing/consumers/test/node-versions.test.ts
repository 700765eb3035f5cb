// The packages run on Node 20, 22 and 24: each loads every entry in both formats and goes through the scenario.
import { match, ok } from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { allPacked, here, nodes, run, specifier, temporary } from '../../packaging/packed.ts';

const specifiers = allPacked().flatMap((packed) => packed.entries.map((entry) => specifier(packed, entry)));

before(() => {
  mkdirSync(join(temporary, 'scenario'));
  for (const file of ['scenario.mjs', 'scenario.cjs', 'scenario-steps.cjs']) {
    copyFileSync(join(here, '../consumers/node-versions', file), join(temporary, 'scenario', file));
  }
});

for (const [major, node] of Object.entries(nodes)) {
  const inFolder = (...args: string[]): string => run(join(temporary, 'scenario'), node, ...args);

  test(`Node ${major} is Node ${major}`, () => {
    match(inFolder('--version'), new RegExp(`^v${major}\\.`));
  });

  for (const name of specifiers) {
    test(`Node ${major}: require and import of ${name}`, () => {
      inFolder('--eval', `require(${JSON.stringify(name)})`);
      inFolder('--input-type=module', '--eval', `await import(${JSON.stringify(name)})`);
    });
  }

  test(`Node ${major}: require of @talo/core does not lean on require(esm)`, () => {
    inFolder(
      '--no-experimental-require-module',
      '--eval',
      'require("@talo/core"); require("@talo/core/webhooks")',
    );
  });

  for (const { manifest, folder } of allPacked()) {
    for (const [command, file] of Object.entries(manifest.bin ?? {})) {
      test(`Node ${major}: ${command} --help`, () => {
        match(inFolder(join(folder, file), '--help'), new RegExp(`Usage: ${command}`));
      });
    }
  }

  for (const file of ['scenario.mjs', 'scenario.cjs']) {
    test(`Node ${major}: ${file}`, () => {
      const printed = inFolder(file);
      ok(printed.endsWith('scenario passed\n'), printed);
    });
  }
}
