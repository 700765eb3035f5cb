import type { Clock } from '@talo/core';

/** Timers of the sandbox itself, which neither keep a process alive nor outlive a reset. */
export interface Background {
  /** @returns takes it back */
  schedule(at: number, run: () => void): () => void;
  dispose(): void;
}

/** @param after called when something scheduled has run */
export function createBackground(clock: Clock, after: () => void): Background {
  const handles = new Set<unknown>();
  let disposed = false;

  function schedule(at: number, run: () => void): () => void {
    if (disposed) return () => undefined;
    let handle: unknown;
    const cancel = (): void => {
      clock.clearTimeout(handle);
      handles.delete(handle);
    };
    const set = (): void => {
      handle = clock.setTimeout(
        () => {
          handles.delete(handle);
          if (disposed) return;
          // the machine's time of day may have been put back meanwhile
          if (clock.now() < at) return set();
          run();
          after();
        },
        Math.max(0, at - clock.now()),
      );
      handles.add(handle);
      if (hasUnref(handle)) handle.unref();
    };
    set();
    return cancel;
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

function hasUnref(handle: unknown): handle is { unref(): void } {
  return (
    typeof handle === 'object' && handle !== null && 'unref' in handle && typeof handle.unref === 'function'
  );
}
