import { TaloWebhookError } from '../../errors/errors.ts';
import { DueQueue } from './due-queue.ts';
import {
  type Backlog,
  Fenced,
  type Hint,
  type HintClaim,
  type Inbox,
  UNAUTHENTICATED_ROWS,
} from './inbox.ts';

interface Row {
  readonly key: string;
  generation: number;
  /** When the first hint came since the look that runs began. */
  next?: number | undefined;
  authenticated: boolean;
  /** Holds one of the rows that strangers may take. */
  stranger: boolean;
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

/** A hint that was given up, and what it takes to ask for it again. */
export interface BuriedHint {
  readonly key: string;
  readonly reason: string;
  /** When the first hint came since the last completed look. */
  readonly since: number;
  readonly again: (now: number) => Promise<unknown>;
}

export interface MemoryHints {
  /** The part of the port that is about hints. */
  readonly port: Pick<Inbox, 'put' | 'watch' | 'claim' | 'complete' | 'delay' | 'bury'>;
  /** A look committed something under this claim. @throws Fenced if the claim has passed to another worker */
  looked(claim: HintClaim, news: boolean): void;
  release(claim: HintClaim, now: number): void;
  backlog(): Pick<Backlog, 'hints' | 'running' | 'nextAt'>;
  /** Arrival of the oldest hint that waits. Goes through all of them. */
  oldest(): number | undefined;
}

interface Ports {
  /** Whether a look has found the resource before. */
  readonly isKnown: (key: string) => boolean;
  /** Throws where there is no room for a hint more than `waiting`. */
  readonly room: (waiting: number) => void;
  readonly buried: (hint: BuriedHint) => void;
}

/** The coalescing queue of hints, in memory: one row per key. */
export function memoryHints({ isKnown, room, buried }: Ports): MemoryHints {
  const rows = new Map<string, Row>();
  const due = new DueQueue();
  /** Rows that are kept for their floor alone. */
  const floors = new DueQueue();
  let waiting = 0;
  let strangers = 0;
  let running = 0;
  let lastToken = 0;

  const makeRoom = (stranger: boolean): void => {
    room(waiting);
    if (!stranger) return;
    if (strangers >= UNAUTHENTICATED_ROWS) {
      throw new TaloWebhookError('full', 'The inbox takes no more unauthenticated hints.');
    }
    strangers++;
  };

  const vouch = (row: Row): void => {
    if (row.stranger) strangers--;
    row.stranger = false;
  };

  const wait = (row: Row, until: number): void => {
    row.dueAt = until;
    due.set(row.key, until);
  };

  /** The row waits no more. */
  const settle = (row: Row): void => {
    waiting--;
    vouch(row);
  };

  const leased = ({ key, token }: HintClaim): Row => {
    const row = rows.get(key);
    if (row?.lease?.token !== token) throw new Fenced(key);
    return row;
  };

  const free = (claim: HintClaim): Row => {
    const row = leased(claim);
    row.lease = undefined;
    running--;
    return row;
  };

  const port: MemoryHints['port'] = {
    async put({ key, authenticated, origin, at, due: notBefore = at }) {
      const row = rows.get(key);
      // what a look has found before, or is to be looked at anyway, needs no protection from strangers who guess ids
      const known = row?.again !== undefined || isKnown(key);
      const from = known ? at : Math.max(at, notBefore);
      if (row === undefined || row.idle) {
        // whoever floods us with ids must not keep out what is known
        const stranger = !authenticated && !known;
        makeRoom(stranger);
        const floor = floorOf(row, at);
        const fresh: Row = {
          ...rowOf(key, at),
          generation: (row?.generation ?? 0) + 1,
          authenticated,
          stranger,
          origin,
          unchanged: row?.unchanged ?? 0,
          floor,
          delayed: from > at,
          idle: false,
        };
        if (authenticated) fresh.proven = fresh.generation;
        rows.set(key, fresh);
        floors.delete(key);
        waiting++;
        wait(fresh, Math.max(from, floor));
        return known ? 'known' : 'stored';
      }
      row.generation++;
      if (row.lease !== undefined) row.next ??= at;
      if (origin === 'webhook') row.origin = origin;
      const strengthens = authenticated && (!row.authenticated || row.delayed);
      if (authenticated) {
        row.authenticated = true;
        row.proven = row.generation;
        vouch(row);
      }
      const sooner = Math.max(from, floorOf(row, at));
      if (strengthens && row.lease === undefined && sooner < row.dueAt) {
        row.delayed = from > at;
        wait(row, sooner);
      }
      return 'coalesced';
    },

    async watch(key, at) {
      const row = rows.get(key);
      if (row !== undefined && (!row.idle || (row.again ?? Number.POSITIVE_INFINITY) <= at)) return;
      const idle = row ?? rowOf(key, at);
      idle.again = at;
      rows.set(key, idle);
      floors.delete(key);
      wait(idle, Math.max(at, idle.floor));
    },

    async claim(limit, now, leaseMs) {
      const claims: HintClaim[] = [];
      for (let key = floors.take(now); key !== undefined; key = floors.take(now)) rows.delete(key);
      while (claims.length < limit) {
        const key = due.take(now);
        if (key === undefined) break;
        const row = rows.get(key);
        if (row === undefined) continue;
        if (row.idle) {
          const asked = { authenticated: true, origin: 'reconcile', since: now } as const;
          Object.assign(row, { ...asked, idle: false, again: undefined });
          waiting++;
        }
        // a lease that ran out comes back through the same queue
        if (row.lease === undefined) running++;
        const lease = { token: ++lastToken, until: now + leaseMs };
        row.lease = lease;
        row.next = undefined;
        due.set(key, lease.until);
        const { token } = lease;
        const { generation, authenticated, origin, since, attempts, unchanged } = row;
        claims.push({ key, token, generation, authenticated, origin, since, attempts, unchanged });
      }
      return claims;
    },

    async complete(claim, notBefore, again) {
      const row = free(claim);
      row.attempts = 0;
      row.since = row.next ?? row.since;
      row.floor = notBefore;
      row.idle = row.generation === claim.generation;
      row.again = row.idle ? again : undefined;
      if (row.idle) settle(row);
      if (!row.idle || row.again !== undefined) {
        wait(row, Math.max(row.again ?? 0, notBefore));
      } else {
        due.delete(row.key);
        floors.set(row.key, notBefore);
      }
    },

    async delay(claim, until, notBefore) {
      const row = free(claim);
      const renewed = row.proven > claim.generation;
      row.attempts = claim.attempts + 1;
      row.delayed = !renewed;
      row.floor = notBefore;
      wait(row, renewed ? notBefore : until);
    },

    async bury(claim, reason) {
      const row = free(claim);
      if (row.generation !== claim.generation) {
        Object.assign(row, { since: row.next ?? row.since, attempts: 0 });
        wait(row, row.floor);
        return;
      }
      const { key, authenticated, origin } = row;
      rows.delete(key);
      due.delete(key);
      settle(row);
      const again = (at: number) => port.put({ key, authenticated, origin, at });
      buried({ key, reason, since: claim.since, again });
    },
  };

  return {
    port,

    looked(claim, news) {
      const row = leased(claim);
      row.unchanged = news ? 0 : row.unchanged + 1;
    },

    release({ key, token }, now) {
      const row = rows.get(key);
      if (row?.lease?.token !== token) return;
      row.lease = undefined;
      running--;
      wait(row, now);
    },

    backlog: () => ({ hints: waiting, running, nextAt: due.next() }),

    oldest() {
      let oldest: number | undefined;
      for (const { idle, since } of rows.values()) {
        if (!idle && (oldest === undefined || since < oldest)) oldest = since;
      }
      return oldest;
    },
  };
}

/** Of a key that nobody has asked for. */
function rowOf(key: string, at: number): Row {
  return {
    key,
    generation: 0,
    authenticated: true,
    stranger: false,
    proven: 0,
    dueAt: at,
    origin: 'reconcile',
    since: at,
    attempts: 0,
    unchanged: 0,
    floor: 0,
    delayed: false,
    idle: true,
    lease: undefined,
  };
}

/** No floor is longer than this: one that is further away was set before the clock was set back. */
const LONGEST_FLOOR_MS = 60_000;

function floorOf(row: Row | undefined, now: number): number {
  return Math.min(row?.floor ?? 0, now + LONGEST_FLOOR_MS);
}
