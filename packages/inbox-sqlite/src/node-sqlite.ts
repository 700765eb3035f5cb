import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { TaloConfigError, TaloError, TaloWebhookError } from '@talo/core';

type NodeSqlite = typeof import('node:sqlite');
export type Database = DatabaseSync;
export type Value = SQLInputValue;

/**
 * `node:sqlite`, asked for only now, so that importing this package does no harm where there is none.
 * @throws TaloConfigError where it is missing or too old
 */
export function loadSqlite(): NodeSqlite {
  const sqlite = process.getBuiltinModule?.('node:sqlite');
  if (sqlite !== undefined) {
    const probe = new sqlite.DatabaseSync(':memory:');
    const complete = typeof probe.isTransaction === 'boolean';
    probe.close();
    if (complete) return sqlite;
  }
  throw new TaloConfigError(
    `sqliteInbox needs node:sqlite as it is in Node 22.16 and newer; this is ${process.version}. Update Node, or use memoryInbox() of @talo/core/webhooks while developing.`,
  );
}

/** Primary result codes of SQLite (https://sqlite.org/rescode.html) that we tell apart. */
const CODES: Readonly<Record<number, string>> = {
  5: 'busy',
  6: 'busy',
  8: 'readonly',
  10: 'io',
  11: 'corrupt',
  13: 'full',
  14: 'cannot-open',
  15: 'busy', // lock protocol: another process is just recovering the log
  19: 'constraint',
  26: 'corrupt',
};

/** In one word what SQLite refused, `undefined` for an error that is not SQLite's. */
export function sqliteReason(error: unknown): string | undefined {
  if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'ERR_SQLITE_ERROR') return undefined;
  const code: unknown = Reflect.get(error, 'errcode');
  return typeof code === 'number' ? (CODES[code & 0xff] ?? 'sqlite') : 'sqlite';
}

export const isBusy = (error: unknown): boolean => sqliteReason(error) === 'busy';

/** What the engine and its logs get to see: never a row's content. */
export function inboxError(error: unknown, what: string): Error {
  const reason = sqliteReason(error);
  if (reason === undefined) return error instanceof Error || TaloError.is(error) ? error : new Error(what);
  const detail = error instanceof Error ? error.message : '';
  return new TaloWebhookError(reason, `The SQLite inbox could not ${what}: ${detail}.`);
}
