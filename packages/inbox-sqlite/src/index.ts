export type { SqliteInboxOptions } from './options.ts';
export { sqliteInbox } from './sqlite-inbox.ts';
export type { SqliteRow, SqliteTx, SqliteValue } from './transaction.ts';
