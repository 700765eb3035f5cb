import type { Clock } from '../clock.ts';

/** A clock that stands still until it is moved: for timeouts, retries and expiry without waiting. */
export interface ManualClock extends Clock {
  /** Moves time by `ms` and runs what became due, in order. Does not wait for what that starts. */
  advance(ms: number): void;
}

/** @param start the wall-clock time it shows; default 2026-01-01T00:00:00Z */
export function manualClock(start: Date = new Date(Date.UTC(2026, 0, 1))): ManualClock {
  const begin = start.getTime();
  let now = begin;
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  const take = (end: number) => {
    const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
    timers = timers.filter((timer) => timer !== next);
    return next;
  };
  return {
    now: () => now,
    monotonic: () => now - begin,
    setTimeout(run, ms) {
      const timer = { at: now + Math.max(0, ms), run };
      timers.push(timer);
      return timer;
    },
    clearTimeout(handle) {
      timers = timers.filter((timer) => timer !== handle);
    },
    advance(ms) {
      const end = now + ms;
      for (let timer = take(end); timer !== undefined; timer = take(end)) {
        now = Math.max(now, timer.at);
        timer.run();
      }
      now = end;
    },
  };
}
