import { type Clock, centavos, pesos, TaloClient } from '@talo/core';
import { type Inbox, memoryInbox, type TaloEvent, TaloWebhooks } from '@talo/core/webhooks';
import { sqliteInbox } from '@talo/inbox-sqlite';
import { createSandbox, type Sandbox, type SandboxOptions } from '@talo/sandbox';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { SECRET } from './support.ts';

// two days of virtual time take a while where the machine is busy
vi.setConfig({ testTimeout: 60_000 });

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Shop {
  readonly sandbox: Sandbox;
  readonly talo: TaloClient;
  readonly webhooks: TaloWebhooks<never, never>;
  readonly events: TaloEvent[];
  /** How far our clock is ahead of Talo's, and how long our machine slept; may change at any time. */
  readonly clock: { aheadMs: number; asleepMs: number };
  /** Money to a customer and to a payment. */
  pay(...amounts: readonly number[]): void;
}

interface ShopOptions {
  readonly sandbox?: SandboxOptions;
  readonly aheadMs?: number;
  readonly inbox?: Inbox<never, never>;
}

/** A business whose clock is not Talo's. */
async function open(options: ShopOptions = {}): Promise<Shop> {
  const app: { receive?: (request: Request) => Promise<Response> } = {};
  const sandbox = createSandbox({
    clock: 'virtual',
    receiver: (request) => app.receive?.(request) ?? new Response(null, { status: 503 }),
    ...options.sandbox,
  });
  const offset = { aheadMs: options.aheadMs ?? 0, asleepMs: 0 };
  const clock: Clock = {
    ...sandbox.clock,
    now: () => sandbox.clock.now() + offset.aheadMs,
    monotonic: () => sandbox.clock.monotonic() - offset.asleepMs,
  };
  const talo = new TaloClient({
    ...sandbox.merchant,
    fetch: sandbox.fetch,
    clock,
    random: () => 0.5,
    webhooks: { url: 'https://shop.example/webhooks/talo', secret: SECRET },
  });
  const webhooks = new TaloWebhooks<never, never>({
    client: talo,
    inbox: options.inbox ?? memoryInbox(),
    clock,
    random: () => 0.5,
    reconcile: { pace: 0 },
    logger: { warn() {}, error() {} },
  });
  const events: TaloEvent[] = [];
  webhooks.on(
    ['customer.transfer', 'payment.transfer', 'payment.paid', 'transfer.reversed', 'payment.foreign'],
    (event) => {
      events.push(event);
    },
    { name: 'books' },
  );
  await webhooks.start();
  app.receive = webhooks.fetch;
  onTestFinished(async () => {
    await webhooks.stop({ deadline: 0 });
    sandbox.reset();
  });
  const customer = await talo.customers.create({
    customerId: 'c0',
    alias: 'cliente',
    name: 'Carla',
    email: 'c@example.com',
  });
  const payment = await talo.payments.create({ externalId: 'order', price: pesos(1000) });
  return {
    sandbox,
    talo,
    webhooks,
    events,
    clock: offset,
    pay(...amounts) {
      for (const amount of amounts) {
        sandbox.bank.transfer({ to: customer.cvu, amount: centavos(amount) });
        sandbox.bank.transfer({ to: payment.cvu, amount: centavos(amount) });
      }
    },
  };
}

/** Each transfer was credited and told of once, and nothing else was. */
async function expectBooks({ sandbox, webhooks, events }: Shop): Promise<void> {
  expect(await webhooks.ledger.total()).toEqual(sandbox.bank.total());
  const kinds = (await webhooks.ledger.entries()).map(({ kind }) => kind);
  expect(kinds).toEqual(sandbox.bank.transfers.map(() => 'credit'));
  const told = events.filter(({ type }) => type === 'customer.transfer' || type === 'payment.transfer');
  expect(new Set(told.map(({ id }) => id)).size).toBe(sandbox.bank.transfers.length);
  expect(told).toHaveLength(sandbox.bank.transfers.length);
  expect(await webhooks.dead()).toEqual([]);
}

const stores = [
  { name: 'memory', make: (): Inbox<never, never> => memoryInbox() },
  { name: 'SQLite', make: () => sqliteInbox({ path: ':memory:' }) as Inbox<never, never> },
];
const days = [
  { ours: 'a day ahead', aheadMs: DAY_MS },
  { ours: 'a day behind', aheadMs: -DAY_MS },
];

describe.each(stores)('with $name', ({ make }) => {
  test.each(days)('with our clock $ours, what is notified is credited', async ({ aheadMs }) => {
    const shop = await open({ aheadMs, inbox: make(), sandbox: { delivery: { duplicate: 1 } } });
    shop.pay(100, 200);
    await shop.sandbox.clock.advance({ hours: 1 });
    shop.pay(300);
    await shop.sandbox.clock.advance({ days: 2 });
    await expectBooks(shop);
  });

  test.each([
    { jump: 'back a day', by: -DAY_MS },
    { jump: 'ahead a day', by: DAY_MS },
  ])(
    'our clock jumps $jump while looks wait, and all is credited two days later at the latest',
    async ({ by }) => {
      const shop = await open({ inbox: make() });
      await jump(shop, by);
      await shop.sandbox.clock.advance({ days: 2 });
      await expectBooks(shop);
    },
  );
});

/** The clock jumps while looks wait for a time by the old one. */
async function jump(shop: Shop, by: number): Promise<void> {
  const mend = shop.sandbox.faults.add({ match: { method: 'GET' }, effect: 'reset' });
  shop.pay(100, 200);
  await shop.sandbox.clock.advance({ minutes: 2 });
  expect(shop.events).toEqual([]);
  shop.clock.aheadMs += by;
  mend();
  shop.pay(300);
}

test('with SQLite a jump back by a day delays nothing by a day', async () => {
  const shop = await open({ inbox: sqliteInbox({ path: ':memory:' }) as Inbox<never, never> });
  await jump(shop, -DAY_MS);
  await shop.sandbox.clock.advance({ hours: 1 });
  await expectBooks(shop);
});

test('in memory a jump back by a day delays nothing by a day', async () => {
  const shop = await open();
  await jump(shop, -DAY_MS);
  await shop.sandbox.clock.advance({ hours: 1 });
  await expectBooks(shop);
});

describe('with every webhook lost', () => {
  const lost: SandboxOptions = { delivery: { dropEvery: 1 }, oddities: { ledgerIdsReadable: true } };

  test('with our clock a day behind, passes and timed looks find all', async () => {
    const shop = await open({ sandbox: lost, aheadMs: -DAY_MS });
    await shop.sandbox.clock.advance({ minutes: 1 });
    shop.pay(100, 200);
    await shop.sandbox.clock.advance({ days: 2 });
    await expectBooks(shop);
  });

  test('with our clock a day ahead, passes and timed looks find all', async () => {
    const shop = await open({ sandbox: lost, aheadMs: DAY_MS });
    await shop.sandbox.clock.advance({ minutes: 1 });
    shop.pay(100, 200);
    await shop.sandbox.clock.advance({ days: 2 });
    await expectBooks(shop);
  });

  test.each([26, 1, -1, -26])(
    "with Talo's Date %i hours off, passes and timed looks find all",
    async (hours) => {
      const oddities = { ...lost.oddities, dateSkewMs: hours * HOUR_MS };
      const shop = await open({ sandbox: { ...lost, oddities } });
      await shop.sandbox.clock.advance({ minutes: 1 });
      shop.pay(100, 200);
      // a window ends by Talo's Date: what lies behind it waits as long as that is behind
      await shop.sandbox.clock.advance({ hours: 30 });
      shop.pay(300);
      await shop.sandbox.clock.advance({ hours: 30 });
      await expectBooks(shop);
    },
  );
});

describe('a token', () => {
  test.each([401, 403] as const)(
    'that expires between being taken and being used is replaced, and no look is lost (%i)',
    async (expiredTokenStatus) => {
      const shop = await open({ sandbox: { oddities: { expiredTokenStatus } } });
      // a 403 is taken for an expiry only of a token that is old enough to have expired
      await shop.sandbox.clock.advance({ minutes: 6 });
      shop.sandbox.faults.add({ match: { method: 'GET' }, effect: 'expire-token', times: 4 });
      shop.pay(100, 200);
      await shop.sandbox.clock.advance({ hours: 1 });
      await expectBooks(shop);
      const refused = shop.sandbox.requests.filter(({ status }) => status === expiredTokenStatus);
      expect(refused.length, 'the token did expire on its way').toBeGreaterThan(0);
    },
  );

  test('that expired while the machine slept is replaced, although no time seems to have passed', async () => {
    const shop = await open();
    shop.pay(100);
    await shop.sandbox.clock.advance({ minutes: 10 });
    shop.clock.asleepMs = 2 * HOUR_MS;
    await shop.sandbox.clock.advance({ hours: 2 });
    shop.pay(200);
    await shop.sandbox.clock.advance({ hours: 1 });
    await expectBooks(shop);
    const refused = shop.sandbox.requests.filter(({ status }) => status === 401);
    expect(refused.length, 'the token had expired').toBeGreaterThan(0);
  });

  test.each(days)('lives its hour with our clock $ours', async ({ aheadMs }) => {
    const shop = await open({ aheadMs });
    for (let i = 0; i < 20; i++) {
      shop.pay(100);
      await shop.sandbox.clock.advance({ minutes: 30 });
    }
    await expectBooks(shop);
    const tokens = shop.sandbox.requests.filter(({ path }) => path.endsWith('/tokens'));
    // ten hours, and one token for most of each
    expect(tokens.length).toBeGreaterThanOrEqual(10);
    expect(tokens.length).toBeLessThanOrEqual(12);
  });
});
