import { closeSync, existsSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TaloWebhookError } from '@talo/core';
import { type Database, inboxError, isBusy, type loadSqlite, sqliteReason } from './node-sqlite.ts';
import { migrate, type Schema, versionOf } from './schema.ts';
import { Session } from './session.ts';
import { growWal } from './wal.ts';

/** After a connection could not be had, none is tried for this long: a full disk is not asked for every notification. */
const COOL_MS = 200;

/** Pages kept in memory: with SQLite's own 2 MiB every write of a large inbox begins with reads. */
const CACHE_KIB = 32_768;

export interface FileOptions {
  readonly sqlite: ReturnType<typeof loadSqlite>;
  readonly path: string;
  readonly schema: Schema;
  /** For tests: sees every connection before it is used. */
  readonly opened?: ((db: Database) => void) | undefined;
}

/**
 * A database file and the one connection to it. A connection on which something failed is never trusted again: it is
 * closed, and the next one has to prove that it can write before anything is entrusted to it.
 */
export class DatabaseFile {
  readonly path: string;
  readonly #options: FileOptions;
  #session: Session | undefined;
  #suspect = false;
  #closed = false;
  #failure: { readonly error: Error; readonly until: number } | undefined;

  constructor(options: FileOptions) {
    this.path = options.path;
    this.#options = options;
  }

  get #memory(): boolean {
    return this.path === ':memory:';
  }

  /** The connection, opened anew if need be. @throws what SQLite says if it cannot be had now */
  session(): Session {
    if (this.#session !== undefined) return this.#session;
    if (this.#closed) throw new TaloWebhookError('closed', 'The inbox is closed.');
    if (this.#failure !== undefined && performance.now() < this.#failure.until) throw this.#failure.error;
    let db: Database | undefined;
    try {
      db = this.#connect();
      this.#session = new Session(db);
      this.#suspect = false;
      this.#failure = undefined;
      return this.#session;
    } catch (error) {
      if (db?.isOpen) db.close();
      if (!isBusy(error) && sqliteReason(error) !== undefined) {
        this.#failure = {
          error: inboxError(error, `open ${this.path}`),
          until: performance.now() + COOL_MS,
        };
      }
      throw error;
    }
  }

  /** Reads, and waits for what a reader has to wait for: another process that recovers the file. */
  async read<T>(query: (session: Session) => T, patienceMs: number): Promise<T> {
    const end = performance.now() + patienceMs;
    for (let pause = 1; ; pause = Math.min(25, pause * 2)) {
      try {
        return query(this.session());
      } catch (error) {
        if (!isBusy(error) || performance.now() + pause > end) {
          this.failed(error);
          throw inboxError(error, 'read');
        }
      }
      await sleep(pause);
    }
  }

  /** Something failed on the connection. Unless it was only a lock or a constraint, it is given up. */
  failed(error: unknown): void {
    const reason = sqliteReason(error);
    if (reason === undefined || reason === 'busy' || reason === 'constraint') return;
    this.abandon();
  }

  /** Gives the connection up; the next one has to prove itself. A database in memory lives by its connection. */
  abandon(): void {
    const db = this.#session?.db;
    if (db === undefined) return;
    if (this.#memory) {
      if (db.isTransaction) db.exec('ROLLBACK');
      return;
    }
    this.#session = undefined;
    this.#suspect = true;
    try {
      db.close();
    } catch {
      // it is left to the garbage collector
    }
  }

  close(): void {
    this.#closed = true;
    const db = this.#session?.db;
    this.#session = undefined;
    db?.close();
  }

  #connect(): Database {
    const { sqlite, path, schema, opened } = this.#options;
    if (!this.#memory) createPrivate(path);
    // 0: the module would block the thread that may have to release the lock
    const db = new sqlite.DatabaseSync(path, { timeout: 0 });
    try {
      opened?.(db);
      // what is not ours to touch is not even put in another mode
      versionOf(db, schema, path);
      if (!this.#memory) {
        const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
        if (mode !== 'wal')
          throw new TaloWebhookError('io', `${path} cannot be put in WAL mode: is it on a local disk?`);
      }
      db.exec('PRAGMA synchronous = FULL');
      db.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
      migrate(db, schema, path);
      if (this.#suspect) prove(db);
      if (!this.#memory) growWal(db, path);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  }
}

/**
 * After a failed commit the log may end in frames that the disk never took, and what is appended behind those would be
 * lost with them. So the log is moved into the file and begun anew, and then a real commit has to succeed.
 */
function prove(db: Database): void {
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec("UPDATE talo_counts SET value = value + 1 WHERE name = 'probe'");
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Creates the file with mode 0600, which its companions inherit. An existing one is not even opened: closing it again
 * would drop the locks that this process holds on it through SQLite.
 */
function createPrivate(path: string): void {
  for (const flag of ['wx', 'a']) {
    try {
      closeSync(openSync(path, flag, 0o600));
      return;
    } catch {
      // it exists, or is a link to a file that is still to be made, or SQLite will say why it cannot be
      if (existsSync(path)) return;
    }
  }
}
