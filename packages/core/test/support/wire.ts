import { ACCOUNT, type Answer, ok, type Sent } from './fake-talo.ts';

/** A payment as Talo answers, by default the PENDING one of $ 1.500 for `order-1`. */
export function wirePayment(fields: Record<string, unknown> = {}): Record<string, unknown> {
  const externalId = fields['external_id'] ?? 'order-1';
  return {
    id: `VAR-${ACCOUNT.slice(0, 8)}-${externalId}`,
    payment_status: 'PENDING',
    status: 'PENDING',
    user_id: ACCOUNT,
    external_id: externalId,
    price: { amount: 1500, currency: 'ARS' },
    payment_options: ['transfer'],
    quotes: [
      { alias: 'talo.ago.1468', amount: '1500', address: '0000335100000000004774', network: 'CRESIUM' },
    ],
    payment_url: `https://talo.com.ar/payments/VAR-${ACCOUNT.slice(0, 8)}-${externalId}`,
    transactions: [],
    creation_timestamp: '2026-01-01T00:00:00.000Z',
    last_modified_timestamp: '2026-01-01T00:00:00.000Z',
    expiration_timestamp: '2026-01-06T00:00:00.000Z',
    ...fields,
  };
}

/** The customer of Talo's documentation. */
export function wireCustomer(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    customer_id: '123456789',
    bank_info: { cvu: '0000630500008064475741', alias: 'bami.abcdabcd' },
    balance: 0,
    creation_timestamp: '2025-02-18T19:57:26.674Z',
    ...fields,
  };
}

/** The payment that was asked for. */
export function asAsked({ body }: Sent): Answer {
  const { external_id, price, user_id } = body;
  return ok(wirePayment({ external_id, price, user_id }));
}
