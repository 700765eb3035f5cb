import { TaloClient, TaloConfigError } from '@talo/core';
import type { FastifyInstance, FastifyPluginAsync, RegisterOptions } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { TaloPluginOptions } from './options.ts';
import { webhookRoute } from './webhook-route.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Put there by `taloPlugin`. */
    readonly talo: TaloClient;
  }
}

const USUAL = "register(taloPlugin, { client: talo, webhooks, path: '/webhooks/talo' })";

async function talo(
  fastify: FastifyInstance,
  options: TaloPluginOptions & Pick<RegisterOptions, 'prefix'>,
): Promise<void> {
  if (fastify.hasDecorator('talo')) {
    throw new TaloConfigError(
      'taloPlugin is registered here already: fastify.talo exists. For another merchant use fastify.talo.forAccount(…) and an engine with clientFor, or register the two side by side, each in a plugin of its own: fastify.register(async (scope) => { await scope.register(taloPlugin, { … }) }).',
    );
  }
  const client = clientOf(options);
  fastify.decorate('talo', client);
  if (options.webhooks === undefined && options.path === undefined) return;
  const { webhooks, path } = options;
  if (typeof path !== 'string') throw new TaloConfigError(`Give the path of the webhook route: ${USUAL}.`);
  const engine = typeof webhooks === 'function' ? webhooks(client) : webhooks;
  if (typeof engine?.receive !== 'function') {
    throw new TaloConfigError(`Give the engine, a TaloWebhooks, or a function that returns one: ${USUAL}.`);
  }
  fastify.addHook('onReady', () => engine.start());
  // Fastify calls it when the last request in flight has been answered
  fastify.addHook('onClose', () => engine.stop());
  // Fastify leaves a prefix given with the plugin to the plugin, as it decorates the place where it is registered
  const segments = `${options.prefix ?? ''}/${path}`.split('/').filter((segment) => segment !== '');
  await fastify.register(webhookRoute(engine), { prefix: segments.map((segment) => `/${segment}`).join('') });
}

function clientOf(options: TaloPluginOptions): TaloClient {
  if ('client' in options && options.client !== undefined) return options.client;
  if ('options' in options && options.options !== undefined) return new TaloClient(options.options);
  throw new TaloConfigError(`Give a client: ${USUAL}.`);
}

/**
 * Decorates Fastify with the client as `fastify.talo`, and with `webhooks` and `path` answers Talo's notifications
 * there. The route has a parser of its own: those of the application see nothing of it, and it nothing of them.
 * @throws TaloConfigError that says what to write instead
 * @example
 * await fastify.register(taloPlugin, { client: talo, webhooks, path: '/webhooks/talo' });
 */
export const taloPlugin: FastifyPluginAsync<TaloPluginOptions> = fastifyPlugin(talo, {
  name: '@talo/fastify',
  fastify: '5.x',
});
