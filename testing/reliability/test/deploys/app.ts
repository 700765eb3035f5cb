// One process of the application: an engine on a shared SQLite inbox, one route, and an orderly end at SIGTERM.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { TaloClient } from '@talo/core';
import { nodeRequest, TaloWebhooks } from '@talo/core/webhooks';
import { sqliteInbox } from '@talo/inbox-sqlite';

const env = (name: string): string => process.env[name] ?? '';

const talo = new TaloClient({
  environment: { apiUrl: env('TALO_URL') },
  credentials: { userId: env('USER_ID'), clientId: 'sandbox', clientSecret: 'sandbox' },
  webhooks: { url: env('ROUTE'), secret: env('SECRET') },
});
const webhooks = new TaloWebhooks({
  client: talo,
  inbox: sqliteInbox({ path: env('DATABASE') }),
  limits: { poll: 100 },
  random: () => 0,
  logger: { warn() {}, error: (line) => process.stderr.write(`${line}\n`) },
});

let heard = 0;
let aborted = 0;
webhooks.on(
  ['customer.transfer', 'payment.transfer'],
  async (event, context) => {
    const { gross, transactionId } = event.transaction;
    const long = heard++ % 25 === 0 && context.attempt === 1;
    try {
      // it stops when it is told to, and is done again by the next process
      await sleep(long ? Number(env('LONG_WORK')) : 1, undefined, { signal: context.signal });
    } catch (error) {
      aborted++;
      throw error;
    }
    // twice is an error, and ends as a dead letter
    context.commitWith((tx) => {
      tx.run(
        'INSERT INTO effects (event, txn, centavos) VALUES (?, ?, ?)',
        event.id,
        transactionId,
        gross?.centavos ?? 0,
      );
    });
  },
  { name: 'credit' },
);
webhooks.on(
  'payment.paid',
  (event, context) => {
    context.commitWith((tx) => {
      tx.run('INSERT INTO paid (payment) VALUES (?)', event.payment.id);
    });
  },
  { name: 'paid' },
);
await webhooks.start();

const server = createServer(async (request, response) => {
  if (request.method === 'GET') {
    const { hints, deliveries, running, answers } = await webhooks.stats();
    const dead = (await webhooks.dead()).map(({ handler, reason }) => `${handler ?? 'hint'}: ${reason}`);
    const credited = (await webhooks.ledger.total())?.centavos;
    response.end(JSON.stringify({ hints, deliveries, running, answers, dead, credited }));
    return;
  }
  const outcome = await webhooks.receive(nodeRequest(request));
  response.writeHead(outcome.status, outcome.headers).end(outcome.body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 });
});

process.once('SIGTERM', async () => {
  // what is under way is still answered, by an inbox that stores until it is closed; then nothing new is taken
  const closed = new Promise((resolve) => server.close(resolve));
  await closed;
  await webhooks.stop({ deadline: Number(env('DEADLINE')) });
  process.send?.({ heard, aborted }, () => process.exit(0));
});
