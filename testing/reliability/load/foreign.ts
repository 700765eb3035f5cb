import { ACCOUNT, addressedClient, SECRET } from './address.ts';

interface ForeignPayment {
  readonly id: string;
  readonly quotes: readonly { readonly address: string }[];
}

/** Creating payments takes no credentials at Talo: anybody can name our account and an order number of ours. */
export async function foreignPayments(taloUrl: string, port: number) {
  const stolen = new URL(addressedClient(SECRET, port).webhookUrl({ kind: 'account' }));
  return Promise.all(
    Array.from({ length: 6 }, async (_, i) => {
      // a number that we have yet to give out: one that exists is refused
      const externalId = `order-${1_000_000 + i}`;
      const body = {
        user_id: ACCOUNT,
        external_id: externalId,
        price: { amount: 1, currency: 'ARS' },
        payment_options: ['transfer'],
        redirect_url: 'https://stranger.example/',
        // half of them echo an address that we signed, for something else
        ...(i % 2 === 0 && { webhook_url: stolen.href }),
      };
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${taloUrl}/payments/`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      const { data } = (await answer.json()) as { readonly data?: ForeignPayment };
      const cvu = data?.quotes[0]?.address;
      if (data === undefined || cvu === undefined) {
        throw new Error(`A stranger's payment was answered ${answer.status}.`);
      }
      return { id: data.id, externalId, cvu };
    }),
  );
}
