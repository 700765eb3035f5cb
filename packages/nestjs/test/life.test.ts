import { Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { pesos, type TaloEventOf } from '@talo/core';
import { memoryInbox, TaloWebhooks } from '@talo/core/webhooks';
import { sqliteInbox } from '@talo/inbox-sqlite';
import { afterEach, expect, test, vi } from 'vitest';
import { getTaloWebhooksToken, OnTaloEvent, TaloModule } from '../src/index.ts';
import { local, notify, PLATFORMS, quiet, rootOf, settings, start } from './support.ts';

afterEach(() => void vi.restoreAllMocks());

test('handlers are there before the engine starts', async () => {
  const { client } = local();
  const order: string[] = [];
  vi.spyOn(TaloWebhooks.prototype, 'on').mockImplementation(function (this: TaloWebhooks) {
    order.push('on');
    return this;
  });
  vi.spyOn(TaloWebhooks.prototype, 'start').mockImplementation(async () => void order.push('start'));

  class Orders {
    @OnTaloEvent('payment.paid')
    onPaid(): void {}
  }
  const { app } = await start('express', {
    imports: [TaloModule.forRoot(settings(client))],
    providers: [Orders],
  });
  expect(order).toEqual(['on', 'start']);
  await app.close();
});

test.each(PLATFORMS)('what was taken is handled before the application has closed: %s', async (platform) => {
  const { sandbox, client } = local();

  @Injectable()
  class Orders {
    readonly paid: (string | undefined)[] = [];

    @OnTaloEvent('payment.paid')
    onPaid(event: TaloEventOf<'payment.paid'>): void {
      this.paid.push(event.payment.externalId);
    }
  }
  const { app, url } = await start(platform, {
    imports: [TaloModule.forRoot(settings(client))],
    providers: [Orders],
  });
  const orders = app.get(Orders);
  const payment = await client.payments.create({ externalId: 'order-1', price: pesos(1000) });
  sandbox.bank.transfer({ to: payment.alias ?? '', amount: pesos(1000) });
  expect((await notify(url, client, 'order-1')).status).toBe(200);
  const webhooks = app.get<TaloWebhooks>(getTaloWebhooksToken());
  await app.close();
  expect(orders.paid).toEqual(['order-1']);
  const late = await webhooks.receive({ method: 'POST', url: '/webhooks/talo', headers: {}, body: '{}' });
  expect(late.reason).toBe('stopping');
});

test('an inbox that does not open keeps the application from starting', async () => {
  const { client } = local();
  const inbox = memoryInbox();
  inbox.open = () => Promise.reject(new Error('the disk is gone'));
  const talo = TaloModule.forRoot({ client, inbox, logger: quiet });
  await expect(start('express', { imports: [talo] })).rejects.toThrow('the disk is gone');
});

test('one that does not open leaves nothing of another module running', async () => {
  const stop = vi.spyOn(TaloWebhooks.prototype, 'stop');
  const opened = memoryInbox();
  const close = vi.spyOn(opened, 'close');
  const broken = memoryInbox();
  broken.open = () => Promise.reject(new Error('the disk is gone'));
  const modules = [
    { name: 'north', inbox: opened },
    { name: 'south', inbox: broken },
  ].map(({ name, inbox }) =>
    TaloModule.forRoot({ client: local().client, inbox, logger: quiet, name, path: name }),
  );
  for (const imports of [modules, modules.toReversed()]) {
    await expect(start('express', { imports })).rejects.toThrow('the disk is gone');
  }
  // of both modules, in both orders
  expect(new Set(stop.mock.contexts)).toHaveProperty('size', 4);
  // whichever is first, the one that had opened is closed again
  expect(close).toHaveBeenCalled();
});

test('several modules are stopped at once, and not one after another', async () => {
  const names = ['north', 'south', 'west'];
  const { app } = await start('express', {
    imports: names.map((name) => TaloModule.forRoot({ ...settings(local().client), name, path: name })),
  });
  const stopping = new Set<string>();
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  for (const name of names) {
    const webhooks = app.get<TaloWebhooks>(getTaloWebhooksToken(name), { strict: false });
    const stop = webhooks.stop.bind(webhooks);
    vi.spyOn(webhooks, 'stop').mockImplementation(async () => {
      stopping.add(name);
      await released;
      await stop();
    });
  }
  const closed = app.close();
  await expect.poll(() => [...stopping].sort()).toEqual(names);
  release();
  await closed;
});

test('bad settings keep it from starting, with the corrected call', async () => {
  const talo = TaloModule.forRootAsync({
    useFactory: () => ({ ...settings(local().client), unsigned: 'no' as never }),
  });
  await expect(start('express', { imports: [talo] })).rejects.toThrow("unsigned must be 'refuse', 'accept'");
});

test('without HTTP it works off what others took', async () => {
  const { sandbox, client } = local();
  const paid: string[] = [];

  @Injectable()
  class Orders {
    @OnTaloEvent('payment.paid')
    onPaid(event: TaloEventOf<'payment.paid'>): void {
      paid.push(event.payment.id);
    }
  }
  const root = rootOf({ imports: [TaloModule.forRoot(settings(client))], providers: [Orders] });
  const context = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
  const payment = await client.payments.create({ externalId: 'order-1', price: pesos(1000) });
  sandbox.bank.transfer({ to: payment.alias ?? '', amount: pesos(1000) });
  const webhooks = context.get<TaloWebhooks>(getTaloWebhooksToken());
  await webhooks.track([await client.payments.get(payment.id)]);
  await webhooks.idle();
  await context.close();
  expect(paid).toEqual([payment.id]);
});

test.each([
  ['memory', () => memoryInbox()],
  ['SQLite', () => sqliteInbox({ path: ':memory:' })],
])('the same module starts again in another application: %s inbox', async (_name, inbox) => {
  const { client } = local();
  const talo = TaloModule.forRoot({ client, inbox: inbox(), logger: quiet });
  for (const order of ['order-1', 'order-2']) {
    const { app, url } = await start('express', { imports: [talo] });
    expect((await notify(url, client, order)).status).toBe(200);
    await app.close();
  }
});
