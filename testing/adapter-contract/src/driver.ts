import type { TaloWebhooks } from '@talo/core/webhooks';

/**
 * What is left of a request's body when it gets to the webhook route.
 * - `stream`: nobody has touched it. The whole contract holds.
 * - `bytes`: something read it, and kept the bytes or the text. All but the time that a slow sender gets holds.
 * - `parsed`: something read it, and made an object of it. What is not JSON never gets here, nor do bytes.
 * - `nothing`: something read it, and kept nothing. Every notification is answered with the reason.
 */
export type Left = 'stream' | 'bytes' | 'parsed' | 'nothing';

/** One way of putting the webhook route into an application. */
export interface Mount {
  /** Of a body of JSON. */
  readonly leaves: Left;
  /** Content types that a parser before the route takes for itself: what it does not understand never gets here. */
  readonly parser?: RegExp;
  /** The framework itself answers other methods. */
  readonly postOnly?: true;
}

export interface StartOptions {
  /** Not started yet. */
  readonly webhooks: Pick<TaloWebhooks, 'receive' | 'fetch' | 'start' | 'stop' | 'mountedAt'>;
  /** Where Talo is told to notify, such as `/webhooks/talo`. */
  readonly path: string;
  /** One of the names in `mounts`. */
  readonly mount: string;
}

/** A server that listens on 127.0.0.1. */
export interface Served {
  /** Of the route: `http://127.0.0.1:port/path`. */
  readonly url: string;
  /** Ends as an application of this framework ends: requests under way are answered, the engine is stopped. */
  close(): Promise<void>;
}

/** A framework with an adapter, as the contract needs it. */
export interface Driver {
  readonly mounts: Readonly<Record<string, Mount>>;
  /** Starts a real server on a free port, with the engine started as an application of this framework does it. */
  start(options: StartOptions): Promise<Served>;
}
