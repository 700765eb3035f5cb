import fc from 'fast-check';
import { expect, test } from 'vitest';
import { history, play } from './simulation.ts';

const runs = Number(process.env['RUNS'] ?? 100);
const seed = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) };

test(
  `over ${runs} histories of faults, echoes, crashes and forgeries the books equal the bank`,
  async () => {
    await fc.assert(
      fc.asyncProperty(history, async (given) => {
        const ending = await play(given);
        expect(ending.credited, 'the ledger of credits is what the bank kept').toBe(ending.bank);
        expect(ending.told, 'events told of what the bank kept').toBe(ending.bank);
        expect(ending.repeatedWithOtherContent, 'an id means one fact').toBe(0);
        expect(new Set(ending.paidTold).size, 'paid is told once per payment').toBe(ending.paidTold.length);
        for (const id of ending.paidAtTalo) expect(ending.paidTold, 'what is paid was told').toContain(id);
        expect(ending.dead, 'nothing was given up').toEqual([]);
      }),
      { numRuns: runs, ...seed, endOnFailure: process.env['SHRINK'] === '0' },
    );
  },
  Math.max(60_000, runs * 100),
);
