/**
 * Time as everything here sees it; an option everywhere, so that tests and the sandbox's virtual clock need no fake
 * globals.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970, for what is stored or shown. */
  now(): number;
  /** Milliseconds that never jump, for durations, deadlines and leases. */
  monotonic(): number;
  /** `ms` may be longer than a timer of the platform can: it then runs as late as one can. */
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** A longer timer would fire at once. */
export const LONGEST_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, Math.min(ms, LONGEST_MS)),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
};
