import type { Issue } from '../errors/errors.ts';
import type { Money } from '../money.ts';
import {
  date,
  defined,
  list,
  type Raw,
  Reading,
  record,
  some,
  sum,
  text,
  type Wire,
  withHidden,
} from './read.ts';
import { readPaymentTransaction, type Transaction } from './transaction.ts';

/** Talo's states of a payment (talo-api 5), and any that it may add. */
export type PaymentStatus =
  | 'PENDING'
  | 'SUCCESS'
  | 'OVERPAID'
  | 'UNDERPAID'
  | 'EXPIRED'
  | 'REJECTED'
  | 'CANCELLED'
  | 'UNDER_REVIEW'
  | (string & {});

/** An order to be paid by transfer to a CVU of its own (talo-api 3.1, 5). */
export interface Payment extends Raw {
  /** Talo's id. It may hold any character and proves nothing about who created the payment. */
  readonly id: string;
  /** Your order. */
  readonly externalId: string | undefined;
  readonly userId: string | undefined;
  readonly status: PaymentStatus;
  readonly price: Money | undefined;
  /**
   * The sum of the processed transfers, as the payers sent them. `undefined` when it cannot be told: an amount is
   * unreadable, or the payment is settled and Talo shows no transfer.
   */
  readonly received?: Money;
  readonly cvu: string | undefined;
  readonly alias: string | undefined;
  /** Talo's checkout page for the payer. */
  readonly paymentUrl: string | undefined;
  readonly redirectUrl?: string;
  readonly motive?: string;
  readonly partnerId?: string;
  readonly transactions: readonly Transaction[];
  /** Legal holder of the CVU, to show to the payer. */
  readonly holder?: { readonly name?: string; readonly cuit?: string };
  readonly createdAt: Date | undefined;
  readonly expiresAt: Date | undefined;
  readonly updatedAt: Date | undefined;
  /** Where Talo notifies. Not enumerable: its signature is a secret. */
  readonly webhookUrl?: string;
  readonly issues?: readonly Issue[];
}

const UNSETTLED: readonly string[] = ['PENDING', 'EXPIRED', 'REJECTED', 'CANCELLED'];

export function readPayment(raw: Wire, id: string): Payment {
  const reading = new Reading();
  const quote = record(list(raw['quotes'])[0]);
  const status = text(raw['payment_status']) ?? text(raw['status']) ?? 'UNKNOWN';
  const price = record(raw['price']);
  const priceRead = reading.money('price', price['amount'], price['currency']);
  const transactions = list(raw['transactions']).map((entry) => readPaymentTransaction(record(entry)));
  for (const [index, { issues }] of transactions.entries()) {
    for (const issue of issues ?? []) reading.add({ ...issue, path: `transactions.${index}.${issue.path}` });
  }
  const info = record(raw['user_info']);
  const holder = defined({ name: text(info['full_name']), cuit: text(info['cuit']) });
  return withHidden(
    {
      id: text(raw['id']) ?? id,
      externalId: text(raw['external_id']),
      userId: text(raw['user_id']),
      status,
      price: priceRead,
      cvu: text(quote['address']) ?? text(quote['cvu']),
      alias: text(quote['alias']),
      paymentUrl: text(raw['payment_url']),
      transactions,
      createdAt: date(raw['creation_timestamp']),
      expiresAt: date(raw['expiration_timestamp']),
      updatedAt: date(raw['last_modified_timestamp']),
      ...defined({
        received: receivedOf(status, transactions),
        redirectUrl: text(raw['redirect_url']),
        motive: text(raw['motive']),
        partnerId: text(raw['partner_id']),
        holder: some(holder),
        issues: reading.issues,
      }),
    },
    { raw, ...defined({ webhookUrl: text(raw['webhook_url']) }) },
  );
}

/** The sum of what was processed, or `undefined` where a part of it is unknown. */
export function receivedOf(
  status: PaymentStatus,
  transactions: readonly Pick<Transaction, 'transactionId' | 'status' | 'gross'>[],
): Money | undefined {
  const ids = new Set<string>();
  const processed = transactions.filter(({ status, transactionId }) => {
    // listed twice it is still one transfer; without an id nobody can tell
    const again = transactionId !== '' && ids.has(transactionId);
    if (status === 'PROCESSED') ids.add(transactionId);
    return status === 'PROCESSED' && !again;
  });
  if (processed.length === 0 && !UNSETTLED.includes(status)) return undefined;
  const amounts = processed.flatMap((transaction) => transaction.gross?.centavos ?? []);
  return amounts.length === processed.length ? sum(...amounts) : undefined;
}

/** Talo's receipt for a refund that it accepted (talo-api 3.5). */
export interface Refund extends Raw {
  readonly refundId: string | undefined;
  readonly paymentId: string;
  readonly amount?: Money;
  /** CREATED is the only state known. */
  readonly status: string;
  readonly createdAt: Date | undefined;
  readonly issues?: readonly Issue[];
}

export function readRefund(raw: Wire, paymentId: string): Refund {
  const reading = new Reading();
  const amount = reading.money('amount', raw['amount'], raw['currency']);
  return withHidden(
    {
      refundId: text(raw['refund_id']),
      paymentId: text(raw['payment_id']) ?? paymentId,
      status: text(raw['status']) ?? 'UNKNOWN',
      createdAt: date(raw['created_at']),
      ...defined({ amount, issues: reading.issues }),
    },
    { raw },
  );
}
