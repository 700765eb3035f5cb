import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What a notification passes through, and where it is put; set-up, discovery, health and testing are apart. */
const PATH = ['talo.module.ts', 'webhook.controller.ts', 'webhook.path.ts'];
const BUDGET = 150;

function codeOf(file: string): readonly string[] {
  return readFileSync(join(import.meta.dirname, '../src', file), 'utf8')
    .replace(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('//'));
}

test(`the webhook path is shorter than ${BUDGET} lines of code, and decides nothing`, () => {
  const lines = PATH.flatMap(codeOf);
  console.log(`@talo/nestjs, ${PATH.join(', ')}: ${lines.length} lines of code`);
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.length).toBeLessThan(BUDGET);
  // no status code of its own, and no JSON made anew
  expect(lines.filter((line) => /\b[1-5]\d\d\b|JSON\.|stringify/.test(line))).toEqual([]);
});
