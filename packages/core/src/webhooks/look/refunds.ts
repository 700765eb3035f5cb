import type { LedgerEntry } from '../../models/ledger-entry.ts';
import type { Payment } from '../../models/payment.ts';
import { centavos, type Money } from '../../money.ts';
import type { World } from '../resource.ts';
import type { Amounts, Movement } from './movements.ts';

/**
 * How refunds come to be known. Talo's ledger has a row for each, with an amount and the payment; reconciling remembers
 * it, and the next look at that payment, if it is ours, makes an entry of it. A payment whose status becomes REFUNDED
 * says that money went back and not how much: an entry without amount. See docs/decisions.
 */
export interface RefundRow {
  /** The ledger's. */
  readonly id: string;
  readonly amounts: Amounts;
  /** Milliseconds since 1970. */
  readonly at?: number;
}

/** Stands for the id of a refund that only the payment's status speaks of. */
export const REFUNDED = 'REFUNDED';

/** Where the refunds of a payment are remembered, as a list of {@link RefundRow}. */
export function refundsKey({ environment, accountId }: World, paymentId: string): string {
  return JSON.stringify([environment, accountId, 'refunds', paymentId]);
}

export function readRefunds(stored: string | undefined): readonly RefundRow[] {
  return stored === undefined ? [] : JSON.parse(stored);
}

/** Those that were remembered, and the rows that were not. */
export function withRows(stored: string | undefined, rows: readonly LedgerEntry[]): string {
  const known = readRefunds(stored);
  const fresh = rows.filter((row) => !known.some(({ id }) => id === row.transactionId));
  return JSON.stringify([...known, ...fresh.map(refundOf)]);
}

function refundOf(row: LedgerEntry): RefundRow {
  const { transactionId: id, createdAt } = row;
  return { id, amounts: amountsOf(row), ...(createdAt && { at: createdAt.getTime() }) };
}

/** What went back; where a row states two amounts, or one unreadably, nobody knows which the payer got. */
function amountsOf({ gross, net, issues }: LedgerEntry): Amounts {
  const [stated, moved] = [unsigned(gross ?? net), unsigned(net ?? gross)];
  const agreed = issues === undefined && stated?.centavos === moved?.centavos;
  return { ...(agreed && stated && { gross: stated }), ...(moved && { net: moved }) };
}

function unsigned(money: Money | undefined): Money | undefined {
  return money && centavos(Math.abs(money.centavos));
}

/** Refunds of a payment that have no entry yet. @param entered ids of those that have one */
export function newRefunds(
  payment: Payment,
  rows: readonly RefundRow[],
  entered: readonly string[],
  news: boolean,
): readonly Movement[] {
  const stated = rows.map(({ id, amounts, at }) => {
    const madeAt = at === undefined ? undefined : new Date(at);
    return refund(id, amounts, madeAt);
  });
  const whole = news && payment.status === REFUNDED ? [refund(REFUNDED, {}, payment.updatedAt)] : [];
  return [...stated, ...whole].filter(({ transactionId }) => !entered.includes(transactionId));
}

function refund(transactionId: string, amounts: Amounts, madeAt: Date | undefined): Movement {
  return { kind: 'refund', transactionId, amounts, madeAt, name: ['refund', transactionId] };
}
