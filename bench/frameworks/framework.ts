import type { TaloClient } from '@talo/core';
import type { TaloWebhooks } from '@talo/core/webhooks';

export const PATH = '/webhooks/talo';

/** What a route needs to hand notifications to the engine. */
export interface Engine {
  readonly client: TaloClient;
  // whichever inbox it has: a route does not care
  readonly webhooks: TaloWebhooks<never>;
}

/**
 * A web framework under measurement: one file beside this one, whose name is the framework's and whose export is
 * `framework`. Both of its servers listen on a free port of 127.0.0.1 and answer POST {@link PATH}.
 */
export interface Framework {
  /** The control: the framework's own JSON route, parsed body in, JSON out, nothing behind it. @returns the port */
  bare(): Promise<number>;
  /** The same framework with our adapter. @returns the port */
  adapted(engine: Engine): Promise<number>;
}
