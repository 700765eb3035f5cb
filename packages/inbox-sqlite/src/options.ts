import { resolve } from 'node:path';
import { TaloConfigError } from '@talo/core';

export interface SqliteInboxOptions {
  /**
   * The file of states, credits and the outbox. It may be your application's own database, and should be where
   * `commitWith` is to write; our tables are named `talo_…`. `':memory:'` keeps everything in memory, for tests.
   */
  readonly path: string;
  /**
   * The file of the queue of hints, always one of its own, so that storing a notification never waits for a lock that
   * the application holds on `path`. Default: `path` followed by `-queue`.
   */
  readonly queuePath?: string;
  /** Days for which delivered events and given-up hints are kept. Credits are kept for ever. Default 90. */
  readonly retentionDays?: number;
  /**
   * Milliseconds after which another process may take the work over from one that no longer shows signs of life. One
   * that has ended is replaced at once. Default 10000, at least 500.
   */
  readonly takeover?: number;
}

export interface Resolved {
  readonly path: string;
  readonly queuePath: string;
  readonly memory: boolean;
  readonly retentionMs: number;
  readonly takeoverMs: number;
}

/** @throws TaloConfigError that says what to write instead */
export function resolveOptions(options: SqliteInboxOptions): Resolved {
  const { path, retentionDays = 90, takeover = 10_000 } = options ?? {};
  if (typeof path !== 'string' || path === '' || path.startsWith('file:')) {
    throw new TaloConfigError("Say where the inbox is kept: sqliteInbox({ path: './data/talo.db' }).");
  }
  const memory = path === ':memory:';
  const queuePath = options.queuePath ?? (memory ? path : `${path}-queue`);
  if (typeof queuePath !== 'string' || queuePath === '' || queuePath.startsWith('file:')) {
    throw new TaloConfigError("queuePath names a file: sqliteInbox({ path, queuePath: './data/queue.db' }).");
  }
  if (memory !== (queuePath === ':memory:')) {
    throw new TaloConfigError("Keep both files in memory or none: sqliteInbox({ path: ':memory:' }).");
  }
  if (!memory && resolve(path) === resolve(queuePath)) {
    throw new TaloConfigError(
      'The queue needs a file of its own: leave queuePath out, or name another file.',
    );
  }
  if (!(retentionDays > 0)) throw new TaloConfigError('retentionDays is a number of days above 0.');
  if (!(takeover >= 500 && takeover <= 600_000)) {
    throw new TaloConfigError('takeover is between 500 and 600000 milliseconds.');
  }
  // files are opened again later, when the application may have changed its folder
  const absolute = (file: string) => (memory ? file : resolve(file));
  return {
    path: absolute(path),
    queuePath: absolute(queuePath),
    memory,
    retentionMs: retentionDays * 86_400_000,
    takeoverMs: takeover,
  };
}
