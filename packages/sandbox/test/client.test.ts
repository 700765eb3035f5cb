import { pesos, TaloClient } from '@talo/core';
import { expect, test } from 'vitest';
import { createSandbox } from '../src/index.ts';
import { validatingFetch } from './support/validating-fetch.ts';

const webhookUrl = 'https://tu-sitio.com/webhooks/talo';

test('every request of the client has the documented shape, and every answer is read', async () => {
  const sandbox = createSandbox({ clock: 'virtual', receiver: () => new Response() });
  const fetch = validatingFetch(sandbox.fetch);
  const talo = new TaloClient({ fetch, clock: sandbox.clock, ...sandbox.merchant });

  const customer = await talo.customers.create({
    customerId: '123456789',
    alias: 'abcdabcd',
    name: 'Carla Perez',
    email: 'carlaperez@gmail.com',
    webhookUrl,
  });
  await talo.faucet.transfer(customer.cvu ?? '', pesos(15_000));
  const transaction = await talo.customers.getTransaction(
    '123456789',
    '1b5a952a-8a79-4003-b06a-e4043d453456',
  );
  expect([transaction.gross, transaction.net]).toEqual([pesos(15_000), pesos('14818.50')]);
  expect((await talo.customers.get('123456789')).balance).toEqual(sandbox.bank.received('bami.abcdabcd'));

  const payment = await talo.payments.create({
    externalId: 'order 1/2',
    price: pesos('1500.50'),
    webhookUrl,
  });
  await talo.payments.updatePrice(payment.id, pesos(1000));
  await talo.payments.updateMotive(payment.id, 'Pedido 1');
  await talo.payments.updateExpiration(payment.id, new Date(sandbox.clock.now() + 60_000));
  sandbox.bank.transfer({ to: payment.alias ?? '', amount: pesos(1000) });
  const paid = await talo.payments.get(payment.id);
  expect([paid.status, paid.received]).toEqual(['SUCCESS', pesos(1000)]);

  const account = await talo.account.update({ aliasPrefix: 'myapp', transferTolerance: 10 });
  expect(account).toEqual(await talo.account.get());
  let rows = 0;
  const range = { from: new Date(0), to: new Date(sandbox.clock.now()) };
  for await (const row of talo.transactions.list({ ...range, limit: 1 }))
    rows += row.type === 'INBOUND' ? 1 : 0;
  expect(rows).toBe(2);
});

test('a payment whose answer got lost is found again, not created twice', async () => {
  const sandbox = createSandbox({ clock: 'virtual' });
  const talo = new TaloClient({ fetch: sandbox.fetch, clock: sandbox.clock, ...sandbox.merchant });
  const order = { externalId: 'order-1', price: pesos(10), webhookUrl };
  sandbox.faults.add({ match: { method: 'POST', route: '/payments/' }, effect: 'lose-response', times: 1 });
  await expect(talo.payments.create(order)).rejects.toMatchObject({ outcome: 'unknown' });
  const found = await talo.payments.ensure(order);
  expect(found.id).toBe('VAR-f61876b0-order-1');
});
