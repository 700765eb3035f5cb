import { aliasPrefix, bankAlias } from './alias.ts';
import { cbu, cvu } from './bank-account.ts';
import { type Constraint, constraint } from './constraint.ts';
import { integer } from './number.ts';
import { object } from './object.ts';
import { oneOf } from './text.ts';

/** How often Talo pays out; `bi_daily` is twice a day or every second day, Talo does not say (talo-api 7). */
export type PayoutFrequency = 'bi_daily' | 'daily' | 'weekly' | 'monthly';

/** Where and how often Talo pays out by itself. */
export interface PayoutSchedule {
  /** CVU, CBU or alias, of the same holder as the account. */
  readonly address: string;
  readonly frequency: PayoutFrequency;
}

/** What can be set of an account: any of these, at least one; what is left out stays as it is (talo-api 7). */
export interface AccountConfig {
  /** First part of every alias: at most 8 lowercase letters, digits and underscores, unique at Talo. */
  readonly aliasPrefix?: string | undefined;
  /** Hours until an unpaid payment expires: a whole number from 1 to 200. Payments only. */
  readonly cancellationPeriod?: number | undefined;
  /** Pesos by which a transfer may miss the price: a whole number from 0 to 10000. Payments only. */
  readonly transferTolerance?: number | undefined;
  readonly payoutSchedule?: PayoutSchedule | undefined;
}

/** Hours until an unpaid payment expires: a whole number from 1 to 200 (talo-api 7). */
export const cancellationPeriod: Constraint<number> = /* @__PURE__ */ integer(1, 200, 'hours');

/** Pesos by which a transfer may miss the price: a whole number from 0 to 10000 (talo-api 7). */
export const transferTolerance: Constraint<number> = /* @__PURE__ */ integer(0, 10_000, 'pesos');

/** `bi_daily`, `daily`, `weekly` or `monthly` (talo-api 7). */
export const payoutFrequency: Constraint<PayoutFrequency> = /* @__PURE__ */ oneOf(
  'bi_daily',
  'daily',
  'weekly',
  'monthly',
);

/** What is all digits and too long for an alias is meant as a CVU or CBU; the 000 says which. */
const address: Constraint<string> = /* @__PURE__ */ constraint('a CVU, CBU or alias', (value, fail, also) => {
  if (typeof value !== 'string') fail('type');
  else also([], /^\d{21}/.test(value) ? (/^000/.test(value) ? cvu : cbu) : bankAlias, value);
});

/** A CVU, CBU or alias and a frequency, both of them (talo-api 7). Whose account it is only Talo can tell. */
export const payoutSchedule: Constraint<PayoutSchedule> = /* @__PURE__ */ object({
  address,
  frequency: payoutFrequency,
});

/** What `account.update` takes: any of its keys, at least one, no other (talo-api 7). */
export const accountConfig: Constraint<AccountConfig> = /* @__PURE__ */ object(
  {},
  { aliasPrefix, cancellationPeriod, transferTolerance, payoutSchedule },
  true,
);
