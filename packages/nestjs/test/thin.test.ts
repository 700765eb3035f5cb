import { join } from 'node:path';
import { codeLines } from '@talo-testing/adapter-contract';
import { expect, test } from 'vitest';

const SOURCE = join(import.meta.dirname, '../src');
/** What a notification passes through, and where that is put: docs/decisions/2026-11-27-thin-in-nest.md. */
const ROUTE = '{talo.module,webhook.controller,webhook.path}.ts';
/** Options, tokens and providers, handlers by decorator; health and testing are entries of their own. */
const ENTRY = '*.ts';
const BUDGET = 150;

test(`the webhook path is shorter than ${BUDGET} lines of code, and decides nothing`, () => {
  const [route, entry] = [codeLines(SOURCE, ROUTE), codeLines(SOURCE, ENTRY)];
  console.log(`@talo/nestjs: ${route.length} lines of code in ${ROUTE}, ${entry.length} in the whole entry`);
  expect(route.length).toBeGreaterThan(10);
  expect(route.length).toBeLessThan(BUDGET);
  // no status code of its own, and no JSON made anew, anywhere
  expect(entry.filter((line) => /\b[1-5]\d\d\b|JSON\.|stringify/.test(line))).toEqual([]);
});
