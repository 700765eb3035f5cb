import { addMoney, centavos, type Money, subtractMoney } from '@talo/core';
import { toMoney } from '../bank.ts';
import type { Engine } from '../engine.ts';
import type { Notice } from '../history.ts';
import { present } from '../present.ts';
import { resolveAddress } from '../state/addresses.ts';
import { customerNotice, receive, reverse } from '../state/bank.ts';
import { createCustomer, customerUrls, findCustomer } from '../state/customers.ts';
import { activationNotice, changeStatus, configure, findMerchant, revoke } from '../state/merchants.ts';
import { consent, returnAddress } from '../state/partners.ts';
import {
  change,
  createPayment,
  findPayment,
  moveExpiry,
  paymentIdOf,
  paymentNotice,
  reprice,
} from '../state/payments.ts';
import { payOut, payOutBalance } from '../state/payouts.ts';
import type { BankTransfer, Customer, Merchant, Payment, ResourceRef } from '../state/records.ts';
import type * as contract from './contract.ts';
import { ControlProblem, invalid, notFound } from './problem.ts';
import { missing } from './views.ts';

// What the control API makes happen. Each is what a payer, an application or Talo's people could do.

type Given<T> = { readonly [Name in keyof T]: T[Name] | undefined };

export function userOf(engine: Engine, userId: string | undefined): string {
  const first = userId ?? engine.world.state.merchants.keys().next().value;
  if (first === undefined) throw notFound('merchant');
  return findMerchant(engine.world, first).userId;
}

export function changeMerchant(
  engine: Engine,
  merchant: Merchant,
  wanted: Given<contract.MerchantChange>,
): void {
  const { status, revoked, aliasPrefix, cancellationPeriod, transferTolerance, payoutSchedule } = wanted;
  const config = {
    alias_prefix: aliasPrefix,
    cancellation_period: cancellationPeriod,
    transfer_tolerance: transferTolerance,
    payout_schedule: payoutSchedule,
  };
  if (Object.values(config).some((value) => value !== undefined)) configure(engine.world, merchant, config);
  if (revoked !== undefined) revoke(engine.world, merchant, revoked);
  if (status !== undefined) changeStatus(engine.world, merchant, status, 'operator');
}

export function payMerchantOut(engine: Engine, merchant: Merchant, amount: contract.Pesos | undefined): void {
  if (amount === undefined) payOutBalance(engine.world, merchant);
  else payOut(engine.world, merchant, toMoney(amount));
}

export function onboard(
  engine: Engine,
  wanted: Given<{ referredUserId?: string; activate?: boolean }>,
): { merchant: Merchant; code: string; redirectTo: string } {
  const { world } = engine;
  const code = consent(world, wanted.referredUserId);
  const grant = world.state.codes.get(code);
  const merchant = findMerchant(world, grant?.userId ?? '');
  if (wanted.activate === true) changeStatus(world, merchant, 'ACTIVE', 'operator');
  return { merchant, code, redirectTo: returnAddress(world.partner.redirectUri, code) };
}

export function newPayment(engine: Engine, wanted: Given<contract.NewPayment>): Payment {
  const { world } = engine;
  const { price, externalId, motive, webhookUrl, redirectUrl, expiresAt } = wanted;
  return createPayment(world, {
    userId: userOf(engine, wanted.userId),
    externalId: externalId ?? `pedido-${world.ids.next('control payment')}`,
    price: toMoney(price ?? 0),
    echo: { webhook_url: webhookUrl, redirect_url: redirectUrl, payment_options: ['transfer'] },
    ...(motive !== undefined && { motive }),
    ...(expiresAt !== undefined && { expiresAt: Date.parse(expiresAt) }),
  });
}

export function changePayment(engine: Engine, payment: Payment, wanted: Given<contract.PaymentChange>): void {
  const { status, expiresAt } = wanted;
  // all of it or nothing: what can be refused comes first, and what may close the payment after what needs it open
  const price = wanted.price === undefined ? undefined : toMoney(wanted.price);
  if (expiresAt !== undefined) moveExpiry(engine.world, payment, Date.parse(expiresAt));
  if (price !== undefined) reprice(engine.world, payment, price);
  if (status !== undefined) {
    change(engine.world, payment, 'operator', () => {
      payment.status = status;
    });
  }
}

export function newCustomer(engine: Engine, wanted: Given<contract.NewCustomer>): Customer {
  const { world } = engine;
  const number = world.ids.next('control customer');
  return createCustomer(world, {
    user_id: userOf(engine, wanted.userId),
    customer_id: wanted.customerId ?? `cliente-${number}`,
    alias: wanted.alias ?? `cliente.${number}`,
    name: wanted.name ?? `Cliente ${number}`,
    contact: { email: wanted.email ?? `cliente${number}@example.com` },
    webhook_url: wanted.webhookUrl ?? '',
  });
}

/** The application says that it credited money. */
export function noteCredit(engine: Engine, wanted: Given<contract.Credit>): void {
  const { kind, id = '', amount, transferId } = wanted;
  const userId = userOf(engine, wanted.userId);
  if (kind === 'payment') findPayment(engine.world, userId, id);
  else findCustomer(engine.world, userId, id);
  engine.history.note(
    { kind: kind ?? 'payment', userId, id },
    { type: 'credited', amount: toMoney(amount ?? 0), ...(transferId !== undefined && { transferId }) },
  );
}

export async function transfer(engine: Engine, wanted: Given<contract.NewTransfer>): Promise<BankTransfer[]> {
  const { world } = engine;
  const cvu = resolveAddress(world, wanted.to ?? '');
  const destination = cvu === undefined ? undefined : world.state.destinations.get(cvu);
  if (cvu === undefined || destination === undefined) throw notFound(`CVU or alias ${wanted.to}`);
  const payment =
    destination.kind === 'payment' ? findPayment(world, destination.userId, destination.id) : undefined;
  const { kind = 'exact', parts = 2 } = wanted;
  const whole = wanted.amount === undefined ? expected(payment, kind) : toMoney(wanted.amount);
  if (kind === 'late') await passExpiry(engine, payment);
  const amounts = kind === 'split' ? splitEvenly(whole, parts) : kind === 'twice' ? [whole, whole] : [whole];
  return engine.accepted(() =>
    amounts.map((amount) => {
      const made = receive(world, cvu, amount, present(wanted.from ?? {}));
      if (made === undefined) throw notFound(`CVU or alias ${wanted.to}`);
      return made;
    }),
  );
}

function expected(payment: Payment | undefined, kind: contract.NewTransfer['kind']): Money {
  if (payment === undefined) throw invalid('A customer expects no amount: say how much, in pesos.');
  const left = missing(payment);
  // who pays again what is already paid sends its whole price
  const base = left === undefined || left.centavos === 0 ? payment.price : left;
  if (kind === 'under') return toMoney(centavos(Math.max(1, Math.floor(base.centavos / 2))));
  return kind === 'over' ? toMoney(addMoney(base, centavos(Math.ceil(base.centavos / 2)))) : base;
}

function splitEvenly(whole: Money, parts: number): Money[] {
  const part = centavos(Math.floor(whole.centavos / parts));
  if (part.centavos === 0) throw invalid(`There are not ${parts} centavos to split.`);
  const last = subtractMoney(whole, centavos(part.centavos * (parts - 1)));
  return [...Array<Money>(parts - 1).fill(part), last];
}

async function passExpiry({ clock }: Engine, payment: Payment | undefined): Promise<void> {
  if (payment === undefined) throw invalid('A customer does not expire.');
  const left = payment.expiresAt - clock.now();
  if (left < 0) return;
  if (clock.kind === 'real') {
    throw new ControlProblem(
      409,
      'clock_runs',
      'A late transfer moves time past the expiry. Freeze the clock first.',
    );
  }
  await clock.advance({ ms: left + 1 });
}

export function reverseTransfer(engine: Engine, id: string): BankTransfer {
  const found = engine.world.state.transfers.find((candidate) => candidate.id === id);
  if (found === undefined) throw notFound(`transfer ${id}`);
  reverse(engine.world, found);
  return found;
}

// --- webhooks

export function findNotice(engine: Engine, id: string): Notice {
  const notice = engine.history.notices.list().find((candidate) => candidate.id === id);
  if (notice === undefined) throw notFound(`notice ${id} any more`);
  return notice;
}

export function replay(engine: Engine, notice: Notice, wanted: Given<contract.Replay>): Notice[] {
  const url = signed(wanted.url ?? notice.url, wanted.signature);
  const { body, about } = notice;
  return repeat(wanted.times, () => engine.sendByHand({ url, body, about, origin: originOf(notice) }));
}

/** What Talo never sent is not Talo's when it is sent again. */
function originOf({ origin }: Notice): 'replay' | 'forged' {
  return origin === 'forged' ? 'forged' : 'replay';
}

export function reorder(engine: Engine, wanted: Given<contract.Reorder>): Notice[] {
  const notices = (wanted.ids ?? []).map((id) => findNotice(engine, id));
  const { order = 'shuffled' } = wanted;
  if (order === 'reversed') notices.reverse();
  if (order === 'shuffled') shuffle(notices, () => engine.world.ids.fraction('control shuffle'));
  return notices.map((notice) => {
    const { url, body, about } = notice;
    return engine.sendByHand({ url, body, about, origin: originOf(notice) });
  });
}

function shuffle<T>(list: T[], random: () => number): void {
  for (let index = list.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    const moved = list.splice(other, 1);
    list.splice(index, 0, ...moved);
  }
}

export function forge(engine: Engine, wanted: Given<contract.Forgery>): Notice[] {
  const about = aboutForgery(engine, wanted);
  const whole = wanted.url ?? knownUrl(engine, about);
  if (whole === undefined) throw invalid('Nobody has said where its webhooks go: give a url.');
  const url = signed(whole, wanted.signature);
  const words = wanted.body ?? wordsOf(engine, about);
  if (words === undefined) throw invalid('Say what to send: kind and id, or body.');
  const body = typeof words === 'string' ? words : JSON.stringify(words);
  const { headers } = wanted;
  return repeat(wanted.times, () =>
    engine.sendByHand({ url, body, about, origin: 'forged', ...(headers && { headers }) }),
  );
}

function aboutForgery(
  engine: Engine,
  { kind, userId, id }: Given<contract.Forgery>,
): ResourceRef | undefined {
  if (kind === undefined) return undefined;
  const owner = userId ?? userOf(engine, undefined);
  return kind === 'account'
    ? { kind: 'merchant', userId: owner }
    : { kind, userId: owner, id: id ?? 'forged' };
}

/** Where the notices of this resource go, or those of the newest one. */
function knownUrl(engine: Engine, about: ResourceRef | undefined): string | undefined {
  const { state, partner } = engine.world;
  if (about?.kind === 'merchant') return partner.webhookUrl;
  const key = about === undefined ? '' : `${about.userId}\n${about.id}`;
  const own =
    about?.kind === 'payment'
      ? state.payments.get(key)?.echo.webhook_url
      : state.customers.get(key)?.webhookUrl;
  return own ?? customerUrls(engine.world).at(-1);
}

/** The notice as Talo words it, whether or not its resource exists. */
function wordsOf(engine: Engine, about: ResourceRef | undefined): object | undefined {
  const { world } = engine;
  if (about === undefined) return undefined;
  if (about.kind === 'merchant') {
    const merchant = world.state.merchants.get(about.userId);
    return merchant ? activationNotice(merchant) : { message: 'account_activated', user_id: about.userId };
  }
  const key = `${about.userId}\n${about.id}`;
  if (about.kind === 'payment') {
    const payment = world.state.payments.get(key) ?? {
      id: paymentIdOf(about.userId, about.id),
      externalId: about.id,
    };
    return paymentNotice(world, payment);
  }
  const last = world.state.customers.get(key)?.transactions.at(-1)?.id;
  return customerNotice(last ?? world.ids.uuid('control forged'), about.id);
}

function repeat(times: number | undefined, send: () => Notice): Notice[] {
  return Array.from({ length: times ?? 1 }, send);
}

/** The URL as it is, with its signature spoilt, or without. */
function signed(url: string, signature: contract.Signature | undefined): string {
  if (signature === undefined || signature === 'kept' || !URL.canParse(url)) return url;
  const target = new URL(url);
  if (signature === 'none') {
    target.search = '';
    return target.href;
  }
  // whichever parameter holds it, one character of the last one is enough
  const last = [...target.searchParams].at(-1);
  if (last === undefined) return `${target.href}?signature=wrong`;
  const [name, value] = last;
  target.searchParams.set(name, `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`);
  return target.href;
}
