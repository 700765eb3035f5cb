// How long a fresh process takes to import @talo/core, against an empty module measured the same way.
// Rounds are rotated, so that a slow moment of the machine falls on every variant; `empty` appears twice, and the
// difference between the two (A/A) is the smallest difference this run can tell. Prints only; never a gate.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const rounds = Number(values.rounds);
const TARGET_MS = 4;

const core = fileURLToPath(new URL('../packages/core/dist/', import.meta.url));
if (!existsSync(core)) throw new Error('@talo/core is not built: run "pnpm build" first.');

const folder = mkdtempSync(join(tmpdir(), 'talo-import-'));
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const variants: readonly { readonly label: string; readonly esm: boolean; readonly file: string }[] = [
  { label: 'empty (A)', esm: true, file: write('a.mjs', 'export {};') },
  { label: 'empty (A again)', esm: true, file: write('b.mjs', 'export {};') },
  { label: '@talo/core', esm: true, file: join(core, 'index.js') },
  { label: '@talo/core/constraints', esm: true, file: join(core, 'constraints/index.js') },
  { label: '@talo/core/webhooks', esm: true, file: join(core, 'webhooks/index.js') },
  { label: 'empty, require', esm: false, file: write('c.cjs', '') },
  { label: '@talo/core, require', esm: false, file: join(core, 'cjs/index.cjs') },
];

/** Milliseconds for one import in a process of its own. */
function once({ esm, file }: (typeof variants)[number]): number {
  const target = JSON.stringify(esm ? pathToFileURL(file).href : file);
  const load = esm ? `await import(${target})` : `require(${target})`;
  const code = `const start = performance.now(); ${load}; console.log(performance.now() - start);`;
  const type = esm ? '--input-type=module' : '--input-type=commonjs';
  return Number(execFileSync(process.execPath, [type, '--eval', code], { encoding: 'utf8' }));
}

const times = new Map(variants.map(({ label }) => [label, [] as number[]]));
try {
  for (const variant of variants) once(variant); // fills the file cache; not counted
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < variants.length; i++) {
      const variant = variants[(round + i) % variants.length];
      if (variant) times.get(variant.label)?.push(once(variant));
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const at = (label: string, share: number): number => {
  const sorted = (times.get(label) ?? []).toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};
const ms = (value: number): string => value.toFixed(2).padStart(8);
console.log(`Import in a fresh process, Node ${process.versions.node}, ${rounds} rotated rounds, ms\n`);
console.log(`${''.padEnd(26)}  median     p90  over empty`);
for (const { label, esm } of variants) {
  const base = at(esm ? 'empty (A)' : 'empty, require', 0.5);
  console.log(
    `${label.padEnd(26)}${ms(at(label, 0.5))}${ms(at(label, 0.9))}    ${ms(at(label, 0.5) - base)}`,
  );
}
console.log(`\nTarget for @talo/core: at most ${TARGET_MS} ms over empty.`);
