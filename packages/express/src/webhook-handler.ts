import type { IncomingMessage, ServerResponse } from 'node:http';
import { TaloConfigError } from '@talo/core';
import { nodeRequest, type TaloWebhooks } from '@talo/core/webhooks';
import type { Middleware } from './types.ts';

/**
 * Answers Talo's notifications wherever it is mounted: `app.use`, `app.post`, a Router, an app within an app; before a
 * body parser or behind one. What the engine says is sent as it is; what fails unexpectedly goes to `next(error)`.
 * @throws TaloConfigError without an engine
 * @example
 * app.use('/webhooks/talo', taloWebhookHandler(webhooks));
 */
export function taloWebhookHandler(webhooks: Pick<TaloWebhooks, 'receive'>): Middleware {
  if (typeof webhooks?.receive !== 'function') {
    throw new TaloConfigError(
      "Give the engine, a TaloWebhooks: app.use('/webhooks/talo', taloWebhookHandler(webhooks)).",
    );
  }
  return (request, response, next) => {
    // Express 4 does not look at promises
    answer(webhooks, request, response).catch(next);
  };
}

async function answer(
  webhooks: Pick<TaloWebhooks, 'receive'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, headers, body } = await webhooks.receive(nodeRequest(request));
  // not response.send(): it adds a charset and an ETag of its own
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}
