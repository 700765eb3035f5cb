import type { Schema } from './schema.ts';

/**
 * Hints are found by a hash of their key: what comes in any order is then only the smallest of indexes, while rows that
 * came together stay together. Finding and storing happen under the write lock, which keeps keys unique.
 *
 * `phase`: 0 waits or is being looked at, 1 asks for nothing until `due_at`, 2 is done and kept while its floor lasts.
 * `stranger`: while it waits, it holds one of the rows that unauthenticated hints for what nobody knows may take.
 * `token` is set while it is claimed, and `due_at` is then the end of the lease. `set_at` is when `due_at` was decided:
 * one in the future means that the clock went back. Tokens begin at the time in milliseconds, so that they grow even
 * where the file is lost and made anew. `newer_at` is when the first hint since the claim came, `renewed`
 * whether one of those was authenticated.
 */
export const QUEUE: Schema = {
  kind: 'queue',
  migrations: [
    `
    CREATE TABLE talo_hints (
      id INTEGER PRIMARY KEY,
      hash INTEGER NOT NULL,
      key TEXT NOT NULL,
      phase INTEGER NOT NULL,
      generation INTEGER NOT NULL,
      authenticated INTEGER NOT NULL,
      stranger INTEGER NOT NULL,
      origin TEXT NOT NULL,
      since INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      unchanged INTEGER NOT NULL,
      floor INTEGER NOT NULL,
      due_at INTEGER NOT NULL,
      set_at INTEGER NOT NULL,
      token INTEGER,
      newer_at INTEGER,
      renewed INTEGER NOT NULL
    );
    CREATE INDEX talo_hints_key ON talo_hints (hash);
    CREATE INDEX talo_hints_due ON talo_hints (due_at) WHERE phase < 2;
    CREATE INDEX talo_hints_spent ON talo_hints (due_at) WHERE phase = 2;
    CREATE INDEX talo_hints_since ON talo_hints (since) WHERE phase = 0;
    CREATE INDEX talo_hints_leased ON talo_hints (token) WHERE token IS NOT NULL;
    CREATE TABLE talo_dead_hints (
      position INTEGER PRIMARY KEY,
      key TEXT NOT NULL UNIQUE,
      reason TEXT NOT NULL,
      at INTEGER NOT NULL,
      authenticated INTEGER NOT NULL,
      origin TEXT NOT NULL,
      buried_at INTEGER NOT NULL
    );
    CREATE INDEX talo_dead_hints_age ON talo_dead_hints (buried_at);
    CREATE TABLE talo_counts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO talo_counts VALUES ('hints', 0), ('strangers', 0), ('dead', 0), ('probe', 0);
    INSERT INTO talo_counts VALUES ('token', CAST(strftime('%s', 'now') AS INTEGER) * 1000);
    CREATE TABLE talo_worker (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      epoch INTEGER NOT NULL,
      owner TEXT NOT NULL,
      pid INTEGER NOT NULL,
      host TEXT NOT NULL,
      until INTEGER NOT NULL,
      clock INTEGER NOT NULL
    );
    INSERT INTO talo_worker VALUES (1, 0, '', 0, '', 0, 0);
    `,
  ],
};
