import type { Money } from '@talo/core';
import { documented } from '../documented.ts';
import { invalid, notFound, Problem } from '../problem.ts';
import { sumMoney } from '../wire-money.ts';
import { aliasTaken, issueCvu, register } from './addresses.ts';
import { activeMerchant } from './merchants.ts';
import { type Customer, ownKey, type ResourceRef, type Transaction } from './records.ts';
import type { World } from './world.ts';

const ALIAS_LENGTH = { min: 6, max: 20 };

export interface NewCustomer {
  readonly user_id: string;
  readonly alias: string;
  readonly customer_id: string;
  readonly name: string;
  readonly contact: { readonly email: string };
  readonly webhook_url: string;
}

export function createCustomer(world: World, wanted: NewCustomer): Customer {
  const merchant = activeMerchant(world, wanted.user_id);
  const key = ownKey(merchant.userId, wanted.customer_id);
  const existing = world.state.customers.get(key);
  if (existing !== undefined) {
    const { duplicateCustomerId: answer } = world.oddities;
    if (answer === 'return-existing') return existing;
    throw new Problem(answer, 'customer_exists', 'a customer with this customer_id exists');
  }
  const alias = composeAlias(world, merchant.aliasPrefix, wanted.alias);
  const cvu = issueCvu(
    world,
    'customer',
    isDocumented(world, merchant.userId, wanted.customer_id) ? documented.customer.cvu : undefined,
  );
  const customer: Customer = {
    customerId: wanted.customer_id,
    userId: merchant.userId,
    name: wanted.name,
    email: wanted.contact.email,
    webhookUrl: wanted.webhook_url,
    cvu,
    alias,
    createdAt: world.clock.now(),
    transactions: [],
  };
  world.state.customers.set(key, customer);
  world.save({ kind: 'customer', record: customer });
  world.note(aboutCustomer(customer), { type: 'created' });
  register(world, cvu, { kind: 'customer', userId: merchant.userId, id: customer.customerId, alias });
  return customer;
}

/** Prefix, dot, suffix; cut at 20 characters without a word, so two long suffixes can collide (talo-api 6). */
function composeAlias(world: World, prefix: string, suffix: string): string {
  const whole = `${prefix}.${suffix}`;
  if (whole.length > ALIAS_LENGTH.max && !world.oddities.aliasTruncation) {
    throw invalid(`alias ${whole} has ${whole.length} characters, at most ${ALIAS_LENGTH.max} are allowed`);
  }
  const alias = whole.slice(0, ALIAS_LENGTH.max);
  if (alias.length < ALIAS_LENGTH.min || !/^[A-Za-z0-9._-]+$/.test(alias)) {
    throw invalid('alias must give 6 to 20 letters, digits, dots or hyphens with its prefix');
  }
  if (aliasTaken(world, alias)) {
    throw new Problem(world.oddities.duplicateAlias, 'alias_exists', `alias ${alias} is taken`);
  }
  return alias;
}

/** Where the application wants to be told, as the newest customer and payment say; the last one is the newest. */
export function customerUrls(world: World): string[] {
  const customer = [...world.state.customers.values()].at(-1);
  const payment = [...world.state.payments.values()].at(-1);
  const found = [
    { at: customer?.createdAt ?? 0, url: customer?.webhookUrl },
    { at: payment?.createdAt ?? 0, url: payment?.echo.webhook_url },
  ];
  return found.sort((one, other) => one.at - other.at).flatMap(({ url }) => (url === undefined ? [] : [url]));
}

export function isDocumented(world: World, userId: string, customerId: string): boolean {
  return (
    world.documentedIds &&
    userId === documented.merchant.userId &&
    customerId === documented.customer.customerId
  );
}

export function aboutCustomer({ userId, customerId }: Customer): ResourceRef {
  return { kind: 'customer', userId, id: customerId };
}

/** Another account's customer does not exist for this one (talo-api 3.8). */
export function findCustomer(world: World, userId: string, customerId: string): Customer {
  const customer = world.state.customers.get(ownKey(userId, customerId));
  if (customer === undefined) throw notFound('customer');
  return customer;
}

/** By its own id or, with the switch `ledgerIdsReadable`, by that of its row in the ledger. */
export function findCustomerTransaction(
  world: World,
  customer: Customer,
  transactionId: string,
): Transaction {
  const byRow = world.oddities.ledgerIdsReadable ? transferOfRow(world, transactionId) : undefined;
  const found = customer.transactions.find(
    (transaction) =>
      transaction.id === transactionId || (byRow !== undefined && transaction.transferId === byRow),
  );
  if (found === undefined) throw notFound('transaction');
  return found;
}

function transferOfRow(world: World, rowId: string): string | undefined {
  const id = rowId.replace(/^TX#/, '');
  return world.state.ledger.find((row) => row.id === id)?.transferId;
}

export function balanceOf(world: World, customer: Customer): Money {
  const processed = customer.transactions.filter((transaction) => transaction.status === 'PROCESSED');
  return sumMoney(processed.map((transaction) => transaction[world.oddities.customerBalance]));
}
