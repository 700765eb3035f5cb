// Run by autoload.test.ts in a process of its own: @fastify/autoload imports files by itself, past the test runner.
import { join } from 'node:path';
import autoload from '@fastify/autoload';
import fastify from 'fastify';
import { notification, talo } from '../support.ts';

const app = fastify();
await app.register(autoload, { dir: join(import.meta.dirname, 'plugins'), forceESM: true });
await app.register((scope, _options, done) => {
  scope.get('/account', async () => scope.talo.accountId);
  done();
});
const { statusCode } = await app.inject(await notification());
const account = (await app.inject('/account')).body;
await app.close();
console.log(JSON.stringify({ statusCode, same: account === talo.accountId }));
