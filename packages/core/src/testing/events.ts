import { decodeEvent, encodeEvent, type TaloEventOf, type TaloEventType } from '../webhooks/events.ts';
import { buildAccount, buildPayment, buildTransaction } from './builders.ts';

/** What you want to say of an event; the rest is filled in. */
export type EventContent<Type extends TaloEventType> = Partial<Omit<TaloEventOf<Type>, 'type'>>;

/**
 * An event as a handler gets it, for testing a handler by itself:
 * `await onPaid(buildEvent('payment.paid', { payment: buildPayment({ status: 'SUCCESS' }) }))`.
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
  if (type.startsWith('payment.')) subject['payment'] = buildPayment();
  if (type.startsWith('account.')) subject['account'] = buildAccount();
  if (type.endsWith('.transfer') || type === 'transfer.reversed') subject['transaction'] = buildTransaction();
  if (type === 'customer.transfer') subject['customerId'] = '123456789';
  if (type === 'payment.foreign') subject['reason'] = 'not-signed';
  // through the stored form, so that it is what a handler would get: no hidden fields, copies only
  const event = { ...base, ...subject, ...content, type } as never;
  return decodeEvent(encodeEvent(event), superseded) as TaloEventOf<Type>;
}
