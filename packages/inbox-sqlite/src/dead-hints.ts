import type { DeadLetter, Hint, HintClaim } from '@talo/core/webhooks';
import { putHint } from './hints.ts';
import type { Session } from './session.ts';
import type { Batch } from './write-batch.ts';

const BURY = `INSERT INTO talo_dead_hints (key, reason, at, authenticated, origin, buried_at) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET reason = excluded.reason, at = excluded.at, authenticated = excluded.authenticated,
    origin = excluded.origin, buried_at = excluded.buried_at`;

/** Lists a hint as given up; of a key that is listed already, the newer reason counts. */
export function addDeadHint(
  batch: Batch,
  { key, since }: Pick<HintClaim, 'key' | 'since'>,
  {
    reason,
    authenticated,
    origin,
    now,
  }: { reason: string; authenticated: number; origin: Hint['origin']; now: number },
): void {
  const known = batch.get('SELECT 1 FROM talo_dead_hints WHERE key = ?', key) !== undefined;
  batch.run(BURY, key, reason, since, authenticated, origin, Math.max(now, since));
  if (!known) batch.count('dead', 1);
}

export function deadHints(session: Session): DeadLetter[] {
  const rows = session.all<{ key: string; reason: string; at: number }>(
    'SELECT key, reason, at FROM talo_dead_hints ORDER BY position',
  );
  return rows.map(({ key, reason, at }) => ({ id: key, kind: 'hint', key, reason, at }));
}

/** @returns `false` if there is none of that id */
export function replayHint(batch: Batch, id: string, now: number): boolean {
  const row = batch.get<{ authenticated: number; origin: Hint['origin'] }>(
    'SELECT authenticated, origin FROM talo_dead_hints WHERE key = ?',
    id,
  );
  if (row === undefined) return false;
  putHint(
    batch,
    { key: id, authenticated: row.authenticated === 1, origin: row.origin, at: now },
    () => true,
  );
  batch.run('DELETE FROM talo_dead_hints WHERE key = ?', id);
  batch.count('dead', -1);
  return true;
}
