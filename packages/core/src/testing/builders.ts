import type { Account } from '../models/account.ts';
import type { Customer } from '../models/customer.ts';
import { type Payment, receivedOf } from '../models/payment.ts';
import { withHidden } from '../models/read.ts';
import type { Transaction } from '../models/transaction.ts';
import { pesos } from '../money.ts';

/** The merchant of Talo's documentation. */
const USER_ID = 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6';
const CVU = '0000630500008064475741';
const WHEN = new Date(Date.UTC(2026, 0, 1));

/** A transfer as the client returns it: processed, $ 15.000 less 1,21 % commission, unless you say otherwise. */
export function buildTransaction(fields: Partial<Transaction> = {}): Transaction {
  const { raw = {}, ...rest } = fields;
  return withHidden(
    {
      transactionId: '1b5a952a-8a79-4003-b06a-e4043d453456',
      status: 'PROCESSED',
      gross: pesos(15000),
      net: pesos('14818.50'),
      commission: pesos('181.50'),
      createdAt: WHEN,
      ...rest,
    },
    { raw },
  );
}

/** A payment as the client returns it: PENDING, $ 30.000. `received` follows from its transactions. */
export function buildPayment(fields: Partial<Payment> = {}): Payment {
  const { raw = {}, webhookUrl, ...rest } = fields;
  const { status = 'PENDING', transactions = [], externalId = 'order-1001' } = rest;
  const received = receivedOf(status, transactions);
  return withHidden(
    {
      id: `VAR-${USER_ID.slice(0, 8)}-${externalId}`,
      externalId,
      userId: USER_ID,
      status,
      price: pesos(30000),
      ...(received && { received }),
      cvu: CVU,
      alias: 'bami.1001.talo',
      paymentUrl: `https://talo.com.ar/payments/VAR-${USER_ID.slice(0, 8)}-${externalId}`,
      transactions,
      createdAt: WHEN,
      expiresAt: new Date(WHEN.getTime() + 5 * 24 * 3_600_000),
      updatedAt: WHEN,
      ...rest,
    },
    { raw, ...(webhookUrl && { webhookUrl }) },
  );
}

/** A customer as the client returns it: the one of Talo's documentation, with nothing on its balance. */
export function buildCustomer(fields: Partial<Customer> = {}): Customer {
  const { raw = {}, webhookUrl, ...rest } = fields;
  return withHidden(
    {
      customerId: '123456789',
      cvu: CVU,
      alias: 'bami.abcdabcd',
      balance: pesos(0),
      createdAt: WHEN,
      ...rest,
    },
    { raw, ...(webhookUrl && { webhookUrl }) },
  );
}

/** An account as the client returns it: ACTIVE, with the prefix `bami`. */
export function buildAccount(fields: Partial<Account> = {}): Account {
  const { raw = {}, ...rest } = fields;
  return withHidden(
    {
      userId: USER_ID,
      status: 'ACTIVE',
      aliasPrefix: 'bami',
      cancellationPeriod: 120,
      transferTolerance: 0,
      ...rest,
    },
    { raw },
  );
}
