// What a package exports is a promise. Each list is kept in exports/<package>.json; a change there is seen in review.
import { deepStrictEqual, ok } from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { allPacked, files, here, type Packed } from '../packed.ts';

interface Snapshot {
  readonly bin: string[];
  readonly entries: Record<string, { readonly values: string[]; readonly types: string[] }>;
}

const update = process.env['TALO_UPDATE_EXPORTS'] === '1';
const HOW =
  'If this is meant, run "npx -y pnpm@12 test:packed --update", look at the difference and commit it.';

/** The names in the `export { … }` lists that end a bundled declaration file. */
function declaredNames(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const lists = text.matchAll(/^export(?: type)? \{([^}]*)\}/gm);
  const inLists = [...lists].flatMap((list) => (list[1] ?? '').split(','));
  const inline = [
    ...text.matchAll(/^export (?:declare )?(?:abstract )?(?:class|const|function|interface|type) (\w+)/gm),
  ];
  const names = inLists.map((item) =>
    item
      .trim()
      .replace(/^type /, '')
      .replace(/^.* as /, ''),
  );
  return [...names, ...inline.map((match) => match[1] ?? '')].filter((name) => name !== '').sort();
}

async function exported(packed: Packed): Promise<Snapshot> {
  const entries: Record<string, { values: string[]; types: string[] }> = {};
  for (const entry of packed.entries) {
    const { import: esm, require: cjs } = files(packed, entry);
    const values = Object.keys(await import(pathToFileURL(esm.default).href)).sort();
    const required = Object.keys(createRequire(cjs.default)(cjs.default)).sort();
    deepStrictEqual(
      required,
      values,
      `${packed.manifest.name} ${entry}: CommonJS and ESM export different names`,
    );
    const types = declaredNames(esm.types);
    deepStrictEqual(
      declaredNames(cjs.types),
      types,
      `${packed.manifest.name} ${entry}: .d.cts and .d.ts differ`,
    );
    const untyped = values.filter((name) => !types.includes(name));
    deepStrictEqual(untyped, [], `${packed.manifest.name} ${entry}: exported, but not in the declarations`);
    entries[entry] = { values, types: types.filter((name) => !values.includes(name)) };
  }
  return { bin: Object.keys(packed.manifest.bin ?? {}).sort(), entries };
}

for (const packed of allPacked()) {
  const { name } = packed.manifest;
  const path = join(here, 'exports', `${name.replace('@talo/', '')}.json`);

  test(`${name} exports what its snapshot lists`, async () => {
    const now = await exported(packed);
    if (update) return writeFileSync(path, `${JSON.stringify(now, null, 2)}\n`);
    ok(existsSync(path), `${path} does not exist. ${HOW}`);
    deepStrictEqual(now, JSON.parse(readFileSync(path, 'utf8')), `The exports of ${name} changed. ${HOW}`);
  });
}
