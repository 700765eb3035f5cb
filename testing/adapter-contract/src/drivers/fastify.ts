import { TaloClient } from '@talo/core';
import { taloPlugin } from '@talo/fastify';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import type { Driver, Mount, StartOptions } from '../driver.ts';

type Put = (app: FastifyInstance, options: StartOptions) => void;

interface FastifyMount extends Mount {
  readonly server?: FastifyServerOptions;
  readonly put: Put;
}

const register: Put = (app, { webhooks, path }) => {
  const client = new TaloClient({ credentials: { userId: 'none', accessToken: 'TL-none' } });
  app.register(taloPlugin, { client, webhooks, path });
};

/** The plugin, after something else. */
const behind =
  (before: (app: FastifyInstance) => void): Put =>
  (app, options) => {
    before(app);
    register(app, options);
  };

const MOUNTS: Readonly<Record<string, FastifyMount>> = {
  'the app': { leaves: 'stream', put: register },
  'a plugin with a prefix': {
    leaves: 'stream',
    put: (app, options) => {
      const [, prefix = '', path = ''] = /^(\/[^/]*)(.*)$/.exec(options.path) ?? [];
      app.register(async (scope) => register(scope, { ...options, path }), { prefix });
    },
  },
  'an app that ignores slashes at the end': {
    leaves: 'stream',
    server: { routerOptions: { ignoreTrailingSlash: true } },
    put: register,
  },
  'beside parsers of the application': {
    leaves: 'stream',
    put: behind((app) => {
      app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, _body, done) =>
        done(new Error('not for the webhook route')),
      );
      app.addContentTypeParser('*', (_request, _payload, done) =>
        done(new Error('not for the webhook route')),
      );
    }),
  },
  'behind a hook that keeps the bytes while they pass': {
    leaves: 'stream',
    put: behind((app) => {
      app.addHook('preParsing', (_request, _reply, payload, done) => {
        payload.on('data', () => {});
        done(null, payload);
      });
    }),
  },
  'behind a hook that reads and keeps nothing': {
    leaves: 'nothing',
    put: behind((app) => {
      app.addHook('onRequest', (request, _reply, done) => void request.raw.resume().once('end', done));
    }),
  },
};

export const fastifyDriver: Driver = {
  mounts: MOUNTS,
  async start(options) {
    const { server = {}, put } = MOUNTS[options.mount] ?? { put: register };
    // by default Fastify itself refuses what still comes while it closes, and says nothing of when to try again
    const app = fastify({ return503OnClosing: false, ...server });
    put(app, options);
    const origin = await app.listen({ host: '127.0.0.1', port: 0 });
    return { url: `${origin}${options.path}`, close: () => app.close() };
  },
};
