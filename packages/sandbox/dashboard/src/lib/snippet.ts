import type { Credit, Status } from '../../../src/control/contract.ts';

export type SnippetKind = 'env' | 'node' | 'curl';

/** What to paste into an application so that it talks to this sandbox. */
export function snippet(kind: SnippetKind, { url, merchant }: Pick<Status, 'url' | 'merchant'>): string {
  const { userId, clientId, clientSecret } = merchant;
  switch (kind) {
    case 'env':
      return `TALO_API_URL=${url}
TALO_USER_ID=${userId}
TALO_CLIENT_ID=${clientId}
TALO_CLIENT_SECRET=${clientSecret}`;
    case 'node':
      return `import { pesos, TaloClient } from '@talo/core';

const talo = new TaloClient({
  environment: { apiUrl: '${url}', appUrl: '${url}' },
  credentials: {
    userId: '${userId}',
    clientId: '${clientId}',
    clientSecret: '${clientSecret}',
  },
});

const payment = await talo.payments.create({
  externalId: 'order-1',
  price: pesos(1000),
  webhookUrl: 'http://127.0.0.1:3000/webhooks/talo',
});
console.log(payment.alias);`;
    case 'curl':
      return `curl -X POST ${url}/users/${userId}/tokens \\
  -H 'Content-Type: application/json' \\
  -d '{"client_id":"${clientId}","client_secret":"${clientSecret}"}'`;
  }
}

/** How an application says that it credited money, so that the timeline ends where the money does. */
export function creditSnippet(url: string, credit: Credit): string {
  return `curl -X POST ${url}/_sandbox/credits \\
  -H 'Content-Type: application/json' \\
  -d '${JSON.stringify(credit).replaceAll("'", "'\\''")}'`;
}
