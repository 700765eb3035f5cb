import { TaloWebhookError } from '@talo/core';
import type { Session } from './session.ts';

/** What SQLite stores. */
export type SqliteValue = null | number | bigint | string | NodeJS.ArrayBufferView;
export type SqliteRow = Record<string, null | number | bigint | string | Uint8Array>;

/**
 * The transaction in which a handler's done mark is committed, as `commitWith` gets it. One statement per call, values
 * by `?`. Transaction control, `ATTACH`, `DETACH`, `PRAGMA` and `VACUUM` are refused. Any error aborts the whole unit,
 * also one that is caught: nothing is committed and the handler's attempt has failed.
 */
export interface SqliteTx {
  /** @throws TaloWebhookError for a statement that is refused, and what SQLite throws */
  run(
    sql: string,
    ...values: readonly SqliteValue[]
  ): {
    readonly changes: number | bigint;
    readonly lastInsertRowid: number | bigint;
  };
  /** The first row, `undefined` if there is none. */
  get(sql: string, ...values: readonly SqliteValue[]): SqliteRow | undefined;
  all(sql: string, ...values: readonly SqliteValue[]): SqliteRow[];
}

/**
 * Runs an application's writes, in order.
 * @throws the first error of any statement, even one that the application caught
 */
export function runWrites({ db }: Session, writes: readonly ((tx: SqliteTx) => unknown)[]): void {
  let over = false;
  let failure: { readonly error: unknown } | undefined;
  const guarded = <T>(sql: string, run: () => T): T => {
    if (over)
      throw new TaloWebhookError(
        'ended',
        'tx was used after its transaction had ended: commitWith takes a synchronous function.',
      );
    if (failure !== undefined) throw failure.error;
    try {
      checkStatement(sql);
      return run();
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  // prepared each time: their texts may be as many as their calls
  const tx: SqliteTx = {
    run: (sql, ...values) => guarded(sql, () => db.prepare(sql).run(...values)),
    get: (sql, ...values) => guarded(sql, () => db.prepare(sql).get(...values)),
    all: (sql, ...values) => guarded(sql, () => db.prepare(sql).all(...values)),
  };
  try {
    for (const write of writes) {
      const result: unknown = write(tx);
      if (isThenable(result)) {
        result.then(undefined, () => {});
        throw new TaloWebhookError(
          'async',
          'commitWith takes a synchronous function here: do slow work first, then commitWith((tx) => { tx.run(…); }). Nothing was written.',
        );
      }
      if (failure !== undefined) throw (failure as { readonly error: unknown }).error;
      if (!db.isTransaction) {
        throw new TaloWebhookError(
          'transaction',
          'The transaction was ended by one of its statements. Nothing was written.',
        );
      }
    }
  } finally {
    over = true;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function';
}

const REFUSED: ReadonlySet<string> = new Set([
  'BEGIN',
  'COMMIT',
  'END',
  'ROLLBACK',
  'SAVEPOINT',
  'RELEASE',
  'ATTACH',
  'DETACH',
  'PRAGMA',
  'VACUUM',
]);

/** Comments, texts and quoted names, as SQLite reads them; unfinished ones reach to the end. */
const OPAQUE =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'[^']*(?:''[^']*)*(?:'|$)|"[^"]*(?:""[^"]*)*(?:"|$)|`[^`]*(?:``[^`]*)*(?:`|$)|\[[^\]]*(?:\]|$)/g;

/** @throws TaloWebhookError for more than one statement, and for one that would end or leave the transaction */
export function checkStatement(sql: string): void {
  const bare = sql
    .replace(OPAQUE, (text) => (text.startsWith('-') || text.startsWith('/') ? ' ' : "''"))
    .trim();
  const word = /^(?:EXPLAIN\s+(?:QUERY\s+PLAN\s+)?)?([a-z]+)/i.exec(bare)?.[1]?.toUpperCase() ?? '';
  if (REFUSED.has(word)) {
    throw new TaloWebhookError(
      'refused',
      `${word} is not for commitWith: its transaction is the inbox's to begin and end.`,
    );
  }
  if (/;\s*\S/.test(bare) || sql.includes('\0')) {
    throw new TaloWebhookError('refused', 'One statement per call: call tx.run once for each.');
  }
}
