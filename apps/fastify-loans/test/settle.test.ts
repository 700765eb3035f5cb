import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Instalment, settle } from '../src/settle.ts';

const instalment = fc.record<Instalment>({
  loan: fc.constantFrom('L-1', 'L-2'),
  number: fc.integer({ min: 1, max: 12 }),
  due: fc.constantFrom('2026-01-10', '2026-02-10', '2026-03-10'),
  amount: fc.integer({ min: 1, max: 5_000_000 }),
});
const money = fc.integer({ min: 0, max: 100_000_000 });

test('every centavo that came is on an instalment or paid ahead', () => {
  fc.assert(
    fc.property(fc.array(instalment), money, (instalments, received) => {
      const { instalments: settled, ahead } = settle(instalments, received);
      expect(settled.reduce((sum, { paid }) => sum + paid, ahead)).toBe(received);
      expect(settled.every(({ paid, amount }) => paid >= 0 && paid <= amount)).toBe(true);
    }),
  );
});

test('nothing is paid while something older is not', () => {
  fc.assert(
    fc.property(fc.array(instalment), money, (instalments, received) => {
      const { instalments: settled, ahead } = settle(instalments, received);
      const open = settled.findIndex(({ status }) => status !== 'paid');
      if (open === -1) return;
      expect(settled.slice(open + 1).every(({ paid }) => paid === 0)).toBe(true);
      expect(ahead).toBe(0);
    }),
  );
});

test('neither the order of the rows nor the steps of the money matter', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(instalment, { selector: ({ loan, number }) => `${loan} ${number}` }),
      money,
      (rows, received) => {
        expect(settle(rows.toReversed(), received)).toEqual(settle(rows, received));
      },
    ),
  );
});

test('the example of the README', () => {
  const due = (number: number, at: string): Instalment => ({
    loan: 'L-1',
    number,
    due: at,
    amount: 1_500_000,
  });
  const { instalments, ahead } = settle([due(1, '2026-12-10'), due(2, '2027-01-10')], 1_800_000);
  expect(instalments.map(({ paid, status }) => [paid, status])).toEqual([
    [1_500_000, 'paid'],
    [300_000, 'partly paid'],
  ]);
  expect(ahead).toBe(0);
  // more was taken back than ever came
  expect(settle([due(1, '2026-12-10')], -1).instalments[0]?.status).toBe('open');
});
