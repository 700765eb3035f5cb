import { contextOf, type TaloClient } from '../client.ts';
import { type Clock, systemClock } from '../clock.ts';
import { TaloWebhookError } from '../errors/errors.ts';
import type { Observer } from '../resources/context.ts';
import { checkOptions } from './check-options.ts';
import { deliver } from './deliver/deliver.ts';
import { type HandlerOptions, Handlers, type TaloHandler } from './deliver/handlers.ts';
import { describe } from './describe.ts';
import type { TaloEventType } from './events.ts';
import { AccountLanes } from './guard/account-lanes.ts';
import { Budget } from './guard/budget.ts';
import type { DeadLetter, Inbox } from './inbox/inbox.ts';
import { CreditLedger } from './ledger.ts';
import { look } from './look/look.ts';
import { MISMOUNTED, mountNotice, startNotices } from './notices.ts';
import type {
  Logger,
  Mode,
  ReceivedRequest,
  ReconcileOptions,
  Stats,
  TaloWebhooksOptions,
} from './options.ts';
import { Histogram } from './receive/histogram.ts';
import { type Outcome, outcome, type Reason } from './receive/outcome.ts';
import type { UnhandledNotification } from './receive/parse.ts';
import { receive, type Step } from './receive/receive.ts';
import type { Unsigned } from './receive/verify.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import type { ReconcileReport } from './reconcile/report.ts';
import { FIRST_LOOK_MS } from './reconcile/schedule.ts';
import { placeOf } from './resource.ts';
import { type Trackable, trackedOf } from './tracking.ts';
import { Worker } from './worker.ts';

/** What is not stored within this is refused, for another try: at 3 s Talo hangs up. */
const ANSWER_MS = 1_500;
const WAITED_FOR: Readonly<Record<Step, string>> = {
  body: 'The body',
  client: 'clientFor',
  inbox: 'The inbox',
};
/** What a handler may take, unless said otherwise. */
const HANDLER_MS = 5 * 60_000;
/** Confirming GETs at a time, unless said otherwise. */
const LOOKS = 8;
/** Longer than anybody waits, and short enough for a timer. */
const FOREVER_MS = 2 ** 31 - 1;
/** For one `drain`, unless said otherwise. */
const BUDGET_MS = 25_000;
/** Work that is due within this is waited for; what waits longer is a retry. */
const SOON_MS = 2_000;

/**
 * Receives Talo's notifications, confirms each with Talo, and tells handlers what changed: nothing lost, nothing twice,
 * nothing believed because a stranger said so.
 *
 * @example
 * const webhooks = new TaloWebhooks({ client: talo, inbox: memoryInbox() });
 * webhooks.on('payment.paid', async (event) => ship(event.payment.externalId));
 * await webhooks.start();
 */
export class TaloWebhooks<Tx = never, M extends Mode = Mode> {
  /** The money that was confirmed. */
  readonly ledger: CreditLedger;
  readonly #options: TaloWebhooksOptions<Tx, M>;
  readonly #inbox: Inbox<Tx, M>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #handlers = new Handlers();
  readonly #unhandled: ((notification: UnhandledNotification) => unknown)[] = [];
  readonly #stop = new AbortController();
  readonly #budget = new Budget();
  readonly #lanes: AccountLanes;
  readonly #worker: Worker;
  readonly #counts = { answers: {} as Partial<Record<Reason, number>>, looks: 0, mismatched: 0 };
  readonly #answered = new Histogram();
  readonly #unsigned: Unsigned;
  readonly #reconciling: ReconcileOptions | false;
  readonly #reconciler: Reconciler;
  readonly #ownAccount: string | undefined;
  #opened: Promise<void> | undefined;
  #isOpen = false;
  #ending: Promise<void> | undefined;
  #started = false;
  #mountChecked = false;
  /** Calls of `drain` under way: the last to end halts a worker that nobody started. */
  #drains = 0;
  #phase: 'running' | 'stopping' | 'closed' = 'running';

  /** @throws TaloConfigError that says what to write instead */
  constructor(options: TaloWebhooksOptions<Tx, M>) {
    const { client, context, secret } = checkOptions(options);
    this.#options = options;
    this.#inbox = options.inbox;
    this.#reconciling = options.reconcile ?? {};
    this.#ownAccount = client?.accountId;
    this.#unsigned = options.unsigned ?? (secret ? 'refuse' : 'accept');
    this.#clock = options.clock ?? context?.clock ?? systemClock;
    this.#log = options.logger ?? console;
    this.ledger = new CreditLedger(this.#inbox);
    const looks = options.limits?.looks ?? LOOKS;
    // of many merchants none may hold all the places
    this.#lanes = new AccountLanes(client === undefined ? Math.ceil(looks / 4) : looks);
    this.#worker = this.#makeWorker(options);
    this.#reconciler = new Reconciler(this.#reconciling || {}, {
      inbox: this.#inbox as Inbox,
      clock: this.#clock,
      log: this.#log,
      clientFor: (accountId) => this.#clientFor(accountId),
      ownAccount: this.#ownAccount,
      pausedUntil: (accountId) => this.#lanes.paused(this.#clock.now())[accountId],
      wake: () => this.#worker.wake(),
      settle: () => this.drain(),
    });
    context?.observers.add(this.#observe);
    this.receive = this.receive.bind(this);
    this.fetch = this.fetch.bind(this);
  }

  /**
   * Registers a handler for an event, or for several. It gets them one at a time per resource, in order, and again
   * until it succeeds; a failing one delays nobody else.
   * @throws TaloConfigError if another handler has the same name
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
    this.#unhandled.push(handler);
    return this;
  }

  /** Opens the inbox and begins to work off what it holds. */
  async start(): Promise<void> {
    await this.#open();
    const { durable } = this.#inbox;
    const [unsigned, reconciles] = [this.#unsigned === 'accept', this.#reconciling !== false];
    for (const notice of startNotices({ durable, unsigned, reconciles })) this.#warn(notice);
    if (this.#ownAccount !== undefined && 'client' in this.#options) {
      await this.#reconciler.since(this.#ownAccount, this.#options.client.environment);
    }
    this.#started = true;
    this.#worker.start();
    if (this.#reconciling !== false) this.#reconciler.start();
  }

  /**
   * Works off what is due, then stops: a memory inbox refuses new hints at once, a durable one takes them until it is
   * closed. Handlers still running at the deadline see `context.signal` abort; their events are given back, for whoever
   * takes over to deliver them again.
   * @param options.deadline milliseconds; default 10000
   */
  async stop({ deadline = 10_000 }: { readonly deadline?: number } = {}): Promise<void> {
    this.#ending ??= this.#end(deadline);
    await this.#ending;
  }

  async #end(deadline: number): Promise<void> {
    const failed = (error: unknown) =>
      this.#log.error(`Talo webhooks: the inbox failed while stopping: ${describe(error)}.`);
    this.#phase = 'stopping';
    this.#reconciler.stop();
    // what a durable inbox keeps need not be finished now
    if (this.#started) {
      const soon = this.#inbox.durable ? 0 : SOON_MS;
      const rest = this.#worker.hurry(soon);
      await this.#worker.idle(deadline, soon).catch(failed);
      rest();
    }
    this.#phase = 'closed';
    this.#stop.abort();
    await this.#worker.halt();
    if (this.#isOpen) await this.#worker.giveBack().catch(failed);
    if (this.#opened !== undefined) await this.#inbox.close();
  }

  /** Answers a notification: checks, authenticates, stores, and nothing that takes longer. Never rejects. Bound. */
  async receive(request: ReceivedRequest): Promise<Outcome> {
    const started = this.#clock.monotonic();
    const reason = await this.#receive(request).catch((error: unknown): Reason => {
      this.#log.error(`Talo webhooks: a notification could not be stored: ${describe(error)}.`);
      return 'unavailable';
    });
    this.#answered.add(this.#clock.monotonic() - started);
    const { answers } = this.#counts;
    answers[reason] = (answers[reason] ?? 0) + 1;
    if (answers[reason] === 1 && MISMOUNTED[reason]) this.#log.error(`Talo webhooks: ${MISMOUNTED[reason]}`);
    if (reason === 'stored' || reason === 'coalesced') this.#worker.wake();
    return outcome(reason);
  }

  /**
   * `receive` for web-standard servers: Hono, Next, Bun, Deno, Workers. Bound.
   * @param options.waitUntil keeps a serverless invocation alive; what was stored is worked off in it
   */
  async fetch(
    request: Request,
    options: { readonly waitUntil?: (work: Promise<unknown>) => void } = {},
  ): Promise<Response> {
    // nobody would ever work off what a memory inbox took: say so instead of losing it
    const idle = !this.#inbox.durable && !this.#started && options.waitUntil === undefined;
    const answer = idle
      ? outcome('not-started')
      : await this.receive({
          method: request.method,
          url: request.url,
          headers: Object.fromEntries(request.headers),
          body: request.bodyUsed ? undefined : (request.body as AsyncIterable<Uint8Array> | null),
        });
    if (answer.status === 200) options.waitUntil?.(this.#workOff(BUDGET_MS, 0));
    return new Response(request.method === 'HEAD' ? null : answer.body, answer);
  }

  /**
   * Works off what is due and returns, with or without `start`: for cron, serverless and tests.
   * @param options.budget milliseconds; default 25000
   * @returns whether all was done
   */
  drain({ budget = BUDGET_MS }: { readonly budget?: number } = {}): Promise<boolean> {
    return this.#workOff(budget, SOON_MS);
  }

  async #workOff(budget: number, ahead: number): Promise<boolean> {
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
    await this.#remember(objects, (key) =>
      this.#inbox.put({ key, authenticated: true, origin: 'track', at }).then(() => undefined),
    );
  }

  async #remember(objects: readonly Trackable[], after: (key: string) => Promise<void>): Promise<void> {
    await this.#open();
    for (const made of objects) {
      const named = 'userId' in made ? made.userId : undefined;
      const accountId = named ?? this.#ownAccount;
      const client = await this.#clientFor(accountId);
      if (client === undefined || accountId === undefined) continue;
      // from when on money is news is settled before the first of it can come
      await this.#reconciler.since(accountId, client.environment);
      const { entries, keys } = trackedOf(made, client, accountId);
      await this.#inbox.remember(entries);
      for (const key of keys) await after(key);
    }
    this.#worker.wake();
  }

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
    this.#mountChecked = true;
    const told = 'client' in this.#options ? this.#options.client[contextOf].webhookUrl : undefined;
    const notice = mountNotice(told, path);
    if (notice !== undefined) this.#warn(notice);
  }

  /** What waits, runs and failed, and how notifications were answered in this process. */
  async stats(): Promise<Stats> {
    await this.#open();
    const now = this.#clock.now();
    const left = this.#budget.left(this.#clock.monotonic());
    const reconciled = await this.#reconciler.summary();
    return {
      ...(await this.#inbox.backlog()),
      ...this.#counts,
      answers: { ...this.#counts.answers },
      answered: this.#answered.buckets(),
      paused: this.#lanes.paused(now),
      strangersLeft: left.stranger,
      customersLeft: left.customer,
      accountsLeft: left.account,
      ...(reconciled && { reconciled }),
    };
  }

  /** What was given up, each with its reason. */
  async dead(): Promise<readonly DeadLetter[]> {
    await this.#open();
    return this.#inbox.dead();
  }

  /** Makes a dead letter due again. @throws TaloWebhookError if there is none of that id, or nobody to hear it */
  async replay(id: string): Promise<void> {
    const letter = (await this.dead()).find((candidate) => candidate.id === id);
    const handlers =
      letter?.type === undefined ? [] : this.#handlers.of(letter.type, placeOf(letter.key).accountId);
    if (!(await this.#inbox.replay(id, this.#clock.now(), handlers))) {
      throw new TaloWebhookError('no-dead-letter', 'No dead letter of that id, or no handler for its event.');
    }
    this.#worker.wake();
  }

  /** Whoever creates something waits for this: it may fail, but not hang. */
  readonly #observe: Observer = (made) =>
    this.#inTime(
      this.#remember(['payment' in made ? made.payment : made.customer], async (key) => {
        if (this.#reconciling !== false) await this.#inbox.watch(key, this.#clock.now() + FIRST_LOOK_MS);
      }),
      () => WAITED_FOR.inbox,
    );

  async #receive(request: ReceivedRequest): Promise<Reason> {
    if (request.method !== 'POST') return 'wrong-method';
    if (this.#phase === 'closed' || (this.#phase === 'stopping' && !this.#inbox.durable)) return 'stopping';
    if (!this.#mountChecked) this.mountedAt(request.url);
    let step: Step = 'inbox';
    const work = async () => {
      if (!this.#isOpen) await this.#open();
      return receive(request, {
        clock: this.#clock,
        unsigned: this.#unsigned,
        verifier: this.#options.verifier,
        budget: this.#budget,
        endpointFor: (claimed) => this.#endpointFor(claimed),
        put: (hint) => this.#inbox.put(hint),
        unhandled: (notification) => this.#tellUnhandled(notification),
        mismatched: () => {
          this.#counts.mismatched++;
        },
        waitsFor: (next) => {
          step = next;
        },
      });
    };
    return this.#inTime(work(), () => WAITED_FOR[step]).catch((error: unknown) => {
      // whoever sends slowly may be anybody: counted, not logged
      const late = error instanceof TaloWebhookError && error.reason === 'slow';
      if (late && step === 'body') return 'slow-body' as const;
      throw error;
    });
  }

  /** Whose endpoint this is: the one account's, or the one that the request claims to be for. */
  async #endpointFor(claimed: () => string | undefined) {
    const client = 'client' in this.#options ? this.#options.client : await this.#clientFor(claimed());
    if (client === undefined) return undefined;
    const { environment, userId, signer } = client[contextOf];
    return { environment, accountId: userId, signer };
  }

  async #clientFor(accountId: string | undefined): Promise<TaloClient | undefined> {
    if (accountId === undefined) return undefined;
    if ('client' in this.#options) {
      return this.#options.client.accountId === accountId ? this.#options.client : undefined;
    }
    const client = await this.#options.clientFor(accountId);
    client?.[contextOf].observers.add(this.#observe);
    return client;
  }

  #inTime<T>(work: Promise<T>, waitedFor: () => string): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = () =>
        reject(new TaloWebhookError('slow', `${waitedFor()} took longer than ${ANSWER_MS} ms.`));
      const timer = this.#clock.setTimeout(late, ANSWER_MS);
      work.then(resolve, reject).finally(() => this.#clock.clearTimeout(timer));
    });
  }

  #tellUnhandled(notification: UnhandledNotification): void {
    for (const handler of this.#unhandled) {
      void Promise.resolve()
        .then(() => handler(notification))
        .catch((error: unknown) => this.#log.error(`Talo webhooks: onUnhandled threw ${describe(error)}.`));
    }
  }

  #warn(notice: string): void {
    this.#log.warn(`Talo webhooks: ${notice}`);
  }

  #open(): Promise<void> {
    this.#opened ??= this.#inbox.open().then(
      () => {
        this.#isOpen = true;
      },
      (error: unknown) => {
        this.#opened = undefined;
        throw error;
      },
    );
    return this.#opened;
  }

  #makeWorker({ limits = {}, random = Math.random }: TaloWebhooksOptions<Tx, M>): Worker {
    const ports = {
      inbox: this.#inbox as Inbox,
      clock: this.#clock,
      random,
      clientFor: (accountId: string) => this.#clientFor(accountId),
      signal: this.#stop.signal,
      lanes: this.#lanes,
      budget: this.#budget,
      watching: this.#reconciling !== false,
      since: (accountId: string, environment: string) => this.#reconciler.since(accountId, environment),
    };
    const handlerMs = limits.handlerTimeout ?? HANDLER_MS;
    const begun = () => {
      this.#counts.looks++;
    };
    const handlersOf = (type: string, accountId: string) => this.#handlers.of(type, accountId);
    const delivery = { ...ports, handlers: this.#handlers, maxAttempts: limits.attempts ?? 10, handlerMs };
    const deliveries = limits.deliveries ?? 16;
    return new Worker({
      ...ports,
      looks: limits.looks ?? LOOKS,
      deliveries,
      share: () => this.#handlers.shareOf(deliveries),
      handlerMs,
      pollMs: limits.poll ?? (this.#inbox.durable ? 1_000 : 60_000),
      look: (claim) => {
        return look(claim, { ...ports, handlersOf, begun });
      },
      deliver: (claim) => deliver(claim, delivery),
      failed: (what, error) => this.#log.error(`Talo webhooks: ${what.toLowerCase()}: ${describe(error)}.`),
    });
  }
}
