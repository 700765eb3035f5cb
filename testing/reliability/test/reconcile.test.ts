import { pesos, TaloClient } from '@talo/core';
import { describe, expect, test } from 'vitest';
import { amount, createWorld, email, goLive, SECRET } from './support.ts';

const lost = { delivery: { dropEvery: 1 } };

describe('with every webhook lost', () => {
  test('each transfer to a payment is credited by the looks at open payments alone', async () => {
    const { sandbox, talo, webhooks, events, pass } = await createWorld(lost, {
      reconcile: { every: 10 ** 9 },
    });
    for (let i = 0; i < 20; i++) {
      const payment = await talo.payments.create({ externalId: `order-${i}`, price: pesos(1000) });
      sandbox.bank.transfer({ to: payment.cvu, amount: pesos(400) });
      sandbox.bank.transfer({ to: payment.cvu, amount: pesos(600) });
    }
    expect(events).toEqual([]);
    await pass({ minutes: 15 });
    expect(await webhooks.ledger.total()).toEqual(sandbox.bank.total());
    expect(events.filter(({ type }) => type === 'payment.paid')).toHaveLength(20);
    await webhooks.stop({ deadline: 0 });
  });

  test('money on a payment that has expired is found by the looks after its end', async () => {
    const { sandbox, talo, webhooks, events, pass } = await createWorld(lost, {
      reconcile: { every: 10 ** 10 },
    });
    const payment = await talo.payments.create({ externalId: 'order', price: pesos(1000) });
    const days = Math.ceil(((payment.expiresAt?.getTime() ?? 0) - sandbox.clock.now()) / 86_400_000);
    await pass({ days });
    sandbox.bank.transfer({ to: payment.cvu, amount: pesos(1000) });
    await pass({ days: 8 });
    expect(events.find(({ type }) => type === 'payment.transfer')).toMatchObject({ late: true });
    expect(await webhooks.ledger.total()).toEqual(sandbox.bank.total());
    await webhooks.stop({ deadline: 0 });
  });

  test("what was created elsewhere is found through Talo's ledger, and told as foreign where it is not ours", async () => {
    const { sandbox, talo, webhooks, events, pass } = await createWorld(lost);
    const theirs = await sandbox.fetch(`${sandbox.merchant.environment.apiUrl}/payments/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        user_id: talo.accountId,
        price: { amount: 1, currency: 'ARS' },
        payment_options: ['transfer'],
        external_id: 'order-1',
        webhook_url: 'https://stranger.example/',
      }),
    });
    const { data } = (await theirs.json()) as { data: { quotes: { address: string }[] } };
    sandbox.bank.transfer({ to: data.quotes[0]?.address, amount: pesos(1) });
    await pass({ hours: 1 });
    expect(events.map(({ type }) => type)).toEqual(['payment.foreign']);
    expect(await webhooks.ledger.entries()).toEqual([]);
    const { accounts } = await webhooks.reconcile();
    expect(accounts[0]?.unmatched).toMatchObject([{ reason: 'not-credited', gross: '1.00' }]);
    await webhooks.stop({ deadline: 0 });
  });

  test.each(['newest-first', 'oldest-first'] as const)(
    'a pass is complete when a second one finds the same (%s)',
    async (ledgerOrder) => {
      const { sandbox, talo, webhooks, pass } = await createWorld(
        { ...lost, oddities: { ledgerOrder } },
        { reconcile: { every: 10 ** 9, pace: 0 } },
      );
      for (let i = 0; i < 250; i++) {
        const payment = await talo.payments.create({ externalId: `order-${i}`, price: pesos(10) });
        sandbox.bank.transfer({ to: payment.cvu, amount: pesos(10) });
      }
      await sandbox.clock.advance({ minutes: 9 });
      const first = webhooks.reconcile();
      await pass({ minutes: 30 });
      expect((await first).accounts[0]).toMatchObject({ complete: false });
      const second = webhooks.reconcile();
      await pass({ minutes: 1 });
      const third = webhooks.reconcile();
      await pass({ minutes: 1 });
      expect((await second).accounts[0]).toMatchObject({ checked: 250, unmatched: [] });
      expect((await third).accounts[0]).toMatchObject({ complete: true, changed: 0, creditedLate: 0 });
      expect(await webhooks.ledger.total()).toEqual(sandbox.bank.total());
      await webhooks.stop({ deadline: 0 });
    },
  );

  test("a customer's transfer that cannot be read by the ledger's id is reported, never credited", async () => {
    const { sandbox, talo, webhooks, pass } = await createWorld(lost);
    const customer = await talo.customers.create({
      customerId: '1',
      alias: 'abcdabcd',
      name: 'Carla',
      email,
    });
    sandbox.bank.transfer({ to: customer.cvu, amount });
    await pass({ hours: 1 });
    const { accounts } = await webhooks.reconcile();
    expect(accounts[0]).toMatchObject({
      unmatched: [{ reason: 'not-readable', cvu: customer.cvu, gross: '15000.00' }],
    });
    expect(await webhooks.ledger.entries()).toEqual([]);
    await webhooks.stop({ deadline: 0 });
  });
});

test("a customer's transfer is credited without its webhook where the ledger's id reads it", async () => {
  const { sandbox, talo, webhooks, events, pass } = await createWorld({
    ...lost,
    oddities: { ledgerIdsReadable: true },
  });
  const customer = await talo.customers.create({ customerId: '1', alias: 'abcdabcd', name: 'Carla', email });
  for (let i = 0; i < 5; i++) sandbox.bank.transfer({ to: customer.cvu, amount });
  await pass({ hours: 1 });
  expect(events.map(({ type }) => type)).toEqual(Array(5).fill('customer.transfer'));
  expect(await webhooks.ledger.total({ customerId: '1' })).toEqual(sandbox.bank.total());
  await pass({ hours: 1 });
  expect(events).toHaveLength(5);
  await webhooks.stop({ deadline: 0 });
});

test('rows that Talo inserts late are found by a later pass', async () => {
  const { sandbox, talo, webhooks, pass } = await createWorld(
    { ...lost, oddities: { ledgerLateRowsMs: 20 * 3_600_000 } },
    { reconcile: { pace: 0, every: 3_600_000 } },
  );
  for (let i = 0; i < 3; i++) {
    const payment = await talo.payments.create({ externalId: `order-${i}`, price: pesos(100) });
    sandbox.bank.transfer({ to: payment.cvu, amount: pesos(100) });
    await pass({ hours: 5 });
  }
  await pass({ hours: 30 });
  const { accounts } = await webhooks.reconcile();
  expect(accounts[0]).toMatchObject({ checked: 3, unmatched: [] });
  expect(await webhooks.ledger.total()).toEqual(sandbox.bank.total());
  await webhooks.stop({ deadline: 0 });
});

test('reconciling beside live webhooks credits nothing twice', async () => {
  const { sandbox, talo, webhooks, events, pass } = await createWorld({
    delivery: { duplicate: 2, dropEvery: 3 },
  });
  for (let i = 0; i < 50; i++) {
    const payment = await talo.payments.create({ externalId: `order-${i}`, price: pesos(100) });
    sandbox.bank.transfer({ to: payment.cvu, amount: pesos(60) });
    await pass({ minutes: 7 });
    sandbox.bank.transfer({ to: payment.cvu, amount: pesos(40) });
  }
  await pass({ hours: 12 });
  expect(await webhooks.ledger.total()).toEqual(sandbox.bank.total());
  expect(events.filter(({ type }) => type === 'payment.paid')).toHaveLength(50);
  expect(events.filter(({ type }) => type === 'payment.transfer')).toHaveLength(100);
  await webhooks.stop({ deadline: 0 });
});

test.each([-26, 26])('a window ends by the clock of Talo, also where ours is %i hours off', async (hours) => {
  const { sandbox, talo } = await createWorld(lost, { reconcile: false });
  const clock = { ...sandbox.clock, now: () => sandbox.clock.now() + hours * 3_600_000 };
  const client = new TaloClient({
    ...sandbox.merchant,
    fetch: sandbox.fetch,
    clock,
    webhooks: { url: 'https://shop.example/webhooks/talo', secret: SECRET },
  });
  const since = new Date(sandbox.clock.now());
  const { webhooks } = await goLive({ talo: client }, { reconcile: { pace: 0, since } });
  const payment = await talo.payments.create({ externalId: 'order', price: pesos(100) });
  sandbox.bank.transfer({ to: payment.cvu, amount: pesos(100) });
  await sandbox.clock.advance({ hours: 1 });
  const pass = webhooks.reconcile();
  await sandbox.clock.advance({ minutes: 5 });
  const [report] = (await pass).accounts;
  expect(report?.checked).toBe(1);
  expect(report?.to.getTime()).toBeLessThan(sandbox.clock.now());
  expect(report?.to.getTime()).toBeGreaterThan(sandbox.clock.now() - 30 * 60_000);
  expect(await webhooks.ledger.total()).toEqual(sandbox.bank.total());
  await webhooks.stop({ deadline: 0 });
});

test('going live on an account with old transfers tells nothing, keeps them as baseline, and tells of new ones', async () => {
  const before = await createWorld(lost, { reconcile: false });
  const { sandbox, talo } = before;
  const old = await Promise.all(
    Array.from({ length: 30 }, (_, i) => talo.payments.create({ externalId: `old-${i}`, price: pesos(100) })),
  );
  for (const payment of old) sandbox.bank.transfer({ to: payment.cvu, amount: pesos(40) });
  await before.pass({ hours: 1 });
  await before.webhooks.stop({ deadline: 0 });

  const { webhooks, events } = await goLive(before);
  await webhooks.track(old);
  await before.pass({ hours: 1 });
  expect(events).toEqual([]);
  expect((await webhooks.ledger.entries()).map(({ kind }) => kind)).toEqual(Array(30).fill('baseline'));
  sandbox.bank.transfer({ to: old[0]?.cvu, amount: pesos(60) });
  await before.pass({ hours: 12 });
  expect(events.map(({ type }) => type)).toEqual(['payment.transfer', 'payment.paid']);
  expect(await webhooks.ledger.total()).toEqual(pesos(60));
  await webhooks.stop({ deadline: 0 });
});
