import { type Clock, LONGEST_MS } from '../clock.ts';
import { TaloWebhookError } from '../errors/errors.ts';
import { describe } from './describe.ts';
import { inTime } from './in-time.ts';
import type { Inbox } from './inbox/inbox.ts';
import { UNTENDED } from './notices.ts';
import type { Logger } from './options.ts';
import type { Worker } from './worker.ts';

export interface LifePorts {
  readonly inbox: Pick<Inbox, 'open' | 'close' | 'durable'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly worker: Worker;
  /** Ends what still runs when the engine has stopped. */
  readonly abort: AbortController;
  /** Done before the first work of a start. */
  readonly prepare: () => Promise<void>;
  /** Says what is risked; asked for once. */
  readonly tell: () => void;
  readonly started: () => void;
  readonly stopping: () => void;
  readonly stopped: () => void;
}

/** Work that is due within this is waited for; what waits longer is a retry. */
const SOON_MS = 2_000;
/** For one `drain`, unless said otherwise. */
const BUDGET_MS = 25_000;
/** For `stop`, unless said otherwise. */
const DEADLINE_MS = 10_000;
/** Hints that nobody works off for so long are probably forgotten. */
const UNTENDED_MS = 60_000;
/** What an inbox may take to be closed: one that hangs must not keep the process. */
const CLOSE_MS = 10_000;

/** Opening, starting, draining and stopping: what may happen when, in whatever order they are called. */
export class Life {
  readonly #ports: LifePorts;
  #phase: 'running' | 'stopping' | 'closed' = 'running';
  #opening: Promise<void> | undefined;
  #isOpen = false;
  #isStarted = false;
  #isTold = false;
  #ending: Promise<void> | undefined;
  /** Calls of `workOff` under way: the last to end halts a worker that nobody started. */
  #drains = 0;
  /** Since when hints are stored that nobody here works off; `'never'` once somebody does, or it has been said. */
  #untended: number | 'never' | undefined;

  constructor(ports: LifePorts) {
    this.#ports = ports;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Whether hints are taken: a durable inbox keeps them for whoever comes next. */
  get takesHints(): boolean {
    return this.#phase === 'running' || (this.#phase === 'stopping' && this.#ports.inbox.durable);
  }

  /** Opens the inbox, if it is not open; one that failed to open is tried again. */
  open(): Promise<void> {
    this.#opening ??= this.#ports.inbox.open().then(
      () => {
        this.#isOpen = true;
      },
      (error: unknown) => {
        this.#opening = undefined;
        throw error;
      },
    );
    return this.#opening;
  }

  /** `undefined` where it is open: nothing to wait for. */
  opening(): Promise<void> | undefined {
    return this.#isOpen ? undefined : this.open();
  }

  /** @throws TaloWebhookError after {@link stop} */
  async start(): Promise<void> {
    if (this.#phase !== 'running') {
      throw new TaloWebhookError(
        'stopped',
        'This engine was stopped and stays so. Make another: new TaloWebhooks({ client, inbox }).',
      );
    }
    await this.open();
    // stop may have come meanwhile, and another start
    if (!this.#mayStart()) return;
    await this.#ports.prepare();
    if (!this.#mayStart()) return;
    this.#isStarted = true;
    this.tended();
    this.#tell();
    this.#ports.worker.start();
    this.#ports.started();
  }

  #tell(): void {
    if (!this.#isTold) this.#ports.tell();
    this.#isTold = true;
  }

  #mayStart(): boolean {
    return this.#phase === 'running' && !this.#isStarted;
  }

  /** For good. Never rejects; a second call waits for the first. */
  async stop(deadlineMs = DEADLINE_MS): Promise<void> {
    this.#ending ??= this.#end(deadlineMs);
    await this.#ending;
  }

  async #end(deadlineMs: number): Promise<void> {
    const { inbox, worker, abort, stopping, stopped } = this.#ports;
    this.#phase = 'stopping';
    stopping();
    if (this.#isStarted || this.#drains > 0) {
      // what a durable inbox keeps need not be finished now
      const soon = inbox.durable ? 0 : SOON_MS;
      const rest = worker.hurry(soon);
      await this.#step(worker.idle(deadlineMs, soon), deadlineMs + CLOSE_MS);
      rest();
    }
    this.#phase = 'closed';
    abort.abort(new TaloWebhookError('stopped', 'The engine was stopped.'));
    await this.#step(worker.halt(), CLOSE_MS);
    if (this.#isOpen) await this.#step(worker.giveBack(), CLOSE_MS);
    if (this.#opening !== undefined) {
      const close = () => inbox.close();
      await this.#step(this.#opening.then(close, close), CLOSE_MS);
    }
    stopped();
  }

  /** Neither an inbox that fails nor one that hangs keeps the rest from being stopped. */
  #step(work: Promise<unknown>, ms: number): Promise<unknown> {
    const { clock, log } = this.#ports;
    return inTime(clock, Math.min(ms, LONGEST_MS), work, () => 'The inbox').catch((error: unknown) =>
      log.error(`Talo webhooks: the inbox failed while stopping: ${describe(error)}.`),
    );
  }

  /** Works off what is due, and what is so soon. @returns whether all was done within the budget */
  drain(budgetMs = BUDGET_MS): Promise<boolean> {
    return this.#workOff(budgetMs, SOON_MS);
  }

  /** The same, without limit. */
  idle(): Promise<boolean> {
    return this.drain(LONGEST_MS);
  }

  /** The same within one invocation, which waits for the floor between two looks: more of them may run at a time. */
  workOffHere(): Promise<boolean> {
    // nothing else is the start of a serverless application
    this.#tell();
    return this.#workOff(BUDGET_MS, 0);
  }

  async #workOff(budgetMs: number, aheadMs: number): Promise<boolean> {
    const { worker } = this.#ports;
    this.tended();
    if (this.#phase === 'closed') return false;
    await this.open();
    this.#drains++;
    worker.start();
    const rest = worker.hurry(aheadMs);
    try {
      return await worker.idle(budgetMs, SOON_MS);
    } finally {
      rest();
      this.#drains--;
      if (this.#drains === 0 && !this.#isStarted) await worker.halt();
    }
  }

  /** Somebody sees to it that what is stored is worked off. */
  tended(): void {
    this.#untended = 'never';
  }

  /** A hint was stored. */
  stored(): void {
    const { clock, log, worker } = this.#ports;
    worker.hinted();
    if (this.#untended === 'never') return;
    const now = clock.monotonic();
    this.#untended ??= now;
    // whoever is about to start gets a minute
    if (now - this.#untended < UNTENDED_MS) return;
    this.#untended = 'never';
    log.warn(`Talo webhooks: ${UNTENDED}`);
  }
}
