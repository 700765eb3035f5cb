// The root entry of @talo/core runs on Node, Bun, Deno and Workers: what was built may import nothing but its own files.
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { type OutputChunk, rolldown } from 'rolldown';
import { allPacked, files, type Packed, temporary } from '../packed.ts';

const core = allPacked().find(({ manifest }) => manifest.name === '@talo/core') as Packed;

/** Follows every import and require from `file`; gives what is not a relative path, and the whole as one script. */
async function follow(file: string): Promise<{ outside: string[]; code: string }> {
  const outside = new Set<string>();
  const build = await rolldown({
    input: file,
    platform: 'neutral',
    logLevel: 'silent',
    external: (id) => {
      const inside = id.startsWith('.') || isAbsolute(id);
      if (!inside) outside.add(id);
      return !inside;
    },
  });
  const { output } = await build.generate({ format: 'iife', name: 'talo', exports: 'named' });
  await build.close();
  return { outside: [...outside], code: (output[0] as OutputChunk).code };
}

for (const entry of core.entries) {
  for (const format of ['import', 'require'] as const) {
    test(`@talo/core ${entry} (${format}) imports nothing outside the package`, async () => {
      deepStrictEqual((await follow(files(core, entry)[format].default)).outside, []);
    });
  }
}

/** What every runtime with `fetch` has; no `process`, `Buffer`, `require` or `global`. */
const webGlobals = Object.fromEntries(
  [
    'AbortController AbortSignal Blob DOMException Event EventTarget FormData Headers ReadableStream Request Response',
    'TextDecoder TextEncoder URL URLSearchParams atob btoa clearTimeout console crypto fetch performance',
    'queueMicrotask setTimeout structuredClone',
  ]
    .flatMap((line) => line.split(' '))
    .map((name) => [name, Reflect.get(globalThis, name)]),
);

test('@talo/core . loads and works where there are only web globals', async () => {
  const { code } = await follow(files(core, '.').import.default);
  const context = createContext({ ...webGlobals });
  runInContext(code, context);
  strictEqual(
    runInContext('typeof process + typeof Buffer + typeof require', context),
    'undefined'.repeat(3),
  );
  strictEqual(runInContext("talo.pesos('172029.37').centavos", context), 17_202_937);
});

test('a Node-only import would be seen, in either format', async () => {
  const planted = join(temporary, 'planted.js');
  writeFileSync(planted, "export { readFile } from 'node:fs'; export const late = () => import('ws');");
  deepStrictEqual((await follow(planted)).outside, ['node:fs', 'ws']);
  writeFileSync(planted, "exports.hash = require('crypto').createHash;");
  deepStrictEqual((await follow(planted)).outside, ['crypto']);
});
