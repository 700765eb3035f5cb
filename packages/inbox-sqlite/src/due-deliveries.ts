import type { DeliveryClaim } from '@talo/core/webhooks';
import { type Counted, counter } from './queue-upkeep.ts';
import type { Session } from './session.ts';
import type { Batch } from './write-batch.ts';

/** Of the next handler that has any: its delivery that is due first. */
const HEAD = `SELECT handler, due_at FROM talo_deliveries WHERE due_at IS NOT NULL AND handler > ?
  ORDER BY handler, due_at LIMIT 1`;
const DUE = `SELECT key, handler, event, failures, due_at FROM talo_deliveries
  WHERE handler = ? AND due_at IS NOT NULL AND due_at <= ? ORDER BY due_at LIMIT ?`;
const CONTENT = `SELECT id, type, payload,
  EXISTS (SELECT 1 FROM talo_states s WHERE s.id = e.resource AND s.version > e.version) AS superseded
  FROM talo_events e WHERE position = ?`;
const OLDEST = `SELECT e.at FROM talo_deliveries d JOIN talo_events e ON e.position = d.event
  ORDER BY d.event LIMIT 1`;
const LEASE =
  'UPDATE talo_deliveries SET token = ?, due_at = ?, set_at = ? WHERE key = ? AND handler = ? AND event = ?';

interface Head {
  readonly handler: string;
  readonly due_at: number;
}

interface Row extends Head {
  readonly key: string;
  readonly event: number;
  readonly failures: number;
}

/** Of each handler the delivery that is due first: one step in the index for each, however many wait. */
function heads(session: Session): Head[] {
  const found: Head[] = [];
  for (let head = session.get<Head>(HEAD, ''); head; head = session.get<Head>(HEAD, head.handler)) {
    found.push(head);
  }
  return found;
}

/** When and for whom a claim is made. */
export interface Asked {
  readonly now: number;
  /** Handlers that get none. */
  readonly except: ReadonlySet<string> | undefined;
}

/** The handlers for whom a claim would find something. */
function handlersDue(session: Session, { now, except }: Asked): string[] {
  return heads(session).flatMap(({ handler, due_at }) =>
    due_at <= now && !except?.has(handler) ? handler : [],
  );
}

/** Whether a claim would find anything. @param taking what is under way elsewhere counts too: it may be taken over */
export function deliveriesDue(session: Session, asked: Asked, taking: boolean): boolean {
  const leased = 'SELECT 1 FROM talo_deliveries WHERE token IS NOT NULL LIMIT 1';
  if (taking && session.get(leased) !== undefined) return true;
  return handlersDue(session, asked).length > 0;
}

/** Takes what is due first, handler by handler: what waits for others costs nothing, however much it is. */
export function claimDeliveries(batch: Batch, limit: number, leaseMs: number, asked: Asked): DeliveryClaim[] {
  const { now } = asked;
  const due = handlersDue(batch.session, asked).flatMap((handler) =>
    batch.all<Row>(DUE, handler, now, limit),
  );
  const first = due.sort((a, b) => a.due_at - b.due_at).slice(0, limit);
  return first.flatMap(({ key, handler, event, failures }) => {
    const content = batch.get<{ id: string; type: string; payload: string; superseded: number }>(
      CONTENT,
      event,
    );
    if (content === undefined) return [];
    const { id: eventId, type, payload } = content;
    const token = batch.count('token', 1);
    batch.run(LEASE, token, now + leaseMs, now, key, handler, event);
    return { eventId, type, key, handler, payload, token, failures, superseded: content.superseded === 1 };
  });
}

/** Also since when the oldest event waits: the first of them, as they are numbered in the order of their commits. */
export function countDeliveries(session: Session): Counted & { readonly oldestEvent: number | undefined } {
  const running = session.get<{ n: number }>(
    'SELECT count(*) AS n FROM talo_deliveries WHERE token IS NOT NULL',
  );
  const due = heads(session).map(({ due_at }) => due_at);
  return {
    waiting: counter(session, 'deliveries'),
    running: running?.n ?? 0,
    dead: counter(session, 'dead'),
    nextAt: due.length > 0 ? Math.min(...due) : undefined,
    oldestEvent: session.get<{ at: number }>(OLDEST)?.at,
  };
}
