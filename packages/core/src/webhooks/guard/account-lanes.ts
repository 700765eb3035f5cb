import { TaloApiError, TaloTransportError } from '../../errors/errors.ts';

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
/** Of one whose answers hang: when it answers again nobody says so. */
const LONGEST_HANGING_MS = 60_000;
/** Between two turns at a place that is taken, at least; and how far ahead turns are given at most. */
const TURN_MS = { least: 20, furthest: 30_000 } as const;

interface Lane {
  /** When each look under way began. */
  readonly began: number[];
  /** How long the last one took that ended. */
  took: number;
  /** Up to when turns are given to those who found no place. */
  turn: number;
  /** Pauses since the last look that succeeded. */
  failures: number;
  pausedUntil: number;
}

/**
 * Keeps accounts out of each other's way: one whose token was revoked or that asks too often is paused by itself. Of
 * several accounts one has a quarter of the places at most, only one while fewer than half are free, and one that was
 * paused gets a single place until a look succeeds; one whose answers hang is paused too.
 */
export class AccountLanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #places: number;
  readonly #several: boolean;
  #taken = 0;

  /**
   * @param places looks that may be under way
   * @param several whether they are shared among accounts
   */
  constructor(places: number, several: boolean) {
    this.#places = places;
    this.#several = several;
  }

  /** Takes a place. @returns `undefined`, or when to come back */
  enter(accountId: string, now: number): number | undefined {
    const lane = this.#lanes.get(accountId) ?? { began: [], took: 0, turn: 0, failures: 0, pausedUntil: 0 };
    if (lane.pausedUntil > now) return lane.pausedUntil;
    const share = this.#shareOf(lane);
    if (lane.began.length >= share) return turnAt(lane, share, now);
    lane.began.push(now);
    this.#taken++;
    this.#lanes.set(accountId, lane);
    return undefined;
  }

  /** Gives the place back, with what became of the look. */
  leave(accountId: string, error: unknown, now: number): void {
    const lane = this.#lanes.get(accountId);
    const began = lane?.began.shift();
    if (lane === undefined || began === undefined) return;
    this.#taken--;
    lane.took = now - began;
    const longest = this.#longestPause(error);
    if (longest !== undefined) {
      const asked = error instanceof TaloApiError ? error.retryAfter : undefined;
      // looks that were under way together are refused together, which counts once
      if (asked !== undefined || lane.pausedUntil <= now) {
        const pause = Math.min(longest, asked ?? FIRST_PAUSE_MS * 2 ** lane.failures);
        lane.pausedUntil = Math.max(lane.pausedUntil, now + pause);
        lane.failures++;
      }
    } else if (error === undefined) {
      lane.failures = 0;
    }
    if (lane.began.length === 0 && lane.failures === 0) this.#lanes.delete(accountId);
  }

  /** Accounts that are paused, and until when. */
  paused(now: number): Readonly<Record<string, number>> {
    const entries = [...this.#lanes].flatMap(([id, { pausedUntil }]) =>
      pausedUntil > now ? [[id, pausedUntil]] : [],
    );
    return Object.fromEntries(entries);
  }

  /** Places that an account may have. */
  #shareOf({ failures }: Lane): number {
    if (!this.#several) return this.#places;
    // nobody knows beforehand whose answers hang: half the places are for those who have none
    const scarce = this.#places - this.#taken <= this.#places / 2;
    return failures > 0 || scarce ? 1 : Math.ceil(this.#places / 4);
  }

  /** How long an account may be paused for what became of its look; `undefined` where that is no reason. */
  #longestPause(error: unknown): number | undefined {
    if (error instanceof TaloApiError) {
      return [401, 429].includes(error.status) || error.retryAfter !== undefined
        ? LONGEST_PAUSE_MS
        : undefined;
    }
    const hung = error instanceof TaloTransportError && error.reason === 'TIMEOUT';
    return hung && this.#several ? LONGEST_HANGING_MS : undefined;
  }
}

/** One turn after the other, as fast as places become free: all at once they would find the same places taken. */
function turnAt(lane: Lane, share: number, now: number): number {
  const [oldest = now] = lane.began;
  const step = Math.max(TURN_MS.least, Math.max(lane.took, now - oldest) / share);
  lane.turn = Math.min(now + TURN_MS.furthest, Math.max(lane.turn, now) + step);
  return lane.turn;
}
