import { TaloClient } from '@talo/core';

/** The account of Talo's documentation, which the sandbox has from the beginning. */
export const ACCOUNT = 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6';
/** Where notifications go. */
export const ROUTE = '/webhooks/talo';
/** A route with nothing behind it: what the machine can do without us. */
export const BARE = '/bare';
export const SECRET = 'a secret of more than sixteen characters';

/** Signs addresses of a receiver, and calls nobody. */
export function addressedClient(secret: string, port: number): TaloClient {
  return new TaloClient({
    environment: { apiUrl: 'http://127.0.0.1:1' },
    credentials: { userId: ACCOUNT, accessToken: 'TL-none' },
    webhooks: { url: `http://127.0.0.1:${port}${ROUTE}`, secret },
  });
}
