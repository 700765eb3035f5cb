import { TaloWebhookError } from '@talo/core';
import type { DatabaseFile } from './database-file.ts';
import { type Database, inboxError, isBusy, sqliteReason } from './node-sqlite.ts';
import type { Session } from './session.ts';
import { type Batch, WriteBatch } from './write-batch.ts';

/** Pieces of work that share one commit at most. */
const LARGEST = 512;
/** Longest pause between two attempts at a lock that somebody holds. */
const LONGEST_PAUSE_MS = 20;

interface Item {
  readonly work: (batch: Batch) => unknown;
  readonly alone: boolean;
  readonly until: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export interface WriteOptions {
  /** How long it may wait for a lock that somebody else holds. */
  readonly patienceMs: number;
  /** In a transaction of its own: for what may fail half-way, such as an application's writes. */
  readonly alone?: boolean;
}

/**
 * All writes to one file. What is asked for during one turn of the event loop is committed together, with one sync of
 * the disk, and nobody is answered before. A held lock is waited for without blocking the thread, since its holder may
 * be on it. A piece of work that throws before it has written anything is refused by itself; one that throws later, and any error
 * of SQLite's, undoes and rejects the whole batch: half of it must never be committed with the others.
 */
export class GroupCommit {
  readonly #file: DatabaseFile;
  readonly #waiting: Item[] = [];
  #scheduled = false;
  #pause = 0;
  #drained: (() => void)[] = [];

  constructor(file: DatabaseFile) {
    this.#file = file;
  }

  write<T>(work: (batch: Batch) => T, { patienceMs, alone = false }: WriteOptions): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, alone, until: performance.now() + patienceMs, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    if (this.#waiting.length === 0 && !this.#scheduled) return;
    await new Promise<void>((resolve) => this.#drained.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (this.#pause === 0) setImmediate(() => this.#flush());
    else setTimeout(() => this.#flush(), this.#pause);
  }

  #flush(): void {
    this.#scheduled = false;
    const batch = this.#take();
    try {
      const session = batch.length > 0 ? this.#begin() : undefined;
      if (session === 'locked') this.#wait(batch);
      else if (session !== undefined) this.#commit(session, batch);
    } catch (error) {
      for (const item of batch) item.reject(item.alone ? error : inboxError(error, 'write'));
    }
    if (this.#waiting.length > 0) {
      this.#schedule();
      return;
    }
    this.#pause = 0;
    for (const tell of this.#drained.splice(0)) tell();
  }

  #take(): Item[] {
    const first = this.#waiting[0];
    if (first === undefined) return [];
    if (first.alone) return this.#waiting.splice(0, 1);
    const end = this.#waiting.slice(0, LARGEST).findIndex(({ alone }) => alone);
    return this.#waiting.splice(0, end === -1 ? LARGEST : end);
  }

  /** Somebody holds the lock: who still has patience goes back to the head of the queue. */
  #wait(batch: readonly Item[]): void {
    this.#pause = Math.min(LONGEST_PAUSE_MS, this.#pause * 2 || 1);
    const next = performance.now() + this.#pause;
    const all = [...batch, ...this.#waiting];
    const patient = all.filter(({ until }) => until > next);
    this.#waiting.splice(0, this.#waiting.length, ...patient);
    if (patient.length === all.length) return;
    const error = new TaloWebhookError(
      'busy',
      `Somebody else holds the lock on ${this.#file.path} for too long.`,
    );
    for (const { until, reject } of all) if (until <= next) reject(error);
  }

  #begin(): Session | 'locked' {
    try {
      const session = this.#file.session();
      session.db.exec('BEGIN IMMEDIATE');
      this.#pause = 0;
      return session;
    } catch (error) {
      if (isBusy(error)) return 'locked';
      this.#file.failed(error);
      throw error;
    }
  }

  /** @throws if nothing of the batch was committed */
  #commit(session: Session, items: readonly Item[]): void {
    const { db } = session;
    const answers: (() => void)[] = [];
    let committing = false;
    try {
      const batch = new WriteBatch(session);
      for (const item of items) {
        const { writes } = batch;
        try {
          const value = item.work(batch);
          answers.push(() => item.resolve(value as never));
        } catch (error) {
          if (item.alone || batch.writes > writes || sqliteReason(error) !== undefined) throw error;
          answers.push(() => item.reject(error));
        }
      }
      batch.finish();
      committing = true;
      db.exec('COMMIT');
    } catch (error) {
      this.#undo(db, error, committing);
      throw error;
    }
    for (const answer of answers) answer();
  }

  #undo(db: Database, error: unknown, committing: boolean): void {
    try {
      if (db.isTransaction) db.exec('ROLLBACK');
      // whether the disk took a commit that failed is anybody's guess
      if (committing && sqliteReason(error) !== 'constraint') this.#file.abandon();
      else this.#file.failed(error);
    } catch {
      this.#file.abandon();
    }
  }
}
