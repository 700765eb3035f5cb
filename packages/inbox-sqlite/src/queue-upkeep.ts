import { TOLERANCE_MS } from './engine-time.ts';
import type { Session } from './session.ts';
import type { Batch } from './write-batch.ts';

const SWEEP = `DELETE FROM talo_hints WHERE id IN
  (SELECT id FROM talo_hints WHERE phase = 2 AND due_at <= ? ORDER BY due_at LIMIT ?)`;

/** Removes rows that were kept for a floor that has ended. */
export function sweepHints(batch: Batch, now: number, limit: number): void {
  batch.run(SWEEP, now, limit);
}

/** Ends every lease: who held one before has lost the right to it. */
export function releaseHints(batch: Batch, now: number): void {
  batch.run(
    `UPDATE talo_hints SET token = NULL, newer_at = NULL, renewed = 0, due_at = ?, set_at = ?
     WHERE token IS NOT NULL`,
    now,
    now,
  );
}

/** The clock went back: what was put off until a time that now lies beyond its own maximum is due. */
export function repairHints(batch: Batch, now: number): void {
  batch.run(
    'UPDATE talo_hints SET floor = min(floor, ?), due_at = min(due_at, ?), set_at = ? WHERE set_at > ?',
    now,
    now,
    now,
    now + TOLERANCE_MS,
  );
}

/** Given-up hints are listed for a time. @returns how many were removed, `limit` at most */
export function pruneHints(batch: Batch, now: number, before: number, limit: number): number {
  sweepHints(batch, now, limit);
  const removed = batch.run(
    'DELETE FROM talo_dead_hints WHERE position IN (SELECT position FROM talo_dead_hints WHERE buried_at < ? LIMIT ?)',
    before,
    limit,
  );
  batch.count('dead', -removed);
  return removed;
}

export interface Counted {
  readonly waiting: number;
  readonly running: number;
  readonly dead: number;
  readonly nextAt: number | undefined;
}

export function countHints(session: Session): Counted & { readonly oldest: number | undefined } {
  const waiting = counter(session, 'hints');
  const running = session.get<{ n: number }>('SELECT count(*) AS n FROM talo_hints WHERE token IS NOT NULL');
  const oldest = session.get<{ at: number | null }>(
    'SELECT min(since) AS at FROM talo_hints WHERE phase = 0',
  );
  const next = session.get<{ at: number | null }>('SELECT min(due_at) AS at FROM talo_hints WHERE phase < 2');
  return {
    waiting,
    running: running?.n ?? 0,
    dead: counter(session, 'dead'),
    oldest: oldest?.at ?? undefined,
    nextAt: next?.at ?? undefined,
  };
}

export function counter(session: Session, name: string): number {
  return session.get<{ value: number }>('SELECT value FROM talo_counts WHERE name = ?', name)?.value ?? 0;
}
