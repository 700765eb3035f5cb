import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EDGES } from './simulation/edges.ts';
import { type Ending, play } from './simulation/play.ts';
import { type History, histories } from './simulation/steps.ts';
import { amount, createWorld, email } from './support.ts';

// RUNS and SEED choose a run; SEED and AT, which a failure prints, repeat one history; SQLITE is their share of a hundred.
const env = (name: string) => process.env[name];
const runs = Number(env('RUNS') ?? 100);
const sqlite = Number(env('SQLITE') ?? 10);

test(
  `over ${runs} histories of faults, echoes, crashes and forgeries the books equal the bank`,
  async () => {
    const counted = { reported: 0, unknown: 0, transfers: 0 };
    const met = Object.fromEntries(EDGES.map((edge) => [edge, 0]));
    const property = fc.asyncProperty(histories(sqlite), async (given) => {
      const ending = await play(given);
      check(ending);
      counted.reported += ending.books.reported;
      counted.unknown += ending.books.unknown;
      counted.transfers += ending.credited.length;
      for (const edge of ending.edges) met[edge] = (met[edge] ?? 0) + 1;
    });
    await fc.assert(property, {
      numRuns: runs,
      // one that never ends is a failure too, to be shrunk and repeated
      timeout: 120_000,
      ...(env('SEED') !== undefined && { seed: Number(env('SEED')) }),
      ...(env('AT') !== undefined && { path: env('AT') ?? '' }),
      endOnFailure: env('SHRINK') === '0',
      asyncReporter: report,
    });
    // few histories may pass an edge by
    if (runs >= 5_000)
      expect(
        EDGES.filter((edge) => met[edge] === 0),
        'each edge was met',
      ).toEqual([]);
    if (env('RUNS') !== undefined) console.log(JSON.stringify({ runs, ...counted, met }));
  },
  Math.max(60_000, runs * 500),
);

function check({ books, ...ending }: Ending): void {
  expect(books.wrong, 'the ledger of credits is what the bank kept').toEqual([]);
  if (books.unknown === 0 && books.reported === 0) expect(books.credited).toBe(books.bank);
  expect(ending.told, 'events told of what was credited, once').toEqual(ending.credited);
  expect(ending.premature, 'what is not processed is no money').toEqual([]);
  expect(ending.ambiguous, 'an id means one fact').toEqual([]);
  expect(new Set(ending.paidTold).size, 'paid is told once per payment').toBe(ending.paidTold.length);
  for (const id of ending.paidAtTalo) expect(ending.paidTold, 'what is paid was told').toContain(id);
  expect(ending.refundsEntered, 'refunds are entered once').toEqual(ending.refundsAtTalo);
  expect(ending.behind, 'what was told last is what is').toEqual([]);
  for (const id of ending.foreignTold) expect(ending.ours, 'what is ours is not foreign').not.toContain(id);
  expect(ending.dead, 'nothing was given up').toEqual([]);
}

/** Says how to repeat the smallest history that fails. */
async function report(details: fc.RunDetails<[History]>): Promise<void> {
  if (!details.failed) return;
  const { seed, counterexamplePath, counterexample, numShrinks, errorInstance } = details;
  const again = `SEED=${seed} AT=${counterexamplePath} SQLITE=${sqlite} pnpm --filter @talo-testing/reliability test simulation`;
  const cause = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  throw new Error(
    `A history fails (shrunk ${numShrinks} times). Repeat it:\n  ${again}\n${JSON.stringify(counterexample, null, 1)}\n${cause}`,
  );
}

test('a transfer that was credited by way of the ledger can be taken back', async () => {
  const { sandbox, talo, webhooks, pass } = await createWorld({
    oddities: { ledgerIdsReadable: true, unknownStatusMs: 60_000 },
  });
  const wanted = { customerId: 'c0', alias: 'cliente', name: 'Carla', email };
  const customer = await talo.customers.create(wanted);
  const { id } = sandbox.bank.transfer({ to: customer.cvu, amount });
  await pass({ hours: 1 });
  expect(await webhooks.ledger.total()).toEqual(amount);
  sandbox.bank.reverse(id);
  await pass({ hours: 1 });
  expect(await webhooks.ledger.total()).toEqual(sandbox.bank.total());
});
