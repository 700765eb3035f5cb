import type { TaloClient } from '../client.ts';
import type { Clock } from '../clock.ts';
import type { Backlog, Inbox } from './inbox/inbox.ts';
import type { BodyInput } from './receive/body.ts';
import type { Bucket } from './receive/histogram.ts';
import type { Reason } from './receive/outcome.ts';
import type { Unsigned, Verifier } from './receive/verify.ts';
import type { ReconcileSummary } from './reconcile/report.ts';

/** Whether the functions given to `commitWith` may be asynchronous; the inbox fixes it. */
export type Mode = 'sync' | 'async';

/** Where the engine says what an operator should know. Never gets a URL's query, a body or a secret. */
export interface Logger {
  warn(message: string): void;
  error(message: string): void;
}

interface Options<Tx, M extends Mode> {
  /** Where everything that must not be lost is kept: `memoryInbox()`, or `sqliteInbox({ path })` of `@talo/inbox-sqlite`. */
  readonly inbox: Inbox<Tx, M>;
  /**
   * What to do with a hint whose URL carries no signature. Default: `'refuse'` where there is a secret, or `clientFor`;
   * else `'accept'`, which production wants said in so many words.
   */
  readonly unsigned?: Unsigned;
  /** Asked first, with the raw bytes: `'accept'`, `'refuse'`, or `undefined` to leave it to the signed URL. Default: none. */
  readonly verifier?: Verifier;
  /** How much at a time, how often and how long. */
  readonly limits?: Limits;
  /** Looking without being told. Default: on, every 15 minutes; `false` turns it off. */
  readonly reconcile?: ReconcileOptions | false;
  /** Default: the client's, else the machine's. */
  readonly clock?: Clock;
  /** For jitter. Default `Math.random`. */
  readonly random?: () => number;
  /** Default: warnings and errors to the console. */
  readonly logger?: Logger;
}

/** How Talo's ledger is read for what no notification told. */
export interface ReconcileOptions {
  /** Milliseconds from one pass over Talo's ledger to the next while started. Default 15 minutes. */
  readonly every?: number;
  /** Money older than this was there before: kept as baseline, without events. Default: the first start, remembered. */
  readonly since?: Date;
  /**
   * With `clientFor`: the accounts to go through, whose clients are also heard from the start on when they create
   * something. Default: none but that of one `client`.
   */
  readonly accounts?: () => Iterable<string> | Promise<Iterable<string>>;
  /** Milliseconds between two GETs of a pass for one account; of many four are gone through at a time. Default 200. */
  readonly pace?: number;
  /**
   * Customers of an account whose balance one pass compares; the next goes on. Balances come after the ledgers of all
   * accounts and take no longer than `every`; the next pass begins with the accounts left out. Default 100; 0 compares none.
   */
  readonly customers?: number;
}

/** Each a whole number from 1. */
export interface Limits {
  /**
   * Confirming GETs at a time. Default 8; of several accounts (`clientFor`) one gets a quarter at most, and a single place
   * while half are taken or while Talo hangs for it.
   */
  readonly looks?: number;
  /**
   * Handlers at a time. Default 16. Of several one gets an equal share, a quarter at least, so that one that hangs
   * leaves places to the others.
   */
  readonly deliveries?: number;
  /**
   * Milliseconds after which the inbox is asked for work though nothing said there is some. Default 1000 with a durable
   * inbox, which other processes may fill, 60000 in memory.
   */
  readonly poll?: number;
  /** Milliseconds that a handler may take: then its signal aborts and the attempt has failed. Default 5 minutes. */
  readonly handlerTimeout?: number;
  /** Attempts of a handler at an event before it is parked as dead. Default 10, over 6 hours on average. */
  readonly attempts?: number;
}

/** One account, or many. */
export type ClientOptions =
  | {
      /** The account's client, with `credentials.userId`. */
      readonly client: TaloClient;
    }
  | {
      /**
       * Many merchants at one endpoint: the client of an account, `undefined` for one that is not ours. Called for every
       * notification, every look and every delivery, so it should answer from memory; after 10 s it has failed.
       */
      readonly clientFor: (accountId: string) => TaloClient | undefined | Promise<TaloClient | undefined>;
    };

/** What `new TaloWebhooks` takes: an inbox, one `client` or a `clientFor`, and what may be left out. */
export type TaloWebhooksOptions<Tx = never, M extends Mode = Mode> = Options<Tx, M> & ClientOptions;

/** A request as any framework can hand it over; `nodeRequest` makes it of one of Node's. */
export interface ReceivedRequest {
  /** In capitals; anything but `POST` is answered with 405. */
  readonly method: string;
  /** Whole, or path and query. */
  readonly url: string;
  /** Names in any case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Bytes or text as they came, a stream that nobody has read, or what a parser made of them. */
  readonly body?: BodyInput;
}

/**
 * The state of an engine. What waits, runs and is dead, and `reconciled`, is of all processes of the inbox; the rest is
 * of this process, since it began.
 */
export interface Stats extends Backlog {
  /** The engine's time, in milliseconds since 1970: what `oldest`, `oldestEvent` and `nextAt` are to be held against. */
  readonly now: number;
  /** Notifications by how they were answered: `coalesced` joined a hint that waited, `unauthenticated` was refused, … */
  readonly answers: Readonly<Partial<Record<Reason, number>>>;
  /** How long the answers took, refusals included; Talo waits 3 s, and what took longer is in the last bucket. */
  readonly answered: readonly Bucket[];
  /** Confirming GETs begun. */
  readonly looks: number;
  /** Hints whose body named another order than the URL they came by. */
  readonly mismatched: number;
  /** Accounts that Talo refuses or slows down, and until when they are left alone, in milliseconds since 1970. */
  readonly paused: Readonly<Record<string, number>>;
  /** Looks that unauthenticated hints could cause at once. */
  readonly strangersLeft: number;
  /** Looks at unseen transfers that notifications of one customer could cause at once, where least are left. */
  readonly customersLeft: number;
  /** Looks at other unseen resources that notifications of one account could cause at once, where least are left. */
  readonly accountsLeft: number;
  /** The last pass over Talo's ledger, of whichever process; absent before the first. */
  readonly reconciled?: ReconcileSummary;
}
