import { pesos, type TaloClient } from '@talo/core';
import type { Sandbox, SandboxMerchant } from '@talo/sandbox';
import { expect, test } from 'vitest';
import { createShop, customerNamed, eventsOf, gets, MINUTE, ROUTE, SECOND, toldMoney } from './shop.ts';

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
