import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apply, ROOT } from '../mutation/copy.ts';
import { FAULTS } from '../mutation/faults.ts';
import { PROOFS } from '../mutation/proofs.ts';

// planting them and seeing each found takes an hour: pnpm --filter @talo-testing/reliability mutation
test.each(FAULTS)('this fault can still be planted: $name', async ({ edits }) => {
  for (const edit of edits) {
    const text = await readFile(join(ROOT, edit.file), 'utf8');
    expect(apply(edit, text)).not.toBe(text);
  }
});

test('each proof has a fault that it must find', () => {
  const proofs = new Set(FAULTS.flatMap(({ foundBy }) => foundBy));
  expect([...proofs].sort()).toEqual(Object.keys(PROOFS).sort());
});
