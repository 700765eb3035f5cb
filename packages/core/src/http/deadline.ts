import { type Clock, LONGEST_MS } from '../clock.ts';
import { type Outcome, TaloTransportError } from '../errors/errors.ts';

/** The one limit of a call, over token, attempts, pauses and bodies; and the caller's own signal beside it. */
export interface Deadline {
  readonly signal: AbortSignal;
  remainingMs(): number;
  /** Whether an attempt has left us: from then on, what became of it is unknown when time runs out. */
  sent: boolean;
  outcome(): Outcome;
  /** `promise`, unless time runs out or the caller aborts first. Whoever ignores the signal is left behind. */
  race<T>(promise: T | Promise<T>): Promise<T>;
  sleep(ms: number): Promise<void>;
  /** Lets go of the timer and of the caller's signal. */
  release(): void;
}

export function startDeadline(clock: Clock, timeoutMs: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const endsAt = clock.monotonic() + timeoutMs;
  const abort = (): void => controller.abort('ABORTED');
  const timer = clock.setTimeout(() => controller.abort('TIMEOUT'), Math.min(timeoutMs, LONGEST_MS));
  outer?.addEventListener('abort', abort);
  const { signal } = controller;
  const deadline: Deadline = {
    signal,
    remainingMs: () => endsAt - clock.monotonic(),
    sent: false,
    outcome: () => (deadline.sent ? 'unknown' : 'not-sent'),
    race: (promise) => Promise.race([ended, promise]),
    async sleep(ms) {
      // wakes early when the call ends, and then says why
      await within(clock, ms, ended, undefined);
      await deadline.race(undefined);
    },
    release() {
      clock.clearTimeout(timer);
      outer?.removeEventListener('abort', abort);
    },
  };
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      const { reason } = signal;
      const message = reason === 'TIMEOUT' ? `No answer within ${timeoutMs} ms.` : 'Aborted by the caller.';
      reject(new TaloTransportError(reason, deadline.outcome(), message));
    });
  });
  // ending while nobody waits is no unhandled rejection
  ended.catch(() => {});
  if (outer?.aborted) abort();
  return deadline;
}

/** `promise`, or `otherwise` when that fails or takes longer. */
export function within<T>(clock: Clock, ms: number, promise: Promise<T>, otherwise: T): Promise<T> {
  let timer: unknown;
  const late = new Promise<T>((resolve) => {
    timer = clock.setTimeout(() => resolve(otherwise), ms);
  });
  return Promise.race([promise, late])
    .catch(() => otherwise)
    .finally(() => clock.clearTimeout(timer));
}
