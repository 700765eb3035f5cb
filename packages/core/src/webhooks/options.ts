import type { TaloClient } from '../client.ts';
import type { Clock } from '../clock.ts';
import type { Backlog, Inbox } from './inbox/inbox.ts';
import type { BodyInput } from './receive/body.ts';
import type { Bucket } from './receive/histogram.ts';
import type { Reason } from './receive/outcome.ts';
import type { Unsigned, Verifier } from './receive/verify.ts';
import type { ReconcileSummary } from './reconcile/report.ts';

export type Mode = 'sync' | 'async';

/** Where the engine says what an operator should know. Never gets a URL's query, a body or a secret. */
export interface Logger {
  warn(message: string): void;
  error(message: string): void;
}

interface Options<Tx, M extends Mode> {
  readonly inbox: Inbox<Tx, M>;
  /** What to do with a hint whose URL carries no signature. Default: `'refuse'` where there is a secret. */
  readonly unsigned?: Unsigned;
  /** Asked first: `'accept'`, `'refuse'`, or `undefined` to leave it to the signed URL. */
  readonly verifier?: Verifier;
  readonly limits?: Limits;
  /** Looking without being told. `false` turns it off. */
  readonly reconcile?: ReconcileOptions | false;
  /** Default: the client's, else the machine's. */
  readonly clock?: Clock;
  /** For jitter. Default `Math.random`. */
  readonly random?: () => number;
  /** Default: warnings and errors to the console. */
  readonly logger?: Logger;
}

export interface ReconcileOptions {
  /** Milliseconds between two passes over Talo's ledger while started. Default 15 minutes. */
  readonly every?: number;
  /** Money older than this was there before: kept as baseline, without events. Default: the first start, remembered. */
  readonly since?: Date;
  /** With `clientFor`: the accounts to go through. Default: none but those of one `client`. */
  readonly accounts?: () => Iterable<string> | Promise<Iterable<string>>;
  /** Milliseconds between two GETs of a pass. Default 200. */
  readonly pace?: number;
  /** Customers whose balance one pass compares, beside those in doubt; the next goes on. Default 100; 0 compares none. */
  readonly customers?: number;
}

export interface Limits {
  /** Confirming GETs at a time. Default 8. */
  readonly looks?: number;
  /** Handlers at a time. Default 16. */
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

/** A request as any framework can hand it over. */
export interface ReceivedRequest {
  readonly method: string;
  /** Whole, or path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: BodyInput;
}

export interface Stats extends Backlog {
  /** Notifications by how they were answered. */
  readonly answers: Readonly<Partial<Record<Reason, number>>>;
  /** How long the answers took; Talo waits 3 s. */
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
