import { expect, test } from 'vitest';
import { hostile } from '../load/hostile.ts';
import { ATTACKED } from '../load/money.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

// the long form is `pnpm bench:hostile`
test(`strangers at 500 requests per second cost Talo no more than their budget, and nobody any money (seed ${seed})`, async () => {
  const report = await hostile({
    seed,
    perSecond: 500,
    transfersPerSecond: 5,
    leaks: ['customer', 'payment'],
    ledgerIdsReadable: false,
    seconds: { before: 1, hostile: 4, after: 1 },
  });
  const wrong = [...report.answers].filter(([, { wrong }]) => wrong > 0);
  expect(wrong, 'each kind gets only the answers that it may').toEqual([]);
  expect(report.answers.size, 'every kind was sent').toBe(14);

  const over = report.lanes.filter(({ excess }) => excess > 0);
  expect(over, 'no lane costs more than its budget').toEqual([]);
  expect(
    report.lanes.every(({ gets }) => gets > 0),
    'every lane was used',
  ).toBe(true);

  expect(Object.keys(report.foreign), "a stranger's payment is told as foreign alone").toEqual([
    'payment.foreign',
  ]);

  expect(report.transfers.length).toBeGreaterThan(10);
  const late = report.transfers.filter(
    ({ group, deliveredAt }) => group !== ATTACKED && deliveredAt === undefined,
  );
  expect(late, 'what nobody attacks arrives').toEqual([]);
  expect(report.unexplained, 'nothing is credited that the bank did not move, nothing twice').toBe(0);
  const effects = report.books.effects.reduce((sum, { centavos }) => sum + centavos, 0);
  expect(report.books.credited).toBe(effects);
  expect(report.books.dead.filter(({ handler }) => handler !== undefined)).toEqual([]);
}, 90_000);
