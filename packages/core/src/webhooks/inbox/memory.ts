import { TaloWebhookError } from '../../errors/errors.ts';
import type { Backlog, Credit, DeadLetter, Inbox, Remembered } from './inbox.ts';
import { memoryHints } from './memory-hints.ts';
import { memoryOutbox } from './memory-outbox.ts';

export interface MemoryInboxOptions {
  /** Hints and undelivered events it holds before `put` is refused, which Talo gets as a 503. Default 50000. */
  readonly bound?: number;
}

interface Dead {
  readonly letter: DeadLetter;
  /** @returns `false` if there is nobody to hear it */
  readonly again: (now: number, handlers: readonly string[]) => boolean | Promise<unknown>;
}

/**
 * An inbox in memory, for development and tests: nothing survives the process. At its bound it refuses, it never
 * forgets.
 */
export function memoryInbox({ bound = 50_000 }: MemoryInboxOptions = {}): Inbox<never, never> {
  const states = new Map<string, { readonly state: string; readonly version: number }>();
  const credits = new Map<string, Credit>();
  const remembered = new Map<string, { value: string; readonly place: number }>();
  /** Keys in the order in which they were first remembered. */
  const places: string[] = [];
  const dead = new Map<string, Dead>();
  const bury = (letter: DeadLetter, again: Dead['again']) => dead.set(letter.id, { letter, again });
  const versionOf = (key: string) => states.get(key)?.version ?? 0;

  const outbox = memoryOutbox({
    versionOf,
    parked({ event: { id: eventId, type, key }, handler, reason, at, again }) {
      const letter = {
        id: `${eventId}:${handler}`,
        kind: 'delivery',
        key,
        reason,
        at,
        eventId,
        type,
      } as const;
      bury({ ...letter, ...(handler && { handler }) }, (now, handlers) => {
        const takers = handler === '' ? handlers : [handler];
        again(now, takers);
        return takers.length > 0;
      });
    },
  });
  const hints = memoryHints({
    isKnown: (key) => states.has(key),
    room(waiting) {
      if (waiting + outbox.waiting() < bound) return;
      throw new TaloWebhookError('full', `The memory inbox is at its bound of ${bound}.`);
    },
    buried: ({ key, reason, since, again }) =>
      bury({ id: key, kind: 'hint', key, reason, at: since }, (now) => again(now)),
  });

  return {
    name: 'memory',
    durable: false,
    transactions: undefined,
    open: async () => {},
    close: async () => {},

    ...hints.port,
    ...outbox.port,
    async release(looks, deliveries, now) {
      for (const claim of looks) hints.release(claim, now);
      for (const claim of deliveries) outbox.release(claim, now);
    },

    state: async (key) => states.get(key)?.state,
    async commit({ claim, state, credits: fresh, events, now }) {
      hints.looked(claim, events.length > 0 || fresh.length > 0);
      const version = versionOf(claim.key) + (events.length > 0 ? 1 : 0);
      if (state !== undefined) states.set(claim.key, { state, version });
      for (const credit of fresh) if (!credits.has(credit.key)) credits.set(credit.key, credit);
      for (const event of events) outbox.add(event, version, now);
    },
    recall: async (key) => remembered.get(key)?.value,
    async recallAll(prefix, limit, after) {
      const found: Remembered[] = [];
      let place = after === undefined ? 0 : (remembered.get(after)?.place ?? 0) + 1;
      for (; place < places.length && found.length < limit; place++) {
        const key = places[place] ?? '';
        const value = key.startsWith(prefix) ? remembered.get(key)?.value : undefined;
        if (value !== undefined) found.push({ key, value });
      }
      return found;
    },
    async remember(entries) {
      for (const { key, value } of entries) {
        const place = remembered.get(key)?.place ?? places.push(key) - 1;
        remembered.set(key, { value, place });
      }
    },
    async credits(filter) {
      const wanted = Object.entries(filter);
      return [...credits.values()].filter((credit) =>
        wanted.every(([name, value]) => value === undefined || Reflect.get(credit, name) === value),
      );
    },

    dead: async () => [...dead.values()].map(({ letter }) => letter),
    async replay(id, now, handlers) {
      const found = dead.get(id);
      if (found === undefined || (await found.again(now, handlers)) === false) return false;
      dead.delete(id);
      return true;
    },

    async backlog() {
      const [waiting, leaving] = [hints.backlog(), outbox.backlog()];
      const due = [waiting.nextAt, leaving.nextAt].flatMap((at) => at ?? []);
      // the worker asks after every step, and not for the oldest
      const backlog: Backlog = {
        hints: waiting.hints,
        deliveries: outbox.waiting(),
        running: waiting.running + leaving.running,
        dead: dead.size,
        get oldest() {
          return hints.oldest();
        },
        nextAt: due.length > 0 ? Math.min(...due) : undefined,
      };
      if (backlog.deliveries === 0) return backlog;
      return Object.defineProperty(backlog, 'oldestEvent', { enumerable: true, get: outbox.oldest });
    },
  };
}
