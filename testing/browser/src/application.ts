import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { TaloClient, toDecimal } from '@talo/core';
import { memoryInbox, type TaloEvent, TaloWebhooks } from '@talo/core/webhooks';
import type { Sandbox } from '@talo/sandbox';

/** What somebody develops against the sandbox: a client, an engine and one route. */
export interface Application {
  readonly talo: TaloClient;
  readonly webhookUrl: string;
  readonly events: readonly TaloEvent[];
  /** Everything that was due has been sent, looked at and delivered. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export async function startApplication(sandbox: Sandbox, port = 0): Promise<Application> {
  const server = createServer(async (incoming, outgoing) => {
    const response = await webhooks.receive({
      method: incoming.method ?? 'GET',
      url: incoming.url ?? '/',
      headers: incoming.headers,
      body: await readAll(incoming),
    });
    outgoing.writeHead(response.status, { 'content-type': 'text/plain' });
    outgoing.end(response.body);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The application has no port.');
  const webhookUrl = `http://127.0.0.1:${address.port}/webhooks/talo`;

  const talo = new TaloClient({
    ...sandbox.merchant,
    clock: sandbox.clock,
    webhooks: { url: webhookUrl, secret: 'a secret for signing that only these tests use' },
  });
  const webhooks = new TaloWebhooks({
    client: talo,
    inbox: memoryInbox(),
    logger: { warn() {}, error: console.error },
  });
  const events: TaloEvent[] = [];
  webhooks.on(['payment.transfer', 'payment.paid', 'customer.transfer'], async (event) => {
    events.push(event);
    if (event.type === 'payment.paid' || event.transaction.gross === undefined) return;
    const resource =
      event.type === 'payment.transfer'
        ? { kind: 'payment', id: event.payment.id }
        : { kind: 'customer', id: event.customerId };
    // so that the timeline shows the end of the way
    await sandbox.fetch('http://127.0.0.1/_sandbox/credits', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...resource,
        userId: event.accountId,
        amount: toDecimal(event.transaction.gross),
      }),
    });
  });
  await webhooks.start();

  return {
    talo,
    webhookUrl,
    events,
    async idle() {
      await sandbox.idle();
      await webhooks.idle();
      await sandbox.idle();
    },
    async stop() {
      await webhooks.stop();
      server.close();
      server.closeAllConnections();
    },
  };
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer); // a stream without an encoding gives Buffers
  return Buffer.concat(chunks);
}
