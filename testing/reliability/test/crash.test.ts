import { expect, test } from 'vitest';
import { crash, FAILPOINTS, wrongOf } from '../crash/crash.ts';
import { matrix, shuffled } from '../crash/matrix/matrix.ts';

const kills = Number(process.env['KILLS'] ?? 50);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

test(
  `killed ${kills} times at named points and at random, the application credits each transfer once (seed ${seed})`,
  async () => {
    const points = shuffled(FAILPOINTS, seed).slice(0, Math.ceil(kills / 2));
    const report = await crash({ seed, kills, failpoints: points });
    expect(report.transfers).toBeGreaterThan(0);
    expect(report.struck, 'it died at named points').toBeGreaterThan(0);
    expect(report.broken, 'payments were paid, and told').toBeGreaterThan(0);
    expect(wrongOf(report)).toEqual([]);
  },
  60_000 + kills * 6_000,
);

// the whole of it: pnpm --filter @talo-testing/reliability crash:matrix --seed 1, and with --kill
test.each([
  { where: 'here', most: Number(process.env['MATRIX'] ?? 240) },
  { where: 'apart', most: 6 },
] as const)(
  `of every failpoint with every shape of events, $most die as they should ($where, seed ${seed})`,
  async ({ where, most }) => {
    const report = await matrix({ seed, where, most, lanes: 2 });
    expect(report.wrong).toEqual([]);
    expect(report.died, 'most shapes get to most points').toBeGreaterThan(report.played / 3);
  },
  240_000,
);
