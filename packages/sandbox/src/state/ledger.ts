import { Problem } from '../problem.ts';
import type { LedgerRow } from './records.ts';
import type { World } from './world.ts';

export interface LedgerQuery {
  readonly userId: string;
  readonly limit: number;
  /** Both ends included. */
  readonly from?: number;
  readonly to?: number;
  /** The row's id that the last page ended with. */
  readonly after?: string;
}

export interface LedgerPage {
  readonly rows: readonly LedgerRow[];
  /** The last row, where more follow. */
  readonly last?: LedgerRow;
}

/**
 * A page of an account's movements (talo-api 3.9). The order is that of arrival, so pages stay put while money comes in,
 * but for rows that show late.
 */
export function readLedger(world: World, query: LedgerQuery): LedgerPage {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = query;
  const now = world.clock.now();
  const rows = world.state.ledger.filter(
    ({ userId, at, readableAt }) => userId === query.userId && at >= from && at <= to && readableAt <= now,
  );
  if (world.oddities.ledgerOrder === 'newest-first') rows.reverse();
  let start = 0;
  if (query.after !== undefined) {
    start = rows.findIndex(({ id }) => id === query.after) + 1;
    if (start === 0) throw new Problem(400, 'bad_request', 'cursor points to no transaction of this query');
  }
  const page = rows.slice(start, start + query.limit);
  const last = page.at(-1);
  return start + query.limit < rows.length && last !== undefined ? { rows: page, last } : { rows: page };
}
