import { closeSync, fsyncSync, openSync, statSync, writeSync } from 'node:fs';
import type { Database } from './node-sqlite.ts';

/** Somewhat more than the log holds when SQLite moves it into the file (1000 pages of 4 KiB). */
const GROWN = 4_500_000;
const CHUNK = 1 << 20;

/**
 * Grows the write-ahead log at once to the size it would reach, so that no commit has to wait for the file system to
 * make the file longer. Best effort.
 *
 * The log is only ever read up to the first frame whose checksum does not fit, so zeros behind its end mean nothing.
 * No one else can append in between: that takes the write lock, which is held here. Opening and closing the log by
 * itself is harmless too: SQLite's locks are on the other two files.
 */
export function growWal(db: Database, path: string): void {
  let file: number | undefined;
  try {
    db.exec('BEGIN IMMEDIATE');
    let size = statSync(`${path}-wal`).size;
    if (size >= GROWN) return;
    file = openSync(`${path}-wal`, 'r+');
    const zeros = Buffer.alloc(CHUNK);
    while (size < GROWN) size += writeSync(file, zeros, 0, CHUNK, size);
    fsyncSync(file);
  } catch {
    // a full disk or a held lock: the log grows as it is used
  } finally {
    if (file !== undefined) closeSync(file);
    if (db.isTransaction) db.exec('ROLLBACK');
  }
}
