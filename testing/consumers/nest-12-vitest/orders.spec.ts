import { Test } from '@nestjs/testing';
import { pesos, TaloClient } from '@talo/core';
import type { TaloWebhooks } from '@talo/core/webhooks';
import { getTaloWebhooksToken } from '@talo/nestjs';
import { TaloHealthIndicator } from '@talo/nestjs/health';
import { TaloTesting, TaloTestingModule } from '@talo/nestjs/testing';
import { createSandbox } from '@talo/sandbox';
import { expect, test } from 'vitest';
import { appModule, Orders } from './orders.js';

test('an order is paid by transfer, and the application hears of it once', async () => {
  let address = '';
  const sandbox = createSandbox({
    delivery: { duplicate: 1 },
    // over a real socket, to wherever the application listens
    receiver: async (request) => {
      const { pathname, search } = new URL(request.url);
      const body = await request.text();
      return fetch(`${address}${pathname}${search}`, { method: 'POST', body, headers: request.headers });
    },
  });
  const talo = new TaloClient({
    fetch: sandbox.fetch,
    ...sandbox.merchant,
    webhooks: { url: 'http://127.0.0.1/webhooks/talo', secret: 'a secret of at least 32 characters' },
  });
  const module = await Test.createTestingModule({ imports: [appModule(talo)] }).compile();
  const app = module.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  address = await app.getUrl();
  try {
    const orders = app.get(Orders);
    sandbox.bank.transfer({ to: await orders.create('order-1'), amount: pesos('1500.50') });
    await sandbox.idle();
    await app.get<TaloWebhooks>(getTaloWebhooksToken()).idle();
    expect(sandbox.deliveries.map(({ status }) => status)).toEqual([200, 200]);
    expect(orders.paid).toEqual(['order-1']);
  } finally {
    await app.close();
  }
});

test('the same with the testing module, and the health of it', async () => {
  const module = await Test.createTestingModule({
    imports: [TaloTestingModule.forRoot()],
    providers: [Orders, TaloHealthIndicator],
  }).compile();
  const app = module.createNestApplication({ logger: false });
  await app.init();
  try {
    const [talo, orders] = [app.get(TaloTesting), app.get(Orders)];
    talo.sandbox.bank.transfer({ to: await orders.create('order-1'), amount: pesos('1500.50') });
    await talo.settled();
    expect(orders.paid).toEqual(['order-1']);
    const indicator = app.get(TaloHealthIndicator);
    expect((await indicator.isHealthy('talo')).talo).toMatchObject({ status: 'up', token: 'ok', dead: 0 });
    // @ts-expect-error: milliseconds are a number
    const wrong = () => indicator.isHealthy('talo', { maxLag: '5m' });
    void wrong;
  } finally {
    await app.close();
  }
});
