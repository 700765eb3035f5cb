import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { observed } from '../src/oddities.ts';

function read(name: string): string {
  return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
}

test.each(['README.md', 'README.es.md'])('%s lists every switch with its default', (name) => {
  const readme = read(name);
  for (const [option, value] of Object.entries(observed)) {
    const shown = typeof value === 'string' ? `'${value}'` : String(value);
    expect(readme).toContain(`| \`${option}\` | \`${shown}\` |`);
  }
});

test('the two READMEs have the same sections and examples', () => {
  const shape = (text: string): string[] =>
    text.split('\n').flatMap((line) => /^(#+ |```\w)/.exec(line)?.[0] ?? []);
  expect(shape(read('README.es.md'))).toEqual(shape(read('README.md')));
});
