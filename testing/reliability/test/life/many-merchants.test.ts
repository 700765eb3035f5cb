import { pesos, type TaloClient } from '@talo/core';
import type { Sandbox, SandboxMerchant } from '@talo/sandbox';
import { expect, test } from 'vitest';
import {
  createShop,
  customerNamed,
  eventsOf,
  gets,
  MINUTE,
  ROUTE,
  SECOND,
  SECRET,
  toldMoney,
} from './shop.ts';

const MERCHANTS = Number(process.env['MERCHANTS'] ?? 300);

/** The same numbers at every merchant; only the merchant tells them apart. */
const ORDER = 'order-1';
const CUSTOMER = 'customer-1';

test(`${MERCHANTS} merchants on one endpoint, with the same order and customer ids and one of them revoked`, async () => {
  const shop = createShop();
  const { sandbox } = shop;
  const merchants = new Map<string, { talo: TaloClient; order: string; customer: string }>();
  let revoked = false;
  for (let i = 0; i < MERCHANTS; i++) {
    const merchant = sandbox.addMerchant();
    const { userId } = merchant.credentials;
    const own = {
      credentials: {
        userId,
        // the sandbox's own refusal: a token that it never gave out
        accessToken: async () => (i === 0 && revoked ? 'TL-revoked' : await tokenOf(sandbox, merchant)),
      },
      webhooks: { url: ROUTE, secret: `the secret of merchant number ${i}` },
    };
    const talo = shop.client(own, merchant);
    const order = await talo.payments.create({ externalId: ORDER, price: pesos(100 + i) });
    const customer = await customerNamed(talo, CUSTOMER);
    merchants.set(userId, { talo, order: order.cvu ?? '', customer: customer.cvu ?? '' });
  }
  const app = await shop.open({
    clientFor: (id) => merchants.get(id)?.talo,
    reconcile: { accounts: () => merchants.keys(), pace: 0 },
  });
  shop.route(app);
  // one merchant takes its consent back: when its token ends, no other comes that Talo would take
  revoked = true;
  await shop.pass({ minutes: 61 });
  shop.requests.length = 0;
  const [[lost = ''] = []] = merchants;
  const others = [...merchants.keys()].filter((id) => id !== lost);

  let i = 0;
  for (const { order, customer } of merchants.values()) {
    sandbox.bank.transfer({ to: order, amount: pesos(100 + i) });
    sandbox.bank.transfer({ to: customer, amount: pesos(1_000 + i) });
    i++;
  }
  const sent = sandbox.clock.now();
  await shop.pass({ seconds: 5 });
  const { paused } = await app.webhooks.stats();
  expect(Object.keys(paused)).toEqual([lost]);
  expect(app.told.map(({ event }) => event.accountId)).not.toContain(lost);
  for (const id of others) {
    const own = app.told.filter(({ event }) => event.accountId === id);
    const { order = '', customer = '' } = merchants.get(id) ?? {};
    const expected = sandbox.bank.received(order).centavos + sandbox.bank.received(customer).centavos;
    expect(toldMoney(own), 'what its own bank account received').toBe(expected);
    expect((await app.webhooks.ledger.total({ accountId: id }))?.centavos).toBe(expected);
    expect((await app.webhooks.ledger.total({ accountId: id, customerId: CUSTOMER }))?.centavos).toBe(
      sandbox.bank.received(customer).centavos,
    );
    expect(Math.max(...own.map(({ at }) => at - sent))).toBeLessThan(5 * SECOND);
  }
  await expect(app.webhooks.ledger.total({ customerId: CUSTOMER })).rejects.toThrow(/accountId/);

  // hours without consent: nothing of the one is given up, and it is asked for now and then
  const hours = 3;
  shop.requests.length = 0;
  await shop.pass({ hours });
  const refused = gets(shop.requests).filter(({ status }) => status === 401).length;
  expect(refused).toBeGreaterThan(0);
  // each of its two resources once in five minutes, each pass in a quarter of an hour, with three tokens at most
  expect(refused).toBeLessThanOrEqual((2 * hours * 12 + 2 * hours * 4) * 3);
  expect(await app.webhooks.dead()).toEqual([]);

  revoked = false;
  await shop.pass({ ms: 10 * MINUTE });
  const own = app.told.filter(({ event }) => event.accountId === lost);
  expect(eventsOf(own, 'payment.paid')).toHaveLength(1);
  const { order = '', customer = '' } = merchants.get(lost) ?? {};
  expect(toldMoney(own)).toBe(
    sandbox.bank.received(order).centavos + sandbox.bank.received(customer).centavos,
  );
  expect((await app.webhooks.stats()).paused).toEqual({});

  const ids = app.told.map(({ event }) => event.id);
  expect(new Set(ids).size, 'no id stands for two events').toBe(ids.length);
  expect(toldMoney(app.told)).toBe(sandbox.bank.total().centavos);
  await app.webhooks.stop({ deadline: 0 });
}, 60_000);

async function tokenOf(sandbox: Sandbox, { environment, credentials }: SandboxMerchant): Promise<string> {
  const { userId, clientId, clientSecret } = credentials;
  const response = await sandbox.fetch(`${environment.apiUrl}/users/${userId}/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: clientId, client_secret: clientSecret }),
  });
  const { data } = (await response.json()) as { data: { token: string } };
  return data.token;
}

test('merchants whose orders, customers and transfers all have the same ids keep their money apart', async () => {
  // a Talo each, of the same seed: what it counts up, it counts up alike
  const towns = [0, 1, 2].map((place) => {
    const shop = createShop();
    const [merchant = shop.sandbox.merchant] = [0, 1, 2].map(() => shop.sandbox.addMerchant()).slice(place);
    return { shop, merchant, talo: shop.client({ webhooks: { url: ROUTE, secret: SECRET } }, merchant) };
  });
  const clients = new Map(towns.map(({ talo, merchant }) => [merchant.credentials.userId, talo]));
  expect(clients.size).toBe(towns.length);
  const app = await towns[0]?.shop.open({ clientFor: (id) => clients.get(id) });
  for (const [i, { shop, talo }] of towns.entries()) {
    shop.route(app);
    const order = await talo.payments.create({ externalId: ORDER, price: pesos(100 + i) });
    const { cvu } = await customerNamed(talo, CUSTOMER);
    shop.sandbox.bank.transfer({ to: cvu, amount: pesos(1_000 + i) });
    shop.sandbox.bank.transfer({ to: order.cvu, amount: pesos(100 + i) });
  }
  for (let second = 0; second < 5; second++) for (const { shop } of towns) await shop.pass({ seconds: 1 });
  const ids = (app?.told ?? []).flatMap(({ event }) =>
    event.type === 'customer.transfer' ? [event.transaction.transactionId] : [],
  );
  expect(ids).toHaveLength(towns.length);
  expect(new Set(ids).size, 'one id, for three transfers').toBe(1);
  for (const [i, accountId] of [...clients.keys()].entries()) {
    const own = (app?.told ?? []).filter(({ event }) => event.accountId === accountId);
    expect(toldMoney(own)).toBe(100 * (1_100 + 2 * i));
    expect(await app?.webhooks.ledger.total({ accountId, customerId: CUSTOMER })).toEqual(pesos(1_000 + i));
    expect(await app?.webhooks.ledger.total({ accountId })).toEqual(pesos(1_100 + 2 * i));
  }
  const everyEvent = (app?.told ?? []).map(({ event }) => event.id);
  expect(new Set(everyEvent).size, 'an id is of one merchant').toBe(everyEvent.length);
  await app?.webhooks.stop({ deadline: 0 });
});
