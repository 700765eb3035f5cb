import type { Place } from '../resource.ts';

/** So many looks at once, then one every so often. */
export interface Rate {
  readonly burst: number;
  readonly everyMs: number;
}

/**
 * What looks at resources that nobody has seen before may cost. Ids are easy to invent: whoever can send hints could
 * make us ask Talo for each of them. Known resources cost nothing here, they have a floor of their own.
 */
export const RATES = {
  /** Everybody who proves nothing, together. */
  stranger: { burst: 10, everyMs: 1_000 },
  /** Whoever knows a URL signed for a customer. */
  customer: { burst: 30, everyMs: 1_000 },
  /** Whoever knows any other URL signed for an account. */
  account: { burst: 1_000, everyMs: 10 },
} as const satisfies Record<string, Rate>;

/** The one lane of its kind; no account is called so. */
const STRANGER = 'stranger';

/** On whose budget a look at an unseen resource goes. */
export function laneOf({ accountId, resource }: Place, authenticated: boolean): readonly [string, Rate] {
  if (!authenticated) return [STRANGER, RATES.stranger];
  return resource.kind === 'transfer'
    ? [JSON.stringify([accountId, resource.customerId]), RATES.customer]
    : [accountId, RATES.account];
}

/** The names that {@link laneOf} gives tell. */
function kindOf(lane: string): keyof typeof RATES {
  if (lane === STRANGER) return STRANGER;
  return lane.startsWith('[') ? 'customer' : 'account';
}

/** Lanes that are even again are forgotten when there are this many. */
const MOST_LANES = 10_000;

/** Spreads looks over time instead of refusing them (a leaky bucket per lane, known as GCRA). */
export class Budget {
  /** When a lane will have paid for all that it took, in monotonic milliseconds. */
  readonly #paid = new Map<string, number>();

  /**
   * Takes one look from a lane.
   * @param now monotonic milliseconds
   * @returns milliseconds until it may be made: 0 until the burst is used up
   */
  take(lane: string, { burst, everyMs }: Rate, now: number): number {
    if (this.#paid.size >= MOST_LANES) this.#forget(now);
    const paid = Math.max(now, this.#paid.get(lane) ?? now) + everyMs;
    this.#paid.set(lane, paid);
    return Math.max(0, paid - burst * everyMs - now);
  }

  /** Gives one back that was not needed. */
  giveBack(lane: string, { everyMs }: Rate): void {
    const paid = this.#paid.get(lane);
    if (paid !== undefined) this.#paid.set(lane, paid - everyMs);
  }

  /** Looks that could be made at once, of each kind of lane in the one that has least left. */
  left(now: number): Readonly<Record<keyof typeof RATES, number>> {
    const debts = { stranger: 0, customer: 0, account: 0 };
    for (const [lane, paid] of this.#paid) {
      const kind = kindOf(lane);
      debts[kind] = Math.max(debts[kind], paid - now);
    }
    const left = (kind: keyof typeof RATES) => {
      const { burst, everyMs } = RATES[kind];
      return Math.max(0, Math.floor(burst - debts[kind] / everyMs));
    };
    return { stranger: left('stranger'), customer: left('customer'), account: left('account') };
  }

  #forget(now: number): void {
    for (const [lane, paid] of this.#paid) if (paid <= now) this.#paid.delete(lane);
  }
}
