import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { formatMoney, TaloClient } from '@talo/core';
import { memoryInbox, type TaloEvent, TaloWebhooks } from '@talo/core/webhooks';
import { createSandbox } from '@talo/sandbox';
import { createApp } from './app.ts';
import { invite } from './invite.ts';
import { play } from './story.ts';
import { Timeline } from './timeline.ts';

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    'sandbox-port': { type: 'string', default: '4600' },
    'app-port': { type: 'string', default: '3000' },
  },
});

const colour = process.stdout.isTTY && !process.env['NO_COLOR'];
const timeline = new Timeline((line) => console.log(line), colour);

const sandbox = createSandbox({
  onRequest: ({ method, path, status }) =>
    timeline.moved(timeline.caller, 'talo', `${method} ${path}`, String(status)),
  onDelivery: ({ body, status, durationMs, outcome }) =>
    timeline.moved(
      'talo',
      'you',
      `webhook ${JSON.stringify(body)}`,
      `${status ?? outcome} in ${durationMs.toFixed(0)} ms`,
    ),
});

const api = await nearPort(values['sandbox-port'], (port) => sandbox.listen({ port }));

// all that an application writes: a client, an engine, a route and its handlers
const app = createApp((request) => webhooks.fetch(request));
const appPort = await nearPort(values['app-port'], (port) => listen(app, port));
const { clock } = sandbox; // one time for both, so that the story can move it
const talo = new TaloClient({
  ...sandbox.merchant,
  clock,
  webhooks: {
    url: `http://127.0.0.1:${appPort}/webhooks/talo`,
    secret: randomBytes(32).toString('base64'),
  },
});
const webhooks = new TaloWebhooks({
  client: talo,
  inbox: memoryInbox(),
  clock,
  logger: { warn() {}, error: console.error },
});
const events: TaloEvent[] = [];
let storyIsOver = false;
webhooks.on(['customer.transfer', 'payment.transfer', 'payment.paid', 'payment.foreign'], (event) => {
  events.push(event);
  if (storyIsOver && 'transaction' in event) {
    const { gross } = event.transaction;
    timeline.say(`${event.type} · credited ${gross ? formatMoney(gross) : 'nothing: the amount is unknown'}`);
  }
});
await webhooks.start();

timeline.title(`Talo, local · the sandbox at ${api.url} · your app at http://127.0.0.1:${appPort}`);
await play({ talo, webhooks, sandbox, timeline, events });

if (timeline.failures.length > 0) {
  timeline.title(`✗ ${timeline.failures.length} promises of the story did not hold:`);
  for (const failure of timeline.failures) timeline.say(failure);
  process.exitCode = 1;
} else {
  timeline.title('✓ Everything held.');
}

if (values.once) {
  await end();
} else {
  storyIsOver = true;
  invite(timeline, api.url);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end());
}

async function end(): Promise<void> {
  await webhooks.stop();
  app.close();
  await api.close();
}

/** The port asked for, or any other when somebody has it. */
async function nearPort<T>(wanted: string, open: (port: number) => Promise<T>): Promise<T> {
  try {
    return await open(Number(wanted));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return await open(0);
    throw error;
  }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
