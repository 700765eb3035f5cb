import type { IncomingMessage, ServerResponse } from 'node:http';
import { TaloConfigError } from '@talo/core';
import { nodeRequest, type TaloWebhooks } from '@talo/core/webhooks';
import type { Middleware } from './types.ts';

/** What the handler needs of an engine, whatever its inbox. */
type WebhookEngine = Pick<TaloWebhooks, 'receive' | 'mountedAt'>;

/**
 * Answers Talo's notifications wherever it is mounted: `app.use`, `app.post`, a Router, an app within an app; before a
 * body parser or behind one. What the engine says is sent as it is; what fails unexpectedly goes to `next(error)`.
 * @param options.path Where it is mounted, which Express does not say: if it is not the path that Talo is told, the
 * engine says so at once, and not at the first notification, which may never come.
 * @throws TaloConfigError without an engine
 * @example
 * app.use('/webhooks/talo', taloWebhookHandler(webhooks, { path: '/webhooks/talo' }));
 */
export function taloWebhookHandler(
  webhooks: WebhookEngine,
  { path }: { readonly path?: string } = {},
): Middleware {
  if (typeof webhooks?.receive !== 'function') {
    throw new TaloConfigError(
      "Give the engine, a TaloWebhooks: app.use('/webhooks/talo', taloWebhookHandler(webhooks)).",
    );
  }
  if (path !== undefined) webhooks.mountedAt(path);
  return (request, response, next) => {
    // Express 4 does not look at promises
    answer(webhooks, request, response).catch(next);
  };
}

async function answer(
  webhooks: WebhookEngine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, headers, body } = await webhooks.receive(nodeRequest(request));
  // not response.send(): it adds a charset and an ETag of its own
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}
