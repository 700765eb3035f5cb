import { documented } from '../documented.ts';
import { notFound, Problem } from '../problem.ts';
import { addMerchant, findMerchant, watchActivation } from './merchants.ts';
import type { Merchant } from './records.ts';
import type { World } from './world.ts';

const CODE_LIFE_MS = 10 * 60_000;

export function findPartner(world: World, partnerId: string): void {
  if (partnerId !== world.partner.id) throw notFound('partner');
}

/**
 * A merchant consents: its account exists from now on, PENDING until Talo has checked it. The same referred user gets
 * the same account again.
 * @returns the one-time code for the exchange
 */
export function consent(world: World, referredUserId: string | undefined): string {
  const merchant = referredAccount(world, referredUserId) ?? open(world, referredUserId);
  const code = world.ids.hex('code', 32);
  const grant = { userId: merchant.userId, expiresAt: world.clock.now() + CODE_LIFE_MS };
  world.state.codes.set(code, grant);
  world.save({ kind: 'code', key: code, record: grant });
  return code;
}

/** Where a merchant comes back to after consenting. */
export function returnAddress(redirectUri: string, code: string): string {
  const back = new URL(redirectUri);
  back.searchParams.set('code', code);
  return back.href;
}

function referredAccount(world: World, referredUserId: string | undefined): Merchant | undefined {
  if (referredUserId === undefined) return undefined;
  return [...world.state.merchants.values()].find((merchant) => merchant.referredUserId === referredUserId);
}

function open(world: World, referredUserId: string | undefined): Merchant {
  const { referred } = documented;
  const asDocumented = world.documentedIds && referredUserId === referred.referredUserId;
  const merchant = addMerchant(world, {
    status: 'PENDING',
    ofPartner: true,
    ...(asDocumented && { userId: referred.userId }),
    ...(referredUserId !== undefined && { referredUserId }),
  });
  merchant.activatesAt = world.clock.now() + world.activationDelayMs;
  watchActivation(world, merchant);
  world.save({ kind: 'merchant', record: merchant });
  return merchant;
}

/** Exchanges a code, once. */
export function redeem(world: World, code: string): Merchant {
  const grant = world.state.codes.get(code);
  world.state.codes.delete(code);
  world.save({ kind: 'code', key: code, record: undefined });
  if (grant === undefined || grant.expiresAt <= world.clock.now()) {
    throw new Problem(400, 'invalid_code', 'code is unknown, used or expired');
  }
  return findMerchant(world, grant.userId);
}
