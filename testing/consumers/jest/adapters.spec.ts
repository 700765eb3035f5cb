// Express, Fastify, the SQLite inbox and the sandbox's testing entry, as CommonJS under Jest: an order is paid by
// transfer, the notification comes over a real socket, twice.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pesos, TaloClient } from '@talo/core';
import { memoryInbox, TaloWebhooks } from '@talo/core/webhooks';
import { taloMiddleware, taloWebhookHandler } from '@talo/express';
import '@talo/express/augment';
import { taloPlugin } from '@talo/fastify';
import { sqliteInbox } from '@talo/inbox-sqlite';
import { createSandbox } from '@talo/sandbox';
import { testSandbox } from '@talo/sandbox/testing';
import express from 'express';
import fastify from 'fastify';

const webhookRoute = { url: 'http://127.0.0.1/webhooks/talo', secret: 'a secret of at least 32 characters' };

/** A sandbox that notifies twice, wherever the application listens, and a client of it. */
function local() {
  const place = { url: '' };
  const sandbox = createSandbox({
    delivery: { duplicate: 1 },
    receiver: async (request) => {
      const { pathname, search } = new URL(request.url);
      const body = await request.text();
      return fetch(`${place.url}${pathname}${search}`, { method: 'POST', body, headers: request.headers });
    },
  });
  const client = new TaloClient({ fetch: sandbox.fetch, ...sandbox.merchant, webhooks: webhookRoute });
  const webhooks = new TaloWebhooks({ client, inbox: memoryInbox() });
  const paid: (string | undefined)[] = [];
  webhooks.on('payment.paid', ({ payment }) => {
    paid.push(payment.externalId);
  });
  const sell = async () => {
    const { cvu } = await client.payments.create({ externalId: 'order-1', price: pesos('1500.50') });
    sandbox.bank.transfer({ to: cvu, amount: pesos('1500.50') });
    await sandbox.idle();
    await webhooks.idle();
    expect(sandbox.deliveries.map(({ status }) => status)).toEqual([200, 200]);
    expect(paid).toEqual(['order-1']);
  };
  return { place, client, webhooks, sell };
}

test('Express', async () => {
  const { place, client, webhooks, sell } = local();
  const app = express();
  app.use('/webhooks/talo', taloWebhookHandler(webhooks));
  app.use(taloMiddleware(client));
  app.get('/account', async (request, response) => {
    response.json((await request.talo.account.get()).status);
  });
  await webhooks.start();
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  place.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await sell();
  expect(await (await fetch(`${place.url}/account`)).json()).toBe('ACTIVE');
  server.close();
  await webhooks.stop();
});

test('Fastify', async () => {
  const { place, client, webhooks, sell } = local();
  const app = fastify();
  await app.register(taloPlugin, { client, webhooks, path: '/webhooks/talo' });
  app.get('/account', async () => (await app.talo.account.get()).status);
  place.url = await app.listen({ port: 0, host: '127.0.0.1' });
  await sell();
  expect(await (await fetch(`${place.url}/account`)).text()).toBe('ACTIVE');
  await app.close();
});

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const hasSqlite = major > 22 || (major === 22 && minor >= 16);

test('the SQLite inbox and the sandbox for tests, or a sentence that says which Node it needs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talo-jest-'));
  const open = () => sqliteInbox({ path: join(folder, 'talo.db') });
  if (!hasSqlite) {
    expect(open).toThrow(/Node 22\.16 and newer/);
    return;
  }
  const t = testSandbox();
  const client = new TaloClient({ ...t.client, webhooks: webhookRoute });
  const webhooks = t.connect(new TaloWebhooks({ client, inbox: open(), clock: t.client.clock }));
  const booked: unknown[] = [];
  webhooks.on('payment.paid', ({ payment }, { commitWith }) => {
    commitWith((tx) => {
      tx.run('CREATE TABLE books (id TEXT)');
      tx.run('INSERT INTO books VALUES (?)', payment.externalId ?? '');
      booked.push(tx.get('SELECT id FROM books')?.['id']);
    });
  });
  const { cvu } = await client.payments.create({ externalId: 'order-1', price: pesos('1500.50') });
  t.sandbox.bank.transfer({ to: cvu, amount: pesos('1500.50') });
  await t.idle();
  t.expectDelivered({ about: 'order-1', times: 1 });
  await t.expectCreditsEqualTransfers();
  expect(booked).toEqual(['order-1']);
  await webhooks.stop();
  rmSync(folder, { recursive: true });
});
