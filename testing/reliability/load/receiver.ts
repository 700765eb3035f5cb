// The application under load: an engine on SQLite, handlers that write down what they hear, one route, and beside it a
// bare one, for what the machine can do without us.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { answerParent, givenSettings } from '@talo/bench/lib/child.ts';
import { lapCounter } from '@talo/bench/lib/lap.ts';
import { type Money, TaloClient } from '@talo/core';
import { nodeRequest, type TaloEventType, TaloWebhooks } from '@talo/core/webhooks';
import { sqliteInbox } from '@talo/inbox-sqlite';
import { BARE, ROUTE, SECRET } from './address.ts';

export interface ReceiverSettings {
  readonly path: string;
  readonly taloUrl: string;
  readonly userId: string;
  readonly demoted: readonly string[];
  readonly unsigned: 'accept' | 'refuse';
}

/** Every event of a payment but the one that says it is not ours. */
const OURS = [
  'payment.transfer',
  'payment.paid',
  'payment.succeeded',
  'payment.overpaid',
  'payment.underpaid',
  'payment.expired',
  'payment.rejected',
  'payment.cancelled',
  'payment.refunded',
  'payment.updated',
] as const satisfies readonly TaloEventType[];

const { path, taloUrl, userId, demoted, unsigned } = givenSettings<ReceiverSettings>();

// it listens first: the address that Talo is told holds the port
const server = createServer((request, response) => void answer(request, response));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;

const database = new DatabaseSync(path, { timeout: 5_000 });
database.exec('PRAGMA journal_mode = WAL');
// no ON CONFLICT: doing it twice is an error, and ends as a dead letter that the parent sees
database.exec(`CREATE TABLE IF NOT EXISTS effects
  (event TEXT PRIMARY KEY, resource TEXT NOT NULL, centavos INTEGER NOT NULL, at INTEGER NOT NULL) STRICT`);
database.exec(
  'CREATE TABLE IF NOT EXISTS told (event TEXT PRIMARY KEY, type TEXT NOT NULL, payment TEXT NOT NULL) STRICT',
);

const client = new TaloClient({
  environment: { apiUrl: taloUrl },
  credentials: { userId, clientId: 'sandbox', clientSecret: 'sandbox' },
  webhooks: { url: `http://127.0.0.1:${port}${ROUTE}`, secret: SECRET, demoted: [...demoted] },
});
const webhooks = new TaloWebhooks({
  client,
  inbox: sqliteInbox({ path, takeover: 2_000 }),
  unsigned,
  logger: { warn() {}, error() {} },
});
webhooks.on(
  ['customer.transfer', 'payment.transfer'],
  (event, context) => {
    const resource = 'payment' in event ? event.payment.id : event.transaction.transactionId;
    const centavos = centavosOf(event.transaction.gross);
    context.commitWith((tx) => {
      tx.run('INSERT INTO effects VALUES (?, ?, ?, ?)', event.id, resource, centavos, Date.now());
    });
  },
  { name: 'credit' },
);
webhooks.on(
  [...OURS, 'payment.foreign'],
  (event, context) => {
    context.commitWith((tx) => {
      tx.run('INSERT INTO told VALUES (?, ?, ?)', event.id, event.type, event.payment.id);
    });
  },
  { name: 'told' },
);
await webhooks.start();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === BARE) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"received":true}');
    return;
  }
  const { status, headers, body } = await webhooks.receive(nodeRequest(request));
  response.writeHead(status, headers).end(body);
}

/** Nothing is known of an amount that Talo did not say; then the sum will differ from the bank's. */
function centavosOf(gross: Money | undefined): number {
  return gross?.centavos ?? 0;
}

export interface Effect {
  readonly resource: string;
  readonly centavos: number;
  readonly at: number;
}

/** What is due later is not waited for, as by `idle()`. */
const SOON_MS = 2_000;

export const commands = {
  port: () => port,
  /** Through this process, so that its engine remembers what is ours. */
  createPayment: async ({ externalId, price }: { readonly externalId: string; readonly price: number }) => {
    const money = { currency: 'ARS', centavos: price } as const;
    const { id, cvu } = await client.payments.create({ externalId, price: money });
    return { id, cvu };
  },
  createCustomer: async ({ customerId, alias }: { readonly customerId: string; readonly alias: string }) => {
    const { cvu } = await client.customers.create({
      customerId,
      alias,
      name: 'Carla',
      email: 'c@example.com',
    });
    return { cvu };
  },
  books: async () => {
    const { hints, deliveries, running, nextAt, now } = await webhooks.stats();
    // a notification that showed nothing new is looked at again seconds to a minute later, which is no work left over
    const soon = nextAt !== undefined && nextAt <= now + SOON_MS;
    const credited = (await webhooks.ledger.total())?.centavos;
    const effects = database
      .prepare('SELECT resource, centavos, at FROM effects')
      .all() as unknown as Effect[];
    const told = database.prepare('SELECT type, payment FROM told').all() as unknown as Told[];
    const dead = (await webhooks.dead()).map(({ handler, reason, key }) => ({ handler, reason, key }));
    return { hints: soon ? hints : 0, deliveries, running, credited, effects, told, dead };
  },
  stats: () => webhooks.stats(),
  lap: lapCounter(),
};
answerParent(commands);

export interface Told {
  readonly type: string;
  readonly payment: string;
}
