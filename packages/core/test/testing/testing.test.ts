import { describe, expect, expectTypeOf, test } from 'vitest';
import { pesos } from '../../src/index.ts';
import {
  buildAccount,
  buildCustomer,
  buildEvent,
  buildPayment,
  buildTransaction,
  manualClock,
  signedNotification,
} from '../../src/testing/index.ts';
import type { TaloEventOf } from '../../src/webhooks/index.ts';
import { clientOf, engineOf, FakeTalo } from '../webhooks/support.ts';

describe('builders', () => {
  test('make models that hide what the real ones hide', () => {
    const raw = { secret: 'wire' };
    const models = [
      buildPayment({ raw, webhookUrl: 'https://x.example/?talo=mac' }),
      buildCustomer({ raw }),
      buildTransaction({ raw }),
      buildAccount({ raw }),
    ];
    for (const model of models) {
      expect(model.raw).toBe(raw);
      expect(JSON.stringify(model)).not.toMatch(/wire|mac/);
    }
  });

  test('a payment has received what its transactions say', () => {
    const transactions = [buildTransaction(), buildTransaction({ transactionId: 'b', gross: pesos(1) })];
    expect(buildPayment({ status: 'UNDERPAID', transactions }).received).toEqual(pesos(15001));
    expect(buildPayment({ status: 'SUCCESS' }).received).toBeUndefined();
  });

  test('an event is typed by its name and is what a handler gets', () => {
    const event = buildEvent('payment.paid', { payment: buildPayment({ status: 'SUCCESS', raw: { a: 1 } }) });
    expectTypeOf(event).toEqualTypeOf<TaloEventOf<'payment.paid'>>();
    expect(event).toMatchObject({ type: 'payment.paid', payment: { status: 'SUCCESS' }, superseded: false });
    expect(event.at).toBeInstanceOf(Date);
    expect(event.payment.createdAt).toBeInstanceOf(Date);
    expect(event.payment).not.toHaveProperty('raw');
    expect(buildEvent('customer.transfer').transaction.gross).toEqual(pesos(15000));
    expect(buildEvent('account.activated').account.status).toBe('ACTIVE');
  });

  test.each([
    ['payment.paid', 'SUCCESS', 30000],
    ['payment.overpaid', 'OVERPAID', 45000],
    ['payment.underpaid', 'UNDERPAID', 15000],
    ['payment.expired', 'EXPIRED', 0],
  ] as const)('an event tells of the state that its name says: %s', (type, status, received) => {
    const { payment } = buildEvent(type);
    expect(payment.status).toBe(status);
    expect(payment.received).toEqual(pesos(received));
  });

  test('of a reversal the transfer is reversed, of a suspension the account suspended', () => {
    expect(buildEvent('transfer.reversed').transaction.status).toBe('REVERSED');
    expect(buildEvent('account.suspended').account.status).toBe('SUSPENDED');
  });
});

test('a signed notification is let in by the engine of the same client', async () => {
  const talo = new FakeTalo();
  const client = clientOf(talo);
  const engine = engineOf(talo, { client });
  await engine.start();
  const notices = [
    signedNotification(client, { payment: { id: 'VAR-1', externalId: 'order-1', price: pesos(30000) } }),
    signedNotification(client, { customerId: '42', transactionId: 't' }),
    signedNotification(client, { userId: client.accountId ?? '' }),
  ];
  for (const notice of notices) expect((await engine.fetch(notice)).status).toBe(200);
  await engine.stop({ deadline: 0 });
});

test('a manual clock runs what is due in order, and only when it is moved', () => {
  const clock = manualClock();
  const ran: string[] = [];
  clock.setTimeout(() => ran.push(`b ${clock.monotonic()}`), 20);
  clock.setTimeout(() => {
    ran.push(`a ${clock.monotonic()}`);
    clock.setTimeout(() => ran.push(`c ${clock.monotonic()}`), 5);
  }, 10);
  const never = clock.setTimeout(() => ran.push('never'), 15);
  clock.clearTimeout(never);
  expect(ran).toEqual([]);
  clock.advance(100);
  expect(ran).toEqual(['a 10', 'c 15', 'b 20']);
  expect(clock.now()).toBe(Date.UTC(2026, 0, 1) + 100);
});
