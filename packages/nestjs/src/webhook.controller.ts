import type { ServerResponse } from 'node:http';
import { All, Controller, Inject, Req, Res, type Type } from '@nestjs/common';
import { type NodeRequest, nodeRequest, type TaloWebhooks } from '@talo/core/webhooks';

/** A request and a response of `node:http`, or what Express made of them. */
export type Answer = (request: NodeRequest, response: ServerResponse) => Promise<void>;

/** Hands a notification to the engine, and the engine's answer back. */
export async function answer(
  webhooks: TaloWebhooks,
  request: NodeRequest,
  response: ServerResponse,
): Promise<void> {
  const { status, headers, body } = await webhooks.receive(nodeRequest(request));
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}

/**
 * The route of one module, a class of its own each time, as Nest keeps the path on the class. Nest puts it where the
 * application's prefix, versions and `RouterModule` say; requests are answered before they get here, by a middleware of
 * the same route, so that no guard, pipe, interceptor or filter that the application has for its users stands between
 * Talo and us. What gets here all the same, by an unusual spelling of the path, gets the same answer.
 */
export function webhookController(path: string, webhooksToken: symbol): Type<object> {
  @Controller(path)
  class TaloWebhookController {
    readonly #webhooks: TaloWebhooks;

    constructor(@Inject(webhooksToken) webhooks: TaloWebhooks) {
      this.#webhooks = webhooks;
    }

    @All()
    receive(
      @Req() request: NodeRequest,
      @Res() response: ServerResponse & { readonly raw?: ServerResponse },
    ): Promise<void> {
      return answer(this.#webhooks, request, response.raw ?? response);
    }
  }
  return TaloWebhookController;
}
