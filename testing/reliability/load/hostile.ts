import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lap } from '@talo/bench/lib/lap.ts';
import { type OpenLoad, openLoad } from '@talo/bench/lib/load.ts';
import { generator, type Random } from '@talo/bench/lib/random.ts';
import { ACCOUNT, addressedClient, SECRET } from './address.ts';
import { type Age, agesOf, type Transfer } from './ages.ts';
import { type Attack, attacker, type Leak } from './attacks.ts';
import { foreignPayments } from './foreign.ts';
import { type LaneUse, lanesOf } from './lanes.ts';
import { ATTACKED, openCustomers, payers } from './money.ts';
import { type Books, type Receiver, startReceiver, startTalo, type Talo } from './processes.ts';

export interface HostilePlan {
  readonly seed: number;
  /** Requests of strangers per second. */
  readonly perSecond: number;
  /** Genuine transfers per second. */
  readonly transfersPerSecond: number;
  readonly leaks: readonly Leak[];
  /** Whether transfers to customers can be read by the ids of Talo's ledger. */
  readonly ledgerIdsReadable: boolean;
  /** Seconds without strangers, with them, and without them again. */
  readonly seconds: { readonly before: number; readonly hostile: number; readonly after: number };
}

export interface HostileReport {
  readonly load: OpenLoad;
  /** Of the receiver. */
  readonly laps: { readonly before: Lap; readonly hostile: Lap };
  /** How each kind was answered, and whether that is allowed. */
  readonly answers: ReadonlyMap<string, { readonly statuses: Record<number, number>; wrong: number }>;
  readonly transfers: readonly Transfer[];
  readonly ages: {
    readonly before: readonly Age[];
    readonly hostile: readonly Age[];
    readonly after: readonly Age[];
  };
  readonly lanes: readonly LaneUse[];
  readonly books: Books;
  /** Events told of payments that strangers made, by type. */
  readonly foreign: Readonly<Record<string, number>>;
  /** Effects that no transfer explains, or a second time. */
  readonly unexplained: number;
}

const OLD_SECRET = 'an older secret of more than sixteen characters';
/** Payments that wait for money, more than the address of one order may have looked at. */
const HELD = 100;
/** For what is not delivered when everything is over. */
const PATIENCE_MS = 10_000;

/** Money comes at a steady rate, and for a while thousands of requests that mean no good. */
export async function hostile(plan: HostilePlan): Promise<HostileReport> {
  const random = generator(plan.seed);
  const folder = await mkdtemp(join(tmpdir(), 'talo-hostile-'));
  const talo = await startTalo({ seed: plan.seed, delivery: {}, ledgerIdsReadable: plan.ledgerIdsReadable });
  let receiver: Receiver | undefined;
  try {
    const taloUrl = await talo.ask('url');
    receiver = await startReceiver({
      path: join(folder, 'app.db'),
      taloUrl,
      userId: ACCOUNT,
      demoted: [OLD_SECRET],
      // what a business with customers older than us would write, and the most that strangers can hope for
      unsigned: 'accept',
    });
    return await run(plan, { talo, receiver, taloUrl, random });
  } finally {
    await receiver?.end();
    await talo.end();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Stage {
  readonly talo: Talo;
  readonly receiver: Receiver;
  readonly taloUrl: string;
  readonly random: Random;
}

async function run(
  { perSecond, transfersPerSecond, leaks, seconds }: HostilePlan,
  stage: Stage,
): Promise<HostileReport> {
  const { talo, receiver, taloUrl, random } = stage;
  const port = await receiver.ask('port');
  const customers = await openCustomers(receiver);
  const known = await Promise.all(
    [0, 1, 2].map(async (i) => {
      const externalId = `open-${i}`;
      return { ...(await receiver.ask('createPayment', { externalId, price: 1_000_000 })), externalId };
    }),
  );
  const held = await Promise.all(
    Array.from({ length: HELD }, async (_, i) => {
      return (await receiver.ask('createPayment', { externalId: `held-${i}`, price: 1_000_000 })).id;
    }),
  );
  const foreign = await foreignPayments(taloUrl, port);
  // and pays them: the money is real, and still nobody's order here
  for (const { cvu } of foreign) await talo.ask('transfer', { to: cvu, amount: 100 });
  const attack = attacker(
    {
      leaks,
      ours: addressedClient(SECRET, port),
      demoted: addressedClient(OLD_SECRET, port),
      customerId: customers.attacked.customerId,
      foreign,
      known,
      held,
    },
    random,
  );

  const sent: Omit<Transfer, 'deliveredAt'>[] = [];
  const money = payers({ talo, receiver, random, customers, sent, perSecond: transfersPerSecond });
  const times = { start: Date.now(), attack: 0, calm: 0, end: 0 };
  await sleep(seconds.before * 1000);
  const laps = { before: await receiver.ask('lap') };
  times.attack = Date.now();
  const attacks: Attack[] = [];
  const answers = new Map<string, { statuses: Record<number, number>; wrong: number }>();
  const load = await openLoad({
    port,
    perSecond,
    seconds: seconds.hostile,
    random,
    request(index) {
      const made = attack(index);
      attacks[index] = made;
      return made.bytes;
    },
    answered(index, status) {
      const made = attacks[index];
      if (made === undefined) return;
      const of = answers.get(made.kind) ?? { statuses: {}, wrong: 0 };
      of.statuses[status] = (of.statuses[status] ?? 0) + 1;
      if (!made.allowed.includes(status)) of.wrong++;
      answers.set(made.kind, of);
      // a megabyte each is not kept
      delete attacks[index];
    },
  });
  times.calm = Date.now();
  const lap = await receiver.ask('lap');
  await sleep(seconds.after * 1000);
  await money.stop();

  const books = await delivered(receiver, sent);
  times.end = Date.now();
  const { transfers, unexplained } = match(sent, books);
  const gets = await talo.ask('gets');
  const told = books.told.filter(({ payment }) => foreign.some(({ id }) => id === payment));
  return {
    load,
    laps: { ...laps, hostile: lap },
    answers,
    transfers,
    ages: {
      before: agesOf(transfers, times.start, times.attack),
      hostile: agesOf(transfers, times.attack, times.calm),
      after: agesOf(transfers, times.calm, times.end),
    },
    lanes: lanesOf(gets, times.attack, customers.attacked.customerId, held),
    books,
    foreign: Object.fromEntries(
      [...new Set(told.map(({ type }) => type))].map((type) => [
        type,
        told.filter((event) => event.type === type).length,
      ]),
    ),
    unexplained,
  };
}

/** Waits for what nobody attacks; the rest may take as long as the attack was strong. */
async function delivered(receiver: Receiver, sent: readonly Omit<Transfer, 'deliveredAt'>[]): Promise<Books> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const books = await receiver.ask('books');
    const late = match(sent, books).transfers.filter(
      ({ group, deliveredAt }) => group !== ATTACKED && deliveredAt === undefined,
    );
    if (late.length === 0 || performance.now() > end) return books;
    await sleep(200);
  }
}

function match(sent: readonly Omit<Transfer, 'deliveredAt'>[], { effects }: Books) {
  const at = new Map(effects.map((effect) => [effect.centavos, effect.at]));
  const transfers = sent.map((transfer) => ({ ...transfer, deliveredAt: at.get(transfer.amount) }));
  const explained = transfers.filter(({ deliveredAt }) => deliveredAt !== undefined).length;
  return { transfers, unexplained: effects.length - explained };
}
