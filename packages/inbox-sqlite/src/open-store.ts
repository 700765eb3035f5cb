import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseFile } from './database-file.ts';
import { EngineTime } from './engine-time.ts';
import { GroupCommit } from './group-commit.ts';
import { keepUnchanged } from './hints.ts';
import { housekeeping } from './housekeeping.ts';
import { type Database, inboxError, isBusy, type loadSqlite } from './node-sqlite.ts';
import type { Resolved } from './options.ts';
import { QUEUE } from './queue-schema.ts';
import { Role } from './role.ts';
import type { Schema } from './schema.ts';
import { STATE } from './state-schema.ts';

/** How long opening waits for a lock: the notification that opens the inbox waits for it too. */
const OPEN_MS = 1_000;
const PATIENCE_MS = 30_000;

/** For tests. */
export interface StoreHooks {
  readonly opened?: (db: Database, kind: Schema['kind']) => void;
  readonly schemas?: { readonly queue: Schema; readonly state: Schema };
}

/** Everything that an open inbox has. */
export interface Store {
  readonly queueFile: DatabaseFile;
  readonly stateFile: DatabaseFile;
  readonly queue: GroupCommit;
  readonly state: GroupCommit;
  readonly role: Role;
  readonly time: EngineTime;
  /** Of hints under way: what the last commit said of `unchanged`. */
  readonly learnt: Map<string, { readonly token: number; readonly unchanged: number }>;
  /** The clock went back, and what was put off by the old one is still to be called forward. */
  readonly repairs: { hints: boolean; deliveries: boolean };
  /** The worker asks for work at this time. */
  sees(now: number): void;
  close(): Promise<void>;
}

export async function openStore(
  options: Resolved,
  sqlite: ReturnType<typeof loadSqlite>,
  { opened, schemas = { queue: QUEUE, state: STATE } }: StoreHooks,
): Promise<Store> {
  const fileOf = (kind: Schema['kind'], path: string): DatabaseFile =>
    new DatabaseFile({
      sqlite,
      path,
      schema: schemas[kind],
      opened: opened && ((db) => opened(db, kind)),
    });
  const queueFile = fileOf('queue', options.queuePath);
  const stateFile = fileOf('state', options.path);
  try {
    await connect(queueFile, true);
    await connect(stateFile, false);
  } catch (error) {
    queueFile.close();
    stateFile.close();
    throw error;
  }
  const queue = new GroupCommit(queueFile);
  const state = new GroupCommit(stateFile);
  const { takeoverMs } = options;
  const role = new Role({ queueFile, stateFile, queue, state, takeoverMs, patienceMs: PATIENCE_MS });
  const time = new EngineTime();
  const learnt: Store['learnt'] = new Map();
  const repairs = { hints: false, deliveries: false };
  const keeping = housekeeping({ options, queueFile, queue, state, role, time });
  return {
    queueFile,
    stateFile,
    queue,
    state,
    role,
    time,
    learnt,
    repairs,
    sees(now) {
      keeping.asked();
      if (!time.seen(now)) return;
      repairs.hints = true;
      repairs.deliveries = true;
    },
    async close() {
      await keeping.stop();
      await Promise.all([queue.drained(), state.drained()]);
      try {
        for (const [key, { token, unchanged }] of learnt) {
          void queue
            .write((batch) => keepUnchanged(batch, { key, token }, unchanged), { patienceMs: 1_000 })
            .catch(() => {});
        }
        await role.giveBack();
      } catch {
        // what cannot be given back ends by itself
      }
      await Promise.all([queue.drained(), state.drained()]);
      queueFile.close();
      stateFile.close();
    },
  };
}

/**
 * Opens a file, waiting for a while for who holds a lock on it. The state's file may come later: notifications can be
 * stored without it.
 */
async function connect(file: DatabaseFile, needed: boolean): Promise<void> {
  const end = performance.now() + OPEN_MS;
  for (;;) {
    try {
      file.session();
      return;
    } catch (error) {
      if (!isBusy(error)) throw inboxError(error, `open ${file.path}`);
      if (performance.now() > end) {
        if (needed) throw inboxError(error, `open ${file.path}`);
        return;
      }
    }
    await sleep(10);
  }
}
