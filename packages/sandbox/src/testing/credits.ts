import { centavos, formatMoney, type Money } from '@talo/core';
import type { Sandbox } from '../sandbox.ts';

/** An entry of an application's ledger, as `TaloWebhooks` keeps it. */
export interface CreditEntry {
  /** `credit` adds, `reversal` takes back; others are not looked at. */
  readonly kind: string;
  readonly accountId: string;
  readonly paymentId?: string;
  readonly customerId?: string;
  /** As the GET of the payment or of the customer's transaction returns it. Without it, only the sum of its resource is compared. */
  readonly transactionId?: string;
  readonly gross?: Money;
}

/** Money of one transaction, in centavos. */
interface Moved {
  readonly resource: string;
  readonly transaction: string | undefined;
  readonly amount: number;
}

/** Where a ledger is not what the bank moved, a line each. */
export function differencesOf(sandbox: Sandbox, entries: readonly CreditEntry[]): string[] {
  const held = credited(entries);
  // a transfer credited twice while another of the same amount was lost is no difference in a sum, so sums are
  // compared only where there is nothing better: of a resource with an entry that names no transaction
  const summed = new Set(
    held.filter(({ transaction }) => transaction === undefined).map(({ resource }) => resource),
  );
  const sent = sumUp(movedByBank(sandbox), summed);
  const got = sumUp(held, summed);
  const names = new Set([...sent.keys(), ...got.keys()]);
  return [...names].flatMap((name) => {
    const [one, other] = [sent.get(name) ?? 0, got.get(name) ?? 0];
    return one === other ? [] : [`  ${name}: the bank moved ${show(one)}, the ledger holds ${show(other)}`];
  });
}

function sumUp(moved: readonly Moved[], summed: ReadonlySet<string>): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { resource, transaction, amount } of moved) {
    const whole = transaction === undefined || summed.has(resource);
    const name = whole ? resource : `${resource}, transaction ${transaction}`;
    sums.set(name, (sums.get(name) ?? 0) + amount);
  }
  return sums;
}

/** What each resource received and kept. */
function movedByBank(sandbox: Sandbox): Moved[] {
  const resources = new Map<string, string>();
  const transactions = new Map<string, string>();
  for (const { kind, value } of sandbox.snapshot().rows) {
    const field = (name: string): string => String(Reflect.get(Object(value), name));
    if (kind === 'payment') resources.set(field('cvu'), nameOf(field('userId'), kind, field('id')));
    if (kind === 'customer') resources.set(field('cvu'), nameOf(field('userId'), kind, field('customerId')));
    if (kind === 'transaction') transactions.set(field('transferId'), field('id'));
  }
  return sandbox.bank.transfers
    .filter(({ status }) => status === 'credited')
    .map(({ id, cvu, amount }) => ({
      resource: resources.get(cvu) ?? cvu,
      transaction: transactions.get(id),
      amount: amount.centavos,
    }));
}

function credited(entries: readonly CreditEntry[]): Moved[] {
  return entries
    .filter(({ kind }) => kind === 'credit' || kind === 'reversal')
    .map(({ kind, accountId, paymentId, customerId, transactionId, gross }) => ({
      resource:
        paymentId === undefined
          ? nameOf(accountId, 'customer', customerId ?? '?')
          : nameOf(accountId, 'payment', paymentId),
      transaction: transactionId,
      // an amount that Talo did not say cannot be equal to anything
      amount: gross === undefined ? Number.NaN : kind === 'credit' ? gross.centavos : -gross.centavos,
    }));
}

function nameOf(userId: string, kind: string, id: string): string {
  return `${kind} ${id} of ${userId}`;
}

function show(amount: number): string {
  return Number.isNaN(amount) ? 'an unknown amount' : formatMoney(centavos(amount));
}
