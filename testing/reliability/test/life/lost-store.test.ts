import { pesos } from '@talo/core';
import { describe, expect, test } from 'vitest';
import { type App, createShop, customerNamed, eventsOf, hundred, type Shop, toldMoney } from './shop.ts';

const ORDERS = 20;

/** What stands for a fact that is told once for ever, by its id. */
function facts(app: App): Map<string, string> {
  const told = eventsOf(
    app.told,
    'customer.transfer',
    'payment.transfer',
    'payment.paid',
    'transfer.reversed',
  );
  return new Map(
    told.map((event) => [
      event.id,
      event.type === 'payment.paid'
        ? `paid ${event.payment.id}`
        : `${event.type} ${event.transaction.transactionId}`,
    ]),
  );
}

/** Half of some orders, all of others, more than all of the rest, and money for customers. */
async function trade(shop: Shop, name: string) {
  const talo = shop.client();
  const { bank } = shop.sandbox;
  const orders = [];
  for (let i = 0; i < ORDERS; i++) {
    const payment = await talo.payments.create({ externalId: `${name}-${i}`, price: pesos(100) });
    for (let k = 0; k <= i % 3; k++) bank.transfer({ to: payment.cvu, amount: pesos(50) });
    orders.push(payment);
  }
  const customers = await Promise.all([0, 1].map((i) => customerNamed(talo, `${name}${i}`)));
  for (const { cvu } of customers) for (let k = 0; k < 3; k++) bank.transfer({ to: cvu, amount: hundred });
  await shop.pass({ seconds: 5 });
  return { orders, customers };
}

describe('the store is lost', () => {
  test('nothing is told again unasked, what comes next is told, with the ids that an unharmed application gives', async () => {
    const shop = createShop();
    const unharmed = await shop.open();
    const first = await shop.open();
    shop.route(both(unharmed, first));
    const { orders, customers } = await trade(shop, 'day');
    await first.webhooks.stop({ deadline: 0 });
    const bankBefore = shop.sandbox.bank.total().centavos;
    expect(toldMoney(first.told)).toBe(bankBefore);

    const second = await shop.open();
    shop.route(both(unharmed, second));
    await second.webhooks.track(orders);
    await second.webhooks.track(customers);
    await shop.pass({ hours: 6 });
    expect(second.told).toEqual([]);

    for (const { cvu } of [...orders, ...customers])
      shop.sandbox.bank.transfer({ to: cvu, amount: pesos(50) });
    await shop.pass({ hours: 1 });
    const since = shop.sandbox.bank.total().centavos - bankBefore;
    expect(toldMoney(second.told)).toBe(since);
    expect((await second.webhooks.ledger.total())?.centavos).toBe(since);
    const ids = facts(unharmed);
    for (const [id, fact] of facts(second)) expect(ids.get(id), fact).toBe(fact);
    // an order that was half paid before the loss is told as paid, one that was paid before is not told again
    const paidLater = eventsOf(second.told, 'payment.paid').map(({ payment }) => payment.externalId);
    expect(paidLater.sort()).toEqual(
      orders.flatMap(({ externalId }, i) => (i % 3 === 0 ? [externalId] : [])).sort(),
    );
    await Promise.all([unharmed, second].map(({ webhooks }) => webhooks.stop({ deadline: 0 })));
  });

  test('asked for, all of it is told again, each fact under the id it had the first time', async () => {
    const shop = createShop({ oddities: { ledgerIdsReadable: true } });
    const since = new Date(shop.sandbox.clock.now());
    const first = await shop.open();
    shop.route(first);
    const { customers } = await trade(shop, 'day');
    shop.sandbox.bank.reverse(shop.sandbox.bank.transfers[0]?.id ?? '');
    await shop.pass({ seconds: 5 });
    await first.webhooks.stop({ deadline: 0 });

    const second = await shop.open({ reconcile: { since, pace: 0 } });
    shop.route(second);
    await second.webhooks.track(customers);
    await shop.pass({ hours: 1 });
    const again = facts(second);
    const taken = new Set(
      [...facts(first)].flatMap(([id, fact]) => (fact.startsWith('transfer.reversed') ? [id] : [])),
    );
    const [gone] = eventsOf(first.told, 'transfer.reversed');
    for (const [id, fact] of facts(first)) {
      // what came and went before is no money any more, and never was for the second
      if (taken.has(id) || fact === `payment.transfer ${gone?.transaction.transactionId}`) continue;
      expect(again.get(id), fact).toBe(fact);
    }
    expect(again.size).toBe(facts(first).size - 2);
    expect(toldMoney(second.told)).toBe(shop.sandbox.bank.total().centavos);
    expect(await second.webhooks.ledger.total()).toEqual(shop.sandbox.bank.total());
    await second.webhooks.stop({ deadline: 0 });
  });

  test('between a 200 and the look, what Talo notifies of again has the id it would have had', async () => {
    const shop = createShop();
    const unharmed = await shop.open();
    const first = await shop.open();
    const { orders } = await trade(shop, 'before');
    shop.route(both(unharmed, first));
    for (const { cvu } of orders) shop.sandbox.bank.transfer({ to: cvu, amount: pesos(3) });
    // the bytes that were acknowledged, and then the disk is gone; Talo repeats them to the next
    await shop.sandbox.idle();
    const notices = shop.sandbox.deliveries.filter(({ outcome }) => outcome === 'delivered');
    expect(notices.length).toBeGreaterThanOrEqual(orders.length);
    await first.webhooks.stop({ deadline: 0 });
    const second = await shop.open();
    shop.route(both(unharmed, second));
    for (const { url, body } of notices) {
      const headers = { 'content-type': 'application/json' };
      const request = new Request(url, { method: 'POST', headers, body: JSON.stringify(body) });
      expect((await second.webhooks.fetch(request)).status).toBe(200);
    }
    await shop.pass({ hours: 1 });
    const ids = facts(unharmed);
    const theirs = facts(second);
    expect(theirs.size).toBeGreaterThan(orders.length);
    for (const [id, fact] of theirs) expect(ids.get(id), fact).toBe(fact);
    await Promise.all([unharmed, second].map(({ webhooks }) => webhooks.stop({ deadline: 0 })));
  });
});

/** Talo notifies one address; here two applications stand behind it, each with a store of its own. */
function both(a: App, b: App): App {
  const fetch: App['webhooks']['fetch'] = async (request) => {
    await a.webhooks.fetch(request.clone());
    return b.webhooks.fetch(request);
  };
  return { ...b, webhooks: { ...b.webhooks, fetch } };
}
