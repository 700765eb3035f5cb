import type { LedgerEntry } from '../../models/ledger-entry.ts';
import type { Money } from '../../money.ts';
import type { Credit } from '../inbox/inbox.ts';

/** The ledger and the resource may date the same transfer this far apart. */
const SAME_TIME_MS = 10 * 60_000;

/** Money that was sent back, as Talo's ledger calls it. */
export function isRefund({ type }: LedgerEntry): boolean {
  return type === 'REFUND';
}

/**
 * Rows of one payment or customer that no entry stands for: by id, else by gross and time, because the ledger's ids are
 * its own (talo-api 3.9). Which of several alike rows is the one left over cannot be told ({@link mistakable}). A
 * refund's entry has the id of its row.
 */
export function unpaired(rows: readonly LedgerEntry[], credits: readonly Credit[]): readonly LedgerEntry[] {
  const refunds = new Set(
    credits.flatMap(({ kind, transactionId }) => (kind === 'refund' ? transactionId : [])),
  );
  const free = new Set(credits.filter(({ kind }) => kind === 'credit' || kind === 'baseline'));
  const take = (fits: (credit: Credit) => boolean) => {
    const found = [...free].find(fits);
    return found !== undefined && free.delete(found);
  };
  const others = rows.filter((row) => {
    if (isRefund(row)) return !refunds.has(row.transactionId);
    return !take(({ transactionId }) => idsOf(row).includes(transactionId));
  });
  // what went back stands for its own row alone
  const back = new Set(
    credits.flatMap(({ kind, transactionId }) => (kind === 'reversal' ? transactionId : [])),
  );
  const stands = (credit: Credit, row: LedgerEntry) => !back.has(credit.transactionId) && alike(credit, row);
  return others.filter((row) => isRefund(row) || !take((credit) => stands(credit, row)));
}

/** Whether the entry of one may have been taken for that of the other. */
export function mistakable(a: LedgerEntry, b: LedgerEntry): boolean {
  return equal(a.gross, b.gross) === true || equal(a.net, b.net) === true;
}

/** What a row may be called by its resource. */
export function idsOf({ transactionId, raw }: LedgerEntry): readonly string[] {
  const own = typeof raw['id'] === 'string' ? [raw['id']] : [];
  return [...new Set([transactionId.replace(/^TX#/, ''), transactionId, ...own])].filter((id) => id !== '');
}

/** The time of the transfer is Talo's in both; where one does not state the gross amount, the net one tells. */
function alike(credit: Credit, row: LedgerEntry): boolean {
  const near =
    credit.madeAt === undefined || row.createdAt === undefined
      ? true
      : Math.abs(credit.madeAt - row.createdAt.getTime()) <= SAME_TIME_MS;
  return near && (equal(credit.gross, row.gross) ?? equal(credit.net, row.net) ?? false);
}

/** `undefined` where one of them is not known. */
function equal(a: Money | undefined, b: Money | undefined): boolean | undefined {
  return a && b && a.centavos === b.centavos;
}
