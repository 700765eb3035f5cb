import { describe, expect, test } from 'vitest';
import { type Customer, pesos } from '../../src/index.ts';
import { type ManualClock, manualClock } from '../../src/testing/index.ts';
import {
  memoryInbox,
  type ReconcileOptions,
  type TaloEvent,
  type TaloEventType,
  TaloWebhooks,
} from '../../src/webhooks/index.ts';
import { keyOf, type Resource } from '../../src/webhooks/resource.ts';
import {
  ACCOUNT,
  clientOf,
  engineOf,
  FakeTalo,
  paymentNotice,
  post,
  processed,
  settled,
  silent,
  transferNotice,
  URL_BASE,
} from './support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const EVENTS: TaloEventType[] = [
  'payment.transfer',
  'payment.paid',
  'payment.updated',
  'transfer.reversed',
  'customer.transfer',
];

/** Lets time pass in steps, and what became due be done. */
async function pass(clock: ManualClock, ms: number, step = 1_000): Promise<void> {
  for (let left = ms; left > 0; left -= step) {
    clock.advance(Math.min(step, left));
    await settled();
  }
}

function scene(options: Parameters<typeof engineOf>[1] = {}, talo = new FakeTalo()) {
  const clock = manualClock();
  const inbox = options.inbox ?? memoryInbox();
  const engine = engineOf(talo, {
    clock,
    client: clientOf(talo, { clock }),
    random: () => 1,
    reconcile: false,
    ...options,
    inbox,
  });
  const events: TaloEvent[] = [];
  engine.on(EVENTS, (event) => events.push(event), { name: 'all' });
  const types = () => events.map(({ type }) => type);
  const keyFor = (resource: Resource) =>
    keyOf({ environment: 'http://talo.test', accountId: ACCOUNT, resource });
  return { talo, clock, inbox, engine, events, types, keyFor };
}

const at = (clock: ManualClock) => new Date(clock.now()).toISOString();
const quiet: ReconcileOptions = { every: 30 * DAY, pace: 0 };

describe('since', () => {
  test('of an engine with clientFor is its start, not the first look that asks for it', async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const client = clientOf(talo, { clock });
    const engine = new TaloWebhooks<never, never>({
      clientFor: () => client,
      inbox: memoryInbox(),
      clock,
      logger: silent,
      reconcile: quiet,
    });
    engine.on(EVENTS, () => {}, { name: 'all' });
    await engine.start();
    talo.payment('1');
    await engine.receive(paymentNotice('1'));
    await pass(clock, 2 * MINUTE, 5_000);
    const creation_timestamp = at(clock);
    // the notification of this transfer is lost; the timed look finds it
    talo.payment('1', {
      payment_status: 'SUCCESS',
      last_modified_timestamp: creation_timestamp,
      transactions: [processed('a', '30000', { creation_timestamp })],
    });
    await pass(clock, 15 * MINUTE, 5_000);
    expect((await engine.ledger.entries()).map(({ kind }) => kind)).toEqual(['credit']);
  });

  test('of an engine that is drained and never started is its first use', async () => {
    const { talo, clock, engine } = scene({ reconcile: quiet });
    talo.payment('1');
    await engine.receive(paymentNotice('1'));
    for (let i = 0; i < 4; i++) {
      await engine.drain();
      clock.advance(30_000);
    }
    const creation_timestamp = at(clock);
    talo.payment('1', {
      payment_status: 'SUCCESS',
      last_modified_timestamp: creation_timestamp,
      transactions: [processed('a', '30000', { creation_timestamp })],
    });
    clock.advance(30 * MINUTE);
    await engine.drain();
    expect((await engine.ledger.entries()).map(({ kind }) => kind)).toEqual(['credit']);
  });

  test('of a first start on a clock that was a day ahead and is set right before Talo answers', async () => {
    const talo = new FakeTalo();
    const manual = manualClock();
    const offset = { ms: DAY };
    const clock = { ...manual, now: () => manual.now() + offset.ms };
    const dated = clientOf(talo, {
      clock,
      fetch: async (url, init) => {
        const answer = await talo.fetch(url, init);
        const headers = new Headers({ date: new Date(manual.now()).toUTCString() });
        return { status: answer.status, headers, text: () => answer.text() };
      },
    });
    const { engine } = scene({ clock, client: dated, reconcile: quiet }, talo);
    await engine.start();
    offset.ms = 0;
    await pass(manual, HOUR, MINUTE);
    const creation_timestamp = at(manual);
    talo.payment('1', {
      payment_status: 'SUCCESS',
      last_modified_timestamp: creation_timestamp,
      transactions: [processed('a', '30000', { creation_timestamp })],
    });
    await engine.track([await dated.payments.get('1')]);
    await pass(manual, MINUTE);
    expect((await engine.ledger.entries()).map(({ kind }) => kind)).toEqual(['credit']);
  });

  test('an unauthenticated hint does not make news of money that was there before', async () => {
    const { talo, clock, engine, types } = scene({
      unsigned: 'accept',
      reconcile: { ...quiet, since: new Date(Date.UTC(2026, 5, 1)) },
    });
    await engine.start();
    talo.transfer('42', 't');
    await engine.receive(post(URL_BASE, { message: 'Pago recibido', transactionId: 't', customerId: '42' }));
    await pass(clock, 5_000);
    expect(types()).toEqual([]);
  });
});

describe('reconciling', () => {
  const row = (id: string, fields: object) => ({
    transaction_id: `TX#${id}`,
    transactionType: 'INBOUND',
    transaction_status: 'PROCESSED',
    amount: '14818.50',
    gross_amount: '15000',
    ...fields,
  });

  test('a transfer that went back does not stand for the one that was made in its place', async () => {
    const { talo, clock, engine } = scene({ reconcile: { pace: 0, since: new Date('2025-12-01') } });
    talo.transfer('42', 't1');
    await engine.receive(transferNotice('42', 't1'));
    await engine.drain();
    talo.transfer('42', 't1', { transaction_status: 'REVERSED' });
    clock.advance(MINUTE);
    await engine.receive(transferNotice('42', 't1'));
    await engine.drain();
    expect(await engine.ledger.total()).toEqual(pesos(0));
    // the payer sends it again; this notification is lost
    const creation_timestamp = '2026-01-01T00:03:00.000Z';
    talo.transfer('42', 't2', { creation_timestamp });
    talo.resources.set('/transactions/', {
      transactions: [row('t2', { customer_id: '42', creation_timestamp })],
    });
    clock.advance(HOUR);
    const { accounts } = await engine.reconcile();
    const found = accounts[0]?.unmatched.length ?? 0;
    const total = await engine.ledger.total();
    // credited or, at the least, reported
    expect(found > 0 || total?.centavos === 1_500_000).toBe(true);
  });

  test('an entry of another environment does not stand for a row of this one', async () => {
    const [talo, clock, inbox] = [new FakeTalo(), manualClock(), memoryInbox()];
    const creation_timestamp = '2026-01-01T00:00:00.000Z';
    talo.transfer('42', 't1');
    talo.resources.set('/transactions/', {
      transactions: [row('t1', { customer_id: '42', creation_timestamp })],
    });
    const reconcile = { pace: 0, since: new Date('2025-12-01') };
    const first = scene({ inbox, clock, reconcile }, talo);
    await first.engine.receive(transferNotice('42', 't1'));
    await first.engine.drain();
    clock.advance(HOUR);
    const client = clientOf(talo, { clock, environment: { apiUrl: 'http://other.test' } });
    const other = scene({ inbox, clock, client, reconcile }, talo);
    await other.engine.reconcile();
    const entries = await other.engine.ledger.entries();
    expect(entries.map(({ environment }) => environment)).toContain('http://other.test');
  });

  test('one customer in doubt that cannot be read does not keep others from being compared', async () => {
    const talo = new FakeTalo();
    talo.resources.set('/transactions/', { transactions: [] });
    const clock = manualClock();
    const { engine } = scene({ clock, client: clientOf(talo, { clock }), reconcile: { pace: 0 } }, talo);
    const balance = (customerId: string, amount: number) =>
      talo.resources.set(`/customers/${customerId}`, {
        customer_id: customerId,
        bank_info: { cvu: `cvu-${customerId}` },
        balance: amount,
      });
    balance('c1', 0);
    balance('c2', 0);
    await engine.track(
      ['c1', 'c2'].map((customerId) => ({ customerId, cvu: `cvu-${customerId}` }) as Customer),
    );
    await engine.reconcile();
    balance('c1', 100);
    clock.advance(15 * MINUTE);
    await engine.reconcile();
    // from here on Talo refuses to show c1, and money of c2 arrives unnoticed
    talo.before = (path) => (path === '/customers/c1' ? 403 : undefined);
    balance('c2', 100);
    const divergent = new Set<string>();
    for (let i = 0; i < 12; i++) {
      clock.advance(15 * MINUTE);
      const { accounts } = await engine.reconcile();
      for (const { customerId } of accounts[0]?.divergent ?? []) divergent.add(customerId);
    }
    expect([...divergent].sort()).toEqual(['c1', 'c2']);
  });
});

describe('the guard', () => {
  const flood = async (engine: ReturnType<typeof scene>['engine'], from: number, to: number) => {
    for (let i = from; i < to; i++) await engine.receive(transferNotice('42', `invented-${i}`));
  };

  test('control: what comes after a flood and is readable at once is on time', async () => {
    const { talo, clock, engine } = scene();
    await engine.start();
    await flood(engine, 0, 1_000);
    await pass(clock, 30_000);
    talo.transfer('42', 'real');
    await engine.receive(transferNotice('42', 'real'));
    await pass(clock, 10_000);
    expect(await engine.ledger.total()).toEqual(pesos(15_000));
  });

  test.each([
    ['control: nobody else asks', false],
    ['a stranger asks', true],
  ])('a watched payment outlasts an hour of 404: %s', async (_, stranger) => {
    const { talo, clock, engine } = scene({ unsigned: 'accept', reconcile: quiet });
    await engine.start();
    talo.payment('1');
    await engine.receive(paymentNotice('1'));
    await pass(clock, 9 * MINUTE, 10_000);
    talo.before = () => 404;
    if (stranger) await engine.receive(post(URL_BASE, { message: 'Pago Actualizado', paymentId: '1' }));
    await pass(clock, HOUR, 10_000);
    talo.before = () => undefined;
    talo.payment('1', {
      payment_status: 'SUCCESS',
      last_modified_timestamp: at(clock),
      transactions: [processed('a', '30000', { creation_timestamp: at(clock) })],
    });
    await pass(clock, 2 * HOUR, MINUTE);
    expect(await engine.ledger.total()).toEqual(pesos(30_000));
  });
});

describe('a look', () => {
  test('that fails is no stale snapshot: the first answer after an outage is not taken at its word', async () => {
    const { talo, clock, engine, types } = scene();
    await engine.start();
    talo.payment('1', { payment_status: 'SUCCESS', transactions: [processed('a', '30000')] });
    await engine.receive(paymentNotice('1'));
    await pass(clock, 10_000);
    const before = types().length;
    talo.before = () => 503;
    await engine.receive(paymentNotice('1'));
    await pass(clock, 100_000);
    const gets = talo.gets.length;
    // a replica that lags shows once what was before the transfer
    talo.before = () => {
      if (talo.gets.length > gets + 1)
        talo.payment('1', { payment_status: 'SUCCESS', transactions: [processed('a', '30000')] });
      return undefined;
    };
    talo.payment('1', { payment_status: 'PENDING' });
    await pass(clock, 10 * MINUTE);
    expect(types().slice(before)).toEqual([]);
  });

  test('that finds new money of a payment which Talo does not date tells that it is paid', async () => {
    const { talo, clock, inbox, engine, types, keyFor } = scene({
      reconcile: { ...quiet, since: new Date(Date.UTC(2026, 5, 1)) },
    });
    talo.payment('1', {
      payment_status: 'SUCCESS',
      creation_timestamp: '2026-05-30T00:00:00.000Z',
      last_modified_timestamp: undefined,
      transactions: [processed('a', '30000', { creation_timestamp: '2026-07-01T00:00:00.000Z' })],
    });
    await inbox.put({
      key: keyFor({ kind: 'payment', id: '1' }),
      authenticated: true,
      origin: 'reconcile',
      at: clock.now(),
    });
    await engine.start();
    await pass(clock, 5_000);
    expect(types()).toContain('payment.transfer');
    expect(types()).toContain('payment.paid');
  });

  test('at an order of ours at another price leaves a dead letter where nobody hears of it', async () => {
    const { talo, clock, engine } = scene();
    await engine.start();
    const webhook_url = 'https://shop.example/before-there-was-a-secret';
    const client = clientOf(talo, { clock });
    talo.payment('1', { webhook_url });
    await engine.track([await client.payments.get('1')]);
    await pass(clock, 5_000);
    talo.payment('1', {
      webhook_url,
      price: { amount: 25_000 },
      payment_status: 'SUCCESS',
      last_modified_timestamp: '2026-01-02T00:00:00.000Z',
      transactions: [processed('a', '25000')],
    });
    await engine.receive(paymentNotice('1'));
    await pass(clock, 10_000);
    expect((await engine.ledger.entries()).length + (await engine.dead()).length).toBeGreaterThan(0);
  });
});

describe('answers and numbers', () => {
  test('a verifier that throws is no slow body, and is logged', async () => {
    const errors: string[] = [];
    const { engine } = scene({
      verifier: () => {
        throw new Error('key store is down');
      },
      logger: { ...silent, error: (message: string) => void errors.push(message) },
    });
    const { reason } = await engine.receive(paymentNotice('1'));
    expect(reason).not.toBe('slow-body');
    expect(errors).not.toEqual([]);
  });

  test('stats count the GETs that were begun, not the looks that waited', async () => {
    const { talo, clock, engine } = scene();
    await engine.start();
    talo.before = () => 401;
    talo.payment('1');
    await engine.receive(paymentNotice('1'));
    await pass(clock, 2_000);
    for (let i = 0; i < 20; i++) await engine.receive(paymentNotice(`other-${i}`));
    await pass(clock, 2_000);
    expect((await engine.stats()).looks).toBe(talo.gets.length);
  });
});

test('a look that is repeated does not wait for handlers that hold all places', async () => {
  const { talo, clock, engine } = scene({ limits: { deliveries: 1 } });
  engine.on('customer.transfer', () => new Promise<void>(() => {}), { name: 'slow' });
  await engine.start();
  for (const id of ['a', 'b']) {
    talo.transfer('42', id);
    await engine.receive(transferNotice('42', id));
    await settled();
  }
  // not readable yet: looked at again a second later
  await engine.receive(transferNotice('42', 'c'));
  await settled();
  talo.transfer('42', 'c');
  await pass(clock, 10_000);
  expect(talo.gets.filter((path) => path.endsWith('/c')).length).toBeGreaterThan(1);
});
