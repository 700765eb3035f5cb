import { addMoney, centavos, type Money } from '@talo/core';
import { invalid } from '../problem.ts';
import { share } from '../wire-money.ts';
import { issueSender } from './addresses.ts';
import type { LedgerRow, Merchant } from './records.ts';
import type { World } from './world.ts';

const DAY_MS = 24 * 3_600_000;
/** Argentina has no daylight saving: 9:00 there, when banks open. The hour of Talo's payouts is unknown. */
const NINE_IN_ARGENTINA_MS = 12 * 3_600_000;
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** Money leaves: what arrives is `net`, and the commission on it is on top, in `gross` (sample in talo-api 3.9). */
export function payOut(world: World, merchant: Merchant, amount: Money): void {
  const now = world.clock.now();
  const commission = share(amount, merchant.commissionPpm);
  const gross = centavos(-addMoney(amount, commission).centavos);
  const balance = merchant.balance.centavos + gross.centavos;
  if (!Number.isSafeInteger(balance))
    throw invalid('the account has paid out more than can be counted exactly');
  const row: LedgerRow = {
    id: world.ids.uuid('ledger'),
    userId: merchant.userId,
    type: 'OUTBOUND',
    gross,
    net: centavos(-amount.centavos),
    commission,
    commissionPpm: merchant.commissionPpm,
    cvu: issueSender(world).account,
    alias: merchant.payout?.address ?? 'payout.address',
    at: now,
    readableAt: now,
    status: 'PROCESSED',
  };
  world.state.ledger.push(row);
  merchant.balance = centavos(balance);
  world.save({ kind: 'ledger', record: row });
  world.save({ kind: 'merchant', record: merchant });
}

/** Sets the account's next payout, if it has a schedule. */
export function planPayout(world: World, merchant: Merchant): void {
  const at =
    merchant.payout && merchant.status === 'ACTIVE'
      ? nextPayout(merchant.payout.frequency, world.clock.now())
      : undefined;
  if (at === merchant.nextPayoutAt) return;
  if (at === undefined) delete merchant.nextPayoutAt;
  else merchant.nextPayoutAt = at;
  watchPayout(world, merchant);
}

/** Runs the schedule when its time comes, and again after that. */
export function watchPayout(world: World, merchant: Merchant): void {
  const { nextPayoutAt } = merchant;
  if (nextPayoutAt === undefined) return;
  world.schedule(nextPayoutAt, () => {
    if (merchant.nextPayoutAt !== nextPayoutAt) return;
    if (world.oddities.payoutsRun) payOutBalance(world, merchant);
    planPayout(world, merchant);
    world.save({ kind: 'merchant', record: merchant });
  });
}

/** All that the balance covers, its commission included. */
export function payOutBalance(world: World, merchant: Merchant): void {
  const amount = affordable(merchant.balance, merchant.commissionPpm);
  if (amount.centavos > 0) payOut(world, merchant, amount);
}

/** The largest amount that, with its commission, is within `balance`. */
function affordable(balance: Money, ppm: number): Money {
  let guess = Number((BigInt(Math.max(0, balance.centavos)) * 1_000_000n) / BigInt(1_000_000 + ppm)) + 1;
  const cost = (): number => guess + share(centavos(guess), ppm).centavos;
  while (guess > 0 && cost() > balance.centavos) guess -= 1;
  return centavos(guess);
}

/** The first payout after `now`; `undefined` for a frequency that nobody documents. */
export function nextPayout(frequency: string, now: number): number | undefined {
  const days = { daily: 1, bi_daily: 2, weekly: 7 }[frequency];
  if (days !== undefined) {
    const first = (days === 7 ? FIRST_MONDAY_MS : 0) + NINE_IN_ARGENTINA_MS;
    const step = days * DAY_MS;
    return first + (Math.floor((now - first) / step) + 1) * step;
  }
  if (frequency !== 'monthly') return undefined;
  const date = new Date(now);
  const inMonth = (offset: number): number =>
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1) + NINE_IN_ARGENTINA_MS;
  return inMonth(0) > now ? inMonth(0) : inMonth(1);
}
