import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, readTable } from './check-dependencies.mjs';

const row = '| `zod` | 4.6.7 | sandbox | checks requests | MIT | 1 MB | monthly |';
const rows = readTable(
  `| Package | Version | Used by | What for | Licence |\n|---|---|---|---|---|\n${row}\n`,
);
const zod = { name: 'zod', version: '4.6.7', licence: 'MIT', from: 'packages/sandbox/package.json' };

test('is silent when table and packages agree', () => {
  assert.deepEqual(compare(rows, [zod]), []);
});

test('finds a dependency without a row and a row without a dependency', () => {
  assert.deepEqual(compare(rows, [{ ...zod, name: 'hono' }]), [
    'hono 4.6.7 (packages/sandbox/package.json) has no row.',
    'zod has a row and is not used.',
  ]);
});

test('finds another version and another licence', () => {
  assert.deepEqual(compare(rows, [{ ...zod, version: '4.7.0', licence: 'GPL-3.0' }]), [
    'zod: packages/sandbox/package.json uses 4.7.0, the row says 4.6.7.',
    'zod: its licence is GPL-3.0, the row says MIT.',
    'zod: the row says 4.6.7, which nothing uses.',
  ]);
});

test('accepts several versions of one package, each used', () => {
  const two = readTable(row.replace('4.6.7', '3.0.0, 4.6.7'));
  assert.deepEqual(compare(two, [zod, { ...zod, version: '3.0.0' }]), []);
  assert.match(compare(two, [zod]).join(), /3\.0\.0, which nothing uses/);
});

test('accepts the range of a peer that is not installed', () => {
  assert.deepEqual(compare(rows, [zod, { name: 'zod', version: '^4', from: 'x' }]), []);
});
