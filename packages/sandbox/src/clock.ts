import type { Clock } from '@talo/core';
import { check } from './check.ts';
import { DurationOptions } from './schemas/options.ts';
import { createTimers, type Timer } from './timers.ts';

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
  /** `real` moves by itself, `virtual` stands still until it is advanced. */
  readonly kind: 'real' | 'virtual';
  /**
   * Moves a virtual clock forward: every timer due on the way runs in order, at its own moment, and what it started
   * (webhooks, requests) settles before the next one.
   * @throws on a real clock, which moves by itself; TaloConfigError for what is no duration
   */
  advance(by: Duration): Promise<void>;
  /** Stops the time of a real clock: it is virtual from now on. */
  freeze(): void;
  /** Lets a virtual clock's time pass by itself, from the moment that it shows. Time never goes back. */
  run(): void;
}

/** What the sandbox itself needs to know of its clock. */
export interface ClockControl extends SandboxClock {
  /**
   * `advance` for any clock. One that runs stands still meanwhile, for all who move it at once, and then runs on, also
   * where the move is refused.
   */
  skip(by: Duration): Promise<void>;
  /** Moves to a moment, forward or back, without running what is due on the way: for a state from somewhere else. */
  jump(to: number): void;
  /** When the next timer is due. */
  nextTimer(): number | undefined;
}

export interface ClockOptions {
  readonly kind: 'real' | 'virtual';
  /** The first moment; without it, the machine's. */
  readonly startAt: number | undefined;
  /** Waits until what a timer started has come to rest. */
  readonly settle: () => Promise<void>;
  readonly onChange: () => void;
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

/** After it, ISO 8601 needs more digits than anybody reads. */
const LAST_MOMENT = Date.parse('9999-12-31T23:59:59.999Z');

export function createClock({ kind, startAt, settle, onChange }: ClockOptions): ClockControl {
  // as was asked for; while time is moved it stands still all the same
  let running = kind === 'real';
  let moves = 0;
  let frozen = !running;
  // while time passes: the machine's clocks plus these; while it stands still: these
  let wall = frozen ? (startAt ?? Date.now()) : startAt === undefined ? 0 : startAt - Date.now();
  let elapsed = frozen ? 0 : -performance.now();
  let advancing: Promise<void> = Promise.resolve();
  const timers = createTimers(() => monotonic(), fire);
  if (!frozen) timers.run();

  function now(): number {
    return frozen ? wall : Date.now() + wall;
  }

  function monotonic(): number {
    return frozen ? elapsed : performance.now() + elapsed;
  }

  /** Timers of a clock that runs. */
  function fire(): void {
    for (let timer = timers.takeDue(monotonic()); timer !== undefined; timer = timers.takeDue(monotonic())) {
      timer.run();
    }
  }

  async function move(by: number): Promise<void> {
    moves += 1;
    follow();
    // one after the other, each from where the one before has ended
    const moved = advancing.then(() => moveTo(elapsed + by));
    advancing = moved.catch(() => undefined);
    try {
      await moved;
    } finally {
      moves -= 1;
      follow();
    }
    onChange();
  }

  /** Time passes, or stands still, as it now should. */
  function follow(): void {
    const still = !running || moves > 0;
    if (still === frozen) return;
    if (still) [wall, elapsed] = [now(), monotonic()];
    else [wall, elapsed] = [wall - Date.now(), elapsed - performance.now()];
    frozen = still;
    if (still) timers.stop();
    else timers.run(); // by the time that it is from now on
  }

  function set(wanted: boolean): void {
    if (running === wanted) return;
    running = wanted;
    follow();
    onChange();
  }

  async function moveTo(target: number): Promise<void> {
    if (wall + (target - elapsed) > LAST_MOMENT) throw new RangeError('Time ends with the year 9999 here.');
    await settle();
    for (let timer = timers.takeDue(target); timer !== undefined; timer = timers.takeDue(target)) {
      passTo(timer.due);
      timer.run();
      await settle();
    }
    passTo(target);
    await settle();
  }

  function passTo(target: number): void {
    const by = Math.max(0, target - elapsed);
    elapsed += by;
    wall += by;
  }

  return {
    get kind() {
      return running ? 'real' : 'virtual';
    },
    now,
    monotonic,
    setTimeout(run, ms) {
      const due = monotonic() + Math.max(0, ms);
      if (!frozen || due > elapsed) return timers.add(due, run);
      // what is due now needs no advance
      const timer = timers.loose(due, run);
      setImmediate(() => timer.cancelled || run());
      return timer;
    },
    clearTimeout(handle) {
      if (typeof handle === 'object' && handle !== null) timers.cancel(handle as Timer);
    },
    async advance(by) {
      const ms = durationMs(by);
      if (running) {
        throw new Error(
          "A real clock cannot be advanced. Create the sandbox with createSandbox({ clock: 'virtual' }), or freeze it first.",
        );
      }
      await move(ms);
    },
    async skip(by) {
      await move(durationMs(by));
    },
    freeze: () => set(false),
    run: () => set(true),
    jump(to) {
      wall = frozen ? to : to - Date.now();
      onChange();
    },
    nextTimer() {
      const due = timers.next();
      return due === undefined ? undefined : now() + (due - monotonic());
    },
  };
}
