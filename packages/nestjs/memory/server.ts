// One Nest application with the module, as built; says on request how much memory is in use. Started by run.ts.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { pesos, TaloClient } from '@talo/core';
import { signedNotification } from '@talo/core/testing';
import { memoryInbox, type TaloWebhooks } from '@talo/core/webhooks';
import { getTaloWebhooksToken, TaloModule } from '@talo/nestjs';

const adapter: AbstractHttpAdapter =
  process.argv[2] === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const { gc } = globalThis;
if (gc === undefined) throw new Error('Start with --expose-gc.');

// a Talo that knows of nothing: what is measured is the way in
const talo = new TaloClient({
  environment: { apiUrl: 'http://talo.test' },
  credentials: { userId: 'merchant-1', accessToken: 'TL-token' },
  webhooks: { url: 'http://127.0.0.1/webhooks/talo', secret: 'a secret of more than sixteen characters' },
  fetch: async () => new Response('{"error":true,"code":404}', { status: 404 }),
});

// decorators as functions: Node runs this file as it is
class AppModule {}
Module({
  imports: [
    TaloModule.forRoot({
      client: talo,
      inbox: memoryInbox(),
      reconcile: false,
      logger: { warn() {}, error: console.error },
    }),
  ],
})(AppModule);

const app = await NestFactory.create(AppModule, adapter, { logger: false });
await app.listen(0, '127.0.0.1');
const webhooks = app.get<TaloWebhooks>(getTaloWebhooksToken(), { strict: false });

process.on('message', async (asked) => {
  if (asked === 'end') {
    await app.close();
    process.disconnect();
    return;
  }
  // twice: what the first pass finalises the second one frees
  await gc({ execution: 'async', type: 'major' });
  await gc({ execution: 'async', type: 'major' });
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ used: heapUsed + external, answers: (await webhooks.stats()).answers });
});

const notices = await Promise.all(
  Array.from({ length: 100 }, async (_, i) => {
    const payment = { id: `VAR-${i}`, externalId: `order-${i}`, price: pesos(100) };
    const notification = signedNotification(talo, { payment });
    const { pathname, search } = new URL(notification.url);
    return { path: pathname + search, body: await notification.text() };
  }),
);
process.send?.({ url: await app.getUrl(), notices });
