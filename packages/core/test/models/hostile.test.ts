import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMoney } from '../../src/index.ts';
import { readAccount } from '../../src/models/account.ts';
import { readCustomer } from '../../src/models/customer.ts';
import { readLedgerEntry } from '../../src/models/ledger-entry.ts';
import { readPartnerAccess } from '../../src/models/partner.ts';
import { readPayment, readRefund } from '../../src/models/payment.ts';
import type { Wire } from '../../src/models/read.ts';
import { readCustomerTransaction, readPaymentTransaction } from '../../src/models/transaction.ts';

const readers: Record<string, (raw: Wire) => object> = {
  account: (raw) => readAccount(raw, 'asked'),
  customer: (raw) => readCustomer(raw, 'asked', 'wanted'),
  'ledger entry': readLedgerEntry,
  'partner access': readPartnerAccess,
  payment: (raw) => readPayment(raw, 'asked'),
  refund: (raw) => readRefund(raw, 'asked'),
  'customer transaction': (raw) => readCustomerTransaction(raw, 'asked'),
  'payment transaction': readPaymentTransaction,
};

const KEYS = [
  ...[
    'id',
    'transaction_id',
    'customer_id',
    'user_id',
    'external_id',
    'status',
    'payment_status',
    'transaction_status',
  ],
  ...[
    'price',
    'amount',
    'gross_amount',
    'commission_amount',
    'balance',
    'currency',
    'quotes',
    'transactions',
    'bank_info',
  ],
  ...[
    'transaction_data',
    'PROCESSED',
    'netAmount',
    'user_info',
    'contact',
    'payout_schedule',
    'partner_config',
    'cvu',
  ],
  ...[
    'address',
    'alias',
    'webhook_url',
    'creation_timestamp',
    'transactionType',
    'motive',
    'partner_id',
    'email',
  ],
];
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSparseArray: true,
});
const amount = fc.oneof(
  fc.string(),
  fc.double(),
  fc.integer().map(String),
  fc.constantFrom('1e5', '0x10', '١', '-0', '00.10', 'Infinity'),
);
const leaf = fc.oneof({ weight: 2, arbitrary: amount }, anything);
const { wire } = fc.letrec<{ wire: Wire; value: unknown }>((tie) => ({
  wire: fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 12 }),
  value: fc.oneof({ maxDepth: 3 }, leaf, tie('wire'), fc.array(tie('value'), { maxLength: 3 })),
}));

/** Every amount in a model, however deep. */
function amounts(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('centavos' in value) return [value];
  return Object.values(value).flatMap(amounts);
}

describe.each(Object.entries(readers))('the reader of a %s', (_, read) => {
  test('never throws, whatever Talo sends, and every amount it gives is money', () => {
    fc.assert(
      fc.property(wire, (raw) => {
        const model = read(raw);
        for (const money of amounts(model)) expect(isMoney(money)).toBe(true);
        inspect(model, { depth: 9 });
      }),
      { numRuns: 1000 },
    );
  });

  test('leaves out what Talo leaves out', () => {
    const model = read({});
    expect(model).not.toHaveProperty('issues.0.code', 'unreadable');
    expect(JSON.stringify(model)).not.toContain('null');
  });
});
