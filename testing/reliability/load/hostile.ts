import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lap } from '@talo/bench/lib/lap.ts';
import { type OpenLoad, openLoad } from '@talo/bench/lib/load.ts';
import { generator, pick, type Random } from '@talo/bench/lib/random.ts';
import { TaloClient } from '@talo/core';
import { type Age, agesOf, type Transfer } from './ages.ts';
import { type Attack, attacker, type Leak } from './attacks.ts';
import { firstOfEach, type LaneUse, useOf } from './lanes.ts';
import { type Books, type Receiver, startReceiver, startTalo, type Talo } from './processes.ts';
import { ROUTE, SECRET } from './routes.ts';
import type { Get } from './talo.ts';

export interface HostilePlan {
  readonly seed: number;
  /** Requests of strangers per second. */
  readonly perSecond: number;
  /** Genuine transfers per second. */
  readonly transfersPerSecond: number;
  readonly leaks: readonly Leak[];
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

/** The transfers of the one customer whose address strangers may have. */
export const ATTACKED = 'the attacked customer';

const ACCOUNT = 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6';
const OLD_SECRET = 'an older secret of more than sixteen characters';
/** For what is not delivered when everything is over. */
const PATIENCE_MS = 10_000;

/** Money comes at a steady rate, and for a while thousands of requests that mean no good. */
export async function hostile(plan: HostilePlan): Promise<HostileReport> {
  const random = generator(plan.seed);
  const folder = await mkdtemp(join(tmpdir(), 'talo-hostile-'));
  const talo = await startTalo({ seed: plan.seed, delivery: {} });
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
  const foreign = await foreignPayments(taloUrl, port);
  // and pays them: the money is real, and still nobody's order here
  for (const { cvu } of foreign) await talo.ask('transfer', { to: cvu, amount: 100 });
  const attack = attacker(
    {
      leaks,
      ours: clientWith(SECRET, port),
      demoted: clientWith(OLD_SECRET, port),
      customerId: customers.attacked.customerId,
      foreign,
      known,
    },
    random,
  );

  const sent: Omit<Transfer, 'deliveredAt'>[] = [];
  const money = payers({ ...stage, customers, sent, perSecond: transfersPerSecond });
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
    lanes: lanesOf(gets, times.attack, {
      attacked: customers.attacked.customerId,
      seen: [...foreign, ...known].map(({ id }) => id),
    }),
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

function clientWith(secret: string, port: number): TaloClient {
  return new TaloClient({
    environment: { apiUrl: 'http://127.0.0.1:1' },
    credentials: { userId: ACCOUNT, accessToken: 'TL-none' },
    webhooks: { url: `http://127.0.0.1:${port}${ROUTE}`, secret },
  });
}

interface Customers {
  /** The address for its notifications is known to strangers. */
  readonly attacked: { readonly customerId: string; readonly cvu: string };
  readonly others: readonly { readonly customerId: string; readonly cvu: string }[];
}

async function openCustomers(receiver: Receiver): Promise<Customers> {
  const [attacked, ...others] = await Promise.all(
    ['leaked', 'quiet', 'calm'].map(async (customerId) => {
      const { cvu } = await receiver.ask('createCustomer', { customerId, alias: customerId });
      return { customerId, cvu: cvu ?? '' };
    }),
  );
  if (attacked === undefined) throw new Error('No customer.');
  return { attacked, others };
}

interface ForeignPayment {
  readonly id: string;
  readonly quotes: readonly { readonly address: string }[];
}

/** Creating payments takes no credentials at Talo: anybody can name our account and an order number of ours. */
async function foreignPayments(taloUrl: string, port: number) {
  const stolen = new URL(clientWith(SECRET, port).webhookUrl({ kind: 'account' }));
  return Promise.all(
    Array.from({ length: 6 }, async (_, i) => {
      // a number that we have yet to give out: one that exists is refused
      const externalId = `order-${1_000_000 + i}`;
      const body = {
        user_id: ACCOUNT,
        external_id: externalId,
        price: { amount: 1, currency: 'ARS' },
        payment_options: ['transfer'],
        redirect_url: 'https://stranger.example/',
        // half of them echo an address that we signed, for something else
        ...(i % 2 === 0 && { webhook_url: stolen.href }),
      };
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${taloUrl}/payments/`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      const { data } = (await answer.json()) as { readonly data?: ForeignPayment };
      const cvu = data?.quotes[0]?.address;
      if (data === undefined || cvu === undefined) {
        throw new Error(`A stranger's payment was answered ${answer.status}.`);
      }
      return { id: data.id, externalId, cvu };
    }),
  );
}

/** Pays until it is stopped. Every amount comes once, so that an effect names its transfer. */
function payers(
  given: Stage & {
    readonly customers: Customers;
    readonly sent: Omit<Transfer, 'deliveredAt'>[];
    readonly perSecond: number;
  },
) {
  const { talo, receiver, random, customers, sent, perSecond } = given;
  const stopping = new AbortController();
  let count = 0;
  const pay = async (): Promise<void> => {
    const number = ++count;
    const amount = 100_000 + number;
    const chance = random();
    if (chance < 0.5) {
      const payment = await receiver.ask('createPayment', { externalId: `order-${number}`, price: amount });
      const at = await talo.ask('transfer', { to: payment.cvu ?? '', amount });
      sent.push({ group: 'payments', amount, at });
      return;
    }
    const attacked = chance < 0.65;
    const { cvu } = attacked ? customers.attacked : pick(customers.others, random);
    const at = await talo.ask('transfer', { to: cvu, amount });
    sent.push({ group: attacked ? ATTACKED : 'customers', amount, at });
  };
  const loop = async (): Promise<void> => {
    const under: Promise<void>[] = [];
    while (!stopping.signal.aborted) {
      under.push(pay());
      await sleep((-Math.log(1 - random()) / perSecond) * 1000, undefined, { signal: stopping.signal }).catch(
        () => {},
      );
    }
    await Promise.all(under);
  };
  const running = loop();
  return {
    stop() {
      stopping.abort();
      return running;
    },
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

/** Which lane paid for which GET, by the ids that the strangers invented. */
function lanesOf(
  gets: readonly Get[],
  since: number,
  { attacked, seen }: { readonly attacked: string; readonly seen: readonly string[] },
): readonly LaneUse[] {
  const customers = `/customers/${attacked}/transactions/`;
  const isInvented = ({ path }: Get, word: string) => path.includes(`/${word}-`);
  const during = gets.filter(({ at }) => at >= since);
  const invented = (word: string, prefix: string) =>
    during.filter((get) => get.path.startsWith(prefix) && isInvented(get, word));
  const genuine = (prefix: string) =>
    firstOfEach(gets)
      .filter(({ at, path }) => at >= since && path.startsWith(prefix))
      .filter((get) => !isInvented(get, 'leaked') && !isInvented(get, 'stranger'));
  const ours = genuine('/payments/').filter(({ path }) => !seen.includes(path.slice('/payments/'.length)));
  return [
    useOf('stranger', [...invented('stranger', '/payments/'), ...invented('stranger', '/customers/')], since),
    useOf('customer', [...invented('leaked', customers), ...genuine(customers)], since),
    useOf('account', [...invented('leaked', '/payments/'), ...ours], since),
  ];
}
