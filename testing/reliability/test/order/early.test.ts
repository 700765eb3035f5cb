import { type FetchPort, pesos } from '@talo/core';
import { describe, expect, test } from 'vitest';
import {
  createShop,
  customerNamed,
  delays,
  eventsOf,
  gets,
  HOUR,
  MINUTE,
  ROUTE,
  SECOND,
  toldMoney,
} from '../life/shop.ts';

describe('a notification that comes before', () => {
  test.each([500, 20 * SECOND, 5 * MINUTE, 2 * HOUR])(
    'its transfer can be read (for %i ms): told soon after it can be, at a bounded number of GETs',
    async (readDelayMs) => {
      const shop = createShop({ oddities: { readDelayMs } });
      const app = await shop.open();
      shop.route(app);
      const { cvu } = await customerNamed(app.talo, 'carla');
      for (let i = 1; i <= 5; i++) shop.sandbox.bank.transfer({ to: cvu, amount: pesos(i) });
      await shop.pass({ ms: readDelayMs - 1 });
      expect(app.told).toEqual([]);
      // pauses double from one second to five minutes: it can take as long again as it took so far, or five minutes
      await shop.pass({ ms: Math.min(readDelayMs, 5 * MINUTE) + 3 * SECOND });
      expect(toldMoney(app.told)).toBe(shop.sandbox.bank.total().centavos);
      expect(eventsOf(app.told, 'customer.transfer')).toHaveLength(5);
      expect(gets(shop.requests, '/customers/').length).toBeLessThanOrEqual(
        5 * (12 + readDelayMs / (2 * MINUTE)),
      );
      expect(await app.webhooks.dead()).toEqual([]);
      await app.webhooks.stop({ deadline: 0 });
    },
  );

  test.each([500, 20 * SECOND, 5 * MINUTE])(
    'its payment shows the change (for %i ms): told by looks that follow the notification, else by the timed ones, and once',
    async (readDelayMs) => {
      const shop = createShop({ oddities: { readDelayMs } });
      const app = await shop.open();
      shop.route(app);
      const payment = await app.talo.payments.create({ externalId: 'order', price: pesos(30) });
      shop.sandbox.bank.transfer({ to: payment.cvu, amount: pesos(30) });
      await shop.pass({ minutes: 15 });
      expect(eventsOf(app.told, 'payment.transfer', 'payment.paid')).toHaveLength(2);
      const within = readDelayMs < MINUTE ? readDelayMs + 10 * SECOND : 12 * MINUTE;
      expect(Math.max(...delays(app.told))).toBeLessThan(within);
      await shop.pass({ hours: 24 });
      expect(eventsOf(app.told, 'payment.transfer', 'payment.paid')).toHaveLength(2);
      await app.webhooks.stop({ deadline: 0 });
    },
  );

  test('its payment shows the change, by half a second: told within 10 s', async () => {
    const shop = createShop({ oddities: { readDelayMs: 500 } });
    const app = await shop.open();
    shop.route(app);
    const payment = await app.talo.payments.create({ externalId: 'order', price: pesos(30) });
    shop.sandbox.bank.transfer({ to: payment.cvu, amount: pesos(30) });
    await shop.pass({ minutes: 15 });
    await app.webhooks.stop({ deadline: 0 });
    expect(Math.max(...delays(app.told)), 'milliseconds').toBeLessThan(10 * SECOND);
  });

  test.each([
    ['signed', { url: ROUTE, secret: 'a secret of more than sixteen characters' }],
    ['without any secret', { url: ROUTE }],
  ])('our own create has returned: ours all the same, told once (%s)', async (how, webhooks) => {
    const shop = createShop();
    let overtaken = 0;
    // the payer is faster than Talo's answer, and so is the notification of his money
    const fetch: FetchPort = async (url, init) => {
      const response = await shop.sandbox.fetch(url, { ...init });
      if (init.method !== 'POST' || !url.endsWith('/payments/')) return response;
      const { data } = (await response.clone().json()) as { data: { quotes: { address: string }[] } };
      shop.sandbox.bank.transfer({ to: data.quotes[0]?.address, amount: pesos(30) });
      await shop.pass({ seconds: 2 });
      overtaken += app.told.length;
      return response;
    };
    const app = await shop.open({ client: { fetch, webhooks } });
    shop.route(app);
    const payment = await app.talo.payments.create({ externalId: 'order', price: pesos(30) });
    await shop.pass({ hours: 24 });
    expect(overtaken, 'it was told before there was a payment for us').toBeGreaterThan(0);
    const events = eventsOf(app.told, 'payment.transfer', 'payment.paid', 'payment.foreign');
    expect(events.map(({ type }) => type)).toEqual(['payment.transfer', 'payment.paid']);
    expect(events.map(({ origin }) => origin)).toEqual(
      Array(2).fill(how === 'signed' ? 'webhook' : 'unproven'),
    );
    expect(await app.webhooks.ledger.total({ paymentId: payment.id })).toEqual(shop.sandbox.bank.total());
    await app.webhooks.stop({ deadline: 0 });
  });

  test('a create whose answer was lost: the money is told, and asking again returns the payment, paid', async () => {
    const shop = createShop();
    const app = await shop.open({ client: { maxRetries: 0 } });
    shop.route(app);
    shop.sandbox.faults.add({
      match: { method: 'POST', route: '/payments' },
      effect: 'lose-response',
      times: 1,
    });
    const wanted = { externalId: 'order', price: pesos(30) };
    await expect(app.talo.payments.create(wanted)).rejects.toMatchObject({ outcome: 'unknown' });
    const [payment] = await Promise.all([shop.client().payments.get('VAR-f61876b0-order')]);
    shop.sandbox.bank.transfer({ to: payment.cvu, amount: pesos(30) });
    await shop.pass({ seconds: 4 });
    expect(eventsOf(app.told, 'payment.paid')).toHaveLength(1);
    expect(await app.talo.payments.ensure(wanted)).toMatchObject({ id: payment.id, status: 'SUCCESS' });
    await shop.pass({ hours: 24 });
    expect(eventsOf(app.told, 'payment.paid', 'payment.foreign')).toHaveLength(1);
    expect(await app.webhooks.ledger.total()).toEqual(shop.sandbox.bank.total());
    await app.webhooks.stop({ deadline: 0 });
  });

  test('a create whose answer was lost, with every notification: what ensure finds is looked at like what was created', async () => {
    const shop = createShop({ delivery: { dropEvery: 1 } });
    const app = await shop.open({ client: { maxRetries: 0 }, reconcile: { every: 10 ** 9 } });
    shop.route(app);
    shop.sandbox.faults.add({
      match: { method: 'POST', route: '/payments' },
      effect: 'lose-response',
      times: 1,
    });
    const payment = await app.talo.payments.ensure({ externalId: 'order', price: pesos(30) });
    shop.sandbox.bank.transfer({ to: payment.cvu, amount: pesos(30) });
    await shop.pass({ minutes: 15 });
    expect(eventsOf(app.told, 'payment.paid')).toHaveLength(1);
    await app.webhooks.stop({ deadline: 0 });
  });
});
