// What both ends of a measurement know without asking: the merchant, the address, the secret.
import { centavos, TaloClient } from '@talo/core';
import { signedNotification } from '@talo/core/testing';
import { bytesOf } from './wire.ts';

export const ACCOUNT = 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6';
export const WEBHOOKS = {
  url: 'http://127.0.0.1/webhooks/talo',
  secret: 'a secret of more than sixteen characters',
};

export function benchClient(taloUrl: string): TaloClient {
  return new TaloClient({
    environment: { apiUrl: taloUrl },
    credentials: { userId: ACCOUNT, accessToken: 'TL-bench' },
    webhooks: WEBHOOKS,
  });
}

/** Notifications of so many payments, signed, as bytes. */
export async function signedNotices(count: number): Promise<readonly Buffer[]> {
  const talo = benchClient('http://127.0.0.1:1');
  const notices = Array.from({ length: count }, (_, i) =>
    bytesOf(
      signedNotification(talo, {
        payment: {
          id: `VAR-${ACCOUNT.slice(0, 8)}-order-${i}`,
          externalId: `order-${i}`,
          price: centavos(100),
        },
      }),
    ),
  );
  return Promise.all(notices);
}

/** The nth of a list, over and over. */
export function cycled<T>(list: readonly T[]): (index: number) => T {
  if (list.length === 0) throw new Error('Nothing to repeat.');
  return (index) => list[index % list.length] as T;
}
