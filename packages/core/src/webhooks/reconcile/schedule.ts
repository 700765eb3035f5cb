import type { Account } from '../../models/account.ts';
import type { Payment } from '../../models/payment.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long after its creation an object of ours is looked at, if no notification ever comes. */
export const FIRST_LOOK_MS = 10 * MINUTE_MS;

/** Money comes late: a payment is looked at again this long after its end. */
const AFTER_END_MS = [MINUTE_MS, HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS] as const;

/** The older an open payment, the rarer a look: a quarter of its age, from 10 minutes to 6 hours. */
export function nextPaymentLook(payment: Payment, now: number): number | undefined {
  const ends = payment.expiresAt?.getTime();
  const age = now - (payment.createdAt?.getTime() ?? now);
  const ageing = now + Math.min(6 * HOUR_MS, Math.max(FIRST_LOOK_MS, age / 4));
  if (ends === undefined) return age > 60 * DAY_MS ? undefined : ageing;
  if (now < ends) return Math.min(ageing, ends + MINUTE_MS);
  const later = AFTER_END_MS.find((after) => ends + after > now);
  return later === undefined ? undefined : ends + later;
}

/** Nobody is told of a rejection (talo-api 7): an account that waits is looked at every half hour. */
export function nextAccountLook(account: Account, now: number): number | undefined {
  return account.status === 'PENDING' ? now + 30 * MINUTE_MS : undefined;
}
