import type { Money } from '../../money.ts';

/**
 * Where everything that must not be lost is kept: hints, confirmed states and credits, and the outbox of events. Engine
 * and inbox meet here alone. Rules that every inbox keeps are in the conformance suite; in short:
 *
 * - `put` resolves when the hint is as durable as this inbox is. Only then does Talo get its 200.
 * - A claim is one worker's until its lease ends, and after that until somebody claims the key: what completes under a
 *   lease that has ended counts, unless it was claimed again or released meanwhile. `token` grows with every claim of
 *   the same key, and whatever is done under an older token is refused with {@link Fenced} and leaves no trace. An inbox
 *   for several processes may end all leases of one that lost the right to work; that is refused in the same way.
 * - `commit` applies all of a unit or nothing.
 */
export interface Inbox<Tx = never, Mode extends 'sync' | 'async' = 'sync' | 'async'> {
  /** For messages: `memory`, `sqlite`. */
  readonly name: string;
  /** Whether what was put survives the process. */
  readonly durable: boolean;
  /** Whether `commitWith` has a transaction here, and whether its functions may be asynchronous. */
  readonly transactions: Mode | undefined;

  /** Called once before everything else, and again where it failed. Rejects with what an operator can do about it. */
  open(): Promise<void>;
  /** Called once, last. */
  close(): Promise<void>;

  /**
   * Stores a hint, or joins it to the one that waits for the same key; joined, the stronger of both counts: an
   * authenticated one, and one of `origin: 'webhook'`. A joined hint never puts a look off: an authenticated one calls
   * it forward, to its own `due` where that is sooner, though never below the floor between two looks; an
   * unauthenticated one leaves it where it is. Of one that joins during a look `due` does not count: that look may have
   * been too early for it, so {@link complete} has the next one follow. Rejects when it cannot: that becomes a 503.
   * @returns `known` is stored too, for a resource that a look has found before, or that `watch` was called for
   */
  put(hint: Hint): Promise<'stored' | 'known' | 'coalesced'>;
  /**
   * Has a resource looked at at `at`, though no hint may ever come. Takes no place of a hint and is no hint: nothing
   * happens where the key waits already, or is to be looked at earlier.
   */
  watch(key: string, at: number): Promise<void>;
  /** Takes hints that are due, each for a lease. What was only watched comes as `origin: 'reconcile'`. */
  claim(limit: number, now: number, leaseMs: number): Promise<readonly HintClaim[]>;
  /**
   * Done, unless a hint for the same key came since the claim: then it is due again from `notBefore` on. Otherwise due
   * again at `again`, where that is given: an open resource is looked at now and then without any hint.
   */
  complete(claim: HintClaim, notBefore: number, again?: number): Promise<void>;
  /**
   * Due again at `until`, or from `notBefore` on as soon as an authenticated hint comes or has come since the claim.
   * Counts as one attempt more than the claim says.
   */
  delay(claim: HintClaim, until: number, notBefore: number, reason: string): Promise<void>;
  /** Gives up on it and lists it as dead; unless a hint came since the claim: then it is due again. */
  bury(claim: HintClaim, reason: string): Promise<void>;
  /**
   * Gives back what was claimed and not worked off, by a worker that stops: due at `now`, and otherwise as before the
   * claim, with no attempt or failure more. A delivery stays the first of its lane. Claims that have passed to somebody
   * else are let be.
   */
  release(hints: readonly HintClaim[], deliveries: readonly DeliveryClaim[], now: number): Promise<void>;

  /** The last confirmed state of a resource, as it was committed. */
  state(key: string): Promise<string | undefined>;
  /**
   * Commit 1: state, credits and events of one look, all or nothing. Those that are there already stay as they are:
   * credits by their `key`, events by `key` and `id`. No two keys ever have an event of the same id.
   */
  commit(unit: Unit): Promise<void>;
  /** What `remember` stored: objects that are ours, marks of reconciling. */
  recall(key: string): Promise<string | undefined>;
  /**
   * What was remembered under keys that begin with `prefix`, in an order of the inbox's own that does not change:
   * `limit` entries at most, those that come after the key `after`. An entry that is added meanwhile may be left out.
   */
  recallAll(prefix: string, limit: number, after?: string): Promise<readonly Remembered[]>;
  /** Stores them, all or nothing. */
  remember(entries: readonly Remembered[]): Promise<void>;
  /** The entries of the ledger that agree with every field of the filter, in no particular order. */
  credits(filter: CreditFilter): Promise<readonly Credit[]>;

  /**
   * Takes deliveries that are due: per resource and handler only the oldest that is neither done nor dead.
   * @param except handlers that get none now, because they hold all the places that they may
   */
  claimDeliveries(
    limit: number,
    now: number,
    leaseMs: number,
    except?: ReadonlySet<string>,
  ): Promise<readonly DeliveryClaim[]>;
  /** Commit 2: the handler's own writes and its done mark, together. */
  finish(claim: DeliveryClaim, writes: readonly ((tx: Tx) => unknown)[]): Promise<void>;
  /** The attempt failed: due again at `until`, and still the first of its lane. */
  retry(claim: DeliveryClaim, until: number, reason: string): Promise<void>;
  /** Gives up on it and lists it as dead; its lane goes on with the next. */
  park(claim: DeliveryClaim, reason: string): Promise<void>;

  /** What was given up; hints, and deliveries, in the order in which that happened. */
  dead(): Promise<readonly DeadLetter[]>;
  /** Makes a dead letter due again; `handlers` take over an event that nobody heard. `false` if there is none of that id. */
  replay(id: string, now: number, handlers: readonly string[]): Promise<boolean>;

  /** What waits or runs, and when the next thing is due. */
  backlog(): Promise<Backlog>;
}

/** Something to keep that is no state of a resource; `value` replaces what was there under its key. */
export interface Remembered {
  readonly key: string;
  readonly value: string;
}

/** "Look again at this": all that a notification is worth. */
export interface Hint {
  /** The resource, in its environment and account. */
  readonly key: string;
  /** The sender proved that it knows a URL we signed for this object. */
  readonly authenticated: boolean;
  /** Who asks: Talo, our own reading of its ledger, or the application. */
  readonly origin: 'webhook' | 'reconcile' | 'track';
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  /** No look before this, unless the resource is known from an earlier look; default `at`. */
  readonly due?: number;
}

/**
 * Rows that unauthenticated hints may take, those for known or watched keys not counted; `put` rejects further ones.
 */
export const UNAUTHENTICATED_ROWS = 10_000;

/** A hint that a worker has taken, for the length of a lease. */
export interface HintClaim {
  readonly key: string;
  /** Fences: whatever is done under an older one is refused. */
  readonly token: number;
  /** Grows with every hint: `complete` counts only for the one that was there before the GET. */
  readonly generation: number;
  readonly authenticated: boolean;
  readonly origin: Hint['origin'];
  /** When the first hint since the last completed look came. */
  readonly since: number;
  /** Looks since then that found nothing or failed. */
  readonly attempts: number;
  /** Looks in a row that found nothing new; 0 after a change. */
  readonly unchanged: number;
}

/** What one look found, to be committed as one. */
export interface Unit {
  readonly claim: HintClaim;
  /** The state to keep, or `undefined` to leave it. */
  readonly state: string | undefined;
  readonly credits: readonly Credit[];
  readonly events: readonly StoredEvent[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** An event in the outbox. Its payload is what it was when it was committed, whatever comes later. */
export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  /** The resource, and so the order: events of one key reach a handler one after the other. */
  readonly key: string;
  readonly payload: string;
  /** Handlers to deliver to, as registered when the event came to be. */
  readonly handlers: readonly string[];
  /** Kept as dead from the start, with this reason, for want of a handler. */
  readonly unheard?: string;
}

/** One entry of the ledger of credits. Stored once per `key`, whatever happens. */
export interface Credit {
  /**
   * Environment, account, resource, the transaction id as the resource's own GET returns it, and a count that is 1
   * unless the money goes back and comes again. Of a refund: environment, account, payment, `refund` and its id.
   */
  readonly key: string;
  /**
   * `reversal`: a transfer that was credited is taken back. `refund`: money was sent back to the payer; the credits stay
   * what they were. `baseline`: money that was there before the engine, which nobody was told of.
   */
  readonly kind: 'credit' | 'reversal' | 'refund' | 'baseline';
  readonly environment: string;
  readonly accountId: string;
  readonly paymentId?: string;
  readonly customerId?: string;
  /** Of a refund the id in Talo's ledger, or `REFUNDED` where only the payment's status speaks of it. */
  readonly transactionId: string;
  /** What the payer sent, or of a refund gets back; absent where Talo did not say. */
  readonly gross?: Money;
  readonly net?: Money;
  readonly commission?: Money;
  /** When the transfer was made, as Talo says, in milliseconds since 1970. */
  readonly madeAt?: number;
  /** When it was committed, in milliseconds since 1970. */
  readonly at: number;
}

/** Which entries of the ledger: those that agree with every field given; all of them without one. */
export interface CreditFilter {
  /** As the client says it: `production`, `sandbox` or the API's URL. */
  readonly environment?: string;
  readonly accountId?: string;
  readonly paymentId?: string;
  readonly customerId?: string;
}

/** One event for one handler, taken by a worker for the length of a lease. */
export interface DeliveryClaim {
  readonly eventId: string;
  readonly type: string;
  readonly key: string;
  /** The handler's name. */
  readonly handler: string;
  readonly payload: string;
  /** Fences: whatever is done under an older one is refused. */
  readonly token: number;
  /** Attempts that failed before this one. */
  readonly failures: number;
  /** A newer state of the resource has been committed since. */
  readonly superseded: boolean;
}

/** Something that was given up, and waits for a person. */
export interface DeadLetter {
  /** For `replay`. */
  readonly id: string;
  /** `hint`: a resource that could not be read. `delivery`: an event that its handler, or nobody, took. */
  readonly kind: 'hint' | 'delivery';
  /** The resource: environment, account, kind and ids, as JSON. */
  readonly key: string;
  /** Of the last attempt, in words. */
  readonly reason: string;
  /**
   * Since when it was asked for, in milliseconds since 1970: of a hint when the first came since the last completed look,
   * of a delivery when its last attempt was due, of an event that nobody heard when it was committed.
   */
  readonly at: number;
  /** Of a delivery. */
  readonly eventId?: string;
  /** Of a delivery: the event's. */
  readonly type?: string;
  /** Of a delivery: the handler's name; absent where nobody heard the event. */
  readonly handler?: string;
}

/** What waits and runs, of all processes of the inbox. */
export interface Backlog {
  /** Resources with a hint that waits or is looked at; however many hints, a resource counts once. */
  readonly hints: number;
  /** Events that wait for a handler or are with one, counted once for each handler. */
  readonly deliveries: number;
  /** Looks and handlers under way: claims whose lease is held. */
  readonly running: number;
  /** Dead letters. */
  readonly dead: number;
  /** Arrival of the oldest hint that waits, in milliseconds since 1970. */
  readonly oldest: number | undefined;
  /**
   * When the oldest event was committed that a handler still has to get, in milliseconds since 1970. Absent with an
   * inbox that does not tell.
   */
  readonly oldestEvent?: number | undefined;
  /** When the next hint or delivery is due, in milliseconds since 1970; `undefined` when nothing waits. */
  readonly nextAt: number | undefined;
}

/** Whether an error says so, whichever copy of this package the inbox was built with. */
export function isFenced(error: unknown): boolean {
  return error instanceof Error && error.name === 'Fenced';
}

/** The lease was lost to another worker: what was under way must leave no trace. */
export class Fenced extends Error {
  constructor(key: string) {
    super(`The lease on ${key} has passed to another worker.`);
    this.name = 'Fenced';
  }
}
