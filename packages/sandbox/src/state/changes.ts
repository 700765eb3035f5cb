import type { ChangedSettings } from '../settings.ts';
import type {
  BankTransfer,
  Customer,
  Grant,
  LedgerRow,
  Merchant,
  Payment,
  PendingAttempt,
  State,
  Transaction,
} from './records.ts';
import { ownKey } from './records.ts';

/** A sandbox's whole state as plain JSON data: a snapshot, a file, a test's beginning. */
export interface Fixture {
  readonly format: 'talo-sandbox-1';
  /** Where its ids come from. */
  readonly seed: string;
  /** ISO 8601: the sandbox's time. */
  readonly now: string;
  /** How far each sequence of ids is. */
  readonly ids: Readonly<Record<string, number>>;
  readonly partner: { readonly webhookUrl?: string | undefined; readonly redirectUri: string };
  /** What was changed while it ran. Without them, a restore leaves the settings as they are. */
  readonly settings?: ChangedSettings;
  /** In the order in which they came to be. */
  readonly rows: readonly Row[];
}

/** What a transaction belongs to. */
export interface Owner {
  readonly kind: 'payment' | 'customer';
  /** {@link ownKey} of the payment or customer. */
  readonly key: string;
}

/** A record that is new or different, or, without a record, gone. */
export type Change =
  | { readonly kind: 'merchant'; readonly record: Merchant }
  | { readonly kind: 'payment'; readonly record: Payment }
  | { readonly kind: 'customer'; readonly record: Customer }
  | { readonly kind: 'transaction'; readonly owner: Owner; readonly record: Transaction }
  | { readonly kind: 'transfer'; readonly record: BankTransfer }
  | { readonly kind: 'ledger'; readonly record: LedgerRow }
  | { readonly kind: 'code'; readonly key: string; readonly record: Grant | undefined }
  | { readonly kind: 'pending'; readonly key: string; readonly record: PendingAttempt | undefined };

/** A record as a storage keeps it: rows are in the order in which the records came to be. */
export interface Row {
  readonly kind: Change['kind'];
  readonly key: string;
  /** Plain JSON data. */
  readonly value: unknown;
}

export function keyOf(change: Change): string {
  switch (change.kind) {
    case 'merchant':
      return change.record.userId;
    case 'payment':
      return ownKey(change.record.userId, change.record.id);
    case 'customer':
      return ownKey(change.record.userId, change.record.customerId);
    case 'transaction':
      return `${change.owner.kind}\n${change.owner.key}\n${change.record.id}`;
    case 'transfer':
    case 'ledger':
      return change.record.id;
    case 'code':
    case 'pending':
      return change.key;
  }
}

/** The row of a change; `undefined` for a record that is gone. */
export function recordOf(change: Change): unknown {
  switch (change.kind) {
    case 'payment': {
      // transactions are rows of their own: a resource with thousands is not written whole for each
      const { transactions: _, lagging: __, ...rest } = change.record;
      return rest;
    }
    case 'customer': {
      const { transactions: _, ...rest } = change.record;
      return rest;
    }
    case 'transaction':
      return { owner: change.owner, ...change.record };
    default:
      return change.record;
  }
}

/** Everything in the state, record by record. */
export function* changesOf(state: State): Generator<Change> {
  for (const record of state.merchants.values()) yield { kind: 'merchant', record };
  for (const [key, record] of state.payments) {
    yield { kind: 'payment', record };
    for (const transaction of record.transactions) {
      yield { kind: 'transaction', owner: { kind: 'payment', key }, record: transaction };
    }
  }
  for (const [key, record] of state.customers) {
    yield { kind: 'customer', record };
    for (const transaction of record.transactions) {
      yield { kind: 'transaction', owner: { kind: 'customer', key }, record: transaction };
    }
  }
  for (const record of state.transfers) yield { kind: 'transfer', record };
  for (const record of state.ledger) yield { kind: 'ledger', record };
  for (const [key, record] of state.codes) yield { kind: 'code', key, record };
  for (const [key, record] of state.pending) yield { kind: 'pending', key, record };
}

export function rowOf(change: Change): Row {
  return { kind: change.kind, key: keyOf(change), value: recordOf(change) };
}
