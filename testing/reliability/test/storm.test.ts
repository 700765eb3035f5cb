import { expect, test } from 'vitest';
import { storm } from '../load/storm.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

// the long form is `pnpm bench:storm`
test(`1,000 hints of 20 payments at two processes cause a look a second each, and 20 effects (seed ${seed})`, async () => {
  const report = await storm({
    seed,
    hints: 1_000,
    resources: 20,
    receivers: 2,
    connections: 16,
    sustained: { perSecond: 100, seconds: 2 },
  });
  expect(report.burst.load.statuses, 'every hint is acknowledged').toEqual({ 200: 1_000 });
  expect(report.burst.gets, 'every payment is looked at').toBeGreaterThanOrEqual(20);
  const { mostGetsInASecond } = report.burst;
  expect(Math.max(mostGetsInASecond, report.sustained.mostGetsInASecond)).toBe(1);
  expect(report.effects).toEqual({ count: 20, resources: 20, sum: report.bank });
  expect(report.credited).toBe(report.bank);
  expect(report.dead).toEqual([]);
  expect(report.waiting).toBe(0);
}, 90_000);
