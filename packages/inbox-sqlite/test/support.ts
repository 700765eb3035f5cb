import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DeliveryClaim, HintClaim, Inbox } from '@talo/core/webhooks';
import { onTestFinished } from 'vitest';
import type { SqliteTx } from '../src/index.ts';
import { creditFor, eventFor, hintFor, keyFor, LEASE, T0, unitFor } from './make.ts';

export { creditFor, eventFor, hintFor, keyFor, LEASE, T0, unitFor };

/** A folder that is gone after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'talo-inbox-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function file(name = 'talo.db'): string {
  return join(folder(), name);
}

/** Closes what the test leaves open. */
export function closing<I extends Inbox<SqliteTx, 'sync'>>(inbox: I): I {
  onTestFinished(() => inbox.close());
  return inbox;
}

/** What an application has beside: a connection of its own to the same file. */
export function connection(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 0 });
  onTestFinished(() => {
    if (db.isOpen) db.close();
  });
  return db;
}

type Any = Inbox<SqliteTx, 'sync'>;

export async function claimOne(inbox: Any, now = T0, lease = LEASE): Promise<HintClaim> {
  const [claim, ...more] = await inbox.claim(10, now, lease);
  if (claim === undefined || more.length > 0)
    throw new Error(`${more.length + (claim ? 1 : 0)} claims, not 1`);
  return claim;
}

/** One delivery of one event, ready to be finished. */
export async function deliver(inbox: Any, id = 'e1', now = T0): Promise<DeliveryClaim> {
  await inbox.put(hintFor(id, { at: now }));
  const claim = await claimOne(inbox, now);
  await inbox.commit(unitFor(claim, { events: [eventFor(id, claim.key)], now }));
  await inbox.complete(claim, now);
  const [delivery] = await inbox.claimDeliveries(1, now, LEASE);
  if (delivery === undefined) throw new Error('no delivery is due');
  return delivery;
}

/** A process with an inbox of its own, killed after the test. */
export class Child {
  readonly process: ChildProcess;
  readonly #waiting = new Map<number, (answer: { value?: unknown; error?: string }) => void>();
  #output = '';
  #next = 0;

  constructor(path: string, takeover = 10_000) {
    this.process = fork(new URL('./child.ts', import.meta.url), [path, String(takeover)], {
      execArgv: ['--conditions=@talo/source'],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.process.stdout?.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString();
    });
    this.process.on('message', (answer: { id: number; value?: unknown; error?: string }) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    this.process.on('exit', () => {
      for (const tell of this.#waiting.values()) tell({ error: 'the process has ended' });
    });
    onTestFinished(() => {
      this.process.kill('SIGKILL');
    });
  }

  /** Rejects with the name of the error that the call ended in. */
  async call<T = unknown>(call: string, ...args: readonly unknown[]): Promise<T> {
    const id = this.#next++;
    const answered = new Promise<{ value?: unknown; error?: string }>((resolve) =>
      this.#waiting.set(id, resolve),
    );
    this.process.send({ id, call, args });
    const { value, error } = await answered;
    if (error !== undefined) throw new Error(error);
    return value as T;
  }

  /** Whole lines that it has written so far. */
  get lines(): readonly string[] {
    return this.#output.split('\n').slice(0, -1);
  }

  async written(count: number): Promise<void> {
    while (this.lines.length < count)
      await new Promise((resolve) => this.process.stdout?.once('data', resolve));
  }

  async kill(): Promise<void> {
    const closed = new Promise((resolve) => this.process.once('close', resolve));
    this.process.kill('SIGKILL');
    await closed;
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.process.kill(name);
  }
}
