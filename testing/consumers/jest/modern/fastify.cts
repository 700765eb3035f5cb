import { TaloClient } from '@talo/core';
import { memoryInbox, TaloWebhooks } from '@talo/core/webhooks';
import { taloPlugin } from '@talo/fastify';
import { fastify } from 'fastify';

const client = new TaloClient({ credentials: { userId: 'merchant', accessToken: 'token' } });
const webhooks = new TaloWebhooks({ client, inbox: memoryInbox() });
const app = fastify();
app.register(taloPlugin, { client, webhooks, path: '/webhooks/talo' });
// @ts-expect-error: a path is text
app.register(taloPlugin, { client, webhooks, path: 1 });
const own: TaloClient = app.talo;
// @ts-expect-error: nobody replaces it
app.talo = own;
