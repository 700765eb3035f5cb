import { describe, expect, test } from 'vitest';
import { centavos, pesos } from '../../src/index.ts';
import { manualClock } from '../../src/testing/index.ts';
import { EVENT_TYPES } from '../../src/webhooks/events.ts';
import type { TaloEvent } from '../../src/webhooks/index.ts';
import { memoryInbox, TaloWebhooks } from '../../src/webhooks/index.ts';
import {
  ACCOUNT,
  clientOf,
  engineOf,
  FakeTalo,
  fastClock,
  paymentNotice,
  post,
  processed,
  signer,
  silent,
  transferNotice,
  URL_BASE,
} from './support.ts';

function watched(talo: FakeTalo, engine = engineOf(talo)) {
  const events: TaloEvent[] = [];
  engine.on(EVENT_TYPES, (event) => events.push(event));
  /** Puts the payment into a state, notifies, and returns the events that follow. */
  const see = async (id: string, fields: Record<string, unknown>) => {
    talo.payment(id, fields);
    return hear(paymentNotice(id));
  };
  const hear = async (notice: Parameters<typeof engine.receive>[0]) => {
    const before = events.length;
    expect((await engine.receive(notice)).status).toBe(200);
    await engine.idle();
    return events.slice(before);
  };
  const types = (told: readonly TaloEvent[]) => told.map((event) => event.type);
  return { engine, events, see, hear, types };
}

describe('a customer transfer', () => {
  test('is one event with gross, net and commission, and one credit', async () => {
    const talo = new FakeTalo();
    talo.transfer('42', 't-1');
    const { engine, hear } = watched(talo);
    const [event, ...more] = await hear(transferNotice('42', 't-1'));
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      type: 'customer.transfer',
      accountId: ACCOUNT,
      origin: 'webhook',
      superseded: false,
      customerId: '42',
      transaction: {
        transactionId: 't-1',
        gross: pesos(15000),
        net: pesos('14818.50'),
        commission: pesos('181.50'),
      },
    });
    expect(event?.at).toBeInstanceOf(Date);
    expect(JSON.stringify(event)).not.toContain('raw');
    expect(await engine.ledger.total({ customerId: '42' })).toEqual(pesos(15000));
  });

  test('notified five times is credited once', async () => {
    const talo = new FakeTalo();
    talo.transfer('42', 't-1');
    const { engine, events } = watched(talo);
    for (let i = 0; i < 5; i++) await engine.receive(transferNotice('42', 't-1'));
    await engine.idle();
    await engine.receive(transferNotice('42', 't-1'));
    await engine.idle();
    expect(events).toHaveLength(1);
    expect(await engine.ledger.entries()).toHaveLength(1);
  });

  test('known under two ids, but one by its own GET, is credited once', async () => {
    const talo = new FakeTalo();
    talo.transfer('42', 't-1');
    talo.transfer('42', 'alias-of-t-1', { transaction_id: 't-1' });
    const { engine, hear } = watched(talo);
    expect(await hear(transferNotice('42', 't-1'))).toHaveLength(1);
    expect(await hear(transferNotice('42', 'alias-of-t-1'))).toHaveLength(0);
    expect(await engine.ledger.entries()).toHaveLength(1);
  });

  test('that calls itself by an id that leads nowhere is credited once, and taken back', async () => {
    const talo = new FakeTalo();
    talo.transfer('42', 't-1', { transaction_id: 'TX#t-1' });
    const { engine, hear, types } = watched(talo);
    expect(types(await hear(transferNotice('42', 't-1')))).toEqual(['customer.transfer']);
    // from here on it can be read by that id too
    talo.transfer('42', 'TX#t-1');
    expect(await hear(transferNotice('42', 'TX#t-1'))).toEqual([]);
    expect(await engine.ledger.total()).toEqual(pesos(15000));
    talo.resources.delete('/customers/42/transactions/TX#t-1');
    talo.transfer('42', 't-1', { transaction_id: 'TX#t-1', transaction_status: 'REVERSED' });
    expect(types(await hear(transferNotice('42', 't-1')))).toEqual(['transfer.reversed']);
    expect(await engine.ledger.total()).toEqual(centavos(0));
  });

  test('with an unknown gross is credited with an unknown gross, never with the net amount', async () => {
    const talo = new FakeTalo();
    talo.transfer('42', 't-1', { gross_amount: undefined });
    const { engine, hear } = watched(talo);
    const [event] = await hear(transferNotice('42', 't-1'));
    expect(event).not.toHaveProperty('transaction.gross');
    expect(await engine.ledger.total()).toBeUndefined();
    expect((await engine.ledger.entries())[0]).toMatchObject({ net: pesos('14818.50') });
  });

  test('that is not processed yet is no event, and one when it is', async () => {
    const talo = new FakeTalo();
    const { hear } = watched(talo);
    talo.transfer('42', 't-1', { transaction_status: 'PENDING' });
    expect(await hear(transferNotice('42', 't-1'))).toEqual([]);
    talo.transfer('42', 't-1');
    expect(await hear(transferNotice('42', 't-1'))).toHaveLength(1);
  });

  test('that is taken back is an event and an entry of its own', async () => {
    const talo = new FakeTalo();
    talo.transfer('42', 't-1');
    const { engine, hear, types } = watched(talo);
    await hear(transferNotice('42', 't-1'));
    talo.transfer('42', 't-1', { transaction_status: 'REVERSED' });
    expect(types(await hear(transferNotice('42', 't-1')))).toEqual(['transfer.reversed']);
    expect(await engine.ledger.total()).toEqual(centavos(0));
    expect((await engine.ledger.entries()).map(({ kind }) => kind)).toEqual(['credit', 'reversal']);
  });

  test('that goes back and comes again is credited again, under ids of its own', async () => {
    const talo = new FakeTalo();
    const { engine, events, hear } = watched(talo);
    for (const transaction_status of ['PROCESSED', 'REVERSED', 'PROCESSED', 'REVERSED', 'PROCESSED']) {
      talo.transfer('42', 't-1', { transaction_status });
      await hear(transferNotice('42', 't-1'));
    }
    expect(new Set(events.map(({ id }) => id)).size).toBe(5);
    expect(await engine.ledger.total()).toEqual(pesos(15000));
  });

  test('with a status that we do not know keeps its credit', async () => {
    const talo = new FakeTalo();
    talo.transfer('42', 't-1');
    const { engine, hear } = watched(talo);
    await hear(transferNotice('42', 't-1'));
    talo.transfer('42', 't-1', { transaction_status: 'SETTLED' });
    expect(await hear(transferNotice('42', 't-1'))).toEqual([]);
    expect(await engine.ledger.total()).toEqual(pesos(15000));
  });

  test('may become readable after its notification', async () => {
    const talo = new FakeTalo();
    const { engine, events } = watched(talo);
    talo.before = () => {
      if (talo.gets.length === 2) talo.transfer('42', 't-1');
      return undefined;
    };
    await engine.receive(transferNotice('42', 't-1'));
    await engine.idle();
    expect(events).toHaveLength(1);
  });
});

describe('a payment', () => {
  test('settled by two transfers: each is told, paid once', async () => {
    const { engine, see, types } = watched(new FakeTalo());
    expect(types(await see('1', {}))).toEqual([]);
    const first = await see('1', { payment_status: 'UNDERPAID', transactions: [processed('a', '18000')] });
    expect(types(first)).toEqual(['payment.transfer', 'payment.underpaid', 'payment.updated']);
    expect(first[1]).toMatchObject({ previous: 'PENDING', difference: pesos(-12000) });
    const both = [processed('a', '18000'), processed('b', '12000')];
    const second = await see('1', { payment_status: 'SUCCESS', transactions: both });
    expect(types(second)).toEqual([
      'payment.transfer',
      'payment.succeeded',
      'payment.paid',
      'payment.updated',
    ]);
    expect(second[0]).toMatchObject({ transaction: { transactionId: 'b', gross: pesos(12000) } });
    expect(await engine.ledger.total({ paymentId: '1' })).toEqual(pesos(30000));
    expect(await see('1', { payment_status: 'SUCCESS', transactions: both })).toEqual([]);
  });

  test('overpaid after success: the further transfer is told, paid is not told again', async () => {
    const { see, types } = watched(new FakeTalo());
    await see('1', { payment_status: 'SUCCESS', transactions: [processed('a', '30000')] });
    const both = [processed('a', '30000'), processed('b', '5000')];
    const told = await see('1', { payment_status: 'OVERPAID', transactions: both });
    expect(types(told)).toEqual(['payment.transfer', 'payment.overpaid', 'payment.updated']);
    expect(told[1]).toMatchObject({ previous: 'SUCCESS', difference: pesos(5000) });
  });

  test('status A-B-A-B: the same state again is a new event with a new id', async () => {
    const { see } = watched(new FakeTalo());
    const ids = new Set<string>();
    for (const status of ['EXPIRED', 'PENDING', 'EXPIRED', 'PENDING']) {
      for (const event of await see('1', { payment_status: status })) ids.add(`${event.type} ${event.id}`);
    }
    expect([...ids].filter((id) => id.startsWith('payment.expired'))).toHaveLength(2);
    expect([...ids].filter((id) => id.startsWith('payment.updated'))).toHaveLength(4);
  });

  test('ids are the same with a new store: a lost inbox gives no fact a second name', async () => {
    const told = async () => {
      const talo = new FakeTalo();
      const { see } = watched(talo);
      return (await see('1', { payment_status: 'SUCCESS', transactions: [processed('a', '30000')] })).map(
        ({ id }) => id,
      );
    };
    expect(await told()).toEqual(await told());
  });

  test('an unknown status is told as payment.updated', async () => {
    const { see, types } = watched(new FakeTalo());
    expect(types(await see('1', { payment_status: 'FROZEN' }))).toEqual(['payment.updated']);
  });

  test('money on an expired payment is late', async () => {
    const { see } = watched(new FakeTalo());
    await see('1', { payment_status: 'EXPIRED' });
    const [transfer] = await see('1', { payment_status: 'EXPIRED', transactions: [processed('a', '30000')] });
    expect(transfer).toMatchObject({ type: 'payment.transfer', late: true });
  });

  test('a snapshot that lacks a known transfer changes nothing and is looked at again', async () => {
    const talo = new FakeTalo();
    const { engine, see, types } = watched(talo);
    await see('1', { payment_status: 'SUCCESS', transactions: [processed('a', '30000')] });
    talo.before = () => {
      if (talo.gets.length >= 3)
        talo.payment('1', {
          payment_status: 'OVERPAID',
          transactions: [processed('a', '30000'), processed('b', '1')],
        });
      return undefined;
    };
    expect(
      types(await see('1', { payment_status: 'UNDERPAID', transactions: [processed('b', '1')] })),
    ).toEqual(['payment.transfer', 'payment.overpaid', 'payment.updated']);
    expect(await engine.ledger.total()).toEqual(pesos(30001));
  });

  test('an older snapshot changes no status', async () => {
    const talo = new FakeTalo();
    const { see, engine } = watched(talo);
    await see('1', { payment_status: 'SUCCESS', last_modified_timestamp: '2026-02-02T00:00:00.000Z' });
    talo.payment('1', { payment_status: 'PENDING', last_modified_timestamp: '2026-02-01T00:00:00.000Z' });
    await engine.receive(paymentNotice('1'));
    await engine.drain({ budget: 1500 });
    expect(talo.gets.length).toBeGreaterThan(1);
    const again = await see('1', {
      payment_status: 'SUCCESS',
      last_modified_timestamp: '2026-02-02T00:00:00.000Z',
    });
    expect(again).toEqual([]);
  });

  test('a transfer with an unreadable amount is told with an issue and stops nothing', async () => {
    const { see } = watched(new FakeTalo());
    const transactions = [processed('a', '1.234'), processed('b', '100')];
    const [first, second] = await see('1', { payment_status: 'UNDERPAID', transactions });
    expect(first).toMatchObject({ transaction: { issues: [{ path: 'gross', code: 'unreadable' }] } });
    expect(second).toMatchObject({ transaction: { gross: pesos(100) } });
    expect(second).not.toHaveProperty('difference');
  });

  test.each(['__proto__', 'constructor', 'toString'])(
    'a transaction id %s is an id like any other',
    async (id) => {
      const { engine, see, types } = watched(new FakeTalo());
      const fields = JSON.parse(
        JSON.stringify({ payment_status: 'UNDERPAID', transactions: [processed(id, '1')] }),
      );
      expect(types(await see('1', fields))).toContain('payment.transfer');
      expect(await see('1', fields)).toEqual([]);
      expect(await engine.ledger.entries()).toHaveLength(1);
    },
  );
});

describe('a payment that is not ours', () => {
  const stranger = {
    external_id: 'order-1',
    webhook_url: 'https://evil.example/',
    payment_status: 'SUCCESS',
  };

  test('is told once as payment.foreign and never as another payment event', async () => {
    const talo = new FakeTalo();
    const { engine, see, types } = watched(talo);
    const fields = { ...stranger, transactions: [processed('a', '1')], price: { amount: 1 } };
    expect(types(await see('1', fields))).toEqual(['payment.foreign']);
    expect(await see('1', { ...fields, transactions: [processed('a', '1'), processed('b', '1')] })).toEqual(
      [],
    );
    expect(await engine.ledger.entries()).toEqual([]);
  });

  test('with a copied signed URL and another price is foreign', async () => {
    const talo = new FakeTalo();
    const { see, types } = watched(talo);
    const copied = talo.payment('1')['webhook_url'];
    const told = await see('2', {
      external_id: 'order-1',
      webhook_url: copied,
      price: { amount: 1 },
      payment_status: 'SUCCESS',
    });
    expect(types(told)).toEqual(['payment.foreign']);
  });

  test('of ours that somebody without this inbox re-priced is told with that reason, and ours once it is tracked', async () => {
    const talo = new FakeTalo();
    const { engine, see, hear, types } = watched(talo);
    const { webhook_url } = talo.payment('1');
    const fields = {
      webhook_url,
      price: { amount: 20000 },
      payment_status: 'SUCCESS',
      transactions: [processed('a', '20000')],
    };
    const [event, ...more] = await see('1', fields);
    expect(event).toMatchObject({ type: 'payment.foreign', reason: 'price-differs' });
    expect(more).toEqual([]);
    const before = await engine.stats();
    await engine.track([await clientOf(talo).payments.get('1')]);
    expect((await engine.stats()).hints).toBe(before.hints + 1);
    expect(types(await hear(paymentNotice('1')))).toContain('payment.paid');
  });

  test('at another price is kept as dead where nobody hears of foreign payments', async () => {
    const talo = new FakeTalo();
    const engine = engineOf(talo);
    engine.on('payment.paid', () => {});
    const { webhook_url } = talo.payment('1');
    talo.payment('1', { webhook_url, price: { amount: 20000 }, payment_status: 'SUCCESS' });
    await engine.receive(paymentNotice('1'));
    await engine.idle();
    expect(await engine.dead()).toMatchObject([{ type: 'payment.foreign' }]);
  });

  test('is not believed where Talo does not say whose it is', async () => {
    const talo = new FakeTalo();
    const { engine, events } = watched(talo);
    talo.resources.set('/payments/1', {});
    await engine.receive(paymentNotice('1'));
    await engine.drain({ budget: 50 });
    expect(events).toEqual([]);
  });

  test("another merchant's is foreign", async () => {
    const { see, types } = watched(new FakeTalo());
    expect(types(await see('1', { user_id: 'somebody', payment_status: 'SUCCESS' }))).toEqual([
      'payment.foreign',
    ]);
  });

  test('is proven by our own create, whatever its URL says', async () => {
    const talo = new FakeTalo();
    const client = clientOf(talo);
    const engine = new TaloWebhooks({ client, inbox: memoryInbox(), logger: silent });
    const { hear, types } = watched(talo, engine as never);
    const payment = await client.payments.create({ externalId: 'order-7', price: pesos(30000) });
    talo.payment(payment.id, {
      external_id: 'order-7',
      webhook_url: 'https://elsewhere.example/',
      payment_status: 'SUCCESS',
    });
    expect(types(await hear(paymentNotice(payment.id, 'order-7')))).toContain('payment.paid');
  });

  test('re-priced by us after it was proven stays ours', async () => {
    const talo = new FakeTalo();
    const { see, types } = watched(talo);
    await see('1', {});
    const { webhook_url } = talo.payment('1');
    const told = await see('1', { webhook_url, price: { amount: 20000 }, payment_status: 'SUCCESS' });
    expect(types(told)).toContain('payment.paid');
  });

  test.each([
    ['at another CVU', { quotes: [{ address: '0000000000000000000002' }] }],
    ['at another price, with a notification URL that is not ours', { price: { amount: 1 } }],
  ])(
    'that took the place of ours under its id is foreign (%s), and kept as dead where nobody hears',
    async (_how, fields) => {
      const talo = new FakeTalo();
      const { engine, see } = watched(talo);
      const ours = { quotes: [{ address: '0000000000000000000001' }] };
      await see('1', ours);
      const evil = { ...ours, ...fields, webhook_url: 'https://evil.example/', payment_status: 'SUCCESS' };
      const [event, ...more] = await see('1', evil);
      expect(event).toMatchObject({ type: 'payment.foreign', reason: 'replaced' });
      expect(more).toEqual([]);
      await engine.stop({ deadline: 0 });

      const deaf = engineOf(talo);
      deaf.on('payment.paid', () => {});
      talo.payment('1', ours);
      await deaf.receive(paymentNotice('1'));
      await deaf.idle();
      talo.payment('1', evil);
      await deaf.receive(paymentNotice('1'));
      await deaf.idle();
      expect(await deaf.dead()).toMatchObject([{ type: 'payment.foreign' }]);
    },
  );

  test('that took the place of ours with the address of its first price, which we have changed, is foreign', async () => {
    const talo = new FakeTalo();
    const { engine, see, types } = watched(talo);
    const client = clientOf(talo);
    const cheap = { price: { amount: 100 }, quotes: [{ address: '0000000000000000000001' }] };
    const { webhook_url } = talo.payment('1', cheap);
    // the address stays the one of the first price
    talo.payment('1', { ...cheap, price: { amount: 30_000 }, webhook_url });
    await engine.track([await client.payments.get('1')]);
    const other = { ...cheap, quotes: [{ address: '0000000000000000000002' }], webhook_url };
    const transactions = [processed('a', '100')];
    const [event, ...more] = await see('1', { ...other, payment_status: 'SUCCESS', transactions });
    expect(event).toMatchObject({ type: 'payment.foreign', reason: 'replaced' });
    expect(types(more)).toEqual([]);
    await engine.stop({ deadline: 0 });
  });

  test('without a secret and nothing tracked is told as unproven; an order that is tracked elsewhere is foreign', async () => {
    const talo = new FakeTalo();
    const client = clientOf(talo, { webhooks: { url: URL_BASE } });
    // in the days of the fixtures: what is older than the engine is no news on a stranger's word
    const engine = new TaloWebhooks({ client, inbox: memoryInbox(), logger: silent, clock: fastClock() });
    const { hear, types } = watched(talo, engine as never);
    talo.payment('1', { ...stranger, external_id: 'order-a' });
    const told = await hear(post(URL_BASE, { message: 'x', paymentId: '1' }));
    expect(types(told)).toContain('payment.paid');
    expect(told[0]?.origin).toBe('unproven');
    await client.payments.create({ externalId: 'order-b', price: pesos(30000) });
    talo.payment('2', { ...stranger, external_id: 'order-b' });
    expect(types(await hear(post(URL_BASE, { message: 'x', paymentId: '2' })))).toEqual(['payment.foreign']);
  });
});

describe('an account', () => {
  const url = signer.sign(URL_BASE, { kind: 'account', account: '', id: 'partner' });
  const notice = (userId: string) =>
    post(url, { message: 'account_activated', user_id: userId, referred_user_id: 'x' });

  test('activated is told once, a later change as updated', async () => {
    const talo = new FakeTalo();
    const { hear, types } = watched(talo);
    const put = (fields: object) =>
      talo.resources.set(`/users/${ACCOUNT}/account`, {
        user_id: ACCOUNT,
        account_status: 'ACTIVE',
        ...fields,
      });
    put({});
    expect(types(await hear(notice(ACCOUNT)))).toEqual(['account.activated']);
    expect(await hear(notice(ACCOUNT))).toEqual([]);
    put({ alias_prefix: 'bami' });
    expect(types(await hear(notice(ACCOUNT)))).toEqual(['account.updated']);
  });

  test('that is tracked while it waits is told of when it is activated, though no notification ever comes', async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const { engine, events, types } = watched(talo, engineOf(talo, { clock }));
    const put = (account_status: string) =>
      talo.resources.set(`/users/${ACCOUNT}/account`, { user_id: ACCOUNT, account_status });
    put('PENDING');
    await engine.start();
    await engine.track([await clientOf(talo).account.get()]);
    await engine.idle();
    put('ACTIVE');
    clock.advance(31 * 60_000);
    await engine.idle();
    expect(types(events)).toEqual(['account.activated']);
    await engine.stop();
  });
});
