import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pesos } from '@talo/core';
import { sqliteInbox } from '@talo/inbox-sqlite';
import { afterEach, describe, expect, test } from 'vitest';
import { type App, createShop, delays, MINUTE, SECOND, type Shop, toldMoney } from '../life/shop.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** How a handler takes it that its process ends. */
const manners = {
  'ends a moment after it is told to': (signal: AbortSignal) => told(signal).then(moment).then(fail),
  'never ends': () => new Promise<void>(() => {}),
};

const told = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
/** As long as a call takes to notice. */
const moment = () => new Promise<void>((resolve) => setTimeout(resolve, 20));
const fail = () => {
  throw new Error('ended before it was done');
};
type Manner = keyof typeof manners;

/** A first process whose handler is at work when its deadline is over, and a second on the same files. */
async function handOver(manner: Manner): Promise<{ shop: Shop; second: App }> {
  const folder = mkdtempSync(join(tmpdir(), 'talo-handover-'));
  folders.push(folder);
  const path = join(folder, 'app.db');
  const shop = createShop();
  let began: () => void = () => {};
  const working = new Promise<void>((resolve) => {
    began = resolve;
  });
  const first = await shop.openOn({
    inbox: sqliteInbox({ path }),
    onEvent: (event, { signal }) => {
      if (event.type !== 'customer.transfer') return undefined;
      began();
      return manners[manner](signal);
    },
  });
  shop.route(first);
  const customer = { customerId: 'carla', alias: 'carlita', name: 'Carla', email: 'carla@example.com' };
  const { cvu } = await first.talo.customers.create(customer);
  shop.sandbox.bank.transfer({ to: cvu, amount: pesos(10) });
  await shop.sandbox.idle();
  await working;
  await first.webhooks.stop({ deadline: 20 });
  expect(first.told).toEqual([]);
  const second = await shop.openOn({ inbox: sqliteInbox({ path }) });
  shop.route(second);
  return { shop, second };
}

/** Lets time pass on our clock, and the disk have the time that it takes on its own. */
async function pass(shop: Shop, app: App, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 5) {
    await shop.pass({ seconds: Math.min(5, left) });
    await app.webhooks.drain();
  }
}

describe('work that is under way at the deadline of a deploy', () => {
  test.each(['ends a moment after it is told to', 'never ends'] as const)(
    'in a handler that %s: done by the next process, once, when its lease is over at the latest',
    async (manner) => {
      const { shop, second } = await handOver(manner);
      await pass(shop, second, 6 * 60 + 10);
      expect(toldMoney(second.told)).toBe(shop.sandbox.bank.total().centavos);
      expect(Math.max(...delays(second.told))).toBeLessThanOrEqual(6 * MINUTE + 5 * SECOND);
      await pass(shop, second, 30 * 60);
      expect(second.told, 'once').toHaveLength(1);
      expect(await second.webhooks.ledger.total()).toEqual(shop.sandbox.bank.total());
      await second.webhooks.stop({ deadline: 1_000 });
    },
  );

  test('in a handler that ends a moment after it is told to: done by the next process within 10 s', async () => {
    const { shop, second } = await handOver('ends a moment after it is told to');
    await pass(shop, second, 10);
    await second.webhooks.stop({ deadline: 1_000 });
    expect(second.told).toHaveLength(1);
  });

  test('in a look that Talo keeps waiting: done by the next process when its lease is over', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'talo-handover-'));
    folders.push(folder);
    const path = join(folder, 'app.db');
    const shop = createShop();
    const first = await shop.openOn({ inbox: sqliteInbox({ path }) });
    shop.route(first);
    const customer = { customerId: 'carla', alias: 'carlita', name: 'Carla', email: 'carla@example.com' };
    const { cvu } = await first.talo.customers.create(customer);
    const match = { method: 'GET', route: '/customers/:id/transactions/:id' };
    const end = shop.sandbox.faults.add({ match, delayMs: 10 ** 9 });
    shop.sandbox.bank.transfer({ to: cvu, amount: pesos(10) });
    await shop.pass({ ms: 10 });
    await first.webhooks.stop({ deadline: 20 });
    end();
    const second = await shop.openOn({ inbox: sqliteInbox({ path }) });
    shop.route(second);
    await pass(shop, second, 2 * 60 + 10);
    expect(toldMoney(second.told)).toBe(shop.sandbox.bank.total().centavos);
    await pass(shop, second, 30 * 60);
    expect(second.told).toHaveLength(1);
    await second.webhooks.stop({ deadline: 1_000 });
  });
});
