import { TaloApiError } from '../../errors/errors.ts';

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;

interface Lane {
  running: number;
  failures: number;
  pausedUntil: number;
}

/**
 * Keeps accounts out of each other's way: one whose token was revoked or that asks too often is paused by itself, and
 * one whose answers hang holds no more than its share of the places.
 */
export class AccountLanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #share: number;

  /** @param share looks that one account may have under way */
  constructor(share: number) {
    this.#share = share;
  }

  /** Takes a place. @returns `undefined`, or when to come back */
  enter(accountId: string, now: number): number | undefined {
    const lane = this.#lanes.get(accountId) ?? { running: 0, failures: 0, pausedUntil: 0 };
    if (lane.pausedUntil > now) return lane.pausedUntil;
    if (lane.running >= this.#share) return now + 100;
    lane.running++;
    this.#lanes.set(accountId, lane);
    return undefined;
  }

  /** Gives the place back, with what became of the look. */
  leave(accountId: string, error: unknown, now: number): void {
    const lane = this.#lanes.get(accountId);
    if (lane === undefined) return;
    lane.running--;
    if (
      error instanceof TaloApiError &&
      ([401, 429].includes(error.status) || error.retryAfter !== undefined)
    ) {
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** lane.failures);
      lane.failures++;
      lane.pausedUntil = Math.max(
        lane.pausedUntil,
        now + Math.min(LONGEST_PAUSE_MS, error.retryAfter ?? pause),
      );
    } else if (error === undefined) {
      lane.failures = 0;
    }
    if (lane.running === 0 && lane.failures === 0) this.#lanes.delete(accountId);
  }

  /** Accounts that are paused, and until when. */
  paused(now: number): Readonly<Record<string, number>> {
    const entries = [...this.#lanes].flatMap(([id, { pausedUntil }]) =>
      pausedUntil > now ? [[id, pausedUntil]] : [],
    );
    return Object.fromEntries(entries);
  }
}
