// The declarations hold for the strictest reader: skipLibCheck off, both module formats, Node's types and no DOM.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { allPacked, here, type Packed, run, specifier, temporary } from '../packed.ts';

const core = allPacked().find(({ manifest }) => manifest.name === '@talo/core') as Packed;
const root = join(here, '../..');

for (const extension of ['mts', 'cts']) {
  test(`TypeScript 7, nodenext: a .${extension} file may import every entry of @talo/core`, () => {
    const folder = join(temporary, `types-${extension}`);
    mkdirSync(folder);
    const imports = core.entries.map((entry, i) => `import * as entry${i} from '${specifier(core, entry)}';`);
    const uses = core.entries.map((_, i) => `void entry${i};`);
    // a mistake that has to be seen, so that this test cannot pass because nothing was resolved
    const planted = '// @ts-expect-error\nentry0.pesos({});';
    writeFileSync(join(folder, `main.${extension}`), [...imports, ...uses, planted, ''].join('\n'));
    const compilerOptions = {
      target: 'es2023',
      lib: ['es2023'],
      module: 'nodenext',
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: [`main.${extension}`] }),
    );
    run(folder, join(root, 'node_modules/.bin', 'tsc'), '-p', '.');
  });
}
