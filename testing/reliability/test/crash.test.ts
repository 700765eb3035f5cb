import { expect, test } from 'vitest';
import { crash, FAILPOINTS } from '../crash/crash.ts';
import { matrix } from '../crash/matrix/matrix.ts';

const kills = Number(process.env['KILLS'] ?? 12);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

test(
  `killed ${kills} times at named points and at random, the application credits each transfer once (seed ${seed})`,
  async () => {
    const points = [...FAILPOINTS].sort((a, b) => ((a.length * seed) % 7) - ((b.length * seed) % 7));
    const report = await crash({ seed, kills, failpoints: points.slice(0, Math.ceil(kills / 2)) });
    expect(report.transfers).toBeGreaterThan(0);
    expect(report.credited, 'the ledger of credits is what the bank received').toBe(report.bank);
    expect(report.effects, 'each transfer had its effect once').toEqual({
      count: report.transfers,
      sum: report.bank,
    });
    expect(report.paidTold, 'each payment that was paid was told once').toBe(report.paidAtTalo);
    expect(report.unexpected, 'nothing but the broken handler gave up').toEqual([]);
  },
  60_000 + kills * 3_000,
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
