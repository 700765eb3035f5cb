import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codeLines } from '../src/code-lines.ts';

/** Of the webhook path of an adapter, in lines of code. */
const BUDGET = 150;

describe.each(['express', 'fastify'])('@talo/%s translates, it does not decide', (name) => {
  const lines = codeLines(join(import.meta.dirname, `../../../packages/${name}/src`));

  test(`it is shorter than ${BUDGET} lines of code`, () => {
    console.log(`@talo/${name}: ${lines.length} lines of code`);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.length).toBeLessThan(BUDGET);
  });

  test('it has no status code of its own, and makes no JSON anew', () => {
    const decided = lines.filter((line) => /\b[1-5]\d\d\b|JSON\.|stringify/.test(line));
    expect(decided).toEqual([]);
  });
});
