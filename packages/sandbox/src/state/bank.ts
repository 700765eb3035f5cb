import { addMoney, centavos, type Money, subtractMoney } from '@talo/core';
import { documented } from '../documented.ts';
import { invalid } from '../problem.ts';
import { share, sumMoney } from '../wire-money.ts';
import { issueSender, resolveAddress } from './addresses.ts';
import type { Owner } from './changes.ts';
import { aboutCustomer, findCustomer, isDocumented } from './customers.ts';
import { book, findMerchant } from './merchants.ts';
import { announce, credit, findPayment, settled } from './payments.ts';
import {
  append,
  type BankTransfer,
  type Customer,
  type Destination,
  type LedgerRow,
  ownKey,
  type Sender,
  type Transaction,
} from './records.ts';
import type { World } from './world.ts';

/** Money arrives at a CVU or alias. `undefined`: nobody has that address. */
export function receive(
  world: World,
  to: string,
  amount: Money,
  from: Partial<Sender> | undefined,
): BankTransfer | undefined {
  const cvu = resolveAddress(world, to);
  const destination = cvu === undefined ? undefined : world.state.destinations.get(cvu);
  if (cvu === undefined || destination === undefined) return undefined;
  const bounced = bounces(world, destination);
  if (!bounced) requireRoom(world, destination, amount);
  const transfer: BankTransfer = {
    id: world.ids.uuid('transfer'),
    cvu,
    amount,
    from: issueSender(world, from),
    at: world.clock.now(),
    status: bounced ? 'bounced' : 'credited',
  };
  world.state.transfers.push(transfer);
  world.save({ kind: 'transfer', record: transfer });
  const { kind, userId, id } = destination;
  world.note(
    { kind, userId, id },
    { type: 'transfer', transferId: transfer.id, amount, from: transfer.from, outcome: transfer.status },
  );
  if (transfer.status === 'credited') settle(world, transfer, destination);
  return transfer;
}

function bounces(world: World, { kind, userId, id }: Destination): boolean {
  if (kind !== 'payment' || world.oddities.lateTransfers !== 'bounce') return false;
  return findPayment(world, userId, id).expiresAt <= world.clock.now();
}

/**
 * All that is ever added up must be exact with this amount too: a sum that is not would fail in the middle of a
 * transfer, and in every read after it.
 */
function requireRoom(world: World, { userId }: Destination, amount: Money): void {
  const sums = [world.state.credited.centavos, findMerchant(world, userId).balance.centavos];
  if (sums.every((sum) => Number.isSafeInteger(sum + amount.centavos))) return;
  throw invalid(
    'so much money has been moved that more of it could not be counted exactly; reset the sandbox',
  );
}

function settle(world: World, transfer: BankTransfer, destination: Destination): void {
  const { kind, userId, id, alias } = destination;
  world.state.credited = addMoney(world.state.credited, transfer.amount);
  const { commissionPpm } = findMerchant(world, userId);
  const commission = share(transfer.amount, commissionPpm);
  const gross = transfer.amount;
  const net = subtractMoney(gross, commission);
  const shown = kind === 'payment' || world.oddities.ledgerCustomers !== 'none';
  if (shown) {
    const row: LedgerRow = {
      id: world.ids.uuid('ledger'),
      userId,
      type: 'INBOUND',
      gross,
      net,
      commission,
      commissionPpm,
      cvu: transfer.cvu,
      alias,
      ...(kind === 'payment' ? { paymentId: id } : { customerId: id }),
      transferId: transfer.id,
      at: transfer.at,
      readableAt: transfer.at + world.oddities.ledgerLateRowsMs,
      status: 'PROCESSED',
    };
    world.state.ledger.push(row);
    world.save({ kind: 'ledger', record: row });
  }
  book(world, findMerchant(world, userId), net);
  const transaction = (transactionId: string): Transaction => ({
    id: transactionId,
    transferId: transfer.id,
    gross,
    net,
    commission,
    trxId: world.ids.hex('clearing', 22).toUpperCase(),
    from: transfer.from,
    at: transfer.at,
    readableAt: transfer.at + world.oddities.readDelayMs,
    status: 'PROCESSED',
  });
  if (kind === 'payment') {
    const number = 304_855 + world.ids.next('payment transaction') - 1;
    const settling = transaction(`CRS-198-${number}`);
    credit(world, findPayment(world, userId, id), settling);
    world.save({ kind: 'transaction', owner: ownerOf(destination), record: settling });
    return;
  }
  const customer = findCustomer(world, userId, id);
  const received = transaction(customerTransactionId(world, customer));
  append(customer, received);
  world.save({ kind: 'transaction', owner: ownerOf(destination), record: received });
  tell(world, customer, received);
}

function ownerOf({ kind, userId, id }: Destination): Owner {
  return { kind, key: ownKey(userId, id) };
}

function customerTransactionId(world: World, customer: Customer): string {
  const first = customer.transactions.length === 0;
  return first && isDocumented(world, customer.userId, customer.customerId)
    ? documented.customer.firstTransactionId
    : world.ids.uuid('customer transaction');
}

function tell(world: World, customer: Customer, transaction: Transaction): void {
  world.notify(
    customer.webhookUrl,
    customerNotice(transaction.id, customer.customerId),
    aboutCustomer(customer),
  );
}

export function customerNotice(transactionId: string, customerId: string): Readonly<Record<string, string>> {
  return { message: 'Pago recibido', transactionId, customerId };
}

/** A credited transfer is taken back: it stops counting everywhere, and its resource is announced again. */
export function reverse(world: World, transfer: BankTransfer): void {
  const destination = world.state.destinations.get(transfer.cvu);
  if (transfer.status !== 'credited' || destination === undefined) return;
  transfer.status = 'reversed';
  world.state.credited = subtractMoney(world.state.credited, transfer.amount);
  world.save({ kind: 'transfer', record: transfer });
  for (const row of world.state.ledger) {
    if (row.transferId !== transfer.id) continue;
    row.status = 'REVERSED';
    world.save({ kind: 'ledger', record: row });
  }
  const { kind, userId, id } = destination;
  world.note(
    { kind, userId, id },
    {
      type: 'transfer',
      transferId: transfer.id,
      amount: transfer.amount,
      from: transfer.from,
      outcome: 'reversed',
    },
  );
  const take = (entry: Transaction): void => {
    entry.status = 'REVERSED';
    world.save({ kind: 'transaction', owner: ownerOf(destination), record: entry });
    book(world, findMerchant(world, userId), centavos(-entry.net.centavos));
  };
  if (kind === 'payment') {
    const payment = findPayment(world, userId, id);
    for (const entry of payment.transactions) if (entry.transferId === transfer.id) take(entry);
    const { status } = payment;
    payment.status = settled(world, payment);
    payment.updatedAt = world.clock.now();
    world.save({ kind: 'payment', record: payment });
    if (status !== payment.status) {
      world.note({ kind, userId, id }, { type: 'status', from: status, to: payment.status, cause: 'money' });
    }
    announce(world, payment);
    return;
  }
  const customer = findCustomer(world, userId, id);
  for (const entry of customer.transactions) {
    if (entry.transferId !== transfer.id) continue;
    take(entry);
    tell(world, customer, entry);
  }
}

export function creditedTotal(transfers: readonly BankTransfer[]): Money {
  return sumMoney(transfers.filter(({ status }) => status === 'credited').map(({ amount }) => amount));
}
