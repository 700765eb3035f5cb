import { addMoney, centavos, type Money, pesos } from '@talo/core';
import { documented } from '../documented.ts';
import { forbidden, notFound, Problem } from '../problem.ts';
import { issueCuit } from './addresses.ts';
import { planPayout } from './payouts.ts';
import type { AccountStatus, Merchant } from './records.ts';
import type { World } from './world.ts';

/** 1 % and 21 % VAT on it (talo-api 8). */
const COMMISSION_PPM = 12_100;
/** "About 5 days" (talo-api 5). */
const CANCELLATION_HOURS = 120;

/** A merchant to add. Everything has a default. */
export interface NewMerchant {
  readonly userId?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Legal name, shown to payers. */
  readonly name?: string;
  /** May be longer than the 8 characters that PATCH allows: such accounts exist for the Customers API. */
  readonly aliasPrefix?: string;
  readonly status?: AccountStatus;
  /** Hours until a payment expires. Default 120. */
  readonly cancellationPeriod?: number;
  /** Whole pesos. Default 0. */
  readonly transferTolerance?: number;
  readonly payoutSchedule?: { readonly address: string; readonly frequency: string };
  /** Commission with its tax, in percent; default 1.21. */
  readonly commissionPercent?: number;
  /** Whether the account shows the sandbox's partner. */
  readonly ofPartner?: boolean;
  readonly referredUserId?: string;
}

export function addMerchant(world: World, given: NewMerchant): Merchant {
  const { state, ids } = world;
  const userId = given.userId ?? ids.uuid('user');
  if (state.merchants.has(userId)) throw new Problem(409, 'conflict', `merchant ${userId} exists`);
  const merchant: Merchant = {
    userId,
    clientId: given.clientId ?? ids.uuid('client'),
    clientSecret: given.clientSecret ?? ids.hex('client secret', 40),
    holder: { name: given.name ?? `Comercio ${ids.next('merchant name')} SRL`, cuit: issueCuit(world, '30') },
    status: given.status ?? 'ACTIVE',
    aliasPrefix: given.aliasPrefix ?? freePrefix(world),
    cancellationPeriodHours: given.cancellationPeriod ?? CANCELLATION_HOURS,
    tolerance: pesos(given.transferTolerance ?? 0),
    ...(given.payoutSchedule && { payout: given.payoutSchedule }),
    commissionPpm:
      given.commissionPercent === undefined ? COMMISSION_PPM : Math.round(given.commissionPercent * 10_000),
    ...(given.referredUserId !== undefined && { referredUserId: given.referredUserId }),
    ofPartner: given.ofPartner ?? false,
    revoked: false,
    balance: centavos(0),
  };
  if (prefixTaken(world, merchant.aliasPrefix, userId)) {
    throw new Problem(409, 'conflict', `alias_prefix ${merchant.aliasPrefix} is taken`);
  }
  state.merchants.set(userId, merchant);
  planPayout(world, merchant);
  world.save({ kind: 'merchant', record: merchant });
  world.note({ kind: 'merchant', userId }, { type: 'created' });
  return merchant;
}

/** The account of Talo's documentation. */
export function addDefaultMerchant(world: World): Merchant {
  return addMerchant(world, {
    ...documented.merchant,
    name: 'Bami SRL',
    cancellationPeriod: documented.account.cancellationPeriod,
    payoutSchedule: documented.account.payout,
    ofPartner: true,
  });
}

export function findMerchant(world: World, userId: string): Merchant {
  const merchant = world.state.merchants.get(userId);
  if (merchant === undefined) throw notFound('user');
  return merchant;
}

/** Money can only be collected by an account that is ready to operate (talo-api 7). */
export function activeMerchant(world: World, userId: string): Merchant {
  const merchant = findMerchant(world, userId);
  if (merchant.status !== 'ACTIVE') {
    throw forbidden(`account is ${merchant.status}; it can operate once it is ACTIVE`);
  }
  return merchant;
}

/** What PATCH may change; checked by its schema (talo-api 7). */
export interface AccountChange {
  readonly alias_prefix?: string | undefined;
  readonly cancellation_period?: number | undefined;
  readonly transfer_tolerance?: number | undefined;
  readonly payout_schedule?: { readonly address: string; readonly frequency: string } | undefined;
}

/** Changes what was sent and nothing else. Aliases that exist stay as they are. */
export function configure(world: World, merchant: Merchant, change: AccountChange): void {
  const { alias_prefix, cancellation_period, transfer_tolerance, payout_schedule } = change;
  if (alias_prefix !== undefined) {
    if (prefixTaken(world, alias_prefix, merchant.userId)) {
      throw new Problem(409, 'conflict', 'alias_prefix is taken by another user');
    }
    merchant.aliasPrefix = alias_prefix;
  }
  if (cancellation_period !== undefined) merchant.cancellationPeriodHours = cancellation_period;
  if (transfer_tolerance !== undefined) merchant.tolerance = centavos(transfer_tolerance * 100);
  if (payout_schedule !== undefined) {
    merchant.payout = payout_schedule;
    planPayout(world, merchant);
  }
  world.save({ kind: 'merchant', record: merchant });
  world.note({ kind: 'merchant', userId: merchant.userId }, { type: 'changed', what: 'config' });
}

/** The account's status changes on Talo's side. Only an activation is announced (talo-api 7). */
export function changeStatus(
  world: World,
  merchant: Merchant,
  status: AccountStatus,
  cause: 'time' | 'operator',
): void {
  const about = { kind: 'merchant', userId: merchant.userId } as const;
  const activated = status === 'ACTIVE' && merchant.status !== 'ACTIVE';
  if (status !== merchant.status) {
    world.note(about, { type: 'status', from: merchant.status, to: status, cause });
  }
  merchant.status = status;
  delete merchant.activatesAt;
  planPayout(world, merchant);
  world.save({ kind: 'merchant', record: merchant });
  if (activated && merchant.ofPartner) {
    world.notify(world.partner.webhookUrl, activationNotice(merchant), about);
  }
}

export function activationNotice(merchant: Merchant): Readonly<Record<string, string>> {
  return {
    message: 'account_activated',
    user_id: merchant.userId,
    ...(merchant.referredUserId !== undefined && { referred_user_id: merchant.referredUserId }),
  };
}

/** Activates an account by itself when its time comes. */
export function watchActivation(world: World, merchant: Merchant): void {
  const { activatesAt } = merchant;
  if (activatesAt === undefined) return;
  world.schedule(activatesAt, () => {
    if (merchant.status === 'PENDING' && merchant.activatesAt === activatesAt) {
      changeStatus(world, merchant, 'ACTIVE', 'time');
    }
  });
}

/** Credentials and tokens of the account stop working, or work again. */
export function revoke(world: World, merchant: Merchant, revoked: boolean): void {
  merchant.revoked = revoked;
  world.save({ kind: 'merchant', record: merchant });
}

/** Money came in for the account or, below zero, left it. */
export function book(world: World, merchant: Merchant, net: Money): void {
  merchant.balance = addMoney(merchant.balance, net);
  world.save({ kind: 'merchant', record: merchant });
}

function prefixTaken(world: World, prefix: string, userId: string): boolean {
  return [...world.state.merchants.values()].some(
    (other) => other.userId !== userId && other.aliasPrefix === prefix,
  );
}

function freePrefix(world: World): string {
  for (;;) {
    const prefix = `m${world.ids.hex('alias prefix', 5)}`;
    if (!prefixTaken(world, prefix, '')) return prefix;
  }
}
