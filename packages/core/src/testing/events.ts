import type { Payment } from '../models/payment.ts';
import { decodeEvent, encodeEvent, type TaloEventOf, type TaloEventType } from '../webhooks/events.ts';
import { buildAccount, buildPayment, buildTransaction } from './builders.ts';

const ACCOUNT: Readonly<Record<string, string>> = {
  'account.rejected': 'REJECTED',
  'account.suspended': 'SUSPENDED',
};

/** By event, the status that it tells of and how many transfers of 15.000 came, of a price of 30.000. */
const PAYMENT: Readonly<Record<string, readonly [status: string, transfers: number]>> = {
  'payment.transfer': ['UNDERPAID', 1],
  'payment.paid': ['SUCCESS', 2],
  'payment.succeeded': ['SUCCESS', 2],
  'payment.overpaid': ['OVERPAID', 3],
  'payment.underpaid': ['UNDERPAID', 1],
  'payment.expired': ['EXPIRED', 0],
  'payment.rejected': ['REJECTED', 0],
  'payment.cancelled': ['CANCELLED', 0],
  'payment.refunded': ['REFUNDED', 2],
};

function paymentOf(type: string): Payment {
  const [status, transfers] = PAYMENT[type] ?? ['PENDING', 0];
  const { transactionId, ...first } = buildTransaction();
  const transactions = Array.from({ length: transfers }, (_, i) =>
    buildTransaction({ ...first, transactionId: i === 0 ? transactionId : `${transactionId}-${i + 1}` }),
  );
  return buildPayment({ status, transactions });
}

/** What you want to say of an event; the rest is filled in. */
export type EventContent<Type extends TaloEventType> = Partial<Omit<TaloEventOf<Type>, 'type'>>;

/**
 * An event as a handler gets it, for testing a handler by itself: `await onPaid(buildEvent('payment.paid'))`. What it
 * tells of has the status that goes with its name, unless you say otherwise.
 */
export function buildEvent<Type extends TaloEventType>(
  type: Type,
  content: EventContent<Type> = {},
): TaloEventOf<Type> {
  const { superseded = false } = content;
  const base = {
    id: `test-${type}`,
    at: new Date(Date.UTC(2026, 0, 1)),
    accountId: buildAccount().userId,
    origin: 'webhook',
  };
  const subject: Record<string, unknown> = {};
  if (type.startsWith('payment.')) subject['payment'] = paymentOf(type);
  if (type.startsWith('account.')) subject['account'] = buildAccount({ status: ACCOUNT[type] ?? 'ACTIVE' });
  if (type.endsWith('.transfer')) subject['transaction'] = buildTransaction();
  if (type === 'transfer.reversed') subject['transaction'] = buildTransaction({ status: 'REVERSED' });
  if (type === 'customer.transfer' || type === 'transfer.reversed') subject['customerId'] = '123456789';
  if (type === 'payment.foreign') subject['reason'] = 'not-signed';
  // through the stored form, so that it is what a handler would get: no hidden fields, copies only
  const event = { ...base, ...subject, ...content, type } as never;
  return decodeEvent(encodeEvent(event), superseded) as TaloEventOf<Type>;
}
