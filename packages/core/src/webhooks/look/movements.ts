import type { Transaction } from '../../models/transaction.ts';
import type { TransactionSnapshot } from '../events.ts';
import type { Credit } from '../inbox/inbox.ts';
import { isOlder, type ResourceState, type Seen } from './state.ts';

export interface KnownTransaction extends Amounts {
  readonly status: string;
  /** How often it was credited or taken back: odd while it is credited. */
  readonly turns: number;
  /** Was there before us: nothing was credited, so nothing can be taken back. */
  readonly baseline?: boolean;
  /** Talo shows it no more, and kept to that. */
  readonly gone?: boolean;
}

/** What was credited: what goes back is that, whatever the transfer says by then. */
export type Amounts = Pick<TransactionSnapshot, 'gross' | 'net' | 'commission'>;

/** What becomes an entry of the ledger of credits. */
export interface Movement {
  readonly kind: Credit['kind'];
  readonly transactionId: string;
  readonly amounts: Amounts;
  readonly madeAt: Date | undefined;
  /** The end of its key, which no other movement of the resource has. */
  readonly name: readonly [string, string | number];
}

/** Money that came or was taken back. */
export interface TransferMovement extends Movement {
  readonly kind: 'credit' | 'reversal' | 'baseline';
  readonly arrives: boolean;
  readonly transaction: TransactionSnapshot;
}

interface Merged {
  readonly all: Readonly<Record<string, KnownTransaction>>;
  readonly movements: readonly TransferMovement[];
}

/** Statuses that say money went back. Any other that we do not know changes no balance. */
const TAKEN_BACK = /^(REVERS(ED|AL)|REFUNDED|RETURNED|REJECTED|CANCELL?ED|FAILED|BOUNCED|CHARGE(D_)?BACK)$/i;

/** The union over snapshots. What is processed for the first time has arrived; an older snapshot takes nothing back. */
export function mergeTransactions(
  known: ResourceState,
  now: readonly Transaction[],
  stale: boolean,
  seen: Seen,
): Merged {
  const all = new Map(Object.entries(known.transactions));
  const movements: TransferMovement[] = [];
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
    if (moves) {
      // 1 is the credit, and all there is unless it is taken back
      const name = [transactionId, turns] as const;
      const kind = baseline ? 'baseline' : credited ? 'reversal' : 'credit';
      const madeAt = transaction.createdAt;
      movements.push({ kind, arrives: !credited, transactionId, transaction, amounts, madeAt, name });
      all.set(transactionId, { status, turns, ...amounts, ...(baseline && { baseline }) });
    } else if (!stale || last.status === '') all.set(transactionId, { ...last, status, gone: false });
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
