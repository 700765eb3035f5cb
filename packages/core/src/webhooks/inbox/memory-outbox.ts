import { DueQueue } from './due-queue.ts';
import { type Backlog, type DeliveryClaim, Fenced, type Inbox, type StoredEvent } from './inbox.ts';

interface Row {
  readonly event: StoredEvent;
  readonly handler: string;
  readonly version: number;
  /** When it was committed. */
  readonly at: number;
  /** Grows with every event: the order in its lane. */
  readonly order: number;
  failures: number;
  dueAt: number;
}

/** The deliveries of one resource to one handler, oldest first: only the first may run. */
interface Lane {
  readonly rows: Row[];
  lease: { readonly token: number; readonly until: number } | undefined;
}

/** A delivery that was given up, and what it takes to have it again. */
export interface ParkedDelivery {
  readonly event: StoredEvent;
  /** `''`: nobody heard the event. */
  readonly handler: string;
  readonly reason: string;
  /** When the last attempt was due. */
  readonly at: number;
  readonly again: (now: number, handlers: readonly string[]) => void;
}

export interface MemoryOutbox {
  /** The part of the port that is about deliveries. */
  readonly port: Pick<Inbox, 'claimDeliveries' | 'finish' | 'retry' | 'park'>;
  /** Enqueues an event of a commit; one that is there already is left as it is. */
  add(event: StoredEvent, version: number, now: number): void;
  release(claim: DeliveryClaim, now: number): void;
  /** Deliveries that are neither done nor dead. */
  waiting(): number;
  backlog(): Pick<Backlog, 'running' | 'nextAt'>;
  /** When the oldest event came to be that somebody still waits for. Goes through all lanes. */
  oldest(): number | undefined;
}

interface Ports {
  /** How many commits with events a resource had. */
  readonly versionOf: (key: string) => number;
  readonly parked: (delivery: ParkedDelivery) => void;
}

/** Events under way to their handlers, in memory. */
export function memoryOutbox({ versionOf, parked }: Ports): MemoryOutbox {
  /** Key and id of each: it is under its key that one is stored once. */
  const events = new Set<string>();
  const lanes = new Map<string, Lane>();
  /** Lanes by handler, so that one that gets nothing now is passed over as a whole. */
  const queues = new Map<string, DueQueue>();
  let deliveries = 0;
  let running = 0;
  let lastToken = 0;

  const wait = (laneKey: string, handler: string, until: number): void => {
    const queue = queues.get(handler) ?? new DueQueue();
    queues.set(handler, queue);
    queue.set(laneKey, until);
  };

  /** Takes the lane that is due first. */
  const take = (now: number, except: ReadonlySet<string> | undefined): string | undefined => {
    const at = (queue: DueQueue) => queue.next() ?? Number.POSITIVE_INFINITY;
    let first: DueQueue | undefined;
    for (const [handler, queue] of queues) {
      if (except?.has(handler)) continue;
      if (first === undefined || at(queue) < at(first)) first = queue;
    }
    return first?.take(now);
  };

  const enqueue = (row: Row): void => {
    const laneKey = laneOf(row.event.key, row.handler);
    const lane = lanes.get(laneKey) ?? { rows: [], lease: undefined };
    lanes.set(laneKey, lane);
    // a replayed one goes before those that are younger, but not before the one that runs
    const younger = lane.rows.findIndex((other, i) => other.order > row.order && !(i === 0 && lane.lease));
    lane.rows.splice(younger === -1 ? lane.rows.length : younger, 0, row);
    deliveries++;
    if (lane.rows[0] === row) wait(laneKey, row.handler, row.dueAt);
  };

  const leased = ({ key, handler, token }: DeliveryClaim) => {
    const laneKey = laneOf(key, handler);
    const lane = lanes.get(laneKey);
    const row = lane?.rows[0];
    if (lane === undefined || row === undefined || lane.lease?.token !== token) throw new Fenced(key);
    return { lane, row, laneKey };
  };

  const free = (claim: DeliveryClaim) => {
    const held = leased(claim);
    held.lane.lease = undefined;
    running--;
    return held;
  };

  const takeOut = (claim: DeliveryClaim): Row => {
    const { lane, row, laneKey } = free(claim);
    lane.rows.shift();
    deliveries--;
    const next = lane.rows[0];
    if (next === undefined) {
      lanes.delete(laneKey);
      queues.get(row.handler)?.delete(laneKey);
    } else {
      wait(laneKey, row.handler, next.dueAt);
    }
    return row;
  };

  const park = (row: Row, reason: string): void => {
    const { event, handler, dueAt } = row;
    parked({
      event,
      handler,
      reason,
      at: dueAt,
      again: (now, handlers) => {
        for (const taker of handlers) enqueue({ ...row, handler: taker, failures: 0, dueAt: now });
      },
    });
  };

  const port: MemoryOutbox['port'] = {
    async claimDeliveries(limit, now, leaseMs, except) {
      const claims: DeliveryClaim[] = [];
      while (claims.length < limit) {
        const laneKey = take(now, except);
        if (laneKey === undefined) break;
        const lane = lanes.get(laneKey);
        const row = lane?.rows[0];
        if (lane === undefined || row === undefined) continue;
        if (lane.lease === undefined) running++;
        const lease = { token: ++lastToken, until: now + leaseMs };
        lane.lease = lease;
        const { handler, failures, version } = row;
        wait(laneKey, handler, lease.until);
        const { id: eventId, type, key, payload } = row.event;
        const superseded = versionOf(key) > version;
        const { token } = lease;
        claims.push({ eventId, type, key, handler, payload, token, failures, superseded });
      }
      return claims;
    },

    async finish(claim) {
      takeOut(claim);
    },

    async retry(claim, until) {
      const { row, laneKey } = free(claim);
      row.failures++;
      row.dueAt = until;
      wait(laneKey, row.handler, until);
    },

    async park(claim, reason) {
      park(takeOut(claim), reason);
    },
  };

  return {
    port,

    add(event, version, now) {
      const name = JSON.stringify([event.key, event.id]);
      if (events.has(name)) return;
      events.add(name);
      const row = { event, version, at: now, order: events.size, failures: 0, dueAt: now };
      for (const handler of event.handlers) enqueue({ ...row, handler });
      if (event.unheard !== undefined) park({ ...row, handler: '' }, event.unheard);
    },

    release({ key, handler, token }, now) {
      const laneKey = laneOf(key, handler);
      const lane = lanes.get(laneKey);
      if (lane?.lease?.token !== token) return;
      lane.lease = undefined;
      running--;
      wait(laneKey, handler, now);
    },

    waiting: () => deliveries,
    oldest() {
      let oldest: number | undefined;
      for (const { rows } of lanes.values()) {
        const at = rows[0]?.at;
        if (at !== undefined && (oldest === undefined || at < oldest)) oldest = at;
      }
      return oldest;
    },
    backlog() {
      const due = [...queues.values()].flatMap((queue) => queue.next() ?? []);
      return { running, nextAt: due.length > 0 ? Math.min(...due) : undefined };
    },
  };
}

function laneOf(key: string, handler: string): string {
  return JSON.stringify([key, handler]);
}
