import type { Clock } from '@talo/core';
import { check } from './check.ts';
import { DurationOptions } from './schemas/options.ts';

/** A span of time; the parts add up. */
export interface Duration {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly ms?: number;
}

/** The sandbox's time. Give it to whatever is tested beside the sandbox, so that both live in the same moment. */
export interface SandboxClock extends Clock {
  readonly kind: 'real' | 'virtual';
  /**
   * Moves a virtual clock forward: every timer due on the way runs in order, at its own moment, and what it started
   * (webhooks, requests) settles before the next one.
   * @throws on a real clock, which moves by itself; TaloConfigError for what is no duration
   */
  advance(by: Duration): Promise<void>;
}

export function durationMs(by: Duration): number {
  check('sandbox.clock.advance', DurationOptions, by);
  const { days = 0, hours = 0, minutes = 0, seconds = 0, ms = 0 } = by;
  const total = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + ms;
  if (!Number.isFinite(total) || total < 0) {
    throw new RangeError(
      'Time only moves forward: give clock.advance() a duration such as { hours: 30 }, zero or more.',
    );
  }
  return total;
}

export function realClock(): SandboxClock {
  return {
    kind: 'real',
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
    advance() {
      return Promise.reject(
        new Error(
          "A real clock cannot be advanced. Create the sandbox with createSandbox({ clock: 'virtual' }).",
        ),
      );
    },
  };
}

interface Timer {
  readonly due: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** @param settle waits until what a timer started has come to rest */
export function virtualClock(start: number, settle: () => Promise<void>): SandboxClock {
  let now = start;
  let advancing: Promise<void> = Promise.resolve();
  const timers: Timer[] = []; // by due time, then in the order they were set

  function insert(timer: Timer): void {
    let low = 0;
    let high = timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((timers[middle]?.due ?? Number.POSITIVE_INFINITY) <= timer.due) low = middle + 1;
      else high = middle;
    }
    timers.splice(low, 0, timer);
  }

  async function moveTo(target: number): Promise<void> {
    await settle();
    for (let timer = timers[0]; timer !== undefined && timer.due <= target; timer = timers[0]) {
      timers.shift();
      if (timer.cancelled) continue;
      now = Math.max(now, timer.due);
      timer.run();
      await settle();
    }
    now = Math.max(now, target);
    await settle();
  }

  return {
    kind: 'virtual',
    now: () => now,
    monotonic: () => now - start,
    setTimeout(run, ms) {
      const timer: Timer = { due: now + Math.max(0, ms), run, cancelled: false };
      // what is due now needs no advance
      if (timer.due <= now) setImmediate(() => timer.cancelled || run());
      else insert(timer);
      return timer;
    },
    clearTimeout(handle) {
      if (typeof handle !== 'object' || handle === null) return;
      const timer = handle as Timer;
      timer.cancelled = true;
      const index = timers.indexOf(timer);
      if (index !== -1) timers.splice(index, 1);
    },
    async advance(by) {
      const delta = durationMs(by);
      const moved = advancing.then(() => moveTo(now + delta));
      advancing = moved.catch(() => undefined);
      await moved;
    },
  };
}
