import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { TaloConfigError } from '@talo/core';
import { type Change, keyOf, type Row, recordOf } from '../state/changes.ts';
import { readRows } from '../state/fixture.ts';
import { readKept } from './kept.ts';
import { type Storage, StorageError } from './storage.ts';
import { tell } from './told.ts';

/** "talo" in ASCII: SQLite files have a place for whose they are. */
const APPLICATION = 0x74616c6f;
const VERSION = 1;

/**
 * A SQLite file that is on disk before anything is answered. Records are written whole, each when it changes: a crash
 * between two flushes leaves the state as it was after the first one.
 * @throws TaloConfigError on a Node without `node:sqlite`; StorageError for a file that cannot be used
 */
export function openSqlite(path: string): Storage {
  // asked for only now, so that the package loads on Node 20 and in Jest
  const sqlite = process.getBuiltinModule?.('node:sqlite');
  if (sqlite === undefined) {
    throw new TaloConfigError(
      `createSandbox({ storage }) needs node:sqlite as it is in Node 22.16 and newer; this is ${process.version}. Update Node, or leave storage out to keep everything in memory.`,
    );
  }
  const database = tell(path, 'opened', () => {
    // names and CUITs are in it: for its owner alone
    if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
    return new sqlite.DatabaseSync(path);
  });
  try {
    return tell(path, 'opened', () => {
      prepare(database, path);
      return storageOn(database, path);
    });
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepare(database: DatabaseSync, path: string): void {
  // one process at a time: a second sandbox on the same file would undo what the first one does
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0; BEGIN IMMEDIATE');
  const application = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_master').get()?.['n']);
  database.exec('COMMIT');
  if (application !== APPLICATION && tables > 0) {
    throw new StorageError(
      `${path} is a database of another program. Give the sandbox a file of its own, which it creates.`,
    );
  }
  if (tables > 0 && version !== VERSION) {
    const whose = version > VERSION ? 'a newer version' : 'an older version';
    throw new StorageError(
      `${path} was written by ${whose} of the sandbox (its format is ${version}, this one reads ${VERSION}). Start with another file, or use that version to export it: talo-sandbox export.`,
    );
  }
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  if (tables > 0) return;
  database.exec(`
    BEGIN IMMEDIATE;
    PRAGMA application_id = ${APPLICATION};
    PRAGMA user_version = ${VERSION};
    CREATE TABLE records (
      position INTEGER PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL,
      key TEXT NOT NULL,
      value TEXT NOT NULL,
      UNIQUE (kind, key)
    ) STRICT;
    CREATE TABLE kept (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    COMMIT;
  `);
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function storageOn(database: DatabaseSync, path: string): Storage {
  const upsert = database.prepare(
    'INSERT INTO records (kind, key, value) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value',
  );
  const remove = database.prepare('DELETE FROM records WHERE kind = ? AND key = ?');
  const keep = database.prepare(
    "INSERT INTO kept (name, value) VALUES ('kept', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  );
  let changes = new Map<string, Change>();
  let touched = false;
  let cleared = false;
  let closed = false;

  /** One at a time: a file may hold more than fits twice into memory. */
  function* rows(): Generator<Row> {
    const all = database.prepare('SELECT kind, key, value FROM records ORDER BY position');
    for (const { kind, key, value } of all.iterate()) {
      // the reader of the rows checks what they are
      yield { kind: kind as Row['kind'], key: String(key), value: JSON.parse(String(value)) };
    }
  }

  return {
    path,
    load() {
      return tell(path, 'read', () => {
        const kept = database.prepare("SELECT value FROM kept WHERE name = 'kept'").get()?.['value'];
        if (kept === undefined && database.prepare('SELECT 1 FROM records').get() === undefined)
          return undefined;
        return { kept: readKept(JSON.parse(String(kept ?? null))), state: readRows(rows()) };
      });
    },
    save(change) {
      changes.set(`${change.kind}\n${keyOf(change)}`, change);
    },
    clear() {
      changes = new Map();
      cleared = true;
    },
    touch() {
      touched = true;
    },
    flush(kept) {
      if (closed || (changes.size === 0 && !touched && !cleared)) return;
      tell(path, 'written', () => {
        database.exec('BEGIN IMMEDIATE');
        try {
          if (cleared) database.exec('DELETE FROM records');
          for (const change of changes.values()) {
            if (change.record === undefined) remove.run(change.kind, keyOf(change));
            else upsert.run(change.kind, keyOf(change), JSON.stringify(recordOf(change)));
          }
          keep.run(JSON.stringify(kept()));
          database.exec('COMMIT');
        } catch (error) {
          if (database.isTransaction) database.exec('ROLLBACK');
          throw error;
        }
      });
      changes = new Map();
      touched = false;
      cleared = false;
    },
    close() {
      if (closed) return;
      closed = true;
      database.close();
    },
  };
}
