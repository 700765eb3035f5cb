import { pesos } from '@talo/core';
import { describe, expect, test } from 'vitest';
import { createShop, customerNamed, delays, eventsOf, gets, hundred, toldMoney } from './shop.ts';

const OLD = Number(process.env['OLD'] ?? 5_000);
/** Old transfers of each old payment. */
const EACH = 10;

describe(`going live on an account with ${OLD} old transfers`, () => {
  test('to payments that are imported: none is told, all are baseline, each payment costs one look', async () => {
    // nobody was there to take the old notifications
    const shop = createShop({ delivery: { retry: 'none' } });
    const { sandbox } = shop;
    const before = shop.client();
    const old = [];
    for (let i = 0; i < OLD / EACH; i++) {
      const payment = await before.payments.create({ externalId: `old-${i}`, price: pesos(1_500) });
      for (let k = 0; k < EACH; k++) sandbox.bank.transfer({ to: payment.cvu, amount: hundred });
      old.push(payment);
    }
    await shop.pass({ hours: 2 });
    const oldMoney = sandbox.bank.total().centavos;

    const app = await shop.open();
    shop.route(app);
    shop.requests.length = 0;
    await app.webhooks.track(old);
    await shop.pass({ minutes: 5 });
    expect(app.told).toEqual([]);
    const baseline = await app.webhooks.ledger.entries();
    expect(baseline.map(({ kind }) => kind)).toEqual(Array(OLD).fill('baseline'));
    expect(baseline.reduce((sum, { gross }) => sum + (gross?.centavos ?? Number.NaN), 0)).toBe(oldMoney);
    expect(gets(shop.requests, '/payments/')).toHaveLength(old.length);

    // more hours of timed looks and passes: still not a word, and no more GETs than the ageing schedule
    const hours = 3;
    shop.requests.length = 0;
    await shop.pass({ hours });
    expect(app.told).toEqual([]);
    expect(gets(shop.requests, '/payments/').length).toBeLessThanOrEqual(old.length * hours * 2);
    expect(gets(shop.requests, '/transactions/').length).toBeLessThanOrEqual(hours * 4 + 1);

    sandbox.bank.transfer({ to: old[0]?.cvu, amount: pesos(500) });
    await shop.pass({ seconds: 5 });
    expect(eventsOf(app.told, 'payment.transfer', 'payment.paid').map(({ type }) => type)).toEqual([
      'payment.transfer',
      'payment.paid',
    ]);
    expect(await app.webhooks.ledger.total()).toEqual(pesos(500));
    expect(Math.max(...delays(app.told))).toBeLessThan(5_000);
    await app.webhooks.stop({ deadline: 0 });
  });

  test.each([true, false])(
    "to customers: none is told and none is asked for, also where Talo's ledger would show them (ids readable: %s)",
    async (ledgerIdsReadable) => {
      const shop = createShop({ delivery: { retry: 'none' }, oddities: { ledgerIdsReadable } });
      const { sandbox } = shop;
      const before = shop.client();
      const customers = await Promise.all(
        Array.from({ length: 10 }, (_, i) => customerNamed(before, `old${i}`)),
      );
      for (let i = 0; i < OLD; i++) {
        sandbox.bank.transfer({ to: customers[i % customers.length]?.cvu, amount: hundred });
      }
      await shop.pass({ hours: 2 });

      const app = await shop.open();
      shop.route(app);
      shop.requests.length = 0;
      await app.webhooks.track(customers);
      await shop.pass({ hours: 3 });
      expect(app.told).toEqual([]);
      const ofTransfers = () =>
        gets(shop.requests, '/customers/').filter(({ path }) => path.includes('/transactions/'));
      expect(ofTransfers()).toEqual([]);
      // balances may be compared, once in a pass
      expect(gets(shop.requests, '/customers/').length).toBeLessThanOrEqual(customers.length * 3 * 4);
      const reconciled = app.webhooks.reconcile();
      await shop.pass({ minutes: 1 });
      expect((await reconciled).accounts).toMatchObject([{ checked: 0, unmatched: [], divergent: [] }]);

      for (const { cvu } of customers) sandbox.bank.transfer({ to: cvu, amount: pesos(7) });
      await shop.pass({ seconds: 5 });
      expect(eventsOf(app.told, 'customer.transfer')).toHaveLength(customers.length);
      expect(toldMoney(app.told)).toBe(700 * customers.length);
      expect((await app.webhooks.ledger.total())?.centavos).toBe(700 * customers.length);
      expect(ofTransfers()).toHaveLength(customers.length);
      await app.webhooks.stop({ deadline: 0 });
    },
  );

  test('an old payment that was half paid before is told when the other half comes, and paid once', async () => {
    const shop = createShop();
    const { sandbox } = shop;
    const half = await shop.client().payments.create({ externalId: 'half', price: pesos(1_000) });
    sandbox.bank.transfer({ to: half.cvu, amount: pesos(400) });
    await shop.pass({ minutes: 30 });
    // nobody imports it: the first that this application hears of it is the notification of the rest
    const app = await shop.open();
    shop.route(app);
    await shop.pass({ minutes: 30 });
    sandbox.bank.transfer({ to: half.cvu, amount: pesos(600) });
    await shop.pass({ seconds: 5 });
    // it was notified, so all of it is news: the application cannot have booked what it never heard of
    expect(toldMoney(app.told)).toBe(sandbox.bank.total().centavos);
    expect(eventsOf(app.told, 'payment.paid')).toHaveLength(1);
    await shop.pass({ hours: 24 });
    expect(toldMoney(app.told)).toBe(sandbox.bank.total().centavos);
    expect(eventsOf(app.told, 'payment.paid')).toHaveLength(1);
    await app.webhooks.stop({ deadline: 0 });
  });
});
