import { type Customer, centavos, type Payment, pesos } from '@talo/core';
import { describe, expect, test } from 'vitest';
import { type App, createShop, customerNamed, eventsOf, gets, type Shop, toldMoney } from '../life/shop.ts';
import { type Alteration, alteredTalo, generator } from './altered-talo.ts';

const RUNS = Number(process.env['STALE_RUNS'] ?? 12);
const SEED = Number(process.env['SEED'] ?? 1);

interface Trade {
  readonly shop: Shop;
  readonly app: App;
  readonly talo: ReturnType<typeof alteredTalo>;
  readonly orders: readonly Payment[];
  readonly customers: readonly Pick<Customer, 'cvu'>[];
}

async function begin(delivery = {}): Promise<Trade> {
  const shop = createShop({ delivery });
  const talo = alteredTalo(shop.sandbox.fetch);
  const app = await shop.open({ client: { fetch: talo.fetch } });
  shop.route(app);
  const orders = [];
  for (let i = 0; i < 3; i++) {
    orders.push(await app.talo.payments.create({ externalId: `order-${i}`, price: pesos(100) }));
  }
  const customers = await Promise.all([0, 1].map((i) => customerNamed(app.talo, `c${i}`)));
  return { shop, app, talo, orders, customers };
}

/** However Talo's answers went, in the end each transfer was told once, and paid once for each order that is. */
async function expectTold({ shop, app, orders }: Trade): Promise<void> {
  const { bank } = shop.sandbox;
  const ids = app.told.map(({ event }) => event.id);
  expect(new Set(ids).size, 'no event twice').toBe(ids.length);
  expect(toldMoney(app.told)).toBe(bank.total().centavos);
  expect((await app.webhooks.ledger.total())?.centavos).toBe(bank.total().centavos);
  const came = eventsOf(app.told, 'customer.transfer', 'payment.transfer');
  expect(came.length, 'each transfer once').toBe(bank.transfers.length);
  expect(eventsOf(app.told, 'transfer.reversed').length).toBe(
    bank.transfers.filter(({ status }) => status === 'reversed').length,
  );
  const paid = eventsOf(app.told, 'payment.paid').map(({ payment }) => payment.id);
  expect(new Set(paid).size, 'paid once').toBe(paid.length);
  for (const { id, cvu, price } of orders) {
    if (bank.received(cvu).centavos >= (price?.centavos ?? Number.NaN)) expect(paid).toContain(id);
  }
  expect(eventsOf(app.told, 'payment.foreign')).toEqual([]);
  expect(await app.webhooks.dead()).toEqual([]);
}

describe('notifications', () => {
  test.each([
    ['repeated', { duplicate: 4 }],
    ['in reverse', { reverse: true }],
    ['late', { delayMs: 90_000 }],
    ['repeated, in reverse and late', { duplicate: 3, reverse: true, delayMs: 7_000 }],
    ['two of three lost', { dropEvery: 2, duplicate: 1 }],
  ])('%s: each transfer is told once, in the order in which the money came', async (_name, delivery) => {
    const trade = await begin({ ...delivery, retry: 'none' });
    const { shop, orders, customers } = trade;
    for (let round = 1; round <= 6; round++) {
      for (const { cvu } of orders) shop.sandbox.bank.transfer({ to: cvu, amount: pesos(round * 5) });
      if (!('dropEvery' in delivery)) {
        for (const { cvu } of customers) shop.sandbox.bank.transfer({ to: cvu, amount: pesos(round) });
      }
      await shop.pass({ ms: 700 });
    }
    await shop.pass({ hours: 2 });
    await expectTold(trade);
    for (const { id } of orders) {
      const own = eventsOf(trade.app.told, 'payment.transfer').filter(({ payment }) => payment.id === id);
      const times = own.map(({ transaction }) => transaction.createdAt?.getTime() ?? 0);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
    await trade.app.webhooks.stop({ deadline: 0 });
  });
});

describe('a single answer', () => {
  const alterations: Record<string, Alteration> = {
    'is older': { pick: () => 0 },
    'lacks its transfers': { lacks: () => true },
  };
  test.each(Object.keys(alterations))(
    'that %s tells nothing and takes nothing back, and Talo is asked again within seconds',
    async (name) => {
      const trade = await begin();
      const { shop, app, talo, orders } = trade;
      const { id = '', cvu } = orders[0] ?? {};
      for (const half of [60, 40]) {
        shop.sandbox.bank.transfer({ to: cvu, amount: pesos(half) });
        await shop.pass({ seconds: 10 });
      }
      const told = app.told.length;
      shop.requests.length = 0;
      talo.now = alterations[name];
      const { url, body } = shop.sandbox.deliveries.at(-1) ?? { url: '', body: {} };
      const headers = { 'content-type': 'application/json' };
      await app.webhooks.fetch(new Request(url, { method: 'POST', headers, body: JSON.stringify(body) }));
      await shop.pass({ ms: 500 });
      const asked = () => gets(shop.requests, id).length;
      expect(asked(), 'this answer was seen').toBe(1);
      talo.now = undefined;
      await shop.pass({ seconds: 5 });
      expect(asked(), 'and another asked for').toBe(2);
      expect(app.told.length).toBe(told);
      await expectTold(trade);
      await app.webhooks.stop({ deadline: 0 });
    },
  );
});

describe("Talo's answers", () => {
  const alterations: Record<string, (random: () => number) => Alteration> = {
    'are older than what was known': (random) => ({ pick: (answers) => Math.floor(random() * answers) }),
    'alternate between the first and the last': () => {
      let turn = 0;
      return { pick: (answers) => (turn++ % 2 === 0 ? 0 : answers - 1) };
    },
    'lack transfers that were known': (random) => ({ lacks: () => random() < 0.4 }),
    'lack every transfer': () => ({ lacks: () => true }),
    'are older and lack transfers': (random) => ({
      pick: (answers) => Math.floor(random() * answers),
      lacks: () => random() < 0.3,
    }),
  };

  test.each(Object.keys(alterations))(
    `%s for a while, over ${RUNS} histories: in the end all was told, once`,
    async (name) => {
      for (let run = 0; run < RUNS; run++) {
        const seed = SEED * 1_000_003 + run;
        const random = generator(seed);
        const trade = await begin({ duplicate: Math.floor(random() * 3), reverse: random() < 0.5 });
        const { shop, app, talo, orders, customers } = trade;
        for (let step = 0; step < 12; step++) {
          if (step === 2) talo.now = alterations[name]?.(random);
          const [order, customer] = [orders[Math.floor(random() * 3)], customers[Math.floor(random() * 2)]];
          const to = random() < 0.7 ? order?.cvu : customer?.cvu;
          shop.sandbox.bank.transfer({ to, amount: centavos(1 + Math.floor(random() * 6_000)) });
          await shop.pass({ ms: Math.floor(random() * 40_000) });
        }
        talo.now = undefined;
        await shop.pass({ hours: 12 });
        await expectTold(trade).catch((error: unknown) => {
          throw new Error(`SEED=${SEED}, history ${run}, seed ${seed}`, { cause: error });
        });
        await app.webhooks.stop({ deadline: 0 });
      }
    },
    60_000 + RUNS * 1_000,
  );

  test(
    "with money taken back, older ones bring none of an order back, and in the end the books are the bank's",
    async () => {
      for (let run = 0; run < RUNS; run++) {
        const random = generator(SEED * 7_000_003 + run);
        const trade = await begin();
        const { shop, app, talo, orders, customers } = trade;
        for (const { cvu } of [...orders, ...customers]) {
          shop.sandbox.bank.transfer({ to: cvu, amount: pesos(60) });
          await shop.pass({ seconds: 5 });
        }
        talo.now = { pick: (answers) => Math.floor(random() * answers) };
        for (const { id } of shop.sandbox.bank.transfers) {
          if (random() < 0.5) shop.sandbox.bank.reverse(id);
          await shop.pass({ ms: Math.floor(random() * 90_000) });
        }
        // each is notified again, as Talo may
        for (const { url, body } of shop.sandbox.deliveries) {
          const headers = { 'content-type': 'application/json' };
          await app.webhooks.fetch(new Request(url, { method: 'POST', headers, body: JSON.stringify(body) }));
          await shop.pass({ ms: Math.floor(random() * 20_000) });
        }
        talo.now = undefined;
        await shop.pass({ hours: 1 });
        for (const { url, body } of shop.sandbox.deliveries) {
          const headers = { 'content-type': 'application/json' };
          await app.webhooks.fetch(new Request(url, { method: 'POST', headers, body: JSON.stringify(body) }));
        }
        await shop.pass({ hours: 12 });
        expect((await app.webhooks.ledger.total())?.centavos, `history ${run}`).toBe(
          shop.sandbox.bank.total().centavos,
        );
        expect(toldMoney(app.told)).toBe(shop.sandbox.bank.total().centavos);
        const ofOrders = eventsOf(app.told, 'payment.transfer').map(
          ({ transaction }) => transaction.transactionId,
        );
        expect(new Set(ofOrders).size, 'an order shows how new it is').toBe(ofOrders.length);
        await app.webhooks.stop({ deadline: 0 });
      }
    },
    60_000 + RUNS * 1_000,
  );
});
