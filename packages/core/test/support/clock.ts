import type { Clock } from '../../src/index.ts';

/** Time that moves only when a test moves it, or while a test waits for something to finish. */
export interface TestClock extends Clock {
  advance(ms: number): void;
  /** Sets the wall clock forward or back, as a correction by NTP would; monotonic time takes no notice. */
  shiftWall(ms: number): void;
  /** Waits for `promise`, and moves to the next timer whenever nothing else goes on. */
  finish<T>(promise: Promise<T>): Promise<T>;
  /** How many timers are set. */
  readonly pending: number;
}

/** Lets everything that needs no time happen. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

export function testClock(): TestClock {
  const begin = 1_000;
  let now = begin;
  let wall = Date.UTC(2026, 0, 1);
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  const next = () => timers.toSorted((a, b) => a.at - b.at)[0];
  const moveTo = (end: number): void => {
    for (let timer = next(); timer !== undefined && timer.at <= end; timer = next()) {
      const due = timer;
      timers = timers.filter((other) => other !== due);
      now = Math.max(now, due.at);
      due.run();
    }
    now = Math.max(now, end);
  };
  return {
    now: () => wall + now - begin,
    monotonic: () => now,
    setTimeout(run, ms) {
      const timer = { at: now + Math.max(0, ms), run };
      timers.push(timer);
      return timer;
    },
    clearTimeout(handle) {
      timers = timers.filter((timer) => timer !== handle);
    },
    advance: (ms) => moveTo(now + ms),
    shiftWall(ms) {
      wall += ms;
    },
    async finish(promise) {
      let done = false;
      const end = () => {
        done = true;
      };
      promise.then(end, end);
      for (let idle = 0; ; ) {
        await settle();
        if (done) return promise;
        const timer = next();
        if (timer) moveTo(timer.at);
        else if (++idle > 50) throw new Error('It waits for something that is no timer.');
      }
    },
    get pending() {
      return timers.length;
    },
  };
}
