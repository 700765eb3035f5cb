import type { Clock } from '@talo/core';

/** Node's longest timer; longer waits are taken in steps. */
const LONGEST_MS = 2 ** 31 - 1;

/** Timers of the sandbox itself, which neither keep a process alive nor outlive a reset. */
export interface Background {
  schedule(at: number, run: () => void): void;
  dispose(): void;
}

export function createBackground(clock: Clock): Background {
  const handles = new Set<unknown>();
  let disposed = false;

  function schedule(at: number, run: () => void): void {
    if (disposed) return;
    const wait = Math.max(0, at - clock.now());
    const handle = clock.setTimeout(
      () => {
        handles.delete(handle);
        // a timer may be a hair early, and a long wait has several steps
        if (clock.now() < at) schedule(at, run);
        else run();
      },
      Math.min(wait, LONGEST_MS),
    );
    handles.add(handle);
    if (
      typeof handle === 'object' &&
      handle !== null &&
      'unref' in handle &&
      typeof handle.unref === 'function'
    ) {
      handle.unref();
    }
  }

  return {
    schedule,
    dispose() {
      disposed = true;
      for (const handle of handles) clock.clearTimeout(handle);
      handles.clear();
    },
  };
}
