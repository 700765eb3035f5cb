import type { TaloClient, TaloClientOptions } from '@talo/core';
import type { TaloWebhooks } from '@talo/core/webhooks';

/** What the plugin needs of an engine, whatever its inbox. */
export type WebhookEngine = Pick<TaloWebhooks, 'receive' | 'start' | 'stop' | 'mountedAt'>;

/** The client, or what to make it from. */
type ClientOption = { readonly client: TaloClient } | { readonly options: TaloClientOptions };

type WebhookOption =
  | {
      /** Started when Fastify is ready, stopped when it closes. A function gets the client to make the engine with. */
      readonly webhooks: WebhookEngine | ((client: TaloClient) => WebhookEngine);
      /** Below the prefix of where the plugin is registered, and below one that is given with it. */
      readonly path: string;
    }
  | { readonly webhooks?: undefined; readonly path?: undefined };

export type TaloPluginOptions = ClientOption & WebhookOption;
