import { TaloWebhookError } from '../../errors/errors.ts';
import { DueQueue } from './due-queue.ts';
import {
  type Backlog,
  type Credit,
  type CreditFilter,
  type DeadLetter,
  type DeliveryClaim,
  Fenced,
  type Hint,
  type HintClaim,
  type Inbox,
  type StoredEvent,
  UNAUTHENTICATED_ROWS,
  type Unit,
} from './inbox.ts';

export interface MemoryInboxOptions {
  /** Hints and undelivered events it holds before `put` is refused, which Talo gets as a 503. Default 10000. */
  readonly bound?: number;
}

/**
 * An inbox in memory, for development and tests: nothing survives the process. At its bound it refuses, it never
 * forgets.
 */
export function memoryInbox(options: MemoryInboxOptions = {}): Inbox<never, never> {
  return new MemoryInbox(options.bound ?? 10_000);
}

interface HintRow {
  readonly key: string;
  generation: number;
  /** When the first hint came since the look that runs began. */
  next?: number | undefined;
  authenticated: boolean;
  /** The generation of the newest authenticated hint. */
  proven: number;
  dueAt: number;
  origin: Hint['origin'];
  since: number;
  attempts: number;
  unchanged: number;
  /** No look before this: the floor between two looks. */
  floor: number;
  delayed: boolean;
  /** Nothing is asked of it now; kept while its floor lasts. */
  idle: boolean;
  /** When it is looked at again without a hint. */
  again?: number | undefined;
  lease: { readonly token: number; readonly until: number } | undefined;
}

interface DeliveryRow {
  readonly event: StoredEvent;
  readonly handler: string;
  readonly version: number;
  /** Grows with every event: the order in its lane. */
  readonly order: number;
  failures: number;
  dueAt: number;
}

/** The deliveries of one resource to one handler, oldest first: only the first may run. */
interface Lane {
  readonly rows: DeliveryRow[];
  lease: { readonly token: number; readonly until: number } | undefined;
}

class MemoryInbox implements Inbox<never, never> {
  readonly name = 'memory';
  readonly durable = false;
  readonly transactions = undefined;
  readonly #bound: number;
  readonly #hints = new Map<string, HintRow>();
  readonly #hintsDue = new DueQueue();
  /** Rows that are kept for their floor alone. */
  readonly #floors = new DueQueue();
  readonly #states = new Map<string, { readonly state: string; readonly version: number }>();
  readonly #credits = new Map<string, Credit>();
  readonly #remembered = new Map<string, string>();
  readonly #events = new Set<string>();
  readonly #lanes = new Map<string, Lane>();
  readonly #lanesDue = new DueQueue();
  readonly #dead = new Map<string, DeadLetter & { readonly row?: DeliveryRow; readonly hint?: HintRow }>();
  #waiting = 0;
  #unauthenticated = 0;
  #deliveries = 0;
  #running = 0;
  #token = 0;

  constructor(bound: number) {
    this.#bound = bound;
  }

  async open(): Promise<void> {}
  async close(): Promise<void> {}

  async put(hint: Hint): Promise<'stored' | 'known' | 'coalesced'> {
    const { key, authenticated, origin, at } = hint;
    const row = this.#hints.get(key);
    // what a look has found before needs no protection from strangers who guess ids
    const known = this.#states.has(key);
    const from = known ? at : Math.max(at, hint.due ?? at);
    if (row === undefined || row.idle) {
      this.#makeRoom(authenticated);
      const fresh: HintRow = {
        key,
        generation: (row?.generation ?? 0) + 1,
        authenticated,
        proven: authenticated ? (row?.generation ?? 0) + 1 : 0,
        dueAt: Math.max(from, floorOf(row, at)),
        origin,
        since: at,
        attempts: 0,
        unchanged: row?.unchanged ?? 0,
        floor: floorOf(row, at),
        delayed: from > at,
        idle: false,
        lease: undefined,
      };
      this.#hints.set(key, fresh);
      this.#floors.delete(key);
      this.#waiting++;
      this.#hintsDue.set(key, fresh.dueAt);
      return known ? 'known' : 'stored';
    }
    row.generation++;
    if (row.lease !== undefined) row.next ??= at;
    if (origin === 'webhook') row.origin = origin;
    const strengthens = authenticated && (!row.authenticated || row.delayed);
    if (strengthens && !row.authenticated) {
      row.authenticated = true;
      this.#unauthenticated--;
    }
    if (authenticated) row.proven = row.generation;
    const sooner = Math.max(from, floorOf(row, at));
    if (strengthens && row.lease === undefined && sooner < row.dueAt) {
      row.delayed = from > at;
      this.#wait(row, sooner);
    }
    return 'coalesced';
  }

  async watch(key: string, at: number): Promise<void> {
    const row = this.#hints.get(key);
    if (row !== undefined && (!row.idle || (row.again ?? Number.POSITIVE_INFINITY) <= at)) return;
    const idle = row ?? {
      key,
      generation: 0,
      authenticated: true,
      proven: 0,
      dueAt: at,
      origin: 'reconcile' as const,
      since: at,
      attempts: 0,
      unchanged: 0,
      floor: 0,
      delayed: false,
      idle: true,
      lease: undefined,
    };
    idle.again = at;
    this.#hints.set(key, idle);
    this.#floors.delete(key);
    this.#wait(idle, Math.max(at, idle.floor));
  }

  async claim(limit: number, now: number, leaseMs: number): Promise<readonly HintClaim[]> {
    const claims: HintClaim[] = [];
    for (let key = this.#floors.take(now); key !== undefined; key = this.#floors.take(now))
      this.#hints.delete(key);
    while (claims.length < limit) {
      const key = this.#hintsDue.take(now);
      if (key === undefined) break;
      const row = this.#hints.get(key);
      if (row === undefined) continue;
      if (row.idle) {
        Object.assign(row, {
          idle: false,
          again: undefined,
          origin: 'reconcile',
          authenticated: true,
          since: now,
        });
        this.#waiting++;
      }
      // a lease that ran out comes back through the same queue
      if (row.lease === undefined) this.#running++;
      row.lease = { token: ++this.#token, until: now + leaseMs };
      row.next = undefined;
      this.#hintsDue.set(key, row.lease.until);
      const { generation, authenticated, origin, since, attempts, unchanged } = row;
      claims.push({
        key,
        token: row.lease.token,
        generation,
        authenticated,
        origin,
        since,
        attempts,
        unchanged,
      });
    }
    return claims;
  }

  async complete(claim: HintClaim, notBefore: number, again?: number): Promise<void> {
    const row = this.#release(claim);
    row.attempts = 0;
    row.since = row.next ?? row.since;
    row.floor = notBefore;
    row.idle = row.generation === claim.generation;
    row.again = row.idle ? again : undefined;
    if (row.idle) this.#settle(row);
    if (!row.idle || row.again !== undefined) {
      this.#wait(row, Math.max(row.again ?? 0, notBefore));
    } else {
      this.#hintsDue.delete(row.key);
      this.#floors.set(row.key, notBefore);
    }
  }

  async delay(claim: HintClaim, until: number, notBefore: number): Promise<void> {
    const row = this.#release(claim);
    const renewed = row.proven > claim.generation;
    row.attempts = claim.attempts + 1;
    row.delayed = !renewed;
    row.floor = notBefore;
    this.#wait(row, renewed ? notBefore : until);
  }

  async bury(claim: HintClaim, reason: string): Promise<void> {
    const row = this.#release(claim);
    if (row.generation !== claim.generation) {
      Object.assign(row, { since: row.next ?? row.since, attempts: 0 });
      this.#wait(row, row.floor);
      return;
    }
    this.#hints.delete(row.key);
    this.#hintsDue.delete(row.key);
    this.#settle(row);
    this.#dead.set(row.key, { id: row.key, kind: 'hint', key: row.key, reason, at: claim.since, hint: row });
  }

  async state(key: string): Promise<string | undefined> {
    return this.#states.get(key)?.state;
  }

  async commit({ claim, state, credits, events, now }: Unit): Promise<void> {
    const row = this.#leased(claim);
    row.unchanged = events.length > 0 || credits.length > 0 ? 0 : row.unchanged + 1;
    const version = (this.#states.get(claim.key)?.version ?? 0) + (events.length > 0 ? 1 : 0);
    if (state !== undefined) this.#states.set(claim.key, { state, version });
    for (const credit of credits) if (!this.#credits.has(credit.key)) this.#credits.set(credit.key, credit);
    for (const event of events) {
      if (this.#events.has(event.id)) continue;
      this.#events.add(event.id);
      const row = { event, version, order: this.#events.size, failures: 0, dueAt: now };
      for (const handler of event.handlers) this.#enqueue({ ...row, handler });
      if (event.unheard !== undefined) this.#parkRow({ ...row, handler: '' }, event.unheard, now);
    }
  }

  async recall(key: string): Promise<string | undefined> {
    return this.#remembered.get(key);
  }

  async remember(entries: readonly { readonly key: string; readonly value: string }[]): Promise<void> {
    for (const { key, value } of entries) this.#remembered.set(key, value);
  }

  async credits(filter: CreditFilter): Promise<readonly Credit[]> {
    const wanted = Object.entries(filter);
    return [...this.#credits.values()].filter((credit) =>
      wanted.every(([name, value]) => value === undefined || Reflect.get(credit, name) === value),
    );
  }

  async claimDeliveries(limit: number, now: number, leaseMs: number): Promise<readonly DeliveryClaim[]> {
    const claims: DeliveryClaim[] = [];
    while (claims.length < limit) {
      const laneKey = this.#lanesDue.take(now);
      if (laneKey === undefined) break;
      const lane = this.#lanes.get(laneKey);
      const row = lane?.rows[0];
      if (lane === undefined || row === undefined) continue;
      if (lane.lease === undefined) this.#running++;
      lane.lease = { token: ++this.#token, until: now + leaseMs };
      this.#lanesDue.set(laneKey, lane.lease.until);
      const { event, handler, failures } = row;
      claims.push({
        eventId: event.id,
        type: event.type,
        key: event.key,
        handler,
        payload: event.payload,
        token: lane.lease.token,
        failures,
        superseded: (this.#states.get(event.key)?.version ?? 0) > row.version,
      });
    }
    return claims;
  }

  async finish(claim: DeliveryClaim): Promise<void> {
    this.#nextInLane(claim);
  }

  async retry(claim: DeliveryClaim, until: number): Promise<void> {
    const { lane, row, laneKey } = this.#lane(claim);
    lane.lease = undefined;
    this.#running--;
    row.failures++;
    row.dueAt = until;
    this.#lanesDue.set(laneKey, until);
  }

  async park(claim: DeliveryClaim, reason: string): Promise<void> {
    const row = this.#nextInLane(claim);
    row.failures++;
    this.#parkRow(row, reason, row.dueAt);
  }

  async dead(): Promise<readonly DeadLetter[]> {
    return [...this.#dead.values()].map(({ row: _row, hint: _hint, ...letter }) => letter);
  }

  async replay(id: string, now: number, handlers: readonly string[]): Promise<boolean> {
    const letter = this.#dead.get(id);
    if (letter === undefined) return false;
    const { row, hint } = letter;
    if (row !== undefined) {
      const takers = row.handler === '' ? handlers : [row.handler];
      if (takers.length === 0) return false;
      for (const handler of takers) this.#enqueue({ ...row, handler, failures: 0, dueAt: now });
    }
    if (hint !== undefined) {
      await this.put({ key: hint.key, authenticated: hint.authenticated, origin: hint.origin, at: now });
    }
    this.#dead.delete(id);
    return true;
  }

  async backlog(): Promise<Backlog> {
    let oldest: number | undefined;
    for (const row of this.#hints.values()) {
      if (!row.idle && (oldest === undefined || row.since < oldest)) oldest = row.since;
    }
    const due = [this.#hintsDue.next(), this.#lanesDue.next()].flatMap((at) => at ?? []);
    const nextAt = due.length > 0 ? Math.min(...due) : undefined;
    const { size: dead } = this.#dead;
    return {
      hints: this.#waiting,
      deliveries: this.#deliveries,
      running: this.#running,
      dead,
      oldest,
      nextAt,
    };
  }

  #makeRoom(authenticated: boolean): void {
    if (this.#waiting + this.#deliveries >= this.#bound) {
      throw new TaloWebhookError('full', `The memory inbox is at its bound of ${this.#bound}.`);
    }
    if (authenticated) return;
    if (this.#unauthenticated >= UNAUTHENTICATED_ROWS) {
      throw new TaloWebhookError('full', 'The inbox takes no more unauthenticated hints.');
    }
    this.#unauthenticated++;
  }

  #wait(row: HintRow, until: number): void {
    row.dueAt = until;
    this.#hintsDue.set(row.key, until);
  }

  /** The row waits no more. */
  #settle(row: HintRow): void {
    this.#waiting--;
    if (!row.authenticated) this.#unauthenticated--;
  }

  #leased(claim: HintClaim): HintRow {
    const row = this.#hints.get(claim.key);
    if (row?.lease?.token !== claim.token) throw new Fenced(claim.key);
    return row;
  }

  #release(claim: HintClaim): HintRow {
    const row = this.#leased(claim);
    row.lease = undefined;
    this.#running--;
    return row;
  }

  #enqueue(row: DeliveryRow): void {
    const laneKey = laneOf(row.event.key, row.handler);
    const lane = this.#lanes.get(laneKey) ?? { rows: [], lease: undefined };
    this.#lanes.set(laneKey, lane);
    // a replayed one goes before those that are younger, but not before the one that runs
    const younger = lane.rows.findIndex((other, i) => other.order > row.order && !(i === 0 && lane.lease));
    lane.rows.splice(younger === -1 ? lane.rows.length : younger, 0, row);
    this.#deliveries++;
    if (lane.rows[0] === row) this.#lanesDue.set(laneKey, row.dueAt);
  }

  #lane(claim: DeliveryClaim): { lane: Lane; row: DeliveryRow; laneKey: string } {
    const laneKey = laneOf(claim.key, claim.handler);
    const lane = this.#lanes.get(laneKey);
    const row = lane?.rows[0];
    if (lane === undefined || row === undefined || lane.lease?.token !== claim.token)
      throw new Fenced(claim.key);
    return { lane, row, laneKey };
  }

  #nextInLane(claim: DeliveryClaim): DeliveryRow {
    const { lane, row, laneKey } = this.#lane(claim);
    lane.lease = undefined;
    this.#running--;
    lane.rows.shift();
    this.#deliveries--;
    const next = lane.rows[0];
    if (next === undefined) {
      this.#lanes.delete(laneKey);
      this.#lanesDue.delete(laneKey);
    } else {
      this.#lanesDue.set(laneKey, next.dueAt);
    }
    return row;
  }

  #parkRow(row: DeliveryRow, reason: string, at: number): void {
    const { event, handler } = row;
    const id = `${event.id}:${handler}`;
    const about = { eventId: event.id, type: event.type, ...(handler && { handler }) };
    this.#dead.set(id, { id, kind: 'delivery', key: event.key, reason, at, ...about, row });
  }
}

/** No floor is longer than this: one that is further away was set before the clock was set back. */
const LONGEST_FLOOR_MS = 60_000;

function floorOf(row: HintRow | undefined, now: number): number {
  return Math.min(row?.floor ?? 0, now + LONGEST_FLOOR_MS);
}

function laneOf(key: string, handler: string): string {
  return JSON.stringify([key, handler]);
}
