import { pesos, TaloConflictError } from '@talo/core';
import { describe, expect, test } from 'vitest';
import { failureOf, inProcess, overHttp, worlds } from './support/world.ts';

const order = { externalId: 'order-1', price: pesos(1500) };
const carla = { customerId: '42', alias: 'carla.p', name: 'Carla Perez', email: 'carla@example.com' };
const PAYMENT = { method: 'POST', route: '/payments/' };
const CUSTOMER = { method: 'POST', route: '/customers/' };

describe.each(worlds)('a create whose answer is lost, %s', (_, start) => {
  test('has an unknown outcome, and ensure leaves one object', async () => {
    const { sandbox, client, requests } = await start();
    sandbox.faults.add({ match: PAYMENT, effect: 'lose-response', times: 1 });
    sandbox.faults.add({ match: CUSTOMER, effect: 'lose-response', times: 1 });
    expect(await failureOf(client().payments.create(order))).toMatchObject({ outcome: 'unknown' });
    expect(await failureOf(client().customers.create(carla))).toMatchObject({ outcome: 'unknown' });
    const payment = await client().payments.ensure(order);
    const customer = await client().customers.ensure(carla);
    expect(payment).toMatchObject({ externalId: 'order-1', status: 'PENDING' });
    expect(customer).toMatchObject({ customerId: '42', alias: 'bami.carla.p' });
    expect(requests().filter((request) => request === 'POST /payments/')).toHaveLength(1);
    expect(requests().filter((request) => request === 'POST /customers/')).toHaveLength(1);
  });

  test('inside ensure is found by ensure itself', async () => {
    const { sandbox, client, requests } = await start();
    sandbox.faults.add({ match: PAYMENT, effect: 'lose-response', times: 1 });
    sandbox.faults.add({ match: CUSTOMER, effect: 'lose-response', times: 1 });
    const payment = await client().payments.ensure(order);
    const customer = await client().customers.ensure(carla);
    expect(await client().payments.ensure(order)).toEqual(payment);
    expect(await client().customers.ensure(carla)).toEqual(customer);
    expect(requests().filter((request) => request === 'POST /payments/')).toHaveLength(1);
  });

  test('while Talo stays away keeps its unknown outcome, and is made good later', async () => {
    const { sandbox, client, requests } = await start();
    sandbox.faults.add({ match: PAYMENT, effect: 'lose-response', times: 1 });
    const away = sandbox.faults.add({ match: { method: 'GET', route: '/payments/:id' }, status: 503 });
    const found404 = await failureOf(client().payments.ensure(order));
    // nothing was sent yet: whether it exists could not be told
    expect(found404).toMatchObject({ status: 503 });
    away();
    let looks = 0;
    const talo = client();
    sandbox.faults.clear();
    sandbox.faults.add({ match: PAYMENT, effect: 'lose-response', times: 1 });
    const flaky = client({
      fetch: (url, init) => {
        if (init.method === 'GET' && ++looks > 1)
          throw Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
        return sandbox.fetch(url, init);
      },
    });
    expect(await failureOf(flaky.payments.ensure(order))).toMatchObject({
      code: 'transport',
      outcome: 'unknown',
    });
    expect(await talo.payments.ensure(order)).toMatchObject({ externalId: 'order-1' });
    expect(requests().filter((request) => request === 'POST /payments/')).toHaveLength(1);
  });
});

describe.each(['conflict', 'return-existing'] as const)(
  'where Talo answers a second create with %s',
  (duplicateExternalId) => {
    const oddities = {
      duplicateExternalId,
      duplicateCustomerId: duplicateExternalId === 'conflict' ? 409 : ('return-existing' as const),
    } as const;

    test('two processes that race end with one payment and one customer', async () => {
      const { client } = inProcess({ oddities });
      const [a, b] = [client(), client()];
      const payments = await Promise.all([a, b].map(({ payments }) => payments.ensure(order)));
      const customers = await Promise.all([a, b].map(({ customers }) => customers.ensure(carla)));
      expect(payments[0]).toEqual(payments[1]);
      expect(customers[0]).toEqual(customers[1]);
    });

    test('of two processes that ask for different things one gets a conflict', async () => {
      const { client } = inProcess({ oddities });
      const asked = [pesos(1500), pesos(999)].map((price) => client().payments.ensure({ ...order, price }));
      const results = await Promise.allSettled(asked);
      const lost = results.filter((result) => result.status === 'rejected');
      expect(lost).toHaveLength(1);
      expect(lost[0]?.reason).toBeInstanceOf(TaloConflictError);
      expect(lost[0]?.reason.differences).toMatchObject([{ path: 'price' }]);
    });
  },
);

test('a double click makes one request to create', async () => {
  const { client, requests } = await overHttp();
  const talo = client();
  const all = await Promise.all(Array.from({ length: 5 }, () => talo.payments.ensure(order)));
  expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  expect(requests().filter((request) => request === 'POST /payments/')).toHaveLength(1);
});

test('a payment that a stranger made for our order is a conflict, and is not paid into', async () => {
  const { sandbox, client } = inProcess();
  // no token is needed for that
  const body = JSON.stringify({
    user_id: sandbox.merchant.credentials.userId,
    price: { amount: 1500, currency: 'ARS' },
    payment_options: ['transfer'],
    external_id: 'order-1',
    webhook_url: 'https://evil.example/hook',
  });
  const headers = { 'content-type': 'application/json' };
  await sandbox.fetch(`${sandbox.merchant.environment.apiUrl}/payments/`, { method: 'POST', headers, body });
  const error = await failureOf(client().payments.ensure(order));
  expect(error).toBeInstanceOf(TaloConflictError);
  expect(error).toMatchObject({ differences: [{ path: 'webhookUrl' }] });
});

test('a payment that has been paid is returned, one that has expired is a conflict', async () => {
  const { sandbox, client } = inProcess();
  const { payments } = client();
  const payment = await payments.ensure(order);
  sandbox.bank.transfer({ to: payment.cvu, amount: 1500 });
  expect(await payments.ensure(order)).toMatchObject({ id: payment.id, status: 'SUCCESS' });
  const late = await payments.ensure({ ...order, externalId: 'order-2' });
  await sandbox.clock.advance({ days: 10 });
  expect(await payments.get(late.id)).toMatchObject({ status: 'EXPIRED' });
  const error = await failureOf(payments.ensure({ ...order, externalId: 'order-2' }));
  expect(error).toMatchObject({ code: 'conflict', differences: [{ path: 'status' }] });
});

test('two merchants with the same orders and customers never meet', async () => {
  const { sandbox, client } = inProcess();
  const other = sandbox.addMerchant({ aliasPrefix: 'otro' });
  const [ours, theirs] = [client(), client({}, other)];
  const [mine, yours] = await Promise.all([ours, theirs].map(({ payments }) => payments.ensure(order)));
  const [me, you] = await Promise.all([ours, theirs].map(({ customers }) => customers.ensure(carla)));
  expect([mine?.userId, yours?.userId]).toEqual([ours.accountId, theirs.accountId]);
  expect([me?.alias, you?.alias]).toEqual(['bami.carla.p', 'otro.carla.p']);
  sandbox.bank.transfer({ to: mine?.cvu, amount: 1500 });
  sandbox.bank.transfer({ to: you?.alias, amount: 7 });
  expect(await ours.payments.ensure(order)).toMatchObject({ status: 'SUCCESS' });
  expect(await theirs.payments.ensure(order)).toMatchObject({ status: 'PENDING' });
  expect((await ours.customers.ensure(carla)).balance).toEqual(pesos(0));
  expect((await theirs.customers.ensure(carla)).balance).toEqual(pesos(7));
  expect(await failureOf(theirs.payments.get(mine?.id ?? ''))).toMatchObject({ status: 404 });
});
