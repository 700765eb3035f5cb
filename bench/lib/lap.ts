import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What this process did since it was asked last. */
export interface Lap {
  readonly cpuUs: number;
  /** The longest that the event loop was late, in milliseconds. */
  readonly stallMs: number;
}

const RESOLUTION_MS = 2;

/** Watches this process from now on. */
export function lapCounter(): () => Lap {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  loop.enable();
  let cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    // it counts the time between two of its own timers
    const stallMs = Math.max(0, loop.max / 1e6 - RESOLUTION_MS);
    loop.reset();
    return { cpuUs: user + system, stallMs };
  };
}
