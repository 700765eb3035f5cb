import { TaloWebhookError } from '../errors/errors.ts';
import type { HandlerOptions, TaloHandler } from './deliver/handlers.ts';
import { assemble, type Engine } from './engine.ts';
import type { TaloEventType } from './events.ts';
import type { DeadLetter } from './inbox/inbox.ts';
import { CreditLedger } from './ledger.ts';
import type { Mode, ReceivedRequest, Stats, TaloWebhooksOptions } from './options.ts';
import { type Outcome, outcome } from './receive/outcome.ts';
import type { UnhandledNotification } from './receive/parse.ts';
import type { ReconcileReport } from './reconcile/report.ts';
import { placeOf } from './resource.ts';
import type { Trackable } from './tracking.ts';

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
  readonly #engine: Engine<Tx, M>;

  /** @throws TaloConfigError that says what to write instead */
  constructor(options: TaloWebhooksOptions<Tx, M>) {
    this.#engine = assemble(options);
    this.ledger = new CreditLedger(this.#engine.inbox);
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
    this.#engine.handlers.add(types, handler as never, options.name ?? types.join(','), options.account);
    return this;
  }

  /** Hears of notifications in good form that are not documented. Best effort: they are not stored. */
  onUnhandled(handler: (notification: UnhandledNotification) => unknown): this {
    this.#engine.receiver.onUnhandled(handler);
    return this;
  }

  /**
   * Opens the inbox and begins to work off what it holds, and to reconcile. Says in the log what is risked with these
   * options. A second call does nothing.
   * @throws TaloWebhookError with `reason: 'stopped'` after {@link stop}; what the inbox throws if it does not open
   */
  async start(): Promise<void> {
    await this.#engine.life.start();
  }

  /**
   * Works off what is due, then stops for good: a memory inbox refuses new hints at once, a durable one takes them until
   * it is closed. Handlers still running at the deadline see `context.signal` abort; their events are given back, for
   * whoever takes over to deliver them again. Never rejects: what fails is logged. A second call waits for the first.
   * @param options.deadline milliseconds; default 10000
   */
  async stop({ deadline }: { readonly deadline?: number } = {}): Promise<void> {
    await this.#engine.life.stop(deadline);
  }

  /**
   * Answers a notification: checks, authenticates, stores, and nothing that takes longer. Never rejects, and answers
   * within 1.5 s. Bound.
   */
  async receive(request: ReceivedRequest): Promise<Outcome> {
    const answer = await this.#engine.receiver.answer(request);
    if (answer.reason === 'stored' || answer.reason === 'coalesced') this.#engine.life.stored();
    return answer;
  }

  /**
   * `receive` for web-standard servers: Hono, Next, Bun, Deno, Workers. Bound. With a memory inbox, and
   * neither `start` nor `waitUntil`, the answer is 503: nobody would work off what it took.
   * @param options.waitUntil keeps a serverless invocation alive; what was stored is worked off in it, within 25 s
   */
  async fetch(
    request: Request,
    options: { readonly waitUntil?: (work: Promise<unknown>) => void } = {},
  ): Promise<Response> {
    const { waitUntil } = options;
    const { inbox, life } = this.#engine;
    if (waitUntil !== undefined) life.tended();
    const idle = !inbox.durable && !life.isStarted && waitUntil === undefined;
    const answer = idle
      ? outcome('not-started')
      : await this.receive({
          method: request.method,
          url: request.url,
          headers: Object.fromEntries(request.headers),
          body: request.bodyUsed ? undefined : (request.body as AsyncIterable<Uint8Array> | null),
        });
    if (answer.status === 200) waitUntil?.(life.workOffHere());
    return new Response(request.method === 'HEAD' ? null : answer.body, answer);
  }

  /**
   * Works off what is due and returns, with or without `start`: for cron, serverless and tests. What still runs when the
   * budget is over goes on, where the platform lets it, and is taken up again when its lease has ended.
   * @param options.budget milliseconds; default 25000
   * @returns whether all was done
   */
  drain({ budget }: { readonly budget?: number } = {}): Promise<boolean> {
    return this.#engine.life.drain(budget);
  }

  /** Resolves when nothing runs and nothing is due. What waits for another attempt later is not waited for. */
  async idle(): Promise<void> {
    await this.#engine.life.idle();
  }

  /**
   * Remembers objects as ours and has payments and accounts looked at: payments that another process created or
   * re-priced or that are older than the engine, accounts that wait for activation. What this process creates through
   * the same client is remembered by itself; with `clientFor` through the clients of `reconcile.accounts` from
   * {@link start} on, and through any other once `clientFor` was asked for it.
   * @param options.accountId of customers, which do not say whose they are; not needed with one `client`
   * @throws TaloConfigError, with nothing remembered, where it is not known whose one is, or its account has no client
   */
  async track(
    objects: readonly Trackable[],
    { accountId }: { readonly accountId?: string } = {},
  ): Promise<void> {
    const { inbox, now, remember } = this.#engine;
    const at = now();
    await remember(objects, accountId, async (key) => {
      await inbox.put({ key, authenticated: true, origin: 'track', at });
    });
  }

  /**
   * Reads Talo's ledger and has every row looked at that no credit matches, on the same path as webhooks. While started
   * it happens by itself; a pass that is under way is joined, and one that could not get to its end is gone on with.
   */
  async reconcile(): Promise<ReconcileReport> {
    const { life, reconciler } = this.#engine;
    await life.open();
    return reconciler.pass();
  }

  /**
   * Says in the log if notifications are received at another path than the client's `webhooks.url` tells Talo. For
   * adapters that know their path before the first notification.
   * @param path path or URL of the route
   */
  mountedAt(path: string): void {
    this.#engine.receiver.mountedAt(path);
  }

  /** What waits, runs and failed, of all processes of the inbox; and what this process did since it began. */
  async stats(): Promise<Stats> {
    const { inbox, life, reconciler, counts } = this.#engine;
    await life.open();
    const reconciled = await reconciler.summary();
    return { ...(await inbox.backlog()), ...counts(), ...(reconciled && { reconciled }) };
  }

  /** What was given up, each with its reason: hints whose resource stayed unreadable, events whose handler kept failing. */
  async dead(): Promise<readonly DeadLetter[]> {
    await this.#engine.life.open();
    return this.#engine.inbox.dead();
  }

  /**
   * Makes a dead letter due again, with all its attempts. An event that nobody heard goes to the handlers of today.
   * @param id of a letter of {@link dead}
   * @throws TaloWebhookError with `reason: 'no-dead-letter'` if there is none of that id, or nobody to hear it
   */
  async replay(id: string): Promise<void> {
    const { inbox, handlers, worker, now } = this.#engine;
    const letter = (await this.dead()).find((candidate) => candidate.id === id);
    const takers = letter?.type === undefined ? [] : handlers.of(letter.type, placeOf(letter.key).accountId);
    if (!(await inbox.replay(id, now(), takers))) {
      throw new TaloWebhookError('no-dead-letter', 'No dead letter of that id, or no handler for its event.');
    }
    worker.wake();
  }
}
