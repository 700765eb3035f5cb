import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { observed } from '../src/oddities.ts';

test('the README lists every switch with its default', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const [name, value] of Object.entries(observed)) {
    const shown = typeof value === 'string' ? `'${value}'` : String(value);
    expect(readme).toContain(`| \`${name}\` | \`${shown}\` |`);
  }
});
