import { pesos, TaloClient } from '@talo/core';
import { signedNotification } from '@talo/core/testing';
import { memoryInbox, TaloWebhooks } from '@talo/core/webhooks';

export const options = {
  environment: { apiUrl: 'http://127.0.0.1:1' },
  credentials: { userId: 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6', accessToken: 'TL-token' },
  webhooks: {
    url: 'https://shop.example/webhooks/talo',
    secret: 'a secret of more than sixteen characters',
  },
} as const;

export const talo = new TaloClient(options);
export const path = '/webhooks/talo';

export function engine(client: TaloClient = talo): TaloWebhooks<never, never> {
  return new TaloWebhooks({ client, inbox: memoryInbox(), logger: { warn() {}, error() {} } });
}

interface Notification {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly payload: string;
}

/** What Talo would send. */
export async function notification(client: TaloClient = talo): Promise<Notification> {
  const signed = signedNotification(client, {
    payment: { id: 'VAR-1', externalId: 'order-1', price: pesos(100) },
  });
  const { pathname, search } = new URL(signed.url);
  const headers = { 'content-type': 'application/json' };
  return { method: 'POST', url: pathname + search, headers, payload: await signed.text() };
}
