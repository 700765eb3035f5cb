import type { TaloClient } from '@talo/core';
import type { TaloWebhooks } from '@talo/core/webhooks';
import { taloMiddleware, taloWebhookHandler } from '@talo/express';

declare const client: TaloClient;
declare const webhooks: TaloWebhooks;
declare const app: { use(handler: ReturnType<typeof taloMiddleware>): void };
app.use(taloMiddleware(client));
app.use(taloWebhookHandler(webhooks));
// @ts-expect-error: the engine answers, not the client
taloWebhookHandler(client);
