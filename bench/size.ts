// Size of what a bundler takes from @talo/core: each entry bundled from dist/ with everything it imports, minified, gzipped.
// A gate: ends with 1 when a limit is exceeded. 1 KB is 1024 bytes here, and gzip runs at level 9.
// The target is what the design asks for; the limit is what was reached, so that nothing grows unnoticed. Why they
// differ: docs/decisions/2026-11-20-size-limits.md.
//
// `./webhooks` is counted as an entry on its own, with the errors and the money it shares with the root; the last column
// says how much it adds for an application that has the root entry already.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const KB = 1024;
const core = new URL('../packages/core/dist/', import.meta.url);
const file = (path: string): string => fileURLToPath(new URL(path, core));

interface Measured {
  readonly label: string;
  readonly target: number;
  readonly limit: number;
  /** The module an application would write. */
  readonly code: string;
  /** The same on top of the root entry, where that is of interest. */
  readonly beside?: string;
}

const all = (path: string): string => `export * from ${JSON.stringify(file(path))};`;
const root = all('index.js');

const measured: readonly Measured[] = [
  { label: '@talo/core', target: 9.5, limit: 14.6, code: root },
  {
    label: '@talo/core/webhooks',
    target: 9,
    limit: 26,
    code: all('webhooks/index.js'),
    beside: `import * as webhooks from ${JSON.stringify(file('webhooks/index.js'))}; export { webhooks }; ${root}`,
  },
  { label: '@talo/core/constraints', target: 2.8, limit: 2.8, code: all('constraints/index.js') },
  {
    label: '  cuit alone',
    target: 1.2,
    limit: 1.2,
    code: `export { cuit } from ${JSON.stringify(file('constraints/index.js'))};`,
  },
];

/** Bytes after bundling and minifying `code`, and after gzip. */
async function size(code: string): Promise<{ min: number; gzip: number }> {
  const entry = '\0entry';
  const build = await rolldown({
    input: entry,
    platform: 'neutral',
    logLevel: 'silent',
    treeshake: true,
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? { code, moduleType: 'js', moduleSideEffects: true } : null),
      },
    ],
  });
  const { output } = await build.generate({ format: 'esm', minify: true });
  await build.close();
  const text = output.map((item) => (item.type === 'chunk' ? item.code : '')).join('');
  return { min: Buffer.byteLength(text), gzip: gzipSync(text, { level: 9 }).length };
}

if (!existsSync(core)) throw new Error('@talo/core is not built: run "pnpm build" first.');

const kb = (bytes: number): string => (bytes / KB).toFixed(2).padStart(7);
const over: string[] = [];
const base = await size(root);
console.log('Size of the built entries, KB of 1024 bytes\n');
console.log(`${''.padEnd(26)}    min   gzip  target  limit  beside the root`);
for (const { label, target, limit, code, beside } of measured) {
  let line: string;
  try {
    const { min, gzip } = await size(code);
    const added = beside === undefined ? '' : `        + ${kb((await size(beside)).gzip - base.gzip).trim()}`;
    const mark = gzip > limit * KB ? '  OVER' : '';
    if (mark) over.push(`${label.trim()} has ${kb(gzip).trim()} KB, limit ${limit} KB`);
    line = `${kb(min)}${kb(gzip)} ${kb(target * KB)}${kb(limit * KB)}${added}${mark}`;
  } catch (error) {
    over.push(`${label.trim()} could not be bundled: ${error instanceof Error ? error.message : error}`);
    line = '  not bundled';
  }
  console.log(`${label.padEnd(26)}${line}`);
}
if (over.length > 0) {
  console.error(`\n✗ Over the limit:\n  ${over.join('\n  ')}`);
  process.exitCode = 1;
}
