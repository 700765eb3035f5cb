import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pesos } from '@talo/core';
import { sqliteInbox } from '@talo/inbox-sqlite';
import { describe, expect, test } from 'vitest';
import { delays, gets } from '../life/shop.ts';
import { BARE, besiege, expectBudget, expectHeld, knock, type Siege, urlOfCustomer } from './siege.ts';

const FLOOD = Number(process.env['FLOOD'] ?? 10_000);
/** What a customer's URL may cost: so many looks at once, then one a second. */
const CUSTOMER = { burst: 30, perSecond: 2 };
const STRANGER = { burst: 10, perSecond: 1 };

/** One invented transfer of a customer. */
function invent(
  siege: Siege,
  customerId: string,
  url: string,
  transactionId = randomUUID(),
): Promise<number> {
  return knock(siege, url, { message: 'Pago recibido', transactionId, customerId });
}

/** Sends the flood over some seconds, and has money come in meanwhile. */
async function flood(siege: Siege, send: (i: number) => Promise<unknown>, payees: readonly string[]) {
  const seconds = 20;
  for (let second = 0; second < seconds; second++) {
    for (let i = 0; i < FLOOD / seconds; i++) await send((second * FLOOD) / seconds + i);
    if (second % 4 === 0) {
      for (const to of payees) siege.shop.sandbox.bank.transfer({ to, amount: pesos(100 + second) });
      const order = await siege.order(`order-${second}`, 50);
      siege.shop.sandbox.bank.transfer({ to: order.cvu, amount: pesos(50) });
    }
    await siege.shop.pass({ seconds: 1 });
  }
}

describe(`${FLOOD} invented transactions`, () => {
  test("at one customer's URL: the others and all orders wait for nothing, the budget holds after it too", async () => {
    const siege = await besiege();
    const { shop, app } = siege;
    const url = urlOfCustomer(app.talo, 'carla');
    await flood(siege, () => invent(siege, 'carla', url), [siege.diego.cvu]);
    await shop.pass({ seconds: 5 });
    await expectHeld(siege);
    for (let minute = 0; minute < 10; minute += 5) {
      await shop.pass({ minutes: 5 });
      shop.sandbox.bank.transfer({ to: siege.diego.cvu, amount: pesos(1) });
      await shop.pass({ seconds: 5 });
    }
    await expectHeld(siege);
    const invented = gets(shop.requests, '/customers/carla/');
    expect(invented.length).toBeGreaterThan(CUSTOMER.burst);
    expectBudget(invented, CUSTOMER);
    expect(app.told.filter(({ event }) => 'customerId' in event && event.customerId === 'carla')).toEqual([]);
    await app.webhooks.stop({ deadline: 0 });
  });

  test("at one customer's URL, on disk: what came in stays in, and the others wait for nothing", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'talo-flood-'));
    const inbox = sqliteInbox({ path: join(folder, 'app.db') });
    const siege = await besiege({}, { open: (shop) => shop.openOn({ inbox }) });
    const { shop, app } = siege;
    const url = urlOfCustomer(app.talo, 'carla');
    for (let second = 0; second < 10; second++) {
      const wave = Array.from({ length: FLOOD / 50 }, () => invent(siege, 'carla', url));
      expect(new Set(await Promise.all(wave))).toEqual(new Set([200]));
      shop.sandbox.bank.transfer({ to: siege.diego.cvu, amount: pesos(1 + second) });
      await shop.pass({ seconds: 1 });
      // a disk takes real time, for which a clock that we move does not wait by itself
      await app.webhooks.drain();
    }
    await shop.pass({ seconds: 2 });
    await app.webhooks.drain();
    await expectHeld(siege);
    expect((await app.webhooks.stats()).hints).toBeGreaterThan(FLOOD / 10);
    // while somebody waits for a drain, what is due within two seconds is looked at now
    const { burst, perSecond } = CUSTOMER;
    expectBudget(gets(shop.requests, '/customers/carla/'), { burst: burst + 2 * perSecond, perSecond });
    await app.webhooks.stop({ deadline: 1_000 });
    rmSync(folder, { recursive: true, force: true });
  });

  test("at one customer's URL: her own money, which comes a minute later, is told within 5 s", async () => {
    const siege = await besiege();
    const { shop, app } = siege;
    const url = urlOfCustomer(app.talo, 'carla');
    const some = FLOOD / 40;
    for (let i = 0; i < some; i++) await invent(siege, 'carla', url);
    await shop.pass({ minutes: 1 });
    shop.sandbox.bank.transfer({ to: siege.carla.cvu, amount: pesos(100) });
    await shop.pass({ seconds: 2 * some });
    await app.webhooks.stop({ deadline: 0 });
    expect(Math.max(...delays(app.told)), 'milliseconds').toBeLessThan(5_000);
  });

  test("at one customer's URL: her own money is late, but it is told and nothing of it is lost", async () => {
    const siege = await besiege();
    const { shop, app } = siege;
    const url = urlOfCustomer(app.talo, 'carla');
    const some = FLOOD / 40;
    for (let i = 0; i < some; i++) await invent(siege, 'carla', url);
    shop.sandbox.bank.transfer({ to: siege.carla.cvu, amount: pesos(100) });
    await shop.pass({ seconds: some });
    await expectHeld(siege, { within: some * 1_000 });
    await app.webhooks.stop({ deadline: 0 });
  });

  test.each(['refuse', 'accept'] as const)(
    'without a signature (unsigned: %s): nobody waits',
    async (unsigned) => {
      const siege = await besiege({}, { unsigned });
      const { shop, app } = siege;
      const answers = new Set<number>();
      await flood(siege, async () => answers.add(await invent(siege, 'carla', BARE)), [
        siege.carla.cvu,
        siege.diego.cvu,
      ]);
      await shop.pass({ seconds: 5 });
      await expectHeld(siege);
      const invented = gets(shop.requests, '/customers/').filter(({ status }) => status === 404);
      expectBudget(invented, STRANGER);
      if (unsigned === 'refuse') {
        expect([...answers]).toEqual([401]);
        expect(invented).toEqual([]);
      } else {
        expect(invented.length).toBeGreaterThan(STRANGER.burst);
      }
      await app.webhooks.stop({ deadline: 0 });
    },
    30_000,
  );

  test('the same few dozen again and again, timed by each answer: the budget holds', async () => {
    const siege = await besiege();
    const { shop, app } = siege;
    const url = urlOfCustomer(app.talo, 'carla');
    const ids = Array.from({ length: 60 }, () => randomUUID());
    for (let second = 0; second < 30; second++) {
      for (let tenth = 0; tenth < 10; tenth++) {
        for (const id of ids) await invent(siege, 'carla', url, id);
        await shop.pass({ ms: 100 });
      }
      if (second % 10 === 0) shop.sandbox.bank.transfer({ to: siege.diego.cvu, amount: pesos(7) });
    }
    await shop.pass({ seconds: 5 });
    await expectHeld(siege);
    expectBudget(gets(shop.requests, '/customers/carla/'), CUSTOMER);
    await app.webhooks.stop({ deadline: 0 });
  });
});
