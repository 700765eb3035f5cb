import type { TaloClient } from '@talo/core';
import type { Inbox, TaloWebhooks } from '@talo/core/webhooks';

export const PATH = '/webhooks/talo';

/** What an application hands to an adapter. */
export interface Application {
  readonly client: TaloClient;
  readonly inbox: Inbox<never>;
  /** An engine on the two, for adapters that do not make their own. */
  engine(): TaloWebhooks<never>;
}

/**
 * A web framework under measurement: one file beside this one, whose name is the framework's and whose export is
 * `framework`. Both of its servers listen on a free port of 127.0.0.1 and answer POST {@link PATH}.
 */
export interface Framework {
  /** The control: the framework's own JSON route, parsed body in, JSON out, nothing behind it. @returns the port */
  bare(): Promise<number>;
  /** The same framework with our adapter. @returns the port */
  adapted(application: Application): Promise<number>;
}

/** The port of what a server says that it listens on. */
export function portOf(address: string | { readonly port: number } | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('Not listening on a port.');
  return address.port;
}
