import type { ReceivedRequest } from '@talo/core/webhooks';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebhookEngine } from './options.ts';

type Body = ReceivedRequest['body'];

/** The route, to be registered as a plugin of its own, with its path as prefix. */
export function webhookRoute(webhooks: WebhookEngine) {
  const answer = async (request: FastifyRequest, reply: FastifyReply, body: Body) => {
    const { method, originalUrl: url, headers } = request;
    const outcome = await webhooks.receive({ method, url, headers, body });
    request.log.info({ reason: outcome.reason }, 'Talo notification');
    // as it is: without a serializer Fastify adds a charset to JSON that is a string
    return reply.code(outcome.status).headers(outcome.headers).serializer(asItIs).send(outcome.body);
  };

  return async (route: FastifyInstance): Promise<void> => {
    // the bytes as they came, whatever their type; the engine bounds their number
    route.removeAllContentTypeParsers();
    route.addContentTypeParser('*', (_request, payload, done) =>
      // what a hook of the application has read is gone
      done(null, payload.readableDidRead ? undefined : payload),
    );
    route.setErrorHandler((error: { readonly code?: string }, request, reply) => {
      // Fastify stops at a content type that is none; nothing has been read yet
      if (error.code !== 'FST_ERR_CTP_INVALID_MEDIA_TYPE') throw error;
      return answer(request, reply, request.raw);
    });
    // below its prefix '/' is the path with and without a slash at its end; another method gets the engine's answer too
    route.all<{ Body: Body }>('/', { logSerializers: { req: withoutQuery } }, (request, reply) =>
      answer(request, reply, request.body),
    );
    webhooks.mountedAt(route.prefix);
  };
}

const asItIs = (body: string): string => body;

/** The query is what authenticates a notification: it stays out of the log. */
function withoutQuery({ method, url, host, ip }: FastifyRequest) {
  return { method, url: url.split('?', 1)[0], host, remoteAddress: ip };
}
