import type { Account } from '../../models/account.ts';
import { type Payment, receivedOf } from '../../models/payment.ts';
import { sum } from '../../models/read.ts';
import type { Transaction } from '../../models/transaction.ts';
import type { Money } from '../../money.ts';
import type { Origin, PaymentSnapshot, TaloEvent, TaloEventType, TransactionSnapshot } from '../events.ts';
import { digest, type Place } from '../resource.ts';

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

interface KnownTransaction {
  readonly status: string;
  /** How often it was credited or taken back: odd while it is credited. */
  readonly turns: number;
}

type Draft = Omit<TaloEvent, 'superseded'> & { readonly type: TaloEventType };

/** Money that came or went back. */
export interface Movement {
  /** `baseline`: money that was there before us, kept without telling of it. */
  readonly kind: 'credit' | 'reversal' | 'baseline';
  readonly transaction: TransactionSnapshot;
  /** Counts the movements of this transaction: 1 is its credit, and all there is unless it is taken back. */
  readonly turn: number;
}

/** What a look leads to. */
export interface Difference {
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
  const lacking = Object.keys(known.transactions).some((id) => !present.has(id));
  const older =
    known.updatedAt !== undefined &&
    payment.updatedAt !== undefined &&
    payment.updatedAt.toISOString() < known.updatedAt;
  const stale = lacking || older;
  const transactions = mergeTransactions(known, payment.transactions, stale, seen);
  const teller = new Teller(known, seen);
  const late = isLate(known, payment, transactions.movements);
  const facts = { payment: snapshot, ...differenceOf(payment), ...(late && { late }) };
  for (const { kind, transaction, turn } of transactions.movements) {
    const id = [transaction.transactionId, turn];
    if (kind === 'credit') teller.once('payment.transfer', id, { ...facts, transaction });
    if (kind === 'reversal') teller.once('transfer.reversed', id, { transaction, payment: snapshot });
  }
  const credits = transactions.movements;
  if (stale) {
    const state = { ...known, transactions: transactions.all, told: teller.told };
    return { state, events: teller.events, credits, stale };
  }
  const price = payment.price?.centavos;
  const fingerprint = fingerprintOf(payment.status, price, transactions.all);
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
  return { state, events: teller.events, credits, stale };
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
  const teller = new Teller(known, seen);
  for (const { kind, transaction, turn } of movements) {
    if (kind === 'baseline') continue;
    const type = kind === 'credit' ? 'customer.transfer' : 'transfer.reversed';
    teller.once(type, [transaction.transactionId, turn], { customerId, transaction });
  }
  const state = { ...known, status: transaction.status, transactions: all, told: teller.told };
  return { state, events: teller.events, credits: movements, stale: false };
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
  const teller = new Teller(known, seen);
  const event = ACCOUNT_EVENT[account.status];
  if (known.status !== account.status && event !== undefined)
    teller.fact(event, fingerprint, { account: snapshot });
  if (known.fingerprint !== undefined && known.fingerprint !== fingerprint) {
    teller.fact('account.updated', fingerprint, { account: snapshot });
  }
  const state = { ...known, status: account.status, told: teller.told, fingerprint };
  return { state, events: teller.events, credits: [], stale: false };
}

/** A payment that is not ours: told once. */
export function diffForeign(before: ResourceState | undefined, payment: Payment, seen: Seen): Difference {
  const known = before ?? NOTHING;
  const teller = new Teller(known, seen);
  if (known.told['payment.foreign'] === undefined) {
    teller.once('payment.foreign', [], { payment: snapshotOf(payment), ...differenceOf(payment) });
  }
  const told = { ...known.told, 'payment.foreign': 1 };
  return { state: { ...known, told }, events: teller.events, credits: [], stale: false };
}

/** Gives each event its id: a hash of what it says, never of when it was said. */
class Teller {
  readonly events: Draft[] = [];
  readonly told: Record<string, number>;
  readonly #seen: Seen;

  constructor(known: ResourceState, seen: Seen) {
    this.told = { ...known.told };
    this.#seen = seen;
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
    // of a transfer, the id that counts is the one its own GET returns, not the one we were told
    const id = resource.kind === 'transfer' ? resource.customerId : resource.id;
    return [environment, accountId, resource.kind, id];
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
const TAKEN_BACK = /REVERS|REFUND|RETURN|REJECT|CANCEL|FAIL|BOUNCE|CHARGEBACK/i;

/** The union over snapshots. What is processed for the first time has arrived; an older snapshot takes nothing back. */
function mergeTransactions(
  known: ResourceState,
  now: readonly Transaction[],
  stale: boolean,
  seen: Seen,
): Merged {
  const all = new Map(Object.entries(known.transactions));
  const movements: Movement[] = [];
  const ordered = [...now].sort((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0));
  for (const { raw: _raw, ...transaction } of ordered) {
    const { transactionId, status } = transaction;
    // without an id nothing tells this transfer from the next one: it cannot be credited once
    if (transactionId === '') continue;
    const last = all.get(transactionId);
    const credited = (last?.turns ?? 0) % 2 === 1;
    const moves = credited ? !stale && TAKEN_BACK.test(status) : status === 'PROCESSED';
    const turn = (last?.turns ?? 0) + (moves ? 1 : 0);
    const arrival = isOlder(transaction.createdAt, seen) ? 'baseline' : 'credit';
    if (moves) movements.push({ kind: credited ? 'reversal' : arrival, transaction, turn });
    if (last === undefined || moves || !stale) all.set(transactionId, { status, turns: turn });
  }
  return { all: Object.fromEntries(all), movements };
}

function isOlder(date: Date | undefined, { baseline }: Seen): boolean {
  return baseline !== undefined && date !== undefined && date.getTime() < baseline;
}

function fingerprintOf(
  status: string,
  price: number | undefined,
  transactions: Readonly<Record<string, KnownTransaction>>,
): string {
  const sorted = Object.entries(transactions)
    .map(([id, { status }]) => [id, status])
    .sort();
  return digest(status, String(price), JSON.stringify(sorted));
}

function differenceOf(payment: Payment): { readonly difference?: Money } {
  const received = payment.received ?? receivedOf(payment.status, payment.transactions);
  const difference = received && payment.price && sum(received.centavos, -payment.price.centavos);
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
