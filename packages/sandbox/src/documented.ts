/**
 * The values of Talo's own documentation (talo-api 3, 7). With the default seed the sandbox gives exactly these, so
 * that the documented requests give the documented answers.
 */
export const DEFAULT_SEED = 'talo';

export const documented = {
  /** The merchant of the customers page. */
  merchant: {
    userId: 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6',
    aliasPrefix: 'bami',
    clientId: 'sandbox',
    clientSecret: 'sandbox',
  },
  /** The account page. */
  account: {
    cancellationPeriod: 30,
    payout: { address: 'my.withdraw.alias', frequency: 'daily' },
  },
  partner: {
    id: '75b4bf61-afac-453f-939e-181a2c1de579',
    name: 'La mejor app',
    slug: 'la_mejor_app',
    commission: 2,
    secret: 'sandbox-partner',
  },
  /** The account that the activation notice is about. */
  referred: { userId: '507d3c2ret-36g9-6f22-99ab-427d0sdfsdfff21', referredUserId: 'userPrueba1234' },
  customer: {
    customerId: '123456789',
    cvu: '0000630500008064475741',
    firstTransactionId: '1b5a952a-8a79-4003-b06a-e4043d453456',
    createdAt: '2025-02-18T19:57:26.674Z',
  },
  payment: { externalId: 'FDF_124', cvu: '0000630500000060195375' },
} as const;
