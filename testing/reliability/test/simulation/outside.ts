import type { Sandbox } from '@talo/sandbox';

export function requestOf(url: string, body: object): Request {
  return new Request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** A stranger's payment in our name, at an order number of ours. @returns its CVU, if Talo made it */
export async function forge(
  sandbox: Sandbox,
  userId: string,
  externalId: string,
  price: number,
): Promise<string | undefined> {
  const response = await sandbox
    .fetch('http://talo.localhost/payments/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        user_id: userId,
        price: { amount: price / 100, currency: 'ARS' },
        payment_options: ['transfer'],
        external_id: externalId,
        webhook_url: 'https://shop.example/webhooks/talo',
      }),
    })
    .catch(() => undefined);
  if (response === undefined || response.status !== 200) return undefined;
  const body = (await response.json().catch(() => undefined)) as
    | { data?: { quotes?: readonly { address?: string }[] } }
    | undefined;
  return body?.data?.quotes?.[0]?.address;
}
