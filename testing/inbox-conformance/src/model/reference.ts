import type { Credit, Hint, HintClaim, StoredEvent } from '@talo/core/webhooks';

/** `undefined` where the port leaves open what an inbox shows. */
type Open<T> = T | undefined;

export interface ReferenceHint {
  readonly key: string;
  authenticated: Open<boolean>;
  since: number;
  attempts: Open<number>;
  unchanged: Open<number>;
  /** Hints seen, for `newer`. */
  generation: number;
  floor: number;
  due: number;
  waits: boolean;
  again: number | undefined;
  lease: ReferenceLease | undefined;
}

interface ReferenceLease {
  readonly token: number;
  readonly until: number;
  readonly generation: number;
  commits: number;
  /** First hint since the claim, and whether one was authenticated. */
  first: number | undefined;
  renewed: boolean;
}

export interface ReferenceDelivery {
  readonly event: StoredEvent;
  readonly handler: string;
  /** When it was committed. */
  readonly at: number;
  failures: Open<number>;
  due: number;
  /** How many commits with news, and with any state, the key had then. */
  readonly news: number;
  readonly states: number;
}

export interface ReferenceLane {
  readonly rows: ReferenceDelivery[];
  lease: { readonly token: number; readonly until: number } | undefined;
}

export interface ReferenceLetter {
  readonly kind: 'hint' | 'delivery';
  readonly key: string;
  readonly reason: string;
  readonly delivery?: ReferenceDelivery;
  readonly authenticated?: Open<boolean>;
}

/**
 * What an inbox is, written to be read: plain maps, nothing is fast, nothing is stored. Where several things may be
 * claimed it does not choose; it is told what was, and says whether that may be.
 */
export class ReferenceInbox {
  readonly hints = new Map<string, ReferenceHint>();
  readonly states = new Map<string, string>();
  readonly credits = new Map<string, Credit>();
  readonly remembered = new Map<string, string>();
  readonly lanes = new Map<string, ReferenceLane>();
  letters: ReferenceLetter[] = [];
  readonly #events = new Set<string>();
  readonly #versions = new Map<string, { news: number; states: number }>();

  put({ key, authenticated, at, due = at }: Hint): 'stored' | 'known' | 'coalesced' {
    const row = this.hints.get(key);
    const known = row?.again !== undefined || this.states.has(key);
    const from = known ? at : Math.max(at, due);
    if (row === undefined || !row.waits) {
      const floor = row?.floor ?? 0;
      const unchanged =
        row === undefined ? 0 : at < floor || row.again !== undefined ? row.unchanged : undefined;
      const fresh = {
        key,
        authenticated,
        since: at,
        attempts: 0,
        unchanged,
        generation: (row?.generation ?? 0) + 1,
      };
      const rest = { floor, due: Math.max(from, floor), waits: true, again: undefined, lease: undefined };
      this.hints.set(key, { ...fresh, ...rest });
      return known ? 'known' : 'stored';
    }
    row.generation++;
    if (authenticated) row.authenticated = true;
    if (row.lease !== undefined) {
      row.lease.first ??= at;
      row.lease.renewed ||= authenticated;
    } else if (authenticated) {
      row.due = Math.min(row.due, Math.max(from, row.floor));
    }
    return 'coalesced';
  }

  watch(key: string, at: number, now: number): void {
    const row = this.hints.get(key);
    if (row?.waits === true || (row?.again ?? Number.POSITIVE_INFINITY) <= at) return;
    const floor = row?.floor ?? 0;
    const forgotten = row !== undefined && row.again === undefined && now >= floor;
    const { generation = 0, unchanged = row === undefined ? 0 : undefined } = row ?? {};
    const fresh = { key, authenticated: true, since: at, attempts: 0, generation, floor };
    const rest = { unchanged: forgotten ? undefined : unchanged, due: Math.max(at, floor) };
    this.hints.set(key, { ...fresh, ...rest, waits: false, again: at, lease: undefined });
  }

  dueHints(now: number): readonly ReferenceHint[] {
    return [...this.hints.values()].filter((row) => whenHint(row) <= now);
  }

  claim(row: ReferenceHint, token: number, now: number, leaseMs: number): void {
    if (!row.waits) {
      Object.assign(row, { waits: true, again: undefined, authenticated: true, since: now, attempts: 0 });
    } else if (row.lease !== undefined) {
      row.attempts = undefined;
    }
    const { generation } = row;
    row.lease = { token, until: now + leaseMs, generation, commits: 0, first: undefined, renewed: false };
  }

  /** The row, if this claim still holds it. */
  held(claim: HintClaim): (ReferenceHint & { lease: ReferenceLease }) | undefined {
    const row = this.hints.get(claim.key);
    return row?.lease?.token === claim.token ? (row as ReferenceHint & { lease: ReferenceLease }) : undefined;
  }

  complete(
    row: ReferenceHint & { lease: ReferenceLease },
    notBefore: number,
    again: number | undefined,
  ): void {
    const { first, renewed } = row.lease;
    const newer = first !== undefined;
    if (newer) {
      row.since = first;
      row.authenticated = renewed ? true : row.authenticated === false ? false : undefined;
    }
    const due = newer ? notBefore : Math.max(notBefore, again ?? notBefore);
    const rest = { waits: newer, again: newer ? undefined : again, lease: undefined };
    Object.assign(row, { attempts: 0, floor: notBefore, due, ...rest });
  }

  delay(
    row: ReferenceHint & { lease: ReferenceLease },
    claim: HintClaim,
    until: number,
    notBefore: number,
  ): void {
    const due = row.lease.renewed ? notBefore : until;
    Object.assign(row, { attempts: claim.attempts + 1, floor: notBefore, due, lease: undefined });
  }

  release(row: ReferenceHint, now: number): void {
    Object.assign(row, { due: now, lease: undefined });
  }

  bury(row: ReferenceHint, reason: string): void {
    this.hints.delete(row.key);
    this.letters.push({ kind: 'hint', key: row.key, reason, authenticated: row.authenticated });
  }

  commit(
    row: ReferenceHint & { lease: ReferenceLease },
    unit: {
      state: string | undefined;
      credits: readonly Credit[];
      events: readonly StoredEvent[];
      now: number;
    },
  ): void {
    const { state, credits, events, now } = unit;
    const freshCredits = credits.filter((credit) => !this.credits.has(credit.key));
    const freshEvents = events.filter((event) => !this.#events.has(event.id));
    const news = freshCredits.length + freshEvents.length > 0;
    const repeats = !news && credits.length + events.length > 0;
    if (news) row.unchanged = 0;
    else if (repeats || row.lease.commits > 0 || row.unchanged === undefined) row.unchanged = undefined;
    else row.unchanged++;
    row.lease.commits++;

    const version = this.#versions.get(row.key) ?? { news: 0, states: 0 };
    if (state !== undefined) {
      this.states.set(row.key, state);
      version.states++;
      if (freshEvents.length > 0) version.news++;
      this.#versions.set(row.key, version);
    }
    for (const credit of freshCredits) this.credits.set(credit.key, credit);
    for (const event of freshEvents) {
      this.#events.add(event.id);
      const delivery = { event, at: now, failures: 0, due: now, ...version };
      for (const handler of event.handlers) this.#enqueue({ ...delivery, handler });
      if (event.unheard !== undefined) {
        const letter = { kind: 'delivery', key: event.key, reason: event.unheard } as const;
        this.letters.push({ ...letter, delivery: { ...delivery, handler: '' } });
      }
    }
  }

  dueLanes(now: number): readonly ReferenceLane[] {
    return [...this.lanes.values()].filter((lane) => whenLane(lane) <= now);
  }

  lane(key: string, handler: string): ReferenceLane {
    const name = JSON.stringify([key, handler]);
    const lane = this.lanes.get(name) ?? { rows: [], lease: undefined };
    this.lanes.set(name, lane);
    return lane;
  }

  claimDelivery(lane: ReferenceLane, token: number, now: number, leaseMs: number): void {
    const [head] = lane.rows;
    if (head !== undefined && lane.lease !== undefined) head.failures = undefined;
    lane.lease = { token, until: now + leaseMs };
  }

  superseded({ event, news, states }: ReferenceDelivery): Open<boolean> {
    const now = this.#versions.get(event.key) ?? { news: 0, states: 0 };
    if (now.news > news) return true;
    return now.states === states ? false : undefined;
  }

  finish(lane: ReferenceLane): void {
    lane.lease = undefined;
    lane.rows.shift();
  }

  retry(lane: ReferenceLane, failures: number, until: number): void {
    lane.lease = undefined;
    const [head] = lane.rows;
    if (head !== undefined) Object.assign(head, { failures, due: until });
  }

  releaseDelivery(lane: ReferenceLane, now: number): void {
    lane.lease = undefined;
    const [head] = lane.rows;
    if (head !== undefined) head.due = now;
  }

  park(lane: ReferenceLane, reason: string): void {
    const [head] = lane.rows;
    this.finish(lane);
    if (head !== undefined)
      this.letters.push({ kind: 'delivery', key: head.event.key, reason, delivery: head });
  }

  replay(letter: ReferenceLetter, now: number, handlers: readonly string[]): boolean {
    const { delivery, key, authenticated } = letter;
    if (delivery !== undefined) {
      const takers = delivery.handler === '' ? handlers : [delivery.handler];
      if (takers.length === 0) return false;
      for (const handler of takers) this.#enqueue({ ...delivery, handler, failures: 0, due: now });
    } else {
      this.put({ key, authenticated: authenticated === true, origin: 'webhook', at: now });
      const row = this.hints.get(key);
      if (row !== undefined) row.authenticated = authenticated;
    }
    this.letters = this.letters.filter((other) => other !== letter);
    return true;
  }

  #enqueue(delivery: ReferenceDelivery): void {
    this.lane(delivery.event.key, delivery.handler).rows.push(delivery);
  }
}

/** When it can be claimed next. */
export function whenHint({ lease, waits, due, again }: ReferenceHint): number {
  if (lease !== undefined) return lease.until;
  return waits || again !== undefined ? due : Number.POSITIVE_INFINITY;
}

export function whenLane({ lease, rows }: ReferenceLane): number {
  return lease?.until ?? rows[0]?.due ?? Number.POSITIVE_INFINITY;
}
