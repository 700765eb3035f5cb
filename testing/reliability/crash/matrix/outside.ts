import type { Stage } from './stage.ts';

/**
 * A stranger's payment in our name: creating one takes no token. The stranger has seen the address that one of our own
 * payments is notified at, and gives it for its own.
 * @returns its CVU
 */
export async function forge({ sandbox, talo }: Stage, ours: string, centavos: number): Promise<string> {
  const { webhookUrl } = await talo.payments.get(ours);
  const response = await sandbox.fetch('http://talo.localhost/payments/', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      user_id: talo.accountId,
      price: { amount: centavos / 100, currency: 'ARS' },
      payment_options: ['transfer'],
      external_id: 'order-of-a-stranger',
      webhook_url: webhookUrl,
    }),
  });
  const { data } = (await response.json()) as { data: { quotes: readonly { address: string }[] } };
  return data.quotes[0]?.address ?? '';
}
