import { type DeadLetter, type DeliveryClaim, Fenced, type StoredEvent } from '@talo/core/webhooks';
import { TOLERANCE_MS } from './engine-time.ts';
import { hashOf } from './hash.ts';
import type { Session } from './session.ts';
import type { Batch } from './write-batch.ts';

const FIND_EVENT = 'SELECT 1 FROM talo_events WHERE resource = ? AND hash = ? AND id = ?';
const ADD_EVENT = `INSERT INTO talo_events (resource, hash, id, type, key, payload, version, at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const LANE = `SELECT event, token FROM talo_deliveries WHERE key = ? AND handler = ? AND due_at IS NOT NULL`;
const ENQUEUE = `INSERT INTO talo_deliveries (key, handler, event, failures, ready_at, due_at, set_at)
  VALUES (?, ?, ?, 0, ?, ?, ?) ON CONFLICT DO NOTHING`;
const LEASED =
  'SELECT key, handler, event, ready_at FROM talo_deliveries WHERE key = ? AND handler = ? AND token = ?';
const REMOVE = 'DELETE FROM talo_deliveries WHERE key = ? AND handler = ? AND event = ?';
const PROMOTE = `UPDATE talo_deliveries SET due_at = ready_at, set_at = ? WHERE key = ? AND handler = ?
  AND event = (SELECT min(event) FROM talo_deliveries WHERE key = ? AND handler = ?)`;
const DEMOTE = 'UPDATE talo_deliveries SET due_at = NULL WHERE key = ? AND handler = ? AND event = ?';
const RETRY = `UPDATE talo_deliveries SET failures = failures + 1, ready_at = ?, due_at = NULL, token = NULL
  WHERE key = ? AND handler = ? AND event = ?`;
const RELEASE =
  'UPDATE talo_deliveries SET token = NULL, due_at = ?, set_at = ? WHERE key = ? AND handler = ? AND token = ?';
const PARK = `INSERT INTO talo_dead (id, event, handler, reason, at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET event = excluded.event, reason = excluded.reason, at = excluded.at`;

interface Row {
  readonly key: string;
  readonly handler: string;
  /** Position of the event, and so of the delivery in its lane. */
  readonly event: number;
  readonly ready_at: number;
}

/** Stores an event and one delivery per handler; an event that is there already is left as it is. */
export function addEvent(
  batch: Batch,
  event: StoredEvent,
  { resource, version, now }: { readonly resource: number; readonly version: number; readonly now: number },
): void {
  const { id, type, key, payload } = event;
  const hash = hashOf(id);
  if (batch.get(FIND_EVENT, resource, hash, id) !== undefined) return;
  const position = batch.insert(ADD_EVENT, resource, hash, id, type, key, payload, version, now);
  for (const handler of event.handlers) enqueue(batch, { key, handler, event: position }, now);
  if (event.unheard !== undefined) {
    addDead(batch, { id, handler: '', event: position, reason: event.unheard, at: now });
  }
}

function enqueue(
  batch: Batch,
  { key, handler, event }: Pick<Row, 'key' | 'handler' | 'event'>,
  now: number,
): void {
  const first = batch.get<{ event: number; token: number | null }>(LANE, key, handler);
  // one that is played again goes before younger ones, though not before one that is under way
  const before = first !== undefined && first.token === null && event < first.event;
  const due = first === undefined || before ? now : null;
  if (batch.run(ENQUEUE, key, handler, event, now, due, now) === 0) return;
  if (before) batch.run(DEMOTE, key, handler, first.event);
  batch.count('deliveries', 1);
}

/** @throws Fenced if the claim has passed to another worker */
export function leasedDelivery(batch: Batch, claim: DeliveryClaim): Row {
  const row = batch.get<Row>(LEASED, claim.key, claim.handler, claim.token);
  if (row === undefined) throw new Fenced(claim.key);
  return row;
}

/** Takes a delivery out of its lane, whose next one may run then. */
export function removeDelivery(batch: Batch, { key, handler, event }: Row, now: number): void {
  batch.run(REMOVE, key, handler, event);
  batch.run(PROMOTE, now, key, handler, key, handler);
  batch.count('deliveries', -1);
}

export function retryDelivery(batch: Batch, claim: DeliveryClaim, until: number, now: number): void {
  const { key, handler, event } = leasedDelivery(batch, claim);
  batch.run(RETRY, until, key, handler, event);
  batch.run(PROMOTE, now, key, handler, key, handler);
}

/** Due again now, as before the claim, if that still holds. */
export function releaseDelivery(batch: Batch, { key, handler, token }: DeliveryClaim, now: number): void {
  batch.run(RELEASE, now, now, key, handler, token);
}

export function parkDelivery(batch: Batch, claim: DeliveryClaim, reason: string, now: number): void {
  const row = leasedDelivery(batch, claim);
  removeDelivery(batch, row, now);
  addDead(batch, { id: claim.eventId, handler: row.handler, event: row.event, reason, at: row.ready_at });
}

function addDead(
  batch: Batch,
  dead: { id: string; handler: string; event: number; reason: string; at: number },
): void {
  const id = `${dead.id}:${dead.handler}`;
  const known = batch.get('SELECT 1 FROM talo_dead WHERE id = ?', id) !== undefined;
  batch.run(PARK, id, dead.event, dead.handler, dead.reason, dead.at);
  if (!known) batch.count('dead', 1);
}

export function deadDeliveries(session: Session): DeadLetter[] {
  const rows = session.all<{
    id: string;
    key: string;
    reason: string;
    at: number;
    event: string;
    type: string;
    handler: string;
  }>(
    `SELECT d.id, e.key, d.reason, d.at, e.id AS event, e.type, d.handler
     FROM talo_dead d JOIN talo_events e ON e.position = d.event ORDER BY d.position`,
  );
  return rows.map(({ id, key, reason, at, event, type, handler }) => {
    const about = { eventId: event, type, ...(handler && { handler }) };
    return { id, kind: 'delivery', key, reason, at, ...about };
  });
}

/** @returns `false` if there is none of that id, or nobody to hear it */
export function replayDelivery(batch: Batch, id: string, now: number, handlers: readonly string[]): boolean {
  const row = batch.get<{ event: number; handler: string; key: string }>(
    'SELECT d.event, d.handler, e.key FROM talo_dead d JOIN talo_events e ON e.position = d.event WHERE d.id = ?',
    id,
  );
  if (row === undefined) return false;
  const { event, key } = row;
  const takers = row.handler === '' ? handlers : [row.handler];
  if (takers.length === 0) return false;
  for (const handler of takers) enqueue(batch, { key, handler, event }, now);
  batch.run('DELETE FROM talo_dead WHERE id = ?', id);
  batch.count('dead', -1);
  return true;
}

/** Ends every lease: who held one before has lost the right to it. */
export function releaseDeliveries(batch: Batch, now: number): void {
  batch.run(
    'UPDATE talo_deliveries SET token = NULL, due_at = ?, set_at = ? WHERE token IS NOT NULL',
    now,
    now,
  );
}

/** The clock went back: what was put off until a time that now lies beyond its own maximum is due. */
export function repairDeliveries(batch: Batch, now: number): void {
  batch.run(
    `UPDATE talo_deliveries SET due_at = min(due_at, ?), ready_at = min(ready_at, ?), set_at = ?
     WHERE due_at IS NOT NULL AND set_at > ?`,
    now,
    now,
    now,
    now + TOLERANCE_MS,
  );
}

/** Removes events that nobody waits for any more. @returns how many, `limit` at most */
export function pruneEvents(batch: Batch, before: number, limit: number): number {
  return batch.run(
    `DELETE FROM talo_events WHERE position IN (
       SELECT position FROM talo_events e WHERE at < ?
         AND NOT EXISTS (SELECT 1 FROM talo_deliveries d WHERE d.event = e.position)
         AND NOT EXISTS (SELECT 1 FROM talo_dead d WHERE d.event = e.position)
       ORDER BY at LIMIT ?)`,
    before,
    limit,
  );
}
