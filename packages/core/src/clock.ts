/**
 * Time as everything here sees it; an option everywhere, so that tests and the sandbox's virtual clock need no fake
 * globals.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970, for what is stored or shown. */
  now(): number;
  /** Milliseconds that never jump, for durations, deadlines and leases. */
  monotonic(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
};
