import { taloPlugin } from '@talo/fastify';
import fastify, { type FastifyInstance } from 'fastify';
import { type Framework, PATH, portOf } from './framework.ts';

/** Fastify 5, without its logger. */
export const framework: Framework = {
  bare: () =>
    listen((app) => {
      app.post(PATH, async () => ({ received: true }));
    }),
  adapted: ({ client, engine }) =>
    listen(async (app) => {
      await app.register(taloPlugin, { client, webhooks: engine(), path: PATH });
    }),
};

async function listen(route: (app: FastifyInstance) => unknown): Promise<number> {
  const app = fastify();
  await route(app);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return portOf(app.server.address());
}
