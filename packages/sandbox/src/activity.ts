/** Real time that one step of a virtual clock waits for work in flight, which may itself wait for virtual time. */
const GRACE_MS = 150;
const QUIET_TURNS = 3;

/** The requests and deliveries in flight, so that a virtual clock does not run ahead of them. */
export interface Activity {
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves when everything in flight has come to rest, or can only be waiting for the clock to move. */
  settle(): Promise<void>;
}

export function createActivity(): Activity {
  const running = new Set<object>();

  async function settle(): Promise<void> {
    const deadline = performance.now() + GRACE_MS;
    for (let quiet = 0; quiet < QUIET_TURNS; ) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = running.size === 0 ? quiet + 1 : 0;
      if (running.size > 0 && performance.now() > deadline) {
        running.clear(); // they wait for virtual time: from now on, nobody waits for them
        return;
      }
    }
  }

  return {
    async track(work) {
      const token = {};
      running.add(token);
      try {
        return await work;
      } finally {
        running.delete(token);
      }
    },
    settle,
  };
}
