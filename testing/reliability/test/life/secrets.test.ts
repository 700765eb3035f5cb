import { pesos } from '@talo/core';
import { memoryInbox } from '@talo/core/webhooks';
import { describe, expect, test } from 'vitest';
import {
  createShop,
  customerNamed,
  delays,
  eventsOf,
  gets,
  ROUTE,
  SECOND,
  SECRET,
  toldMoney,
} from './shop.ts';

const NEW_SECRET = 'the next secret, of more than sixteen characters';
const CUSTOMERS = 60;
/** Looks that unauthenticated hints may cause: so many at once, then one a second. */
const BURST = 10;

/** Customers whose URLs were signed with the old secret, some orders too, and then the secrets change. */
async function rotated(webhooks: {
  readonly secret: string | readonly string[];
  readonly demoted?: readonly string[];
}) {
  const shop = createShop();
  const inbox = memoryInbox();
  const before = await shop.open({ inbox });
  shop.route(before);
  const customers = [];
  for (let i = 0; i < CUSTOMERS; i++) customers.push(await customerNamed(before.talo, `old${i}`));
  const order = await before.talo.payments.create({ externalId: 'order', price: pesos(50) });
  await before.webhooks.stop({ deadline: 0 });
  const app = await shop.open({ inbox, client: { webhooks: { url: ROUTE, ...webhooks } } });
  shop.route(app);
  return { shop, app, customers, order };
}

describe('a secret is demoted with customers still on it', () => {
  test('money of all of them arrives, at the pace of what proves nothing, and each costs one GET', async () => {
    const { shop, app, customers } = await rotated({ secret: NEW_SECRET, demoted: [SECRET] });
    const young = await customerNamed(app.talo, 'young');
    for (const { cvu } of customers) shop.sandbox.bank.transfer({ to: cvu, amount: pesos(15) });
    await shop.pass({ ms: 500 });
    expect(eventsOf(app.told, 'customer.transfer'), 'the burst, and no more').toHaveLength(BURST);
    expect((await app.webhooks.stats()).strangersLeft).toBe(0);

    // a customer of today waits for none of them
    shop.sandbox.bank.transfer({ to: young.cvu, amount: pesos(1) });
    await shop.pass({ ms: 500 });
    expect(eventsOf(app.told, 'customer.transfer').map(({ customerId }) => customerId)).toContain('young');

    await shop.pass({ seconds: CUSTOMERS - BURST });
    expect(toldMoney(app.told)).toBe(shop.sandbox.bank.total().centavos);
    expect(await app.webhooks.ledger.total()).toEqual(shop.sandbox.bank.total());
    expect(Math.max(...delays(app.told))).toBeLessThanOrEqual((CUSTOMERS - BURST) * SECOND);
    expect(gets(shop.requests, '/customers/')).toHaveLength(CUSTOMERS + 1);
    expect((await app.webhooks.stats()).answers).toEqual({ stored: CUSTOMERS + 1 });
    await app.webhooks.stop({ deadline: 0 });
  });

  test('a secret that is still accepted delays nobody', async () => {
    const { shop, app, customers } = await rotated({ secret: [NEW_SECRET, SECRET] });
    for (const { cvu } of customers) shop.sandbox.bank.transfer({ to: cvu, amount: pesos(15) });
    await shop.pass({ seconds: 4 });
    expect(toldMoney(app.told)).toBe(shop.sandbox.bank.total().centavos);
    expect(Math.max(...delays(app.told))).toBeLessThan(5 * SECOND);
    expect((await app.webhooks.stats()).strangersLeft).toBe(BURST);
    await app.webhooks.stop({ deadline: 0 });
  });

  test('an order that the store knows as ours stays ours', async () => {
    const { shop, app, order } = await rotated({ secret: NEW_SECRET, demoted: [SECRET] });
    shop.sandbox.bank.transfer({ to: order.cvu, amount: pesos(50) });
    await shop.pass({ seconds: 4 });
    expect(app.told.map(({ event }) => event.type).sort()).toEqual(
      ['payment.paid', 'payment.succeeded', 'payment.transfer', 'payment.updated'].sort(),
    );
    await app.webhooks.stop({ deadline: 0 });
  });

  test('a secret that is gone lets nothing in: 401 for each, and nothing is asked', async () => {
    const { shop, app, customers } = await rotated({ secret: NEW_SECRET });
    shop.requests.length = 0;
    for (const { cvu } of customers) shop.sandbox.bank.transfer({ to: cvu, amount: pesos(15) });
    await shop.pass({ seconds: 4 });
    expect(app.told).toEqual([]);
    expect((await app.webhooks.stats()).answers).toEqual({ unauthenticated: CUSTOMERS });
    expect(gets(shop.requests)).toEqual([]);
    await app.webhooks.stop({ deadline: 0 });
  });
});

test('notifications without externalId credit the same, and count as no contradiction', async () => {
  const shop = createShop({ oddities: { webhookOmitsExternalId: true }, delivery: { duplicate: 1 } });
  const app = await shop.open();
  shop.route(app);
  for (let i = 0; i < 20; i++) {
    const payment = await app.talo.payments.create({ externalId: `order-${i}`, price: pesos(30) });
    shop.sandbox.bank.transfer({ to: payment.cvu, amount: pesos(10) });
    shop.sandbox.bank.transfer({ to: payment.cvu, amount: pesos(20) });
  }
  await shop.pass({ seconds: 4 });
  expect(shop.sandbox.deliveries.every(({ body }) => !('externalId' in body))).toBe(true);
  expect(toldMoney(app.told)).toBe(shop.sandbox.bank.total().centavos);
  const paid = eventsOf(app.told, 'payment.paid').map(({ payment }) => payment.externalId);
  expect(new Set(paid).size).toBe(20);
  expect(paid).toHaveLength(20);
  expect(Math.max(...delays(app.told))).toBeLessThan(5 * SECOND);
  expect((await app.webhooks.stats()).mismatched).toBe(0);
  await app.webhooks.stop({ deadline: 0 });
});
