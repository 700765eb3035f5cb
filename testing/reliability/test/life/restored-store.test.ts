import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { centavos, pesos } from '@talo/core';
import { sqliteInbox } from '@talo/inbox-sqlite';
import { afterEach, describe, expect, test } from 'vitest';
import { type App, createShop, customerNamed, eventsOf, hundred, type Shop, type Told } from './shop.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The files of an inbox, and copies of them. */
function files() {
  const folder = mkdtempSync(join(tmpdir(), 'talo-restored-'));
  folders.push(folder);
  const [live, backup] = [join(folder, 'live'), join(folder, 'backup')];
  mkdirSync(live);
  const ofQueue = (name: string) => name.startsWith('app.db-queue');
  const all = () => true;
  return {
    path: join(live, 'app.db'),
    all,
    ofQueue,
    ofState: (name: string) => !ofQueue(name),
    copy: () => cpSync(live, backup, { recursive: true }),
    restore(which: (name: string) => boolean) {
      for (const name of readdirSync(live)) if (which(name)) rmSync(join(live, name));
      for (const name of readdirSync(backup)) if (which(name)) cpSync(join(backup, name), join(live, name));
    },
  };
}

function open(shop: Shop, path: string): Promise<App> {
  return shop.openOn({ inbox: sqliteInbox({ path }), limits: { poll: 30_000 } });
}

/** A disk takes real time, so the clock that we move must wait for it now and then. */
async function pass(shop: Shop, app: App, minutes: number): Promise<void> {
  for (let left = minutes; left > 0; left -= 5) {
    await shop.pass({ minutes: Math.min(5, left) });
    await app.webhooks.drain();
  }
}

/** One id, one fact: what an event states, but for what may have been added since. */
function content({ event }: Told): string {
  if ('transaction' in event) {
    return `${event.type} ${event.transaction.transactionId} ${event.transaction.gross?.centavos}`;
  }
  if (!('payment' in event)) return event.type;
  const { id, status, price, transactions } = event.payment;
  if (event.type === 'payment.paid') return `paid ${id}`;
  const states = transactions.map((transaction) => `${transaction.transactionId} ${transaction.status}`);
  return `${event.type} ${id} ${status} ${price?.centavos} ${states.sort()}`;
}

describe('the store is restored from an older copy', () => {
  test.each([
    ['both files', 'all', 'stopped'],
    ['both files', 'all', 'running'],
    ['the states alone, the queue being the newer one', 'ofState', 'stopped'],
    ['the queue alone, the states being the newer ones', 'ofQueue', 'stopped'],
  ] as const)(
    '%s (%s), copied while the application was %s: nothing is dropped, and what is told again keeps its id',
    async (_name, which, when) => {
      const shop = createShop({ oddities: { ledgerIdsReadable: true } });
      const { bank } = shop.sandbox;
      const disk = files();
      let app = await open(shop, disk.path);
      const everTold: Told[] = [];
      const restart = async (between: () => void) => {
        await app.webhooks.stop({ deadline: 1_000 });
        everTold.push(...app.told);
        between();
        app = await open(shop, disk.path);
        shop.route(app);
      };
      shop.route(app);
      const orders = [];
      for (let i = 0; i < 12; i++) {
        const payment = await app.talo.payments.create({ externalId: `order-${i}`, price: pesos(100) });
        if (i % 2 === 0) bank.transfer({ to: payment.cvu, amount: pesos(40) });
        orders.push(payment);
      }
      const customers = await Promise.all([0, 1].map((i) => customerNamed(app.talo, `c${i}`)));
      for (const { cvu } of customers) bank.transfer({ to: cvu, amount: hundred });
      await pass(shop, app, 5);

      if (when === 'running') disk.copy();
      else await restart(() => disk.copy());
      // what the copy does not know: the rest of some orders, all of others, a new order, more for the customers
      for (const { cvu } of orders) bank.transfer({ to: cvu, amount: pesos(60) });
      for (const { cvu } of customers) bank.transfer({ to: cvu, amount: pesos(33) });
      const young = await app.talo.payments.create({ externalId: 'young', price: pesos(5) });
      bank.transfer({ to: young.cvu, amount: pesos(5) });
      await pass(shop, app, 5);
      const known = bank.total().centavos;
      expect((await app.webhooks.ledger.total())?.centavos).toBe(known);

      await restart(() => disk.restore(disk[which]));
      await pass(shop, app, 7 * 60);
      expect(await app.webhooks.ledger.total(), 'found again, without any notification').toEqual(
        centavos(known),
      );
      for (const { cvu } of [...orders, ...customers]) bank.transfer({ to: cvu, amount: pesos(1) });
      await pass(shop, app, 5);
      expect(await app.webhooks.ledger.total()).toEqual(bank.total());
      expect(await app.webhooks.dead()).toEqual([]);
      await app.webhooks.stop({ deadline: 1_000 });
      everTold.push(...app.told);

      const facts = new Map<string, string>();
      for (const told of everTold) {
        expect(facts.get(told.event.id) ?? content(told), 'an id means one fact').toBe(content(told));
        facts.set(told.event.id, content(told));
      }
      const distinct = [...new Map(everTold.map((told) => [told.event.id, told])).values()];
      const transfers = eventsOf(distinct, 'payment.transfer', 'customer.transfer');
      expect(transfers, 'every transfer was told, under one id').toHaveLength(bank.transfers.length);
      const paid = eventsOf(distinct, 'payment.paid').map(({ payment }) => payment.externalId);
      expect(paid.sort(), 'paid is one event per order').toEqual(
        [...orders.filter((_, i) => i % 2 === 0).map(({ externalId }) => externalId), 'young'].sort(),
      );
    },
    30_000,
  );
});
