import type { DatabaseFile } from './database-file.ts';
import type { EngineTime } from './engine-time.ts';
import type { GroupCommit } from './group-commit.ts';
import { hintsUnderWay } from './hints.ts';
import type { Resolved } from './options.ts';
import { pruneEvents } from './outbox.ts';
import { pruneHints } from './queue-upkeep.ts';
import type { Role } from './role.ts';

/** Rows removed at a time, so that nobody waits for it. */
const PRUNED = 100;
/** Between two rounds of removing, unless there is more to remove. */
const PRUNE_MS = 60_000;
/** For so long a process that ends removes what is left to remove. */
const LAST_MS = 100;
/** A worker that has not asked for this long is taken to have stopped, and the right to work is not renewed for it. */
const SILENT_MS = 75_000;

export interface Housekeeping {
  /** The worker asked for work. */
  asked(): void;
  /** Removes a last time, for a moment, where more is left or nothing was removed yet. */
  stop(): Promise<void>;
}

export interface HousekeepingPorts {
  readonly options: Resolved;
  readonly queueFile: DatabaseFile;
  readonly queue: GroupCommit;
  readonly state: GroupCommit;
  readonly role: Role;
  readonly time: EngineTime;
}

/** Keeps the right to work while looks run, and removes what is past its time. Never keeps the process alive. */
export function housekeeping(ports: HousekeepingPorts): Housekeeping {
  let askedAt = Number.NEGATIVE_INFINITY;
  let pruneAt = 0;
  let busy = false;
  const beat = async (): Promise<void> => {
    const { queueFile, role, time } = ports;
    if (!role.held) return;
    const now = time.now();
    const working = performance.now() - askedAt < SILENT_MS || hintsUnderWay(queueFile.session(), now);
    if (!working || (await role.ensure(now)) === undefined) return;
    if (performance.now() >= pruneAt) await prune();
  };
  const prune = async (): Promise<void> => {
    const { options, queue, state, time } = ports;
    // as the engine told it last: where it told none, nothing is known to be past its time
    const now = time.last;
    const before = now - options.retentionMs;
    const patience = { patienceMs: 1_000 };
    const removed = [
      await queue.write((batch) => pruneHints(batch, now, before, PRUNED), patience),
      await state.write((batch) => pruneEvents(batch, before, PRUNED), patience),
    ];
    pruneAt = performance.now() + (removed.includes(PRUNED) ? 0 : PRUNE_MS);
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void beat()
      // it will be tried again; what matters is reported where it matters
      .catch(() => {})
      .finally(() => {
        busy = false;
      });
  }, ports.options.takeoverMs / 4);
  timer.unref();
  return {
    asked() {
      askedAt = performance.now();
    },
    async stop() {
      clearInterval(timer);
      const end = performance.now() + LAST_MS;
      // a process that only drains now and then ends before its first round
      while (!busy && ports.role.held && pruneAt <= performance.now() && performance.now() < end) {
        await prune().catch(() => {
          pruneAt = Number.POSITIVE_INFINITY;
        });
      }
    },
  };
}
