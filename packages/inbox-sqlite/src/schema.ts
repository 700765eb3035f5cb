import { TaloConfigError } from '@talo/core';
import type { Database } from './node-sqlite.ts';

/** What one file holds: the steps from nothing to its newest version, one per version, never edited once published. */
export interface Schema {
  readonly kind: 'queue' | 'state';
  readonly migrations: readonly string[];
}

/**
 * Brings a file to the newest version, in one transaction.
 * @throws TaloConfigError for a file that is not to be touched
 */
export function migrate(db: Database, schema: Schema, path: string): void {
  const { kind, migrations } = schema;
  if (versionOf(db, schema, path) === migrations.length) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    // another process may just have done it
    const version = versionOf(db, schema, path);
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

/**
 * The version of a file, 0 for one that has nothing of ours yet.
 * @throws TaloConfigError for a file of a newer version or of the other kind, and for a queue in somebody else's database
 */
export function versionOf(db: Database, { kind, migrations }: Schema, path: string): number {
  const table = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'talo_schema'").get();
  const row = table && db.prepare('SELECT kind, version FROM talo_schema').get();
  if (row === undefined) {
    if (kind === 'queue' && db.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined) {
      throw new TaloConfigError(
        `${path} has tables of something else: the queue needs a file of its own, so that storing a notification never waits for others. Leave queuePath out, or name a file that does not exist yet.`,
      );
    }
    return 0;
  }
  if (row['kind'] !== kind) {
    throw new TaloConfigError(
      `${path} holds the ${row['kind']} of an inbox, not its ${kind}: path and queuePath may be the wrong way round.`,
    );
  }
  const newest = migrations.length;
  const version = Number(row['version']);
  if (version > newest) {
    throw new TaloConfigError(
      `${path} was written by a newer @talo/inbox-sqlite (schema ${version}, this one knows ${newest}): update the package.`,
    );
  }
  return version;
}
