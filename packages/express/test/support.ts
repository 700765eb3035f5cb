import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pesos, TaloClient } from '@talo/core';
import { signedNotification } from '@talo/core/testing';
import { memoryInbox, TaloWebhooks } from '@talo/core/webhooks';

export const talo = new TaloClient({
  environment: { apiUrl: 'http://127.0.0.1:1' },
  credentials: { userId: 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6', accessToken: 'TL-token' },
  webhooks: {
    url: 'https://shop.example/webhooks/talo',
    secret: 'a secret of more than sixteen characters',
  },
});

export function engine(): TaloWebhooks<never, never> {
  return new TaloWebhooks({ client: talo, inbox: memoryInbox(), logger: { warn() {}, error() {} } });
}

/** What Talo would send to a server that listens at `origin`. */
export async function notification(origin: string): Promise<Request> {
  const payment = { id: 'VAR-1', externalId: 'order-1', price: pesos(100) };
  const signed = signedNotification(talo, { payment });
  const { pathname, search } = new URL(signed.url);
  const { method, headers } = signed;
  return new Request(origin + pathname + search, { method, headers, body: await signed.text() });
}

/** Listens while `run` runs. */
export async function served<T>(app: RequestListener, run: (origin: string) => Promise<T>): Promise<T> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
}
