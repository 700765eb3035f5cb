import { integer } from '../constraints/number.ts';
import { object } from '../constraints/object.ts';
import { TaloTransportError } from '../errors/errors.ts';
import type { CallOptions } from '../http/transport.ts';
import { type LedgerEntry, readLedgerEntry } from '../models/ledger-entry.ts';
import { list, record, text, type Wire } from '../models/read.ts';
import { accountOf, type Context, send } from './context.ts';
import { validDate } from './valid-date.ts';

export interface LedgerQuery {
  /** From this moment on. */
  readonly from: Date;
  /** Up to this moment. */
  readonly to: Date;
  /** Rows per page. Default 100, the largest seen in use (talo-api 3.9). */
  readonly limit?: number;
}

/** Where the next page begins; opaque. */
export type LedgerCursor = Readonly<Record<string, string>>;

export interface LedgerPage {
  readonly entries: readonly LedgerEntry[];
  /** Missing on the last page. */
  readonly next?: LedgerCursor;
}

/** Talo's ledger over a time: `for await (const entry of …)`, or page by page. */
export interface LedgerListing extends AsyncIterable<LedgerEntry> {
  /** The first page, or the one at `cursor`. */
  page(cursor?: LedgerCursor): Promise<LedgerPage>;
}

const CURSOR_FIELDS = ['user_id', 'transaction_id', 'creation_timestamp'] as const;

const QUERY = /* @__PURE__ */ object<LedgerQuery>(
  { from: validDate, to: validDate },
  { limit: /* @__PURE__ */ integer(1, Number.MAX_SAFE_INTEGER, 'rows') },
);

/** The movements of the account, as Talo's ledger shows them (talo-api 3.9). */
export class Transactions {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Nothing is sent before a page is asked for; each page has the call's timeout. @throws TaloConstraintError */
  list(query: LedgerQuery, options?: CallOptions): LedgerListing {
    QUERY.parse(query);
    const page = (cursor?: LedgerCursor): Promise<LedgerPage> => this.#page(query, cursor, options);
    return {
      page,
      async *[Symbol.asyncIterator]() {
        const seen = new Set<string>();
        for (let cursor: LedgerCursor | undefined; ; ) {
          const { entries, next } = await page(cursor);
          yield* entries;
          if (!next) return;
          const key = JSON.stringify(next);
          if (seen.has(key)) {
            throw new TaloTransportError('BAD_RESPONSE', 'unknown', 'The ledger gave the same page twice.');
          }
          seen.add(key);
          cursor = next;
        }
      },
    };
  }

  async #page(
    query: LedgerQuery,
    cursor: LedgerCursor | undefined,
    options?: CallOptions,
  ): Promise<LedgerPage> {
    const search = new URLSearchParams({
      user_id: accountOf(this.#context),
      limit: String(query.limit ?? 100),
      start_date: query.from.toISOString(),
      end_date: query.to.toISOString(),
    });
    for (const [field, value] of Object.entries(cursor ?? {})) search.set(`cursor_${field}`, value);
    const at = `/transactions/?${search}`;
    const data = await send(this.#context, 'GET', at, options, { answers: isPage });
    const entries = list(data['transactions']).map((entry) => readLedgerEntry(record(entry)));
    const next = data['lastEvaluatedKey'] && { next: cursorIn(data) };
    return { entries, ...(next || {}) };
  }
}

/** A list, and a cursor that can be read if there is one: what is missing here is never taken for the end. */
function isPage(data: Wire | undefined): boolean {
  const { transactions, lastEvaluatedKey } = data ?? {};
  return Array.isArray(transactions) && (!lastEvaluatedKey || Object.keys(cursorIn(data)).length > 0);
}

function cursorIn(data: Wire | undefined): LedgerCursor {
  const key = record(data?.['lastEvaluatedKey']);
  const fields = CURSOR_FIELDS.map((field) => [field, text(key[field]) ?? '']);
  return Object.fromEntries(fields.filter(([, value]) => value));
}
