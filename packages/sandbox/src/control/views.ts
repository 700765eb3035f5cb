import { centavos, type Money } from '@talo/core';
import type { Engine } from '../engine.ts';
import type * as history from '../history.ts';
import { maskTarget, maskText } from '../http/mask.ts';
import { viewCustomer, viewPayment } from '../http/views.ts';
import { observed } from '../oddities.ts';
import { oddityDocs } from '../oddity-docs.ts';
import { present } from '../present.ts';
import { aboutCustomer, balanceOf } from '../state/customers.ts';
import { aboutPayment, isOpen, receivedBy } from '../state/payments.ts';
import type * as records from '../state/records.ts';
import { retryPresets } from '../webhooks/presets.ts';
import { withoutQuery } from '../webhooks/targets.ts';
import { sumMoney } from '../wire-money.ts';
import type * as contract from './contract.ts';

/** As much of a customer's history is in its detail. */
const TRANSACTIONS = 500;

function time(ms: number): contract.Timestamp {
  return new Date(ms).toISOString();
}

export function viewMerchant(
  merchant: records.Merchant,
  counts: { readonly payments: number; readonly customers: number },
): contract.Merchant {
  const { payout, activatesAt, nextPayoutAt } = merchant;
  return {
    userId: merchant.userId,
    name: merchant.holder.name,
    cuit: merchant.holder.cuit,
    status: merchant.status,
    clientId: merchant.clientId,
    clientSecret: merchant.clientSecret,
    aliasPrefix: merchant.aliasPrefix,
    cancellationPeriod: merchant.cancellationPeriodHours,
    transferTolerance: Math.trunc(merchant.tolerance.centavos / 100),
    commissionPercent: merchant.commissionPpm / 10_000,
    ofPartner: merchant.ofPartner,
    revoked: merchant.revoked,
    ...present({
      payoutSchedule: payout,
      nextPayoutAt: nextPayoutAt === undefined ? undefined : time(nextPayoutAt),
      activatesAt: activatesAt === undefined ? undefined : time(activatesAt),
      referredUserId: merchant.referredUserId,
    }),
    ...counts,
    balance: merchant.balance,
  };
}

/** How many payments and customers each account has. */
export function countByUser(state: records.State): Map<string, { payments: number; customers: number }> {
  const counts = new Map<string, { payments: number; customers: number }>();
  for (const userId of state.merchants.keys()) counts.set(userId, { payments: 0, customers: 0 });
  for (const { userId } of state.payments.values()) {
    const count = counts.get(userId);
    if (count !== undefined) count.payments += 1;
  }
  for (const { userId } of state.customers.values()) {
    const count = counts.get(userId);
    if (count !== undefined) count.customers += 1;
  }
  return counts;
}

export function viewPartner(engine: Engine): contract.Partner {
  const { id, name, slug, secret, commission, webhookUrl, redirectUri } = engine.partner;
  const authorizeUrl = `${engine.url()}/authorize/${id}`;
  return { id, name, slug, secret, commission, redirectUri, authorizeUrl, ...present({ webhookUrl }) };
}

export function viewPaymentRow(engine: Engine, payment: records.Payment): contract.Payment {
  return {
    kind: 'payment',
    id: payment.id,
    userId: payment.userId,
    externalId: payment.externalId,
    status: payment.status,
    price: payment.price,
    received: receivedBy(payment),
    refunded: sumMoney(payment.refunds.map(({ amount }) => amount)),
    cvu: payment.cvu,
    alias: payment.alias,
    ...present({ motive: payment.motive }),
    paymentUrl: `${engine.url()}/payments/${encodeURIComponent(payment.id)}`,
    createdAt: time(payment.createdAt),
    updatedAt: time(payment.updatedAt),
    expiresAt: time(payment.expiresAt),
    transactions: payment.transactions.length,
  };
}

export function viewPaymentDetail(engine: Engine, payment: records.Payment): contract.PaymentDetail {
  const { webhook_url, redirect_url } = payment.echo;
  return {
    ...viewPaymentRow(engine, payment),
    ...present({
      webhookUrl: webhook_url === undefined ? undefined : withoutQuery(webhook_url),
      redirectUrl: redirect_url,
    }),
    transactions: payment.transactions.map(viewTransaction),
    refunds: payment.refunds.map(({ id, amount, createdAt }) => ({ id, amount, at: time(createdAt) })),
    timeline: timelineOf(engine, aboutPayment(payment), payment),
    wire: viewPayment(engine.world, payment),
  };
}

export function viewCustomerRow(engine: Engine, customer: records.Customer): contract.Customer {
  return {
    kind: 'customer',
    id: customer.customerId,
    userId: customer.userId,
    name: customer.name,
    email: customer.email,
    cvu: customer.cvu,
    alias: customer.alias,
    balance: balanceOf(engine.world, customer),
    createdAt: time(customer.createdAt),
    transactions: customer.transactions.length,
  };
}

export function viewCustomerDetail(engine: Engine, customer: records.Customer): contract.CustomerDetail {
  return {
    ...viewCustomerRow(engine, customer),
    webhookUrl: withoutQuery(customer.webhookUrl),
    transactions: customer.transactions.slice(-TRANSACTIONS).reverse().map(viewTransaction),
    timeline: timelineOf(engine, aboutCustomer(customer), customer),
    wire: viewCustomer(engine.world, customer),
  };
}

function viewTransaction(transaction: records.Transaction): contract.Transaction {
  const { id, transferId, status, gross, net, commission, from, at } = transaction;
  return { id, transferId, status, gross, net, commission, from, at: time(at) };
}

/** What was written down, and before it what the state itself tells: after a restart that is all there is. */
function timelineOf(
  engine: Engine,
  about: records.ResourceRef,
  resource: { readonly createdAt: number; readonly transactions: readonly records.Transaction[] },
): readonly contract.TimelineEntry[] {
  const entries = engine.history.timeline(about);
  const told = new Set(entries.flatMap((entry) => (entry.type === 'transfer' ? [entry.transferId] : [])));
  const older: contract.TimelineEntry[] = resource.transactions
    .slice(-TRANSACTIONS)
    .filter(({ transferId }) => !told.has(transferId))
    .map(({ transferId, gross, from, at, status }) => ({
      seq: 0,
      at: time(at),
      type: 'transfer',
      transferId,
      amount: gross,
      from,
      outcome: status === 'REVERSED' ? 'reversed' : 'credited',
    }));
  if (!entries.some(({ type }) => type === 'created')) {
    older.unshift({ seq: 0, at: time(resource.createdAt), type: 'created' });
  }
  // before everything that was counted, and each with a number of its own
  return [...older.map((entry, index) => ({ ...entry, seq: index - older.length })), ...entries];
}

export function viewAccount(
  engine: Engine,
  cvu: string,
  destination: records.Destination,
): contract.BankAccount {
  const { kind, userId, id, alias } = destination;
  const { state } = engine.world;
  const key = `${userId}\n${id}`;
  const payment = kind === 'payment' ? state.payments.get(key) : undefined;
  const transactions = payment?.transactions ?? state.customers.get(key)?.transactions ?? [];
  const kept = transactions.filter(({ status }) => status === 'PROCESSED');
  return {
    cvu,
    alias,
    userId,
    kind,
    id,
    holder: state.merchants.get(userId)?.holder.name ?? '',
    received: sumMoney(kept.map(({ gross }) => gross)),
    ...present({ expected: payment && missing(payment) }),
  };
}

/** What an open payment still waits for. */
export function missing(payment: records.Payment): Money | undefined {
  if (!isOpen(payment) && payment.status !== 'EXPIRED') return undefined;
  return centavos(Math.max(0, payment.price.centavos - receivedBy(payment).centavos));
}

export function viewTransfer(engine: Engine, transfer: records.BankTransfer): contract.Transfer {
  const { id, cvu, amount, from, at, status } = transfer;
  const destination = engine.world.state.destinations.get(cvu);
  const resource = destination && {
    kind: destination.kind,
    userId: destination.userId,
    id: destination.id,
  };
  return { id, cvu, amount, from, at: time(at), status, ...present({ resource }) };
}

export function viewNotice(notice: history.Notice): contract.Notice {
  const last = notice.attempts.at(-1);
  return {
    id: notice.id,
    target: withoutQuery(notice.url),
    body: asJson(notice.body),
    ...present({
      resource: notice.about,
      nextAttemptAt: notice.nextAttemptAt === undefined ? undefined : time(notice.nextAttemptAt),
    }),
    createdAt: time(notice.createdAt),
    attempts: notice.attempts.map((attempt) => ({
      number: attempt.number,
      at: time(attempt.at),
      outcome: attempt.outcome,
      durationMs: attempt.durationMs,
      ...present({ status: attempt.status, reason: attempt.reason, answer: attempt.answer }),
      request: { headers: attempt.requestHeaders, body: notice.body },
    })),
    outcome: last?.outcome ?? 'pending',
    origin: notice.origin,
  };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function viewRequest(exchange: history.Exchange): contract.RequestEntry {
  const { entry, durationMs, about, fault } = exchange;
  return {
    id: entry.id,
    at: entry.at.toISOString(),
    method: entry.method,
    path: entry.path,
    durationMs,
    ...present({ status: entry.status, resource: about, fault: fault?.id }),
  };
}

export function viewRequestDetail(engine: Engine, exchange: history.Exchange): contract.RequestDetail {
  const { requestBody, answerBody } = exchange;
  return {
    ...viewRequest(exchange),
    url: `${engine.url()}${maskTarget(exchange.target)}`,
    requestHeaders: exchange.requestHeaders,
    answerHeaders: exchange.answerHeaders,
    ...present({
      requestBody: requestBody === undefined ? undefined : maskText(requestBody),
      answerBody: answerBody === undefined ? undefined : maskText(answerBody),
    }),
  };
}

export function viewClock(engine: Engine): contract.Clock {
  const { clock } = engine;
  const next = clock.nextTimer();
  return {
    mode: clock.kind === 'virtual' ? 'frozen' : 'real',
    now: time(clock.now()),
    aheadMs: Math.round(clock.now() - Date.now()),
    ...present({ nextTimerAt: next === undefined ? undefined : time(Math.round(next)) }),
  };
}

export function viewSettings(engine: Engine): contract.Settings {
  const { oddities, delivery, activationDelayMs } = engine.settings;
  return {
    oddities: Object.entries(oddityDocs).map(([name, doc]) => ({
      name,
      ...doc,
      default: Reflect.get(observed, name) as boolean | number | string,
      current: Reflect.get(oddities, name) as boolean | number | string,
    })),
    delivery: {
      retry: delivery.retry ?? 'backoff',
      timeoutMs: delivery.timeoutMs ?? 3000,
      delayMs: delivery.delayMs ?? 0,
      duplicate: delivery.duplicate ?? 0,
      dropEvery: delivery.dropEvery ?? 0,
      reverse: delivery.reverse ?? false,
      timing: delivery.timing ?? 'after-response',
      allowRemote: delivery.allowRemote ?? false,
    },
    retryPresets,
    activationDelayMs,
  };
}
