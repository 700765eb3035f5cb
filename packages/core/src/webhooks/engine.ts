import { contextOf } from '../client.ts';
import type { Observer } from '../resources/context.ts';
import { Clients } from './clients.ts';
import { deliver } from './deliver/deliver.ts';
import { Handlers } from './deliver/handlers.ts';
import { describe } from './describe.ts';
import { AccountLanes } from './guard/account-lanes.ts';
import { Budget } from './guard/budget.ts';
import { inTime } from './in-time.ts';
import type { Backlog, Inbox } from './inbox/inbox.ts';
import { Life } from './life.ts';
import { look } from './look/look.ts';
import { startNotices } from './notices.ts';
import type { Mode, Stats, TaloWebhooksOptions } from './options.ts';
import { ANSWER_MS, Receiver } from './receive/receiver.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import { FIRST_LOOK_MS } from './reconcile/schedule.ts';
import { resolveOptions } from './resolve-options.ts';
import { remember, type Trackable } from './tracking.ts';
import { Worker } from './worker.ts';

/** The parts of an engine that its public face works with. */
export interface Engine<Tx, M extends Mode> {
  readonly inbox: Inbox<Tx, M>;
  readonly clients: Clients;
  readonly handlers: Handlers;
  readonly receiver: Receiver;
  readonly worker: Worker;
  readonly reconciler: Reconciler;
  readonly life: Life;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /**
   * Remembers objects as ours.
   * @param owner account of those that do not say themselves whose they are
   * @param after called with the key of each that can be looked at
   */
  readonly remember: (
    objects: readonly Trackable[],
    owner: string | undefined,
    after: (key: string) => Promise<void>,
  ) => Promise<void>;
  /** What this process did, and what its budgets have left. */
  readonly counts: () => Omit<Stats, keyof Backlog | 'reconciled'>;
}

/**
 * Puts the parts together. Hints go from the receiver into the inbox, from there through the worker to a look, whose
 * events go back into the inbox and from there through the worker to the handlers; the reconciler puts hints too.
 * @throws TaloConfigError that says what to write instead
 */
export function assemble<Tx, M extends Mode>(options: TaloWebhooksOptions<Tx, M>): Engine<Tx, M> {
  const { clock, log, random, unsigned, signs, limits, reconcile } = resolveOptions(options);
  const { inbox } = options;
  // what runs under the engine's own commits needs no transaction of the application's
  const store = inbox as Inbox;
  const handlers = new Handlers();
  const budget = new Budget();
  const abort = new AbortController();
  let looks = 0;

  const since = (accountId: string, environment: string) => reconciler.since(accountId, environment);
  const clientFor = (accountId: string) => clients.of(accountId);

  /** Whoever creates something waits for this: it may fail, but not hang. */
  const observe: Observer = (made, accountId) => {
    const object = 'payment' in made ? made.payment : made.customer;
    const remembered = engine.remember([object], accountId, async (key) => {
      if (reconcile !== false) await inbox.watch(key, clock.now() + FIRST_LOOK_MS);
    });
    return inTime(clock, ANSWER_MS, remembered, () => 'The inbox');
  };
  const clients = new Clients(options, clock, observe);
  const { only } = clients;
  const lanes = new AccountLanes(limits.looks, only === undefined);

  const receiver = new Receiver({
    clock,
    log,
    unsigned,
    verifier: options.verifier,
    budget,
    endpointFor: (claimed) => clients.endpointFor(claimed),
    takes: () => life.takesHints,
    opening: () => life.opening(),
    put: (hint) => inbox.put(hint),
    recall: (key) => inbox.recall(key),
    told: only?.[contextOf].webhookUrl,
  });

  const shared = { inbox: store, clock, random, clientFor, signal: abort.signal };
  const looking = {
    ...shared,
    lanes,
    budget,
    since,
    watching: reconcile !== false,
    handlersOf: (type: string, accountId: string) => handlers.of(type, accountId),
    begun: () => {
      looks++;
    },
    unannounced: () => receiver.unannounced(),
    buried: (what: string) => log.error(`Talo webhooks: ${what}`),
  };
  const delivering = {
    ...shared,
    handlers,
    maxAttempts: limits.attempts,
    handlerMs: limits.handlerTimeout,
    parked: (what: string) => log.error(`Talo webhooks: ${what}`),
  };
  const worker = new Worker({
    inbox: store,
    clock,
    looks: limits.looks,
    deliveries: limits.deliveries,
    share: () => handlers.shareOf(limits.deliveries),
    handlerMs: limits.handlerTimeout,
    pollMs: limits.poll,
    look(claim) {
      if (claim.origin === 'webhook') receiver.reached();
      return look(claim, looking);
    },
    deliver: (claim) => deliver(claim, delivering),
    failed: (what, error) => log.error(`Talo webhooks: ${what.toLowerCase()}: ${describe(error)}.`),
  });

  const reconciler = new Reconciler(reconcile || {}, {
    inbox: store,
    clock,
    log,
    clientFor,
    ownAccount: only?.accountId,
    pausedUntil: (accountId) => lanes.paused(clock.now())[accountId],
    wake: () => worker.wake(),
    settle: () => life.drain(),
  });

  const tell = () => {
    const notices = startNotices({
      durable: inbox.durable,
      unsigned: unsigned === 'accept',
      signs,
      reconciles: reconcile !== false,
      accounts: only !== undefined || (reconcile !== false && reconcile.accounts !== undefined),
      handlers: handlers.size > 0,
    });
    for (const notice of notices) log.warn(`Talo webhooks: ${notice}`);
  };
  const life = new Life({
    inbox,
    clock,
    log,
    worker,
    abort,
    prepare: () => reconciler.meet(),
    tell,
    started() {
      if (reconcile !== false) reconciler.start();
    },
    stopping: () => reconciler.stop(),
    stopped: () => clients.release(),
  });

  const engine: Engine<Tx, M> = {
    inbox,
    clients,
    handlers,
    receiver,
    worker,
    reconciler,
    life,
    now: () => clock.now(),
    async remember(objects, owner, after) {
      await life.open();
      await remember(objects, owner, { inbox, clients, since }, after);
      worker.wake();
    },
    counts() {
      const left = budget.left(clock.monotonic());
      return {
        now: clock.now(),
        ...receiver.stats(),
        looks,
        paused: lanes.paused(clock.now()),
        strangersLeft: left.stranger,
        customersLeft: left.customer,
        accountsLeft: left.account,
      };
    },
  };
  return engine;
}
