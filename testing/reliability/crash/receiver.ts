// The application that is killed: an engine on SQLite, three handlers, one route, and a page that says how it stands.
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { TaloClient } from '@talo/core';
import { type Inbox, TaloWebhooks } from '@talo/core/webhooks';
import { sqliteInbox } from '@talo/inbox-sqlite';

const env = (name: string): string => process.env[name] ?? '';
const path = env('DATABASE');

const database = new DatabaseSync(path, { timeout: 5_000 });
database.exec('PRAGMA journal_mode = WAL');
database.exec(
  'CREATE TABLE IF NOT EXISTS effects (event TEXT PRIMARY KEY, centavos INTEGER NOT NULL) STRICT',
);
database.exec('CREATE TABLE IF NOT EXISTS paid (payment TEXT PRIMARY KEY) STRICT');

const talo = new TaloClient({
  environment: { apiUrl: env('TALO_URL') },
  credentials: { userId: env('USER_ID'), clientId: 'sandbox', clientSecret: 'sandbox' },
  webhooks: { url: env('WEBHOOK_URL'), secret: env('SECRET') },
});

const webhooks = new TaloWebhooks({
  client: talo,
  inbox: dyingAt(sqliteInbox({ path, takeover: 500 }), env('FAILPOINT')),
  limits: { attempts: 3 },
  // no pause between attempts
  random: () => 0,
  logger: { warn() {}, error() {} },
});

webhooks.on(
  ['customer.transfer', 'payment.transfer'],
  (event, context) => {
    const { gross } = event.transaction;
    // no ON CONFLICT: doing it twice is an error, and ends as a dead letter that the parent sees
    context.commitWith((tx) => {
      tx.run('INSERT INTO effects (event, centavos) VALUES (?, ?)', event.id, gross?.centavos ?? 0);
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
webhooks.on(
  ['payment.succeeded', 'payment.overpaid'],
  () => {
    throw new Error('broken for ever');
  },
  { name: 'broken' },
);
await webhooks.start();

const server = createServer(async (request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify(await status()));
    return;
  }
  const { method = '', url = '', headers } = request;
  const outcome = await webhooks.receive({ method, url, headers, body: request });
  response.writeHead(outcome.status, outcome.headers).end(outcome.body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`);
});

async function status() {
  const { hints, deliveries, running } = await webhooks.stats();
  const credited = (await webhooks.ledger.total())?.centavos;
  const effects = database
    .prepare('SELECT count(*) AS count, coalesce(sum(centavos), 0) AS sum FROM effects')
    .get();
  const paid = database.prepare('SELECT count(*) AS count FROM paid').get();
  const dead = (await webhooks.dead()).map(({ handler, reason }) => `${handler ?? 'hint'}: ${reason}`);
  return { hints, deliveries, running, credited, effects, paid: paid?.['count'], dead };
}

/** Ends this process with SIGKILL `before` or `after` the nth call of a method: `after:commit:2`. */
function dyingAt<T extends Inbox<never> | Inbox>(inbox: T, failpoint: string): T {
  const [when, method, nth] = failpoint.split(':');
  if (method === undefined) return inbox;
  let left = Number(nth);
  return new Proxy(inbox, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        const hit = name === method && --left === 0;
        if (hit && when === 'before') process.kill(process.pid, 'SIGKILL');
        const result = await Reflect.apply(value, target, args);
        if (hit) process.kill(process.pid, 'SIGKILL');
        return result;
      };
    },
  });
}
