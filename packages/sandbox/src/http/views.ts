import { toDecimal } from '@talo/core';
import type { z } from 'zod';
import type * as responses from '../schemas/responses.ts';
import { balanceOf } from '../state/customers.ts';
import { findMerchant } from '../state/merchants.ts';
import { receivedBy } from '../state/payments.ts';
import type { Customer, LedgerRow, Merchant, Payment, Refund, Transaction } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { moneyNumber, moneyText } from '../wire-money.ts';

type Wire<Name extends keyof typeof responses> = z.output<(typeof responses)[Name]>;

/** Payments are collected through one provider and the account's ledger names another, as in the samples. */
const NETWORK = { payment: 'CRESIUM', ledger: 'POLLUX' };

export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** `12100` parts per million is `1.21` percent. A label, never calculated with. */
function percent(ppm: number): number {
  return ppm / 10_000;
}

export function viewCustomer(world: World, customer: Customer): Wire<'Customer'> {
  return {
    customer_id: customer.customerId,
    bank_info: { cvu: customer.cvu, alias: customer.alias },
    balance: moneyNumber(balanceOf(world, customer)),
    creation_timestamp: timestamp(customer.createdAt),
  };
}

export function viewCustomerTransaction(
  world: World,
  customer: Customer,
  transaction: Transaction,
): Wire<'CustomerTransaction'> {
  const sent = sentText(world, transaction);
  return {
    transaction_id: transaction.id,
    customer_id: customer.customerId,
    transaction_status: statusOf(world, transaction),
    ...(sent !== undefined && { gross_amount: sent }),
    amount: toDecimal(transaction.net),
    commission_amount: toDecimal(transaction.commission),
    commission: percent(findMerchant(world, customer.userId).commissionPpm),
    currency: 'ARS',
    network: NETWORK.ledger,
    senderCvu: transaction.from.account,
    senderCuit: transaction.from.cuit,
    ...dated(world, { creation_timestamp: transaction.at }),
  };
}

export function viewPayment(world: World, payment: Payment): Wire<'Payment'> {
  const merchant = findMerchant(world, payment.userId);
  const { echo, motive } = payment;
  const price = moneyText(payment.price);
  return {
    id: payment.id,
    payment_status: payment.status,
    status: payment.status,
    user_id: payment.userId,
    external_id: payment.externalId,
    ...echo,
    ...(motive !== undefined && { motive }),
    metadata: motive === undefined ? {} : { motive },
    price: { amount: moneyNumber(payment.price), currency: 'ARS' },
    quotes: [
      world.oddities.quotesUseAddress
        ? {
            alias: payment.alias,
            amount: price,
            currency: 'ARS',
            address: payment.cvu,
            network: NETWORK.payment,
          }
        : { cvu: payment.cvu, alias: payment.alias },
    ],
    payment_url: `${world.appUrl()}/payments/${encodeURIComponent(payment.id)}`,
    ...dated(world, {
      creation_timestamp: payment.createdAt,
      last_modified_timestamp: payment.updatedAt,
      expiration_timestamp: payment.expiresAt,
    }),
    transaction_fields: {
      amount: price,
      commission_amount: '0',
      currency: 'ARS',
      // seen on underpaid payments only
      ...(payment.status === 'UNDERPAID' && {
        total_paid: { amount: moneyText(receivedBy(payment)), currency: 'ARS' },
      }),
    },
    transactions: shown(world, payment).map((entry) =>
      viewPaymentTransaction(world, payment, merchant, entry),
    ),
    user_info: { full_name: merchant.holder.name, cuit: merchant.holder.cuit },
  };
}

function viewPaymentTransaction(
  world: World,
  payment: Payment,
  merchant: Merchant,
  transaction: Transaction,
): Wire<'Payment'>['transactions'][number] {
  const { from } = transaction;
  const sent = sentText(world, transaction);
  return {
    transaction_id: transaction.id,
    ...(sent !== undefined && { amount: sent }),
    currency: 'ARS',
    network: NETWORK.payment,
    transaction_status: statusOf(world, transaction),
    ...dated(world, { creation_timestamp: transaction.at }),
    address: payment.cvu,
    sender_address: from.account,
    commission: percent(merchant.commissionPpm),
    transaction_data: {
      PROCESSED: {
        ...(sent !== undefined && { amount: Number(sent) }),
        netAmount: moneyNumber(transaction.net),
        currency: 'ARS',
        sender: from.account,
        recipient: payment.cvu,
        senderCuit: from.cuit,
        senderTitular: from.name,
        recipientCuit: merchant.holder.cuit,
        recipientTitular: merchant.holder.name,
        trxId: transaction.trxId,
      },
    },
  };
}

/** What was sent, as far as the switches let it be said. */
function sentText({ state, oddities }: World, { transferId, gross }: Transaction): string | undefined {
  const { grossMissingEvery, threeDecimalsEvery } = oddities;
  const isNth = (every: number): boolean =>
    every > 0 && (state.transfers.findIndex(({ id }) => id === transferId) + 1) % every === 0;
  if (isNth(grossMissingEvery)) return undefined;
  return isNth(threeDecimalsEvery) ? `${toDecimal(gross)}5` : moneyText(gross);
}

function statusOf(
  { clock, oddities }: World,
  { status, at }: Transaction,
): Wire<'CustomerTransaction'>['transaction_status'] {
  const inReview = status === 'PROCESSED' && clock.now() < at + oddities.unknownStatusMs;
  return inReview ? 'IN_REVIEW' : status;
}

function shown({ oddities }: World, { status, transactions }: Payment): readonly Transaction[] {
  return oddities.settledHidesTransfers && ['SUCCESS', 'OVERPAID'].includes(status) ? [] : transactions;
}

function dated<Name extends string>(
  { oddities }: World,
  times: Readonly<Record<Name, number>>,
): { readonly [Key in Name]?: string } {
  if (oddities.timestampsMissing) return {};
  const entries = Object.entries<number>(times).map(([name, ms]) => [name, timestamp(ms)]);
  return Object.fromEntries(entries);
}

export function viewRefund(payment: Payment, refund: Refund): Wire<'Refund'> {
  return {
    refund_id: refund.id,
    payment_id: payment.id,
    amount: toDecimal(refund.amount),
    currency: 'ARS',
    status: 'CREATED',
    created_at: timestamp(refund.createdAt),
  };
}

export function viewLedgerRow(world: World, row: LedgerRow): Wire<'LedgerPage'>['transactions'][number] {
  const withCustomer = world.oddities.ledgerCustomers === 'customer_id' && row.customerId !== undefined;
  return {
    transaction_id: `TX#${row.id}`,
    id: row.id,
    user_id: row.userId,
    transactionType: row.type,
    amount: toDecimal(row.net),
    // without a sign even for money that left (talo-api 3.9)
    gross_amount: moneyText(row.gross).replace('-', ''),
    address: row.cvu,
    address_alias: row.alias,
    currency: 'ARS',
    network: NETWORK.ledger,
    commission: percent(row.commissionPpm),
    commission_amount: toDecimal(row.commission),
    taxes: [],
    transaction_status: row.status,
    ...(row.paymentId !== undefined && { payment_id: row.paymentId }),
    ...(withCustomer && { customer_id: row.customerId }),
    creation_timestamp: timestamp(row.at),
  };
}

export function viewAccount(world: World, merchant: Merchant): Wire<'Account'> {
  const { partner } = world;
  return {
    account_status: merchant.status,
    alias_prefix: merchant.aliasPrefix,
    cancellation_period: merchant.cancellationPeriodHours,
    transfer_tolerance: Math.trunc(merchant.tolerance.centavos / 100),
    ...(merchant.payout && { payout_schedule: { ...merchant.payout } }),
    user_id: merchant.userId,
    ...(merchant.ofPartner && {
      partner_config: {
        commission: partner.commission,
        partner_id: partner.id,
        partner_name: partner.name,
        partner_slug: partner.slug,
      },
    }),
  };
}
