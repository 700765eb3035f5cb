import type { Clock } from '@talo/core';

/** Timers of the sandbox itself, which neither keep a process alive nor outlive a reset. */
export interface Background {
  /** @returns takes it back */
  schedule(at: number, run: () => void): () => void;
  dispose(): void;
}

interface Entry {
  readonly at: number;
  readonly run: () => void;
  handle: unknown;
}

/**
 * @param after called when something scheduled has run
 * @param onError called with what it threw: nobody waits for it, and the process must not end by it
 */
export function createBackground(
  clock: Clock,
  after: () => void,
  onError: (error: unknown) => void,
): Background {
  const entries = new Set<Entry>();

  function set(entry: Entry): void {
    entry.handle = clock.setTimeout(() => fire(entry), Math.max(0, entry.at - clock.now()));
    if (hasUnref(entry.handle)) entry.handle.unref();
  }

  function fire(entry: Entry): void {
    if (!entries.has(entry)) return;
    // the machine's time of day may have been put back meanwhile
    if (clock.now() < entry.at) {
      set(entry);
      return;
    }
    entries.delete(entry);
    try {
      entry.run();
    } catch (error) {
      onError(error);
    }
    after();
  }

  function cancel(entry: Entry): void {
    if (entries.delete(entry)) clock.clearTimeout(entry.handle);
  }

  let disposed = false;
  return {
    schedule(at, run) {
      if (disposed) return () => undefined;
      const entry: Entry = { at, run, handle: undefined };
      entries.add(entry);
      set(entry);
      return () => cancel(entry);
    },
    dispose() {
      disposed = true;
      for (const entry of entries) cancel(entry);
    },
  };
}

function hasUnref(handle: unknown): handle is { unref(): void } {
  return (
    typeof handle === 'object' && handle !== null && 'unref' in handle && typeof handle.unref === 'function'
  );
}
