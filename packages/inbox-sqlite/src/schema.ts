import { TaloConfigError } from '@talo/core';
import type { Database } from './node-sqlite.ts';

/** What one file holds: the steps from nothing to its newest version, one per version, never edited once published. */
export interface Schema {
  readonly kind: 'queue' | 'state';
  readonly migrations: readonly string[];
}

/**
 * Brings a file to the newest version, in one transaction.
 * @throws TaloConfigError for a file of a newer version, or one of the other kind
 */
export function migrate(db: Database, { kind, migrations }: Schema, path: string): void {
  if (versionOf(db, kind, migrations.length, path) === migrations.length) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    // another process may just have done it
    const version = versionOf(db, kind, migrations.length, path);
    for (const step of migrations.slice(version)) db.exec(step);
    db.exec(
      'CREATE TABLE IF NOT EXISTS talo_schema (kind TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID',
    );
    db.prepare(
      'INSERT INTO talo_schema VALUES (?, ?) ON CONFLICT DO UPDATE SET version = excluded.version',
    ).run(kind, migrations.length);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(db: Database, kind: Schema['kind'], newest: number, path: string): number {
  const table = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'talo_schema'").get();
  if (table === undefined) return 0;
  const row = db.prepare('SELECT kind, version FROM talo_schema').get();
  if (row === undefined) return 0;
  if (row['kind'] !== kind) {
    throw new TaloConfigError(
      `${path} holds the ${row['kind']} of an inbox, not its ${kind}: path and queuePath may be the wrong way round.`,
    );
  }
  const version = Number(row['version']);
  if (version > newest) {
    throw new TaloConfigError(
      `${path} was written by a newer @talo/inbox-sqlite (schema ${version}, this one knows ${newest}): update the package.`,
    );
  }
  return version;
}
