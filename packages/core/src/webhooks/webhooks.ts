import { contextOf } from '../client.ts';
import type { Clock } from '../clock.ts';
import { TaloWebhookError } from '../errors/errors.ts';
import type { Observer } from '../resources/context.ts';
import { Clients } from './clients.ts';
import { deliver } from './deliver/deliver.ts';
import { type HandlerOptions, Handlers, type TaloHandler } from './deliver/handlers.ts';
import { describe } from './describe.ts';
import type { TaloEventType } from './events.ts';
import { AccountLanes } from './guard/account-lanes.ts';
import { Budget } from './guard/budget.ts';
import { inTime } from './in-time.ts';
import type { DeadLetter, Inbox } from './inbox/inbox.ts';
import { CreditLedger } from './ledger.ts';
import { look } from './look/look.ts';
import { startNotices, UNTENDED } from './notices.ts';
import type { Logger, Mode, ReceivedRequest, Stats, TaloWebhooksOptions } from './options.ts';
import { type Outcome, outcome } from './receive/outcome.ts';
import type { UnhandledNotification } from './receive/parse.ts';
import { ANSWER_MS, Receiver } from './receiver.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import type { ReconcileReport } from './reconcile/report.ts';
import { FIRST_LOOK_MS } from './reconcile/schedule.ts';
import { type Resolved, resolveOptions } from './resolve-options.ts';
import { placeOf } from './resource.ts';
import { type Trackable, trackedOf } from './tracking.ts';
import { Worker } from './worker.ts';

/** Longer than anybody waits, and short enough for a timer. */
const FOREVER_MS = 2 ** 31 - 1;
/** For one `drain`, unless said otherwise. */
const BUDGET_MS = 25_000;
/** For `stop`, unless said otherwise. */
const DEADLINE_MS = 10_000;
/** Work that is due within this is waited for; what waits longer is a retry. */
const SOON_MS = 2_000;
/** Hints that nobody works off for so long are probably forgotten. */
const UNTENDED_MS = 60_000;
/** What an inbox may take to be closed: one that hangs must not keep the process. */
const CLOSE_MS = 10_000;

/**
 * Receives Talo's notifications, confirms each with Talo, and tells handlers what changed: nothing lost, nothing twice,
 * nothing believed because a stranger said so.
 *
 * `Tx` is what `context.commitWith` hands to a handler's writes, and `M` whether those may be asynchronous; both follow
 * from the inbox.
 *
 * @example
 * const webhooks = new TaloWebhooks({ client: talo, inbox: memoryInbox() });
 * webhooks.on('payment.paid', async (event) => ship(event.payment.externalId));
 * await webhooks.start();
 */
export class TaloWebhooks<Tx = never, M extends Mode = Mode> {
  /** The money that was confirmed. */
  readonly ledger: CreditLedger;
  readonly #inbox: Inbox<Tx, M>;
  readonly #options: Resolved;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #clients: Clients;
  readonly #handlers = new Handlers();
  readonly #budget = new Budget();
  readonly #lanes: AccountLanes;
  readonly #receiver: Receiver;
  readonly #worker: Worker;
  readonly #reconciler: Reconciler;
  readonly #stop = new AbortController();
  #looks = 0;
  #phase: 'running' | 'stopping' | 'closed' = 'running';
  #opening: Promise<void> | undefined;
  #isOpen = false;
  #started = false;
  #ending: Promise<void> | undefined;
  /** Calls of `drain` under way: the last to end halts a worker that nobody started. */
  #drains = 0;
  /** Since when hints are stored that nobody here works off; `'never'` once somebody does, or it has been said. */
  #untended: number | 'never' | undefined;

  /** @throws TaloConfigError that says what to write instead */
  constructor(options: TaloWebhooksOptions<Tx, M>) {
    this.#options = resolveOptions(options);
    const { clock, log, unsigned, limits, reconcile } = this.#options;
    this.#inbox = options.inbox;
    this.#clock = clock;
    this.#log = log;
    this.ledger = new CreditLedger(this.#inbox);
    this.#clients = new Clients(options, clock, this.#observe);
    const { only } = this.#clients;
    // of many merchants none may hold all the places
    this.#lanes = new AccountLanes(only === undefined ? Math.ceil(limits.looks / 4) : limits.looks);
    this.#receiver = new Receiver({
      clock,
      log,
      unsigned,
      verifier: options.verifier,
      budget: this.#budget,
      endpointFor: (claimed) => this.#clients.endpointFor(claimed),
      takes: () => this.#phase === 'running' || (this.#phase === 'stopping' && this.#inbox.durable),
      opening: () => (this.#isOpen ? undefined : this.#open()),
      put: (hint) => this.#inbox.put(hint),
      told: only?.[contextOf].webhookUrl,
    });
    this.#reconciler = new Reconciler(reconcile || {}, {
      inbox: this.#inbox as Inbox,
      clock,
      log,
      clientFor: (accountId) => this.#clients.of(accountId),
      ownAccount: only?.accountId,
      pausedUntil: (accountId) => this.#lanes.paused(clock.now())[accountId],
      wake: () => this.#worker.wake(),
      settle: () => this.drain(),
    });
    this.#worker = this.#makeWorker();
    this.receive = this.receive.bind(this);
    this.fetch = this.fetch.bind(this);
  }

  /**
   * Registers a handler for an event, or for several, before {@link start}: what waits for a handler that is not there
   * is parked as dead. It gets them one at a time per resource, in order, and again until it succeeds; a failing one
   * delays nobody else. One added later does not hear of past events.
   * @param options.name names it in stored work; default: the events' names
   * @throws TaloConfigError if there is no such event, or another handler has the same name
   */
  on<Type extends TaloEventType>(
    type: Type | readonly Type[],
    handler: TaloHandler<Type, Tx, M>,
    options: HandlerOptions = {},
  ): this {
    const types = Array.isArray(type) ? type : [type as Type];
    this.#handlers.add(types, handler as never, options.name ?? types.join(','), options.account);
    return this;
  }

  /** Hears of notifications in good form that are not documented. Best effort: they are not stored. */
  onUnhandled(handler: (notification: UnhandledNotification) => unknown): this {
    this.#receiver.onUnhandled(handler);
    return this;
  }

  /**
   * Opens the inbox and begins to work off what it holds, and to reconcile. Says in the log what is risked with these
   * options. A second call does nothing.
   * @throws TaloWebhookError with `reason: 'stopped'` after {@link stop}; what the inbox throws if it does not open
   */
  async start(): Promise<void> {
    if (this.#phase !== 'running') {
      throw new TaloWebhookError(
        'stopped',
        'This engine was stopped and stays so. Make another: new TaloWebhooks({ client, inbox }).',
      );
    }
    await this.#open();
    // stop may have come meanwhile, and another start
    if (!this.#mayStart()) return;
    const { only } = this.#clients;
    if (only?.accountId !== undefined) await this.#reconciler.since(only.accountId, only.environment);
    if (!this.#mayStart()) return;
    this.#started = true;
    this.#untended = 'never';
    this.#sayWhatIsRisked();
    this.#worker.start();
    if (this.#options.reconcile !== false) this.#reconciler.start();
  }

  #mayStart(): boolean {
    return this.#phase === 'running' && !this.#started;
  }

  #sayWhatIsRisked(): void {
    const { reconcile, signs, unsigned } = this.#options;
    const notices = startNotices({
      durable: this.#inbox.durable,
      unsigned: unsigned === 'accept',
      signs,
      reconciles: reconcile !== false,
      accounts: this.#clients.only !== undefined || (reconcile && reconcile.accounts !== undefined),
      handlers: this.#handlers.size > 0,
    });
    for (const notice of notices) this.#log.warn(`Talo webhooks: ${notice}`);
  }

  /**
   * Works off what is due, then stops for good: a memory inbox refuses new hints at once, a durable one takes them until
   * it is closed. Handlers still running at the deadline see `context.signal` abort; their events are given back, for
   * whoever takes over to deliver them again. Never rejects: what fails is logged. A second call waits for the first.
   * @param options.deadline milliseconds; default 10000
   */
  async stop({ deadline = DEADLINE_MS }: { readonly deadline?: number } = {}): Promise<void> {
    this.#ending ??= this.#end(deadline);
    await this.#ending;
  }

  async #end(deadline: number): Promise<void> {
    this.#phase = 'stopping';
    this.#reconciler.stop();
    if (this.#started) {
      // what a durable inbox keeps need not be finished now
      const soon = this.#inbox.durable ? 0 : SOON_MS;
      const rest = this.#worker.hurry(soon);
      await this.#stopStep(this.#worker.idle(deadline, soon), deadline + CLOSE_MS);
      rest();
    }
    this.#phase = 'closed';
    this.#stop.abort(new TaloWebhookError('stopped', 'The engine was stopped.'));
    await this.#stopStep(this.#worker.halt(), CLOSE_MS);
    if (this.#isOpen) await this.#stopStep(this.#worker.giveBack(), CLOSE_MS);
    if (this.#opening !== undefined) {
      const close = () => this.#inbox.close();
      await this.#stopStep(this.#opening.then(close, close), CLOSE_MS);
    }
    this.#clients.release();
  }

  /** Neither an inbox that fails nor one that hangs keeps the rest from being stopped. */
  #stopStep(work: Promise<unknown>, ms: number): Promise<unknown> {
    return inTime(this.#clock, Math.min(ms, FOREVER_MS), work, () => 'The inbox').catch((error: unknown) =>
      this.#log.error(`Talo webhooks: the inbox failed while stopping: ${describe(error)}.`),
    );
  }

  /**
   * Answers a notification: checks, authenticates, stores, and nothing that takes longer. Never rejects, and answers
   * within 1.5 s. Bound.
   */
  async receive(request: ReceivedRequest): Promise<Outcome> {
    const answer = await this.#receiver.answer(request);
    if (answer.reason === 'stored' || answer.reason === 'coalesced') {
      this.#worker.wake();
      this.#mindUntended();
    }
    return answer;
  }

  #mindUntended(): void {
    if (this.#untended === 'never') return;
    const now = this.#clock.monotonic();
    this.#untended ??= now;
    // whoever is about to start gets a minute
    if (now - this.#untended < UNTENDED_MS) return;
    this.#untended = 'never';
    this.#log.warn(`Talo webhooks: ${UNTENDED}`);
  }

  /**
   * `receive` for web-standard servers: Hono, Next, Bun, Deno, Workers. Never rejects. Bound. With a memory inbox, and
   * neither `start` nor `waitUntil`, the answer is 503: nobody would work off what it took.
   * @param options.waitUntil keeps a serverless invocation alive; what was stored is worked off in it, within 25 s
   */
  async fetch(
    request: Request,
    options: { readonly waitUntil?: (work: Promise<unknown>) => void } = {},
  ): Promise<Response> {
    const { waitUntil } = options;
    if (waitUntil !== undefined) this.#untended = 'never';
    const idle = !this.#inbox.durable && !this.#started && waitUntil === undefined;
    const answer = idle
      ? outcome('not-started')
      : await this.receive({
          method: request.method,
          url: request.url,
          headers: Object.fromEntries(request.headers),
          body: request.bodyUsed ? undefined : (request.body as AsyncIterable<Uint8Array> | null),
        });
    if (answer.status === 200) waitUntil?.(this.#workOff(BUDGET_MS, 0));
    return new Response(request.method === 'HEAD' ? null : answer.body, answer);
  }

  /**
   * Works off what is due and returns, with or without `start`: for cron, serverless and tests. What still runs when the
   * budget is over goes on, where the platform lets it, and is taken up again when its lease has ended.
   * @param options.budget milliseconds; default 25000
   * @returns whether all was done
   */
  drain({ budget = BUDGET_MS }: { readonly budget?: number } = {}): Promise<boolean> {
    return this.#workOff(budget, SOON_MS);
  }

  async #workOff(budget: number, ahead: number): Promise<boolean> {
    this.#untended = 'never';
    if (this.#phase === 'closed') return false;
    await this.#open();
    this.#drains++;
    this.#worker.start();
    const rest = this.#worker.hurry(ahead);
    try {
      return await this.#worker.idle(budget, SOON_MS);
    } finally {
      rest();
      this.#drains--;
      if (this.#drains === 0 && !this.#started) await this.#worker.halt();
    }
  }

  /** Resolves when nothing runs and nothing is due. What waits for another attempt later is not waited for. */
  async idle(): Promise<void> {
    await this.drain({ budget: FOREVER_MS });
  }

  /**
   * Remembers objects as ours and has payments and accounts looked at: payments that another process created or
   * re-priced or that are older than the engine, accounts that wait for activation. What this process creates through
   * the same client is remembered by itself.
   */
  async track(objects: readonly Trackable[]): Promise<void> {
    const at = this.#clock.now();
    await this.#remember(objects, async (key) => {
      await this.#inbox.put({ key, authenticated: true, origin: 'track', at });
    });
  }

  async #remember(objects: readonly Trackable[], after: (key: string) => Promise<void>): Promise<void> {
    await this.#open();
    for (const made of objects) {
      const named = 'userId' in made ? made.userId : undefined;
      const accountId = named ?? this.#clients.only?.accountId;
      const client = await this.#clients.of(accountId);
      if (client === undefined || accountId === undefined) continue;
      // from when on money is news is settled before the first of it can come
      await this.#reconciler.since(accountId, client.environment);
      const { entries, keys } = trackedOf(made, client, accountId);
      await this.#inbox.remember(entries);
      for (const key of keys) await after(key);
    }
    this.#worker.wake();
  }

  /** Whoever creates something waits for this: it may fail, but not hang. */
  readonly #observe: Observer = (made) => {
    const remembered = this.#remember(['payment' in made ? made.payment : made.customer], async (key) => {
      if (this.#options.reconcile !== false) await this.#inbox.watch(key, this.#clock.now() + FIRST_LOOK_MS);
    });
    return inTime(this.#clock, ANSWER_MS, remembered, () => 'The inbox');
  };

  /**
   * Reads Talo's ledger and has every row looked at that no credit matches, on the same path as webhooks. While started
   * it happens by itself; a pass that is under way is joined, and one that could not get to its end is gone on with.
   */
  async reconcile(): Promise<ReconcileReport> {
    await this.#open();
    return this.#reconciler.pass();
  }

  /**
   * Says in the log if notifications are received at another path than the client's `webhooks.url` tells Talo. For
   * adapters that know their path before the first notification.
   * @param path path or URL of the route
   */
  mountedAt(path: string): void {
    this.#receiver.mountedAt(path);
  }

  /** What waits, runs and failed, of all processes of the inbox; and what this process did since it began. */
  async stats(): Promise<Stats> {
    await this.#open();
    const left = this.#budget.left(this.#clock.monotonic());
    const reconciled = await this.#reconciler.summary();
    return {
      ...(await this.#inbox.backlog()),
      ...this.#receiver.stats(),
      looks: this.#looks,
      paused: this.#lanes.paused(this.#clock.now()),
      strangersLeft: left.stranger,
      customersLeft: left.customer,
      accountsLeft: left.account,
      ...(reconciled && { reconciled }),
    };
  }

  /** What was given up, each with its reason: hints whose resource stayed unreadable, events whose handler kept failing. */
  async dead(): Promise<readonly DeadLetter[]> {
    await this.#open();
    return this.#inbox.dead();
  }

  /**
   * Makes a dead letter due again, with all its attempts. An event that nobody heard goes to the handlers of today.
   * @param id of a letter of {@link dead}
   * @throws TaloWebhookError with `reason: 'no-dead-letter'` if there is none of that id, or nobody to hear it
   */
  async replay(id: string): Promise<void> {
    const letter = (await this.dead()).find((candidate) => candidate.id === id);
    const handlers =
      letter?.type === undefined ? [] : this.#handlers.of(letter.type, placeOf(letter.key).accountId);
    if (!(await this.#inbox.replay(id, this.#clock.now(), handlers))) {
      throw new TaloWebhookError('no-dead-letter', 'No dead letter of that id, or no handler for its event.');
    }
    this.#worker.wake();
  }

  #open(): Promise<void> {
    this.#opening ??= this.#inbox.open().then(
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

  #makeWorker(): Worker {
    const { limits, random, reconcile } = this.#options;
    const ports = {
      inbox: this.#inbox as Inbox,
      clock: this.#clock,
      random,
      clientFor: (accountId: string) => this.#clients.of(accountId),
      signal: this.#stop.signal,
    };
    const looking = {
      ...ports,
      lanes: this.#lanes,
      budget: this.#budget,
      watching: reconcile !== false,
      since: (accountId: string, environment: string) => this.#reconciler.since(accountId, environment),
      handlersOf: (type: string, accountId: string) => this.#handlers.of(type, accountId),
      begun: () => {
        this.#looks++;
      },
    };
    const delivering = {
      ...ports,
      handlers: this.#handlers,
      maxAttempts: limits.attempts,
      handlerMs: limits.handlerTimeout,
      parked: (what: string) => this.#log.error(`Talo webhooks: ${what}`),
    };
    return new Worker({
      inbox: ports.inbox,
      clock: this.#clock,
      looks: limits.looks,
      deliveries: limits.deliveries,
      share: () => this.#handlers.shareOf(limits.deliveries),
      handlerMs: limits.handlerTimeout,
      pollMs: limits.poll,
      look: (claim) => look(claim, looking),
      deliver: (claim) => deliver(claim, delivering),
      failed: (what, error) => this.#log.error(`Talo webhooks: ${what.toLowerCase()}: ${describe(error)}.`),
    });
  }
}
