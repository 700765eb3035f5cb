import type { DatabaseSync } from 'node:sqlite';
import { pesos, TaloClient } from '@talo/core';
import { signedNotification } from '@talo/core/testing';
import { TaloWebhooks } from '@talo/core/webhooks';
import { createSandbox } from '@talo/sandbox';
import { expect, expectTypeOf, onTestFinished, test, vi } from 'vitest';
import { type SqliteTx, sqliteInbox } from '../src/index.ts';
import { createInbox } from '../src/sqlite-inbox.ts';
import { connection, file } from './support.ts';

const silent = { warn: () => {}, error: () => {} };

test('the engine credits what the bank moved, once, and a handler’s writes share its done mark', async () => {
  const path = file();
  const app = connection(path);
  app.exec('CREATE TABLE paid (order_id TEXT PRIMARY KEY, centavos INTEGER)');
  let webhooks: TaloWebhooks<SqliteTx, 'sync'> | undefined;
  const sandbox = createSandbox({
    clock: 'virtual',
    receiver: (request: Request) =>
      webhooks?.fetch(request) ?? Promise.resolve(new Response(null, { status: 503 })),
  });
  const client = new TaloClient({
    fetch: sandbox.fetch,
    ...sandbox.merchant,
    clock: sandbox.clock,
    webhooks: {
      url: 'https://shop.example/webhooks/talo',
      secret: 'a secret of more than sixteen characters',
    },
  });
  const start = async () => {
    webhooks = new TaloWebhooks({
      client,
      inbox: sqliteInbox({ path }),
      logger: silent,
      clock: sandbox.clock,
    });
    let attempts = 0;
    webhooks.on('payment.paid', (event, context) => {
      context.commitWith((tx) => {
        expectTypeOf(tx).toEqualTypeOf<SqliteTx>();
        tx.run(
          'INSERT INTO paid VALUES (?, ?)',
          event.payment.externalId ?? '',
          event.payment.received?.centavos ?? -1,
        );
      });
      if (++attempts === 1) throw new Error('the first attempt fails');
    });
    await webhooks.start();
    return webhooks;
  };
  const first = await start();
  const payments = [];
  for (let i = 0; i < 5; i++) {
    const payment = await client.payments.create({
      externalId: `order-${i}`,
      price: pesos(1_000),
      redirectUrl: 'https://shop.example/thanks',
    });
    payments.push(payment);
    sandbox.bank.transfer({ to: payment.cvu ?? '', amount: pesos(400) });
  }
  for (let i = 0; i < 5; i++) {
    await sandbox.idle();
    await sandbox.clock.advance({ seconds: 30 });
  }
  await first.stop();
  const second = await start();
  for (const payment of payments) sandbox.bank.transfer({ to: payment.cvu ?? '', amount: pesos(600) });
  for (let i = 0; i < 20; i++) {
    await sandbox.idle();
    await sandbox.clock.advance({ seconds: 30 });
    await second.idle();
  }
  expect((await second.ledger.total())?.centavos).toBe(sandbox.bank.total().centavos);
  const rows = app.prepare('SELECT order_id, centavos FROM paid ORDER BY order_id').all();
  expect(rows.map((row) => ({ ...row }))).toEqual(
    payments.map((_, i) => ({ order_id: `order-${i}`, centavos: 100_000 })),
  );
  await second.stop();
});

test('a notification that cannot be stored is answered with 503, in time, and with 200 as soon as it can be', async () => {
  const path = file();
  const client = new TaloClient({
    credentials: { userId: 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6', accessToken: 'token' },
    fetch: async () => new Response(null, { status: 503 }),
    webhooks: {
      url: 'https://shop.example/webhooks/talo',
      secret: 'a secret of more than sixteen characters',
    },
  });
  let queue: DatabaseSync | undefined;
  let mode = 'PRAGMA query_only = OFF';
  const opened = (db: DatabaseSync, kind: 'queue' | 'state') => {
    if (kind === 'state') return;
    queue = db;
    db.exec(mode);
  };
  const webhooks = new TaloWebhooks({ client, inbox: createInbox({ path }, { opened }), logger: silent });
  await webhooks.start();
  onTestFinished(() => webhooks.stop());
  const notify = async (id: string) => {
    const payment = { id, externalId: `order of ${id}`, price: pesos(1_000) };
    return (await webhooks.fetch(signedNotification(client, { payment }))).status;
  };
  expect(await notify('payment-1')).toBe(200);

  const neighbour = connection(`${path}-queue`);
  neighbour.exec('BEGIN IMMEDIATE');
  expect(await notify('payment-2')).toBe(503);
  neighbour.exec('ROLLBACK');
  expect(await notify('payment-2')).toBe(200);

  mode = 'PRAGMA query_only = ON';
  queue?.exec(mode);
  expect(await notify('payment-3')).toBe(503);
  mode = 'PRAGMA query_only = OFF';
  if (queue?.isOpen) queue.exec(mode);
  await expect.poll(() => notify('payment-3')).toBe(200);
  expect((await webhooks.stats()).hints).toBe(3);
});

test('a handler that hangs holds up no other, and is not asked for again and again', async () => {
  const inbox = sqliteInbox({ path: file() });
  const claimed = vi.spyOn(inbox, 'claimDeliveries');
  let webhooks: TaloWebhooks<SqliteTx, 'sync'> | undefined;
  const sandbox = createSandbox({
    clock: 'virtual',
    receiver: (request: Request) =>
      webhooks?.fetch(request) ?? Promise.resolve(new Response(null, { status: 503 })),
  });
  const secret = 'a secret of more than sixteen characters';
  const client = new TaloClient({
    fetch: sandbox.fetch,
    ...sandbox.merchant,
    clock: sandbox.clock,
    webhooks: { url: 'https://shop.example/webhooks/talo', secret },
  });
  webhooks = new TaloWebhooks({ client, inbox, logger: silent, clock: sandbox.clock });
  let [heard, hanging] = [0, 0];
  const hang = () => {
    hanging++;
    return new Promise(() => {});
  };
  webhooks.on('payment.paid', hang, { name: 'broken' });
  webhooks.on('payment.paid', () => heard++, { name: 'steady' });
  await webhooks.start();
  const engine = webhooks;
  onTestFinished(() => engine.stop({ deadline: 0 }));
  const payments = 24;
  for (let i = 0; i < payments; i++) {
    const order = {
      externalId: `order-${i}`,
      price: pesos(1_000),
      redirectUrl: 'https://shop.example/thanks',
    };
    const { cvu } = await client.payments.create(order);
    sandbox.bank.transfer({ to: cvu ?? '', amount: pesos(1_000) });
  }
  const passing = async () => {
    await sandbox.clock.advance({ ms: 100 });
    return heard;
  };
  await expect.poll(passing, { timeout: 30_000 }).toBe(payments);
  expect(hanging).toBe(8);
  const { deliveries, oldestEvent } = await engine.stats();
  expect(deliveries).toBe(payments);
  expect(oldestEvent).toBeLessThanOrEqual(sandbox.clock.now());
  claimed.mockClear();
  for (let i = 0; i < 1_000; i++) await sandbox.clock.advance({ ms: 10 });
  expect(claimed.mock.calls.length).toBeLessThan(100);
  expect(hanging).toBe(8);
});

test('a payment that answers to several spellings of its id is told once', async () => {
  const sandbox = createSandbox({ clock: 'virtual' });
  const client = new TaloClient({
    ...sandbox.merchant,
    // a Talo that takes no account of blanks at the end
    fetch: (url, init) => sandbox.fetch(url.replace(/(%20)+$/, ''), { ...init }),
    clock: sandbox.clock,
    webhooks: { url: 'https://shop.example/hook', secret: 'a secret of more than sixteen characters' },
  });
  const inbox = sqliteInbox({ path: file() });
  const webhooks = new TaloWebhooks({ client, inbox, logger: silent, clock: sandbox.clock });
  const told: string[] = [];
  webhooks.on('payment.paid', (event) => void told.push(event.id));
  await webhooks.start();
  const order = { externalId: 'order-1', price: pesos(1_000) };
  const payment = await client.payments.create(order);
  sandbox.bank.transfer({ to: payment.cvu ?? '', amount: pesos(1_000) });
  const { url } = signedNotification(client, { payment: { id: payment.id, ...order } });
  for (const paymentId of [`${payment.id} `, payment.id, `${payment.id}  `]) {
    const body = JSON.stringify({ message: 'Pago Actualizado', paymentId });
    expect((await webhooks.fetch(new Request(url, { method: 'POST', body }))).status).toBe(200);
    await webhooks.idle();
    await sandbox.clock.advance({ seconds: 5 });
  }
  await webhooks.stop();
  expect(told).toHaveLength(1);
});
