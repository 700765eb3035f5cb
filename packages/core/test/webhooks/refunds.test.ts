import { expect, test } from 'vitest';
import { pesos } from '../../src/index.ts';
import { manualClock } from '../../src/testing/index.ts';
import type { TaloEvent } from '../../src/webhooks/index.ts';
import { clientOf, engineOf, FakeTalo, paymentNotice, processed } from './support.ts';

const MADE = '2026-01-01T00:00:00.000Z';

function row(id: string, type: string, amount: string, fields: object = {}): object {
  return {
    transaction_id: `TX#${id}`,
    transactionType: type,
    transaction_status: 'PROCESSED',
    amount,
    gross_amount: amount.replace('-', ''),
    currency: 'ARS',
    creation_timestamp: MADE,
    ...fields,
  };
}

/** A payment of 30000 that was paid with two transfers, and what Talo's ledger has of it. */
function world(...refunds: readonly object[]) {
  const talo = new FakeTalo();
  const paid = {
    payment_status: 'SUCCESS',
    transactions: [processed('t1', '10000'), processed('t2', '20000')],
  };
  talo.payment('VAR-1', paid);
  const show = (...more: readonly object[]) => {
    const of = { payment_id: 'VAR-1' };
    const inbound = [row('1', 'INBOUND', '10000', of), row('2', 'INBOUND', '20000', of)];
    talo.resources.set('/transactions/', { transactions: [...inbound, ...more] });
  };
  show(...refunds);
  const clock = manualClock();
  const reconcile = { pace: 0, since: new Date('2025-12-01') };
  const engine = engineOf(talo, { clock, client: clientOf(talo, { clock }), reconcile });
  const told: TaloEvent[] = [];
  engine.on(['payment.updated', 'payment.refunded', 'transfer.reversed', 'payment.transfer'], (event) => {
    told.push(event);
  });
  const refundsOf = async () => (await engine.ledger.entries()).filter(({ kind }) => kind === 'refund');
  /** Works off what is due, past every pause between two looks. */
  const rest = async () => {
    clock.advance(60_000);
    await engine.idle();
  };
  return { talo, engine, told, paid, show, refundsOf, rest };
}

const of = { payment_id: 'VAR-1' };

test("a refund in Talo's ledger becomes an entry of its own, once, and takes nothing from the credits", async () => {
  const { engine, told, refundsOf, rest } = world(row('r1', 'REFUND', '-500', of));
  await engine.receive(paymentNotice('VAR-1'));
  await rest();
  expect(await refundsOf()).toEqual([]);
  const before = told.length;

  const [report] = (await engine.reconcile()).accounts;
  expect(report).toMatchObject({ checked: 3, changed: 1, creditedLate: 1, unmatched: [] });
  const [entry, ...others] = await refundsOf();
  expect(others).toEqual([]);
  expect(entry).toMatchObject({
    paymentId: 'VAR-1',
    transactionId: 'TX#r1',
    gross: pesos(500),
    net: pesos(500),
    madeAt: Date.parse(MADE),
  });
  expect(await engine.ledger.total({ paymentId: 'VAR-1' })).toEqual(pesos(30000));
  expect(await engine.ledger.refunded({ paymentId: 'VAR-1' })).toEqual(pesos(500));
  expect(told.slice(before).map(({ type }) => type)).toEqual(['payment.updated']);

  await engine.reconcile();
  await engine.receive(paymentNotice('VAR-1'));
  await rest();
  expect(await refundsOf()).toHaveLength(1);
  expect(told).toHaveLength(before + 1);
  await engine.stop();
});

test('each of several refunds is an entry and a change of the payment', async () => {
  const { engine, told, show } = world(row('r1', 'REFUND', '-500', of));
  await engine.reconcile();
  show(row('r1', 'REFUND', '-500', of), row('r2', 'REFUND', '-250.50', of));
  await engine.reconcile();
  expect(await engine.ledger.refunded()).toEqual(pesos('750.50'));
  const updates = told.filter(({ type }) => type === 'payment.updated');
  expect(new Set(updates.map(({ id }) => id)).size).toBe(2);
  await engine.stop();
});

test('a payment that only becomes REFUNDED has an entry without amount, which stays unknown', async () => {
  const { talo, engine, told, paid, refundsOf, rest } = world();
  await engine.receive(paymentNotice('VAR-1'));
  await rest();
  talo.payment('VAR-1', { ...paid, payment_status: 'REFUNDED' });
  for (let i = 0; i < 3; i++) {
    await engine.receive(paymentNotice('VAR-1'));
    await rest();
  }
  const entries = await refundsOf();
  expect(entries).toEqual([expect.objectContaining({ paymentId: 'VAR-1', transactionId: 'REFUNDED' })]);
  expect(entries[0]).not.toHaveProperty('gross');
  expect(await engine.ledger.refunded({ paymentId: 'VAR-1' })).toBeUndefined();
  expect(await engine.ledger.total({ paymentId: 'VAR-1' })).toEqual(pesos(30000));
  expect(told.filter(({ type }) => type === 'payment.refunded')).toHaveLength(1);
  await engine.stop();
});

test.each([
  ['all', '-30000', pesos(30000)],
  ['a part', '-500', undefined],
] as const)(
  'a payment that is REFUNDED, with %s of it in the ledger, is not counted twice',
  async (_, amount, refunded) => {
    const { talo, engine, paid, refundsOf, rest } = world(row('r1', 'REFUND', amount, of));
    talo.payment('VAR-1', { ...paid, payment_status: 'REFUNDED' });
    await engine.receive(paymentNotice('VAR-1'));
    await rest();
    await engine.reconcile();
    expect(await refundsOf()).toHaveLength(2);
    expect(await engine.ledger.refunded({ paymentId: 'VAR-1' })).toEqual(refunded);
    await engine.stop();
  },
);

test('a refund whose row states two amounts is entered without either being chosen', async () => {
  const { engine, refundsOf } = world(row('r1', 'REFUND', '-500', { ...of, gross_amount: '506.05' }));
  await engine.reconcile();
  const [entry] = await refundsOf();
  expect(entry).toMatchObject({ net: pesos(500) });
  expect(entry).not.toHaveProperty('gross');
  expect(await engine.ledger.refunded()).toBeUndefined();
  await engine.stop();
});

test('a refund whose amount cannot be read is entered without it', async () => {
  const { engine, refundsOf } = world(row('r1', 'REFUND', '-500', { ...of, gross_amount: '5e2' }));
  await engine.reconcile();
  const [entry] = await refundsOf();
  expect(entry).not.toHaveProperty('gross');
  expect(await engine.ledger.refunded()).toBeUndefined();
  await engine.stop();
});

test("refunds of a stranger's payment and of nothing that is named are reported, never entered", async () => {
  const { talo, engine, refundsOf } = world(
    row('r1', 'REFUND', '-500', { payment_id: 'VAR-2' }),
    row('r2', 'REFUND', '-700', { address: '0000630500008064475741' }),
    row('r3', 'REFUND', '-900', { ...of, transaction_status: 'CREATED' }),
    row('', 'REFUND', '-950', { ...of, transaction_id: undefined }),
  );
  talo.payment('VAR-2', { webhook_url: 'https://stranger.example/', payment_status: 'SUCCESS' });
  const [report] = (await engine.reconcile()).accounts;
  expect(report?.unmatched).toEqual([
    expect.objectContaining({ transactionId: 'TX#r2', type: 'REFUND', reason: 'unknown-resource' }),
    expect.objectContaining({ transactionId: '', type: 'REFUND', reason: 'unknown-resource' }),
    expect.objectContaining({ transactionId: 'TX#r1', type: 'REFUND', reason: 'not-credited' }),
  ]);
  expect(await refundsOf()).toEqual([]);
  await engine.stop();
});

test('a refund of money that was there before the engine takes nothing from what came since', async () => {
  const { talo, engine, refundsOf, show } = world();
  const old = processed('t0', '100', { creation_timestamp: '2025-01-01T00:00:00.000Z' });
  talo.payment('VAR-0', { payment_status: 'SUCCESS', transactions: [old], price: { amount: 100 } });
  show(row('r0', 'REFUND', '-100', { payment_id: 'VAR-0' }));
  await engine.reconcile();
  expect(await refundsOf()).toHaveLength(1);
  expect(await engine.ledger.refunded()).toEqual(pesos(0));
  expect(await engine.ledger.total()).toEqual(pesos(30000));
  await engine.stop();
});

test('a payment that was REFUNDED before the engine has no entry of it', async () => {
  const { talo, engine, refundsOf, show } = world();
  const stamp = '2025-01-01T00:00:00.000Z';
  const old = processed('t0', '100', { creation_timestamp: stamp });
  const fields = { price: { amount: 100 }, last_modified_timestamp: stamp };
  talo.payment('VAR-0', { ...fields, payment_status: 'REFUNDED', transactions: [old] });
  show(row('0', 'INBOUND', '100', { payment_id: 'VAR-0' }));
  await engine.reconcile();
  expect(await refundsOf()).toEqual([]);
  await engine.stop();
});

test('money that goes back as a reversal and as a row is not taken off twice', async () => {
  const { talo, engine, paid, rest } = world();
  await engine.receive(paymentNotice('VAR-1'));
  await rest();
  const back = (...ids: readonly string[]) => {
    const transactions = [processed('t1', '10000'), processed('t2', '20000')].map((transaction, i) => ({
      ...transaction,
      ...(ids.includes(`t${i + 1}`) && { transaction_status: 'REFUNDED' }),
    }));
    talo.payment('VAR-1', { ...paid, payment_status: 'REFUNDED', transactions });
  };
  const left = async () => {
    await engine.receive(paymentNotice('VAR-1'));
    await rest();
    await engine.reconcile();
    const [total, refunded] = [await engine.ledger.total(), await engine.ledger.refunded()];
    return total && refunded && total.centavos - refunded.centavos;
  };
  // which of the two transfers the row is about nobody says
  back('t2');
  talo.resources.set('/transactions/', { transactions: [row('r1', 'REFUND', '-20000', of)] });
  expect(await left()).toBeUndefined();
  back('t1', 't2');
  talo.resources.set('/transactions/', {
    transactions: [row('r1', 'REFUND', '-20000', of), row('r2', 'REFUND', '-10000', of)],
  });
  expect(await left()).toBe(0);
  await engine.stop();
});
