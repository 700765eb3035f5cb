import type { Place, World } from '../resource.ts';

/** So many looks at once, then one every so often. */
export interface Rate {
  readonly burst: number;
  readonly everyMs: number;
}

/** What one lane may spend. */
export interface Allowance {
  /** For looks that are made in turn. */
  readonly queue: Rate;
  /**
   * For whoever comes while others queue: without it a flood that is over would still be in front of the next genuine
   * transfer, for as long as its queue takes. For those alone who prove something.
   */
  readonly passing?: Rate;
  /** Looks that may queue. */
  readonly most?: number;
}

/**
 * What looks at resources that nobody has seen before may cost. Ids are easy to invent: whoever can send hints could
 * make us ask Talo for each of them. Known resources cost nothing here, they have a floor of their own; except by the
 * URL of another order, because payments' ids are easy to guess too.
 */
const ALLOWANCES = {
  /** Everybody who proves nothing, together: 10, and one a second. */
  stranger: { queue: { burst: 10, everyMs: 1_000 } },
  /** Whoever knows a URL signed for a customer: 30, and two a second. */
  customer: { queue: { burst: 24, everyMs: 625 }, passing: { burst: 6, everyMs: 2_500 }, most: 10_000 },
  /** Whoever knows the URL of an order, at payments that are not known to be this order's: 30, and two a second. */
  order: { queue: { burst: 30, everyMs: 500 } },
  /** Whoever knows any other URL signed for an account: 1,000, and a hundred a second. */
  account: { queue: { burst: 800, everyMs: 12.5 }, passing: { burst: 200, everyMs: 50 } },
} as const satisfies Record<string, Allowance>;

type Kind = keyof typeof ALLOWANCES;

/** On whose budget looks at a resource go. */
export interface Lane {
  readonly name: string;
  readonly allowance: Allowance;
}

/** The one lane of its kind; no account is called so. */
const STRANGER = 'stranger';

export function laneOf({ accountId, resource }: Place, authenticated: boolean): Lane {
  if (!authenticated) return { name: STRANGER, allowance: ALLOWANCES.stranger };
  return resource.kind === 'transfer'
    ? laneOfCustomer(accountId, resource.customerId)
    : { name: accountId, allowance: ALLOWANCES.account };
}

export function laneOfCustomer(accountId: string, customerId: string): Lane {
  return { name: JSON.stringify([accountId, customerId]), allowance: ALLOWANCES.customer };
}

/** Of what comes by an order's URL and is not known to be this order's, seen before or not. */
export function laneOfOrder({ environment, accountId }: World, order: string): Lane {
  return { name: JSON.stringify({ environment, accountId, order }), allowance: ALLOWANCES.order };
}

/** The names of lanes tell. */
function kindOf(name: string): Kind {
  if (name === STRANGER) return STRANGER;
  if (name.startsWith('{')) return 'order';
  return name.startsWith('[') ? 'customer' : 'account';
}

/** Whoever came now would wait longer than this: so many ask that somebody invents. */
const CROWDED_MS = 2_000;

/** Lanes that are even again are forgotten when there are this many. */
const MOST_LANES = 10_000;

/** Spreads looks over time instead of refusing them (leaky buckets, known as GCRA). Times are monotonic milliseconds. */
export class Budget {
  /** When a lane will have paid for all that it took. */
  readonly #queued = new Map<string, number>();
  readonly #passed = new Map<string, number>();
  readonly #turns = new Map<string, number>();

  /** Takes one look. @returns milliseconds until it may be made: 0 until the burst is used up */
  take({ name, allowance }: Lane, now: number): number {
    return charge(this.#queued, name, allowance.queue, now);
  }

  /** Takes one look that need not queue, if there is one left. */
  pass({ name, allowance: { passing } }: Lane, now: number): boolean {
    if (passing === undefined || waitOf(this.#passed, name, passing, now) > 0) return false;
    charge(this.#passed, name, passing, now);
    return true;
  }

  /** Gives one back that was not needed. */
  giveBack({ name, allowance }: Lane): void {
    const paid = this.#queued.get(name);
    if (paid !== undefined) this.#queued.set(name, paid - allowance.queue.everyMs);
  }

  /** Whether whoever comes now has to wait long. */
  crowded({ name, allowance }: Lane, now: number): boolean {
    return waitOf(this.#queued, name, allowance.queue, now) > CROWDED_MS;
  }

  /** Whether no more should be stored on this lane's account. */
  full({ name, allowance: { queue, most } }: Lane, now: number): boolean {
    return most !== undefined && waitOf(this.#queued, name, queue, now) > most * queue.everyMs;
  }

  /** Takes a turn at what may be done so often and no more, if there is one left. */
  turn(name: string, rate: Rate, now: number): boolean {
    if (waitOf(this.#turns, name, rate, now) > 0) return false;
    charge(this.#turns, name, rate, now);
    return true;
  }

  /** Looks that could be made at once, of each kind of lane in the one that has least left. */
  left(now: number): Readonly<Record<Exclude<Kind, 'order'>, number>> {
    const leftOf = (kind: Kind, paid: ReadonlyMap<string, number>, { burst, everyMs }: Rate) => {
      const debts = [...paid.keys()].map((name) => (kindOf(name) === kind ? debtOf(paid, name, now) : 0));
      return Math.max(0, Math.floor(burst - Math.max(0, ...debts) / everyMs));
    };
    const left = (kind: Kind) => {
      const { queue, passing }: Allowance = ALLOWANCES[kind];
      return leftOf(kind, this.#queued, queue) + (passing ? leftOf(kind, this.#passed, passing) : 0);
    };
    return { stranger: left('stranger'), customer: left('customer'), account: left('account') };
  }
}

function debtOf(paid: ReadonlyMap<string, number>, name: string, now: number): number {
  return Math.max(0, (paid.get(name) ?? now) - now);
}

function waitOf(
  paid: ReadonlyMap<string, number>,
  name: string,
  { burst, everyMs }: Rate,
  now: number,
): number {
  return Math.max(0, debtOf(paid, name, now) + everyMs - burst * everyMs);
}

function charge(paid: Map<string, number>, name: string, rate: Rate, now: number): number {
  if (paid.size >= MOST_LANES) for (const [lane, until] of paid) if (until <= now) paid.delete(lane);
  const wait = waitOf(paid, name, rate, now);
  paid.set(name, now + debtOf(paid, name, now) + rate.everyMs);
  return wait;
}
