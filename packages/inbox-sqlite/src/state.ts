import { centavos, type Money } from '@talo/core';
import type { Credit, CreditFilter, Remembered, Unit } from '@talo/core/webhooks';
import { hashOf } from './hash.ts';
import { addEvent } from './outbox.ts';
import type { Session } from './session.ts';
import type { Batch } from './write-batch.ts';

const FIND = 'SELECT id, version FROM talo_states WHERE hash = ? AND key = ?';
const KNOWN = 'SELECT 1 FROM talo_states WHERE hash = ? AND key = ? AND state IS NOT NULL';
const STORE = 'INSERT INTO talo_states (hash, key, state, version) VALUES (?, ?, ?, ?)';
const REPLACE = 'UPDATE talo_states SET state = ?, version = ? WHERE id = ?';
const CREDIT = `INSERT INTO talo_credits
  (hash, key, kind, environment, account_id, payment_id, customer_id, transaction_id,
   gross_centavos, net_centavos, commission_centavos, made_at, at)
  SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
  WHERE NOT EXISTS (SELECT 1 FROM talo_credits WHERE hash = ? AND key = ?)`;
const REMEMBER = `INSERT INTO talo_remembered (key, value) VALUES (?, ?)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value`;

const RECALL_FIRST = 'SELECT key, value FROM talo_remembered WHERE key >= ? AND key < ? ORDER BY key LIMIT ?';
/** With two lower bounds SQLite would begin at the wrong one. */
const RECALL_NEXT = 'SELECT key, value FROM talo_remembered WHERE key > ? AND key < ? ORDER BY key LIMIT ?';

interface StateRow {
  readonly id: number;
  /** Grows with every commit that had news. */
  readonly version: number;
}

/** Whether the work is still with the process that got this epoch. */
export function isEpoch(batch: Batch, epoch: number): boolean {
  return batch.get<{ epoch: number }>('SELECT epoch FROM talo_fence')?.epoch === epoch;
}

/** State, credits and events of one look. */
export function commitUnit(batch: Batch, { claim, state, credits, events, now }: Unit): void {
  const { key } = claim;
  const row = batch.get<StateRow>(FIND, hashOf(key), key);
  const version = (row?.version ?? 0) + (events.length > 0 ? 1 : 0);
  if (row !== undefined && state !== undefined) batch.run(REPLACE, state, version, row.id);
  const resource = row?.id ?? batch.insert(STORE, hashOf(key), key, state ?? null, version);
  for (const credit of credits) addCredit(batch, credit);
  for (const event of events) addEvent(batch, event, { resource, version, now });
}

function addCredit(batch: Batch, credit: Credit): void {
  const { key, kind, environment, accountId, paymentId, customerId, transactionId, at } = credit;
  const { gross, net, commission } = credit;
  const hash = hashOf(key);
  batch.run(
    CREDIT,
    hash,
    key,
    kind,
    environment,
    accountId,
    paymentId ?? null,
    customerId ?? null,
    transactionId,
    integer(gross),
    integer(net),
    integer(commission),
    credit.madeAt ?? null,
    at,
    hash,
    key,
  );
}

/** As an integer whatever its size: a number would be stored as a double from 2^51 on. */
function integer(money: Money | undefined): bigint | null {
  return money === undefined ? null : BigInt(money.centavos);
}

interface CreditRow {
  readonly key: string;
  readonly kind: Credit['kind'];
  readonly environment: string;
  readonly account_id: string;
  readonly payment_id: string | null;
  readonly customer_id: string | null;
  readonly transaction_id: string;
  readonly gross_centavos: number | null;
  readonly net_centavos: number | null;
  readonly commission_centavos: number | null;
  readonly made_at: number | null;
  readonly at: number;
}

const FILTERS = {
  environment: 'environment',
  accountId: 'account_id',
  paymentId: 'payment_id',
  customerId: 'customer_id',
} as const;

export function findCredits(session: Session, filter: CreditFilter): Credit[] {
  const terms: string[] = [];
  const values: string[] = [];
  for (const name of ['environment', 'accountId', 'paymentId', 'customerId'] as const) {
    const value = filter[name];
    if (value === undefined) continue;
    terms.push(`${FILTERS[name]} = ?`);
    values.push(value);
  }
  const where = terms.length > 0 ? `WHERE ${terms.join(' AND ')}` : '';
  const rows = session.all<CreditRow>(`SELECT * FROM talo_credits ${where} ORDER BY position`, ...values);
  return rows.map(creditOf);
}

function creditOf(row: CreditRow): Credit {
  const { key, kind, environment, at } = row;
  return {
    key,
    kind,
    environment,
    accountId: row.account_id,
    ...(row.payment_id !== null && { paymentId: row.payment_id }),
    ...(row.customer_id !== null && { customerId: row.customer_id }),
    transactionId: row.transaction_id,
    ...(row.gross_centavos !== null && { gross: centavos(row.gross_centavos) }),
    ...(row.net_centavos !== null && { net: centavos(row.net_centavos) }),
    ...(row.commission_centavos !== null && { commission: centavos(row.commission_centavos) }),
    ...(row.made_at !== null && { madeAt: row.made_at }),
    at,
  };
}

export function findState(session: Session, key: string): string | undefined {
  const sql = 'SELECT state FROM talo_states WHERE hash = ? AND key = ?';
  return session.get<{ state: string | null }>(sql, hashOf(key), key)?.state ?? undefined;
}

/** Whether a look has found it before. */
export function isKnown(session: Session, key: string, hash: number): boolean {
  return session.get(KNOWN, hash, key) !== undefined;
}

export function recall(session: Session, key: string): string | undefined {
  return session.get<{ value: string }>('SELECT value FROM talo_remembered WHERE key = ?', key)?.value;
}

/** In the order of the keys; the upper bound is above every text that begins with the prefix. */
export function recallAll(
  session: Session,
  prefix: string,
  limit: number,
  after: string | undefined,
): Remembered[] {
  const sql = after === undefined ? RECALL_FIRST : RECALL_NEXT;
  const rows = session.all<Remembered>(sql, after ?? prefix, `${prefix}\u{10ffff}`, limit);
  return rows.map(({ key, value }) => ({ key, value }));
}

export function remember(batch: Batch, entries: readonly Remembered[]): void {
  for (const { key, value } of entries) batch.run(REMEMBER, key, value);
}
