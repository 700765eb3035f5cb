import type { Account } from '../../models/account.ts';
import type { Payment } from '../../models/payment.ts';
import { sum } from '../../models/read.ts';
import type { Transaction } from '../../models/transaction.ts';
import type { Money } from '../../money.ts';
import type { PaymentSnapshot, TaloEventType } from '../events.ts';
import { digest } from '../resource.ts';
import {
  type KnownTransaction,
  type Movement,
  mergeTransactions,
  type TransferMovement,
} from './movements.ts';
import type { News } from './pace.ts';
import type { ForeignReason } from './provenance.ts';
import { newRefunds, REFUNDED, type RefundRow } from './refunds.ts';
import { isOlder, type ResourceState, type Seen } from './state.ts';
import { type Draft, Teller } from './teller.ts';

/** What a look leads to. */
export interface Difference {
  /** The resource's id as its own GET returned it. */
  readonly id: string;
  readonly state: ResourceState;
  readonly events: readonly Draft[];
  readonly credits: readonly Movement[];
  /** The snapshot was older than what we know, or lacked part of it: look again. */
  readonly stale: boolean;
  /** What a webhook of it may tell of that is not shown yet. */
  readonly news?: News;
  /** When to look again without a hint. */
  readonly again?: (now: number) => number | undefined;
}

const STATUS_EVENT: Readonly<Record<string, TaloEventType>> = {
  SUCCESS: 'payment.succeeded',
  OVERPAID: 'payment.overpaid',
  UNDERPAID: 'payment.underpaid',
  EXPIRED: 'payment.expired',
  REJECTED: 'payment.rejected',
  CANCELLED: 'payment.cancelled',
  REFUNDED: 'payment.refunded',
};

const PAID: ReadonlySet<string> = /* @__PURE__ */ new Set(['SUCCESS', 'OVERPAID']);
const ENDED: ReadonlySet<string> = /* @__PURE__ */ new Set(['EXPIRED', 'REJECTED', 'CANCELLED']);
const NOTHING: ResourceState = { status: '', transactions: {}, told: {} };

/**
 * The events between the last confirmed state of a payment and this one.
 * @param rows refunds of this payment in Talo's ledger
 */
export function diffPayment(
  before: ResourceState | undefined,
  payment: Payment,
  seen: Seen,
  rows: readonly RefundRow[] = [],
): Difference {
  const known = before ?? NOTHING;
  const snapshot = snapshotOf(payment);
  const present = new Set(payment.transactions.map((transaction) => transaction.transactionId));
  const lacking = Object.entries(known.transactions).some(([id, { gone }]) => !gone && !present.has(id));
  const older =
    known.updatedAt !== undefined &&
    payment.updatedAt !== undefined &&
    payment.updatedAt.toISOString() < known.updatedAt;
  // what is older can never be the last word; what lacks a transfer is, once Talo keeps to it
  const stale = older || (lacking && seen.final !== true);
  const transactions = mergeTransactions(known, payment.transactions, stale, seen);
  const teller = new Teller(known, seen, payment.id);
  const late = isLate(known, payment, transactions.movements);
  const facts = { payment: snapshot, ...differenceOf(payment), ...(late && { late }) };
  for (const { kind, arrives, transaction, name } of transactions.movements) {
    if (kind === 'credit') teller.once('payment.transfer', name, { ...facts, transaction });
    if (!arrives) teller.once('transfer.reversed', name, { transaction, payment: snapshot });
  }
  const credits = transactions.movements;
  if (stale) {
    // one that is older is never the last word, however often it comes: then the count begins anew
    const count = seen.final === true ? 0 : (known.stale ?? 0) + 1;
    const state = { ...known, transactions: transactions.all, told: teller.told, stale: count };
    return { id: payment.id, state, events: teller.events, credits, stale: seen.final !== true };
  }
  const price = payment.price?.centavos;
  const nameless = payment.transactions.filter(({ transactionId }) => transactionId === '');
  const fingerprint = fingerprintOf(payment.status, price, transactions.all, nameless);
  const previous = known.status === '' ? {} : { previous: known.status };
  const event = STATUS_EVENT[payment.status];
  const arrived = credits.some(({ kind }) => kind === 'credit');
  const news = before !== undefined || arrived || !isOlder(payment.updatedAt ?? payment.createdAt, seen);
  if (news && known.status !== payment.status && event !== undefined) {
    teller.fact(event, fingerprint, { ...facts, ...previous });
  }
  const paid = known.paid === true || PAID.has(payment.status);
  if (news && paid && known.paid !== true) teller.once('payment.paid', [], { ...facts, ...previous });
  const refunds = newRefunds(payment, rows, known.refunds ?? [], news);
  const entered = [...(known.refunds ?? []), ...refunds.map(({ transactionId }) => transactionId)];
  // a refund that the status says nothing of is a change too
  const stated = entered.filter((id) => id !== REFUNDED).sort();
  const whole = stated.length > 0 ? digest(fingerprint, ...stated) : fingerprint;
  // a payment that is seen for the first time and still waits has not changed
  const first = known.status === '' && payment.status === 'PENDING' && payment.transactions.length === 0;
  if (news && !first && known.fingerprint !== whole) {
    teller.fact('payment.updated', whole, { ...facts, ...previous });
  }
  const state: ResourceState = {
    ...known,
    status: payment.status,
    price,
    cvu: payment.cvu ?? known.cvu,
    stale: 0,
    updatedAt: payment.updatedAt?.toISOString() ?? known.updatedAt,
    transactions: transactions.all,
    told: teller.told,
    fingerprint: whole,
    ...(entered.length > 0 && { refunds: entered }),
    ...(paid && { paid }),
  };
  return { id: payment.id, state, events: teller.events, credits: [...credits, ...refunds], stale };
}

/** A transfer to a customer's CVU: a resource that appears, and may be taken back. */
export function diffTransfer(
  before: ResourceState | undefined,
  transaction: Transaction,
  seen: Seen,
  customerId: string,
): Difference {
  const known = before ?? NOTHING;
  const { all, movements } = mergeTransactions(known, [transaction], false, seen);
  const teller = new Teller(known, seen, customerId);
  for (const { kind, arrives, transaction, name } of movements) {
    if (arrives && kind === 'baseline') continue;
    teller.once(arrives ? 'customer.transfer' : 'transfer.reversed', name, { customerId, transaction });
  }
  const state = { ...known, status: transaction.status, transactions: all, told: teller.told };
  const { transactionId: id } = transaction;
  const awaited = (all[id]?.turns ?? 0) === 0 && { news: 'awaited' as const };
  return { id, state, events: teller.events, credits: movements, stale: false, ...(awaited || {}) };
}

const ACCOUNT_EVENT: Readonly<Record<string, TaloEventType>> = {
  ACTIVE: 'account.activated',
  REJECTED: 'account.rejected',
  SUSPENDED: 'account.suspended',
};

export function diffAccount(before: ResourceState | undefined, account: Account, seen: Seen): Difference {
  const known = before ?? NOTHING;
  const { raw: _raw, ...snapshot } = account;
  const fingerprint = digest(JSON.stringify(snapshot));
  const teller = new Teller(known, seen, account.userId);
  const event = ACCOUNT_EVENT[account.status];
  if (known.status !== account.status && event !== undefined)
    teller.fact(event, fingerprint, { account: snapshot });
  const changed = known.fingerprint !== undefined && known.fingerprint !== fingerprint;
  if (changed && known.status === account.status) {
    teller.fact('account.updated', fingerprint, { account: snapshot });
  }
  const state = { ...known, status: account.status, told: teller.told, fingerprint };
  return { id: account.userId, state, events: teller.events, credits: [], stale: false };
}

/** A payment that is not ours: told once. */
export function diffForeign(
  before: ResourceState | undefined,
  payment: Payment,
  reason: ForeignReason,
  seen: Seen,
): Difference {
  const known = before ?? NOTHING;
  const teller = new Teller(known, seen, payment.id);
  if (known.told['payment.foreign'] === undefined) {
    teller.once('payment.foreign', [], { payment: snapshotOf(payment), ...differenceOf(payment), reason });
  }
  const told = { ...known.told, 'payment.foreign': 1 };
  return { id: payment.id, state: { ...known, told }, events: teller.events, credits: [], stale: false };
}

function fingerprintOf(
  status: string,
  price: number | undefined,
  transactions: Readonly<Record<string, KnownTransaction>>,
  nameless: readonly Transaction[],
): string {
  const sorted = Object.entries(transactions)
    .map(([id, { status }]) => [id, status])
    .sort();
  const others = nameless.map(({ status, gross, net }) => [status, gross?.centavos, net?.centavos]);
  return digest(status, String(price), JSON.stringify(sorted), ...others.map(String).sort());
}

function differenceOf(payment: Payment): { readonly difference?: Money } {
  const { received, price } = payment;
  const difference = received && price && sum(received.centavos, -price.centavos);
  return difference ? { difference } : {};
}

function isLate(known: ResourceState, payment: Payment, movements: readonly TransferMovement[]): boolean {
  const arrived = movements.filter(({ arrives }) => arrives);
  if (arrived.length === 0) return false;
  if (ENDED.has(known.status) || ENDED.has(payment.status)) return true;
  const ends = payment.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  return arrived.some(({ transaction }) => (transaction.createdAt?.getTime() ?? 0) > ends);
}

function snapshotOf(payment: Payment): PaymentSnapshot {
  const { raw: _raw, webhookUrl: _url, ...snapshot } = payment;
  return { ...snapshot, transactions: payment.transactions.map(({ raw: _, ...transaction }) => transaction) };
}
