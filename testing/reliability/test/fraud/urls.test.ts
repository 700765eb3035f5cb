import { pesos } from '@talo/core';
import { describe, expect, test } from 'vitest';
import { createShop, customerNamed, delays, eventsOf, gets, ROUTE, SECOND, toldMoney } from '../life/shop.ts';
import { besiege, expectBudget, expectHeld, knock, strangersPayment, urlOf, urlOfCustomer } from './siege.ts';

const notice = (paymentId: string, externalId?: string) => ({
  message: 'Pago Actualizado',
  paymentId,
  ...(externalId !== undefined && { externalId }),
});

describe('a signed URL that was copied', () => {
  test('with the same body, a thousand times a minute: a look every few seconds, and no more', async () => {
    const siege = await besiege();
    const { shop, app } = siege;
    const six = await siege.order('order-6', 30_000);
    shop.requests.length = 0;
    for (let second = 0; second < 180; second++) {
      for (let i = 0; i < 17; i++)
        expect(await knock(siege, urlOf(app.talo, six), notice(six.id, 'order-6'))).toBe(200);
      await shop.pass({ seconds: 1 });
    }
    // four looks a second apart, because Talo may be late with the news, and then a pause of 4 s: 103 in three minutes
    expect(gets(shop.requests, '/payments/').length).toBeLessThanOrEqual(105);
    expect(app.told).toEqual([]);
    shop.sandbox.bank.transfer({ to: six.cvu, amount: pesos(30_000) });
    await shop.pass({ seconds: 60 });
    await expectHeld(siege, { within: 31 * SECOND });
    await app.webhooks.stop({ deadline: 0 });
  });

  test('with the same body for minutes: the money of that order is told within 5 s all the same', async () => {
    const siege = await besiege();
    const { shop, app } = siege;
    const six = await siege.order('order-6', 30_000);
    for (let second = 0; second < 100; second++) {
      await knock(siege, urlOf(app.talo, six), notice(six.id, 'order-6'));
      await shop.pass({ seconds: 1 });
    }
    shop.sandbox.bank.transfer({ to: six.cvu, amount: pesos(30_000) });
    await shop.pass({ seconds: 60 });
    await app.webhooks.stop({ deadline: 0 });
    expect(Math.max(...delays(app.told)), 'milliseconds').toBeLessThan(5 * SECOND);
  });

  test("with another payment's id: that one is looked at as it is, and never as the one that the URL names", async () => {
    const siege = await besiege();
    const { shop, app } = siege;
    const [paid, open] = [await siege.order('paid', 10), await siege.order('open', 30_000)];
    shop.sandbox.bank.transfer({ to: paid.cvu, amount: pesos(10) });
    await shop.pass({ seconds: 4 });
    const his = await strangersPayment(siege, 'his', 'https://stranger.example/');
    shop.sandbox.bank.transfer({ to: his.cvu, amount: pesos(1) });
    for (const id of [paid.id, his.id, 'VAR-f61876b0-nobodys']) {
      expect(await knock(siege, urlOf(app.talo, open), notice(id, 'open'))).toBe(200);
      expect(await knock(siege, urlOf(app.talo, paid), notice(id, 'open'))).toBe(200);
    }
    await shop.pass({ minutes: 5 });
    expect((await app.webhooks.stats()).mismatched).toBe(3);
    expect(eventsOf(app.told, 'payment.foreign').map(({ payment }) => payment.id)).toEqual([his.id]);
    shop.sandbox.bank.transfer({ to: open.cvu, amount: pesos(30_000) });
    await shop.pass({ seconds: 4 });
    await expectHeld(siege);
    await app.webhooks.stop({ deadline: 0 });
  });

  test("with made-up payments: few more than that order's own are taken, and customers wait for nothing", async () => {
    const siege = await besiege();
    const { shop, app } = siege;
    const six = await siege.order('order-6', 30_000);
    shop.requests.length = 0;
    for (let second = 0; second < 20; second++) {
      for (let i = 0; i < 150; i++) await knock(siege, urlOf(app.talo, six), notice(`VAR-${second}-${i}`));
      if (second % 4 === 0) shop.sandbox.bank.transfer({ to: siege.diego.cvu, amount: pesos(2) });
      await shop.pass({ seconds: 1 });
    }
    await shop.pass({ seconds: 10 });
    await expectHeld(siege);
    const madeUp = gets(shop.requests, '/payments/VAR-').filter(({ status }) => status === 404);
    const ids = new Set(madeUp.map(({ path }) => path)).size;
    expect(ids).toBeGreaterThanOrEqual(30);
    expect(ids).toBeLessThanOrEqual(30 + 2 * 20);
    expectBudget(madeUp, { burst: 1_000, perSecond: 100 });
    await app.webhooks.stop({ deadline: 0 });
  });

  test('with made-up payments: money for an order that we made and track is told within 5 s', async () => {
    const siege = await besiege();
    const { shop, app } = siege;
    const six = await siege.order('order-6', 30_000);
    const seven = await siege.order('order-7', 100);
    for (let i = 0; i < 3_000; i++) await knock(siege, urlOf(app.talo, six), notice(`VAR-made-up-${i}`));
    shop.sandbox.bank.transfer({ to: seven.cvu, amount: pesos(100) });
    await shop.pass({ seconds: 40 });
    await app.webhooks.stop({ deadline: 0 });
    expect(Math.max(...delays(app.told)), 'milliseconds').toBeLessThan(5 * SECOND);
  });

  test("at another account's door: nothing of either is looked at with the other's credentials", async () => {
    const shop = createShop();
    const clients = ['one', 'two'].map((name) => {
      const merchant = shop.sandbox.addMerchant();
      const secret = `the very own secret of merchant ${name}`;
      return shop.client({ webhooks: { url: ROUTE, secret } }, merchant);
    });
    const [one, two] = clients;
    if (one === undefined || two === undefined) throw new Error('there are two');
    const app = await shop.open({ clientFor: (id) => clients.find(({ accountId }) => accountId === id) });
    shop.route(app);
    const [mine, theirs] = [one, two].map((talo) =>
      talo.payments.create({ externalId: 'order', price: pesos(5) }),
    );
    const [hers, his] = [await mine, await theirs];
    await customerNamed(one, 'carla');
    shop.requests.length = 0;
    const siege = { app };
    const [ofOne = '', ofTwo = ''] = [one, two].map(({ accountId = '' }) => accountId);
    const url = urlOf(one, { externalId: 'order', price: pesos(5) });
    // the URL of one, said to be of two
    expect(await knock(siege, url.replace(ofOne, ofTwo), notice('x'))).toBe(401);
    const customerUrl = urlOfCustomer(one, 'carla').replace(ofOne, ofTwo);
    expect(await knock(siege, customerUrl, { message: 'x', transactionId: 't', customerId: 'carla' })).toBe(
      401,
    );
    // the URL of one, with the payment of two
    expect(await knock(siege, url, notice(his?.id ?? ''))).toBe(200);
    shop.sandbox.bank.transfer({ to: his?.cvu, amount: pesos(5) });
    shop.sandbox.bank.transfer({ to: hers?.cvu, amount: pesos(2) });
    await shop.pass({ seconds: 4 });
    const told = (id: string) => toldMoney(app.told.filter(({ event }) => event.accountId === id));
    expect([told(ofOne), told(ofTwo)]).toEqual([200, 500]);
    expect(eventsOf(app.told, 'payment.paid').map(({ accountId }) => accountId)).toEqual([ofTwo]);
    await app.webhooks.stop({ deadline: 0 });
  });
});
