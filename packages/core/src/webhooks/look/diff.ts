import type { Account } from '../../models/account.ts';
import type { Payment } from '../../models/payment.ts';
import { sum } from '../../models/read.ts';
import type { Transaction } from '../../models/transaction.ts';
import type { Money } from '../../money.ts';
import type { Origin, PaymentSnapshot, TaloEvent, TaloEventType, TransactionSnapshot } from '../events.ts';
import { digest, type Place } from '../resource.ts';
import type { ForeignReason } from './provenance.ts';

/** The last confirmed state of a resource, as it is kept between looks. */
export interface ResourceState {
  readonly status: string;
  /** Of a payment, in centavos. */
  readonly price?: number | undefined;
  readonly updatedAt?: string | undefined;
  /** Every transaction ever seen, by id: a snapshot that lacks one does not undo it. */
  readonly transactions: Readonly<Record<string, KnownTransaction>>;
  /** How often each fact has been told: the same fact again, after another, is a new event. */
  readonly told: Readonly<Record<string, number>>;
  readonly paid?: boolean;
  readonly proven?: boolean;
  /** What material change is judged by. */
  readonly fingerprint?: string;
}

interface KnownTransaction extends Amounts {
  readonly status: string;
  /** How often it was credited or taken back: odd while it is credited. */
  readonly turns: number;
  /** Was there before us: nothing was credited, so nothing can be taken back. */
  readonly baseline?: boolean;
  /** Talo shows it no more, and kept to that. */
  readonly gone?: boolean;
}

/** What was credited: what goes back is that, whatever the transfer says by then. */
type Amounts = Pick<TransactionSnapshot, 'gross' | 'net' | 'commission'>;

type Draft = Omit<TaloEvent, 'superseded'> & { readonly type: TaloEventType };

/** Money that came or went back. */
export interface Movement {
  readonly kind: 'credit' | 'reversal';
  /** Of money that was there before us: kept, but no part of what we credited. */
  readonly baseline: boolean;
  readonly transaction: TransactionSnapshot;
  readonly amounts: Amounts;
  /** Counts the movements of this transaction: 1 is its credit, and all there is unless it is taken back. */
  readonly turn: number;
}

/** What a look leads to. */
export interface Difference {
  /** The resource's id as its own GET returned it. */
  readonly id: string;
  readonly state: ResourceState;
  readonly events: readonly Draft[];
  readonly credits: readonly Movement[];
  /** The snapshot was older than what we know, or lacked part of it: look again. */
  readonly stale: boolean;
  /** When to look again without a hint. */
  readonly again?: (now: number) => number | undefined;
}

export interface Seen {
  readonly place: Place;
  readonly origin: Origin;
  readonly at: Date;
  /** Milliseconds since 1970: what is older and was not notified is no news. */
  readonly baseline?: number;
  /** Talo kept to a snapshot that lacks a transfer we know: take it as it is. */
  readonly final?: boolean;
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

/** The events between the last confirmed state of a payment and this one. */
export function diffPayment(before: ResourceState | undefined, payment: Payment, seen: Seen): Difference {
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
  for (const { kind, baseline, transaction, turn } of transactions.movements) {
    const id = [transaction.transactionId, turn];
    if (kind === 'credit' && !baseline) teller.once('payment.transfer', id, { ...facts, transaction });
    if (kind === 'reversal') teller.once('transfer.reversed', id, { transaction, payment: snapshot });
  }
  const credits = transactions.movements;
  if (stale) {
    const state = { ...known, transactions: transactions.all, told: teller.told };
    return { id: payment.id, state, events: teller.events, credits, stale };
  }
  const price = payment.price?.centavos;
  const nameless = payment.transactions.filter(({ transactionId }) => transactionId === '');
  const fingerprint = fingerprintOf(payment.status, price, transactions.all, nameless);
  const previous = known.status === '' ? {} : { previous: known.status };
  const event = STATUS_EVENT[payment.status];
  const news = before !== undefined || !isOlder(payment.updatedAt ?? payment.createdAt, seen);
  if (news && known.status !== payment.status && event !== undefined) {
    teller.fact(event, fingerprint, { ...facts, ...previous });
  }
  const paid = known.paid === true || PAID.has(payment.status);
  if (news && paid && known.paid !== true) teller.once('payment.paid', [], { ...facts, ...previous });
  // a payment that is seen for the first time and still waits has not changed
  const first = known.status === '' && payment.status === 'PENDING' && payment.transactions.length === 0;
  if (news && !first && known.fingerprint !== fingerprint) {
    teller.fact('payment.updated', fingerprint, { ...facts, ...previous });
  }
  const state: ResourceState = {
    ...known,
    status: payment.status,
    price,
    updatedAt: payment.updatedAt?.toISOString() ?? known.updatedAt,
    transactions: transactions.all,
    told: teller.told,
    fingerprint,
    ...(paid && { paid }),
  };
  return { id: payment.id, state, events: teller.events, credits, stale };
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
  for (const { kind, baseline, transaction, turn } of movements) {
    if (kind === 'credit' && baseline) continue;
    const type = kind === 'credit' ? 'customer.transfer' : 'transfer.reversed';
    teller.once(type, [transaction.transactionId, turn], { customerId, transaction });
  }
  const state = { ...known, status: transaction.status, transactions: all, told: teller.told };
  return { id: transaction.transactionId, state, events: teller.events, credits: movements, stale: false };
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

/** Gives each event its id: a hash of what it says, never of when it was said. */
class Teller {
  readonly events: Draft[] = [];
  readonly told: Record<string, number>;
  readonly #seen: Seen;
  readonly #id: string;

  /** @param id the resource's id as its own GET returns it, which need not be the one we were told */
  constructor(known: ResourceState, seen: Seen, id: string) {
    this.told = { ...known.told };
    this.#seen = seen;
    this.#id = id;
  }

  /** A fact that is told once for ever: a transfer, or the first time paid. */
  once(type: TaloEventType, what: readonly (string | number)[], content: object): void {
    this.#add(type, digest(type, ...this.#where(), ...what.map(String)), content);
  }

  /** A state, which may come back: the same again, after another, is a new event. */
  fact(type: TaloEventType, fingerprint: string, content: object): void {
    const name = `${type} ${fingerprint}`;
    const times = (this.told[name] ?? 0) + 1;
    this.told[name] = times;
    this.#add(type, digest(type, ...this.#where(), fingerprint, String(times)), content);
  }

  #where(): readonly string[] {
    const { environment, accountId, resource } = this.#seen.place;
    return [environment, accountId, resource.kind, this.#id];
  }

  #add(type: TaloEventType, id: string, content: object): void {
    const { at, origin, place } = this.#seen;
    this.events.push({ id, type, at, accountId: place.accountId, origin, ...content } as Draft);
  }
}

interface Merged {
  readonly all: Readonly<Record<string, KnownTransaction>>;
  readonly movements: readonly Movement[];
}

/** Statuses that say money went back. Any other that we do not know changes no balance. */
const TAKEN_BACK = /^(REVERS(ED|AL)|REFUNDED|RETURNED|REJECTED|CANCELL?ED|FAILED|BOUNCED|CHARGE(D_)?BACK)$/i;

/** The union over snapshots. What is processed for the first time has arrived; an older snapshot takes nothing back. */
function mergeTransactions(
  known: ResourceState,
  now: readonly Transaction[],
  stale: boolean,
  seen: Seen,
): Merged {
  const all = new Map(Object.entries(known.transactions));
  const movements: Movement[] = [];
  const ordered = distinct(now).sort((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0));
  for (const { raw: _raw, ...transaction } of ordered) {
    const { transactionId, status } = transaction;
    const last = all.get(transactionId) ?? { status: '', turns: 0 };
    const credited = last.turns % 2 === 1;
    // an older snapshot can show us a transfer, but not undo or repeat what became of it since
    const settled = stale && last.turns > 0;
    const moves = !settled && (credited ? TAKEN_BACK.test(status) : status === 'PROCESSED');
    const turns = last.turns + (moves ? 1 : 0);
    const baseline = credited ? last.baseline === true : isOlder(transaction.createdAt, seen);
    const amounts = credited ? amountsOf(last) : amountsOf(transaction);
    if (moves)
      movements.push({ kind: credited ? 'reversal' : 'credit', baseline, transaction, amounts, turn: turns });
    if (moves) all.set(transactionId, { status, turns, ...amounts, ...(baseline && { baseline }) });
    else if (!stale || last.status === '') all.set(transactionId, { ...last, status, gone: false });
  }
  if (seen.final && !stale) {
    const present = new Set(now.map(({ transactionId }) => transactionId));
    for (const [id, known] of all) if (!present.has(id)) all.set(id, { ...known, gone: true });
  }
  return { all: Object.fromEntries(all), movements };
}

/**
 * Each transfer once. One without an id cannot be credited, because nothing tells it from the next; one that is listed
 * twice counts as what takes money back.
 */
function distinct(transactions: readonly Transaction[]): Transaction[] {
  const byId = new Map<string, Transaction>();
  for (const transaction of transactions) {
    const { transactionId } = transaction;
    const listed = byId.get(transactionId);
    if (transactionId !== '' && !(listed && TAKEN_BACK.test(listed.status)))
      byId.set(transactionId, transaction);
  }
  return [...byId.values()];
}

function amountsOf({ gross, net, commission }: Amounts): Amounts {
  return { ...(gross && { gross }), ...(net && { net }), ...(commission && { commission }) };
}

function isOlder(date: Date | undefined, { baseline }: Seen): boolean {
  return baseline !== undefined && date !== undefined && date.getTime() < baseline;
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

function isLate(known: ResourceState, payment: Payment, movements: readonly Movement[]): boolean {
  const arrived = movements.filter(({ kind }) => kind === 'credit');
  if (arrived.length === 0) return false;
  if (ENDED.has(known.status) || ENDED.has(payment.status)) return true;
  const ends = payment.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  return arrived.some(({ transaction }) => (transaction.createdAt?.getTime() ?? 0) > ends);
}

function snapshotOf(payment: Payment): PaymentSnapshot {
  const { raw: _raw, webhookUrl: _url, ...snapshot } = payment;
  return { ...snapshot, transactions: payment.transactions.map(({ raw: _, ...transaction }) => transaction) };
}
