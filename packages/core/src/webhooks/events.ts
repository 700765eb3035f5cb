import type { Account } from '../models/account.ts';
import type { Payment, PaymentStatus } from '../models/payment.ts';
import type { Transaction } from '../models/transaction.ts';
import type { Money } from '../money.ts';
import type { ForeignReason } from './look/provenance.ts';

/** A transfer as an event holds it: plain data, without what Talo sent. */
export type TransactionSnapshot = Omit<Transaction, 'raw'>;
/** A payment as an event holds it: plain data, without what Talo sent and without the signed URL. */
export type PaymentSnapshot = Omit<Payment, 'raw' | 'webhookUrl' | 'transactions'> & {
  readonly transactions: readonly TransactionSnapshot[];
};
/** A merchant's account as an event holds it: plain data, without what Talo sent. */
export type AccountSnapshot = Omit<Account, 'raw'>;

/**
 * How we came to know: told by a notification, found by reconciling, imported, or `unproven`: nothing shows that this
 * payment was made by us, and no secret is configured that could.
 */
export type Origin = 'webhook' | 'reconcile' | 'track' | 'unproven';

interface Base<Type extends string> {
  /** Names this fact for ever: the same after a crash, a repeat, or with a new store. Deduplicate by it. */
  readonly id: string;
  readonly type: Type;
  /** When it was confirmed with Talo. */
  readonly at: Date;
  readonly accountId: string;
  readonly origin: Origin;
  /** A newer state of the same resource was confirmed before this was delivered; `context.current()` has it. */
  readonly superseded: boolean;
}

interface OfPayment<Type extends string> extends Base<Type> {
  /**
   * As it was confirmed, with every transfer it had by then. Each event is stored by itself, so what one payment takes in
   * the inbox grows with the square of its transfers: what many pay into is a customer, not a payment.
   */
  readonly payment: PaymentSnapshot;
  /** Received less price: negative where money is missing. Absent where either is unknown. */
  readonly difference?: Money;
  /** Money came after the payment had ended or expired. */
  readonly late?: boolean;
}

interface OfStatus<Type extends string> extends OfPayment<Type> {
  /** The status confirmed before, if there was one. */
  readonly previous?: PaymentStatus;
}

interface OfAccount<Type extends string> extends Base<Type> {
  readonly account: AccountSnapshot;
}

type PaymentStatusEvent =
  | 'payment.succeeded'
  | 'payment.overpaid'
  | 'payment.underpaid'
  | 'payment.expired'
  | 'payment.rejected'
  | 'payment.cancelled'
  | 'payment.refunded'
  | 'payment.updated';

type AccountEvent = 'account.activated' | 'account.rejected' | 'account.suspended' | 'account.updated';

/** A transfer reached a customer's CVU. One per bank transaction. */
export interface CustomerTransferEvent extends Base<'customer.transfer'> {
  readonly customerId: string;
  readonly transaction: TransactionSnapshot;
}

/** A transfer reached a payment's CVU. One per bank transaction. */
export interface PaymentTransferEvent extends OfPayment<'payment.transfer'> {
  readonly transaction: TransactionSnapshot;
}

/** A payment in our name that nothing shows to be ours. */
export interface PaymentForeignEvent extends OfPayment<'payment.foreign'> {
  readonly reason: ForeignReason;
}

/** A transfer that had been credited is no longer processed. */
export interface TransferReversedEvent extends Base<'transfer.reversed'> {
  readonly transaction: TransactionSnapshot;
  readonly payment?: PaymentSnapshot;
  readonly customerId?: string;
}

/** Everything the engine tells of, by `type`. */
export type TaloEvent =
  | CustomerTransferEvent
  | PaymentTransferEvent
  | TransferReversedEvent
  /** The first time a payment is SUCCESS or OVERPAID: once per payment. */
  | OfStatus<'payment.paid'>
  /** Somebody else's payment in our name: recorded, reported, never another `payment.*`. */
  | PaymentForeignEvent
  | { [Type in PaymentStatusEvent]: OfStatus<Type> }[PaymentStatusEvent]
  | { [Type in AccountEvent]: OfAccount<Type> }[AccountEvent];

/** The name of an event. */
export type TaloEventType = TaloEvent['type'];

/** Every name there is. */
export const EVENT_TYPES: readonly TaloEventType[] = [
  'customer.transfer',
  'payment.transfer',
  'payment.paid',
  'payment.succeeded',
  'payment.overpaid',
  'payment.underpaid',
  'payment.expired',
  'payment.rejected',
  'payment.cancelled',
  'payment.refunded',
  'payment.updated',
  'payment.foreign',
  'transfer.reversed',
  'account.activated',
  'account.rejected',
  'account.suspended',
  'account.updated',
];

/** The event of a name: `TaloEventOf<'payment.paid'>`. */
export type TaloEventOf<Type extends TaloEventType> = Extract<TaloEvent, { readonly type: Type }>;

const DATES: ReadonlySet<string> = /* @__PURE__ */ new Set(['at', 'createdAt', 'expiresAt', 'updatedAt']);

/** An event as it is stored: what is hidden in a model (`raw`, the signed URL) stays out by itself. */
export function encodeEvent(event: Omit<TaloEvent, 'superseded'>): string {
  return JSON.stringify(event);
}

/** A fresh copy for each handler, so that none can change what another sees. */
export function decodeEvent(payload: string, superseded: boolean): TaloEvent {
  const event = JSON.parse(payload, (key, value) =>
    typeof value === 'string' && DATES.has(key) ? new Date(value) : value,
  );
  return { ...event, superseded };
}
