// What looks at resources that nobody has seen may cost Talo, held against what Talo got.
import type { Get } from './talo.ts';

export type Lane = 'stranger' | 'customer' | 'order' | 'account';

/** So many at once, then one every so often: as the design states it, not as the engine has it. */
const BUDGETS: Readonly<Record<Lane, { readonly burst: number; readonly everyMs: number }>> = {
  stranger: { burst: 10, everyMs: 1_000 },
  customer: { burst: 30, everyMs: 500 },
  order: { burst: 30, everyMs: 500 },
  account: { burst: 1_000, everyMs: 10 },
};

export interface LaneUse {
  readonly lane: Lane;
  readonly gets: number;
  /** The budget at the moment of the last GET. */
  readonly allowed: number;
  /** By how much the budget was ever exceeded; 0 or less is within it. */
  readonly excess: number;
}

/**
 * What strangers made us ask, by the lane that pays for it; the ids that they invent say which.
 * @param held payments of ours that come by a leaked address of another order alone
 */
export function lanesOf(
  gets: readonly Get[],
  since: number,
  attackedCustomer: string,
  held: readonly string[],
): readonly LaneUse[] {
  const customer = `/customers/${attackedCustomer}/transactions`;
  const asked = (...paths: readonly string[]) =>
    gets.filter(({ path }) => paths.some((start) => path.startsWith(start)));
  return [
    useOf('stranger', asked('/payments/stranger-', `${customer}/stranger-`), since),
    useOf('customer', asked(`${customer}/leaked-`), since),
    // a hint that was let through may have several looks behind it; those at what is not there are the account's
    useOf('order', firsts(asked('/payments/leaked-', ...held.map((id) => `/payments/${id}`))), since),
    useOf('account', asked('/payments/leaked-'), since),
  ];
}

/** The first GET of each path. */
function firsts(gets: readonly Get[]): readonly Get[] {
  const seen = new Map<string, Get>();
  for (const get of gets) if (!seen.has(get.path)) seen.set(get.path, get);
  return [...seen.values()];
}

/** @param since when the first hint of the lane can have come */
function useOf(lane: Lane, gets: readonly Get[], since: number): LaneUse {
  const { burst, everyMs } = BUDGETS[lane];
  const times = gets.map(({ at }) => at).toSorted((a, b) => a - b);
  const allowedAt = (at: number) => burst + Math.floor((at - since) / everyMs) + 1;
  const excesses = times.map((at, i) => i + 1 - allowedAt(at));
  const last = times.at(-1);
  return {
    lane,
    gets: times.length,
    allowed: last === undefined ? burst : allowedAt(last),
    excess: Math.max(...excesses, -burst),
  };
}
