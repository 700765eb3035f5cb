import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { DatabaseFile } from './database-file.ts';
import { TOLERANCE_MS } from './engine-time.ts';
import type { GroupCommit } from './group-commit.ts';
import { releaseDeliveries, repairDeliveries } from './outbox.ts';
import { releaseHints, repairHints } from './queue-upkeep.ts';
import type { Session } from './session.ts';
import type { Batch } from './write-batch.ts';

interface Row {
  readonly epoch: number;
  readonly owner: string;
  readonly pid: number;
  readonly host: string;
  /** 0 when its holder gave it back. */
  readonly until: number;
  /** The latest time that a holder saw. */
  readonly clock: number;
}

const FIND = 'SELECT epoch, owner, pid, host, until, clock FROM talo_worker';
const TAKE =
  'UPDATE talo_worker SET epoch = ?, owner = ?, pid = ?, host = ?, until = ?, clock = max(clock, ?)';
const RENEW = 'UPDATE talo_worker SET until = ?, clock = ? WHERE owner = ? AND epoch = ?';
/** Who closes is waited for by a whole process; what it does not give back ends by itself. */
const GIVING_BACK = { patienceMs: 1_000 };
const GIVE_BACK = 'UPDATE talo_worker SET until = 0 WHERE owner = ? AND epoch = ?';

export interface RolePorts {
  readonly queueFile: DatabaseFile;
  readonly stateFile: DatabaseFile;
  readonly queue: GroupCommit;
  readonly state: GroupCommit;
  readonly takeoverMs: number;
  readonly patienceMs: number;
}

/**
 * The right to work: of all processes one at a time claims. It is a lease in the queue's file with an epoch, which is
 * repeated in the state's file and checked by every commit of a look. A process that takes the work over from one that
 * did not give it back raises the epoch and ends all leases, so that whatever the other still does is refused.
 */
export class Role {
  readonly #ports: RolePorts;
  readonly #owner = randomUUID();
  readonly #host = hostOf();
  #held: { readonly epoch: number; readonly until: number } | undefined;
  #taking: Promise<number | undefined> | undefined;

  constructor(ports: RolePorts) {
    this.#ports = ports;
  }

  get held(): boolean {
    return this.#held !== undefined;
  }

  /** Takes or renews the right. @returns the epoch, `undefined` while another process has it */
  ensure(now: number): Promise<number | undefined> {
    const { takeoverMs } = this.#ports;
    const held = this.#held;
    const left = held === undefined ? 0 : held.until - now;
    if (held !== undefined && left > takeoverMs / 2 && left <= takeoverMs + TOLERANCE_MS) {
      return Promise.resolve(held.epoch);
    }
    this.#taking ??= (held === undefined ? this.#take(now) : this.#renew(held.epoch, now)).finally(() => {
      this.#taking = undefined;
    });
    return this.#taking;
  }

  /** Whether the right is still there, in the transaction of a claim. */
  confirm(batch: Batch): boolean {
    const row = batch.get<Row>(FIND);
    const still = row !== undefined && row.owner === this.#owner && row.epoch === this.#held?.epoch;
    if (!still) this.#held = undefined;
    return still;
  }

  /** Another process was found to have it. */
  lost(): void {
    this.#held = undefined;
  }

  /** Until when another process has the right, `undefined` where none has. */
  othersUntil(session: Session, now: number): number | undefined {
    const row = session.get<Row>(FIND);
    return row !== undefined && this.#isTaken(row, now) ? row.until : undefined;
  }

  async giveBack(): Promise<void> {
    const { queue } = this.#ports;
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    await queue.write((batch) => batch.run(GIVE_BACK, this.#owner, held.epoch), GIVING_BACK);
  }

  async #renew(epoch: number, now: number): Promise<number | undefined> {
    const { queue, takeoverMs, patienceMs } = this.#ports;
    const until = now + takeoverMs;
    const renewed = await queue.write((batch) => batch.run(RENEW, until, now, this.#owner, epoch), {
      patienceMs,
    });
    this.#held = renewed === 1 ? { epoch, until } : undefined;
    return renewed === 1 ? epoch : this.#take(now);
  }

  async #take(now: number): Promise<number | undefined> {
    const { queueFile, stateFile, queue, state, takeoverMs, patienceMs } = this.#ports;
    const seen = await queueFile.read((session) => session.get<Row>(FIND), patienceMs);
    if (seen === undefined || this.#isTaken(seen, now)) return undefined;
    const fence = await stateFile.read(readFence, patienceMs);
    const until = now + takeoverMs;
    const taken = await queue.write(
      (batch) => {
        const row = batch.get<Row>(FIND);
        if (row === undefined || this.#isTaken(row, now)) return undefined;
        // whoever gave it back has ended; whoever did not may still be at work, so may be whoever had a queue that is
        // lost now, and files that do not fit each other come from a backup
        const forced = row.until !== 0 || row.owner === '' || row.epoch !== fence;
        const epoch = forced ? Math.max(row.epoch, fence) + 1 : row.epoch;
        const clockWentBack = now < row.clock - TOLERANCE_MS;
        batch.run(TAKE, epoch, this.#owner, process.pid, this.#host, until, now);
        if (forced) releaseHints(batch, now);
        if (clockWentBack) repairHints(batch, now);
        return { epoch, forced, clockWentBack };
      },
      { patienceMs },
    );
    if (taken === undefined) return undefined;
    const { epoch, forced, clockWentBack } = taken;
    if (forced || clockWentBack) {
      const fenced = await state.write(
        (batch) => {
          if (forced && batch.run('UPDATE talo_fence SET epoch = ? WHERE epoch < ?', epoch, epoch) === 0)
            return false;
          if (forced) releaseDeliveries(batch, now);
          if (clockWentBack) repairDeliveries(batch, now);
          return true;
        },
        { patienceMs },
      );
      if (!fenced) return undefined;
    }
    this.#held = { epoch, until };
    return epoch;
  }

  #isTaken(row: Row, now: number): boolean {
    if (row.owner === this.#owner || row.until <= now) return false;
    // set by a clock that has gone back since
    if (row.until > now + this.#ports.takeoverMs + TOLERANCE_MS) return false;
    return row.host !== this.#host || row.pid === process.pid || isAlive(row.pid);
  }
}

function readFence(session: Session): number {
  return session.get<{ epoch: number }>('SELECT epoch FROM talo_fence')?.epoch ?? 0;
}

/** Where process ids mean the same: this machine, and within it this container. */
function hostOf(): string {
  let space = '';
  try {
    space = readlinkSync('/proc/self/ns/pid');
  } catch {
    // not Linux
  }
  return `${hostname()} ${space}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error) || Reflect.get(error, 'code') !== 'ESRCH';
  }
}
