import { TaloConstraintError, TaloTransportError } from '../errors/errors.ts';
import type { CallOptions } from '../http/transport.ts';
import { type LedgerEntry, readLedgerEntry } from '../models/ledger-entry.ts';
import { list, record, text, type Wire } from '../models/read.ts';
import { accountOf, type Context, request } from './context.ts';

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

/** The movements of the account, as Talo's ledger shows them (talo-api 3.9). */
export class Transactions {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Nothing is sent before a page is asked for. @throws TaloConstraintError if `from` or `to` is no date */
  list(query: LedgerQuery, options?: CallOptions): LedgerListing {
    for (const path of ['from', 'to'] as const) {
      const received = query[path];
      if (received instanceof Date && !Number.isNaN(received.getTime())) continue;
      const expected = 'a valid Date';
      const message = `expected ${expected}.`;
      throw new TaloConstraintError(
        [{ path, code: 'type', message, expected, received: typeof received }],
        'query',
      );
    }
    const page = (cursor?: LedgerCursor): Promise<LedgerPage> => this.#page(query, cursor, options);
    return {
      page,
      async *[Symbol.asyncIterator]() {
        const seen = new Set<string>();
        for (let cursor: LedgerCursor | undefined; ; ) {
          const { entries, next } = await page(cursor);
          yield* entries;
          if (next === undefined) return;
          const key = JSON.stringify(next);
          if (seen.has(key)) {
            throw new TaloTransportError(
              'BAD_RESPONSE',
              'unknown',
              "Talo's ledger gave the same page twice.",
            );
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
    for (const field of CURSOR_FIELDS) {
      const value = cursor?.[field];
      if (value !== undefined) search.set(`cursor_${field}`, value);
    }
    const data = await request(this.#context, { method: 'GET', path: `/transactions/?${search}` }, options);
    const entries = list(data['transactions']).map((entry) => readLedgerEntry(record(entry)));
    const next = readCursor(record(data['lastEvaluatedKey']));
    return { entries, ...(next && { next }) };
  }
}

function readCursor(key: Wire): LedgerCursor | undefined {
  const fields = CURSOR_FIELDS.flatMap((field) => {
    const value = text(key[field]);
    return value === undefined ? [] : [[field, value] as const];
  });
  return fields.length > 0 ? Object.fromEntries(fields) : undefined;
}
