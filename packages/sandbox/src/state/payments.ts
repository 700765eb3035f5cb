import type { Money } from '@talo/core';
import { documented } from '../documented.ts';
import { invalid, notFound, Problem } from '../problem.ts';
import { sumMoney } from '../wire-money.ts';
import { close, issueCvu, issuePaymentAlias, register } from './addresses.ts';
import { activeMerchant, findMerchant } from './merchants.ts';
import {
  append,
  type Lag,
  ownKey,
  type Payment,
  type PaymentEcho,
  type PaymentStatus,
  type ResourceRef,
  type Transaction,
} from './records.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;

/** Who changed a payment's status. */
export type Cause = 'money' | 'time' | 'api' | 'operator';

export interface NewPayment {
  readonly userId: string;
  readonly externalId: string;
  readonly price: Money;
  readonly echo: PaymentEcho;
  readonly motive?: string;
  readonly expiresAt?: number;
}

export function createPayment(world: World, wanted: NewPayment): Payment {
  const merchant = activeMerchant(world, wanted.userId);
  const id = paymentIdOf(merchant.userId, wanted.externalId);
  const existing = world.state.payments.get(ownKey(merchant.userId, id));
  if (existing !== undefined) {
    const answer = world.oddities.duplicateExternalId;
    if (answer === 'return-existing') return existing;
    if (answer === 'conflict' || existing.transactions.length > 0) {
      throw new Problem(409, 'payment_exists', 'a payment with this external_id exists');
    }
    close(world, existing.cvu);
  }
  const now = world.clock.now();
  const asDocumented = world.documentedIds && wanted.externalId === documented.payment.externalId;
  const payment: Payment = {
    id,
    userId: merchant.userId,
    externalId: wanted.externalId,
    echo: wanted.echo,
    cvu: issueCvu(world, 'payment', asDocumented ? documented.payment.cvu : undefined),
    alias: issuePaymentAlias(world, merchant.aliasPrefix),
    createdAt: now,
    price: wanted.price,
    ...(wanted.motive !== undefined && { motive: wanted.motive }),
    status: 'PENDING',
    updatedAt: now,
    expiresAt: futureOr(world, wanted.expiresAt, now + merchant.cancellationPeriodHours * HOUR_MS),
    transactions: [],
    refunds: [],
  };
  world.state.payments.set(ownKey(payment.userId, id), payment);
  world.save({ kind: 'payment', record: payment });
  world.note(aboutPayment(payment), { type: 'created' });
  register(world, payment.cvu, { kind: 'payment', userId: payment.userId, id, alias: payment.alias });
  watchExpiry(world, payment);
  return payment;
}

/** As Talo composes it (talo-api 3.1). */
export function paymentIdOf(userId: string, externalId: string): string {
  return `VAR-${userId.slice(0, 8)}-${externalId}`;
}

/** The payment as it was before its last transfer. */
export function beforeLastTransfer(world: World, payment: Payment): Payment {
  if (payment.transactions.length === 0) return payment;
  const earlier = { ...payment, transactions: payment.transactions.slice(0, -1) };
  return { ...earlier, status: settled(world, earlier) };
}

function futureOr(world: World, wanted: number | undefined, fallback: number): number {
  if (wanted === undefined) return fallback;
  if (wanted <= world.clock.now()) throw invalid('expiration_timestamp must be in the future');
  return wanted;
}

/** Another account's payment does not exist for this one. */
export function findPayment(world: World, userId: string, id: string): Payment {
  const payment = world.state.payments.get(ownKey(userId, id));
  if (payment === undefined) throw notFound('payment');
  lapse(world, payment);
  return payment;
}

/** What a reader is shown: the state before the first change that reads still lag behind. */
export function readable(world: World, payment: Payment): Payment {
  return stillLagging(payment, world.clock.now())[0]?.as ?? payment;
}

function stillLagging({ lagging = [] }: Payment, now: number): readonly Lag[] {
  return lagging.filter(({ until }) => until > now);
}

/** As it is now, whatever changes later. */
function frozen({ lagging: _, ...payment }: Payment): Payment {
  return { ...payment, transactions: [...payment.transactions], refunds: [...payment.refunds] };
}

export function receivedBy(payment: Payment): Money {
  return sumMoney(payment.transactions.filter(processed).map((transaction) => transaction.gross));
}

function processed(transaction: Transaction): boolean {
  return transaction.status === 'PROCESSED';
}

/** A transfer reached the CVU. */
export function credit(world: World, payment: Payment, transaction: Transaction): void {
  lapse(world, payment);
  const keep = payment.status === 'EXPIRED' && world.oddities.lateTransfers === 'keep-expired';
  change(world, payment, 'money', () => {
    append(payment, transaction);
    if (!keep) payment.status = settled(world, payment);
  });
}

/** Something changed on this payment: readers may still see the old state, and its owner is told. */
export function change(
  world: World,
  payment: Payment,
  cause: Cause,
  mutate: () => void,
  notify = true,
): void {
  const { status } = payment;
  const { readDelayMs } = world.oddities;
  const now = world.clock.now();
  const before = readDelayMs > 0 ? frozen(payment) : undefined;
  mutate();
  payment.updatedAt = now;
  world.save({ kind: 'payment', record: payment });
  if (payment.status !== status) {
    world.note(aboutPayment(payment), { type: 'status', from: status, to: payment.status, cause });
  }
  if (before !== undefined) {
    payment.lagging = [...stillLagging(payment, now), { until: now + readDelayMs, as: before }];
  }
  if (notify) announce(world, payment);
}

/** "Pago Actualizado": always the same words, whatever happened (talo-api 4). */
export function announce(world: World, payment: Payment): void {
  world.notify(payment.echo.webhook_url, paymentNotice(world, payment), aboutPayment(payment));
}

export function paymentNotice(
  { oddities }: World,
  { id, externalId }: Pick<Payment, 'id' | 'externalId'>,
): Readonly<Record<string, string>> {
  return {
    message: 'Pago Actualizado',
    paymentId: id,
    ...(!oddities.webhookOmitsExternalId && { externalId }),
  };
}

export function aboutPayment({ userId, id }: Payment): ResourceRef {
  return { kind: 'payment', userId, id };
}

/** The status that the money says, within the account's tolerance (talo-api 5). */
export function settled(world: World, payment: Payment): PaymentStatus {
  const received = receivedBy(payment).centavos;
  if (received === 0) return world.clock.now() >= payment.expiresAt ? 'EXPIRED' : 'PENDING';
  const tolerance = findMerchant(world, payment.userId).tolerance.centavos;
  const excess = received - payment.price.centavos;
  if (excess > (world.oddities.toleranceAbsorbsOverpayment ? tolerance : 0)) return 'OVERPAID';
  return excess >= -tolerance ? 'SUCCESS' : 'UNDERPAID';
}

/** Whether the payment still waits for money. */
export function isOpen(payment: Payment): boolean {
  return payment.status === 'PENDING' || payment.status === 'UNDERPAID';
}

export function reprice(world: World, payment: Payment, price: Money): void {
  requireOpen(payment);
  change(
    world,
    payment,
    'api',
    () => {
      payment.price = price;
      payment.status = settled(world, payment);
    },
    world.oddities.webhookOnApiChanges,
  );
  world.note(aboutPayment(payment), { type: 'changed', what: 'price' });
}

export function moveExpiry(world: World, payment: Payment, to: number): void {
  requireOpen(payment);
  const expiresAt = futureOr(world, to, to);
  change(
    world,
    payment,
    'api',
    () => {
      payment.expiresAt = expiresAt;
    },
    world.oddities.webhookOnApiChanges,
  );
  world.note(aboutPayment(payment), { type: 'changed', what: 'expiration' });
  watchExpiry(world, payment);
}

/** Changes the text that the payer sees; of an expired payment, the reason of its cancellation (talo-api 3.4). */
export function annotate(world: World, payment: Payment, motive: string): void {
  change(
    world,
    payment,
    'api',
    () => {
      payment.motive = motive;
    },
    world.oddities.webhookOnApiChanges,
  );
  world.note(aboutPayment(payment), { type: 'changed', what: 'metadata' });
}

function requireOpen(payment: Payment): void {
  if (!isOpen(payment)) throw invalid(`payment is ${payment.status}, only an open one can be changed`);
}

export function watchExpiry(world: World, payment: Payment): void {
  world.schedule(payment.expiresAt, () => {
    const current = world.state.payments.get(ownKey(payment.userId, payment.id)) === payment;
    if (current) lapse(world, payment);
  });
}

/** Expires the payment if its time is up. Also called before each read, as timers may be late. */
export function lapse(world: World, payment: Payment): void {
  const expires =
    payment.status === 'PENDING' || (payment.status === 'UNDERPAID' && world.oddities.underpaidExpires);
  if (!expires || world.clock.now() < payment.expiresAt) return;
  change(
    world,
    payment,
    'time',
    () => {
      payment.status = 'EXPIRED';
    },
    world.oddities.webhookOnExpiry,
  );
}
