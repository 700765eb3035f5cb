import type { TaloClient } from '../../client.ts';
import { TaloApiError } from '../../errors/errors.ts';
import { centavos, toDecimal } from '../../money.ts';
import type { Credit, Inbox } from '../inbox/inbox.ts';
import type { World } from '../resource.ts';
import type { DivergentCustomer } from './report.ts';

/** A balance as it was last explained, and what had been credited by then, in centavos. */
interface Observed {
  readonly balance: number;
  readonly gross: number;
  readonly net: number;
  /** Credits without any amount. */
  readonly unknown: number;
}

/** A balance that did not fit when it was last looked at: what it changed by, and what was credited. */
interface Doubt {
  readonly since: number;
  readonly change: number;
  readonly credited: number;
}

/** Where the round through the customers stands. */
interface Progress {
  readonly after?: string;
  readonly doubts: readonly (readonly [customerId: string, doubt: Doubt])[];
}

export interface BalancePorts {
  readonly inbox: Inbox;
  readonly now: () => number;
  /** Between two GETs. Rejects when the pass has to end. */
  readonly pace: () => Promise<void>;
}

/** Only what lasts is believed: a notification may be under way, and Talo's balance may come late. */
const LASTING_MS = 10 * 60_000;
/** Customers read from the inbox at a time. */
const PAGE = 100;
/** Doubts that are kept at a time; a customer beyond them is found again in the next round. */
const MOST_DOUBTS = 1_000;

/**
 * Compares balances of customers with what was credited to them: the only sign of a transfer whose notification was lost
 * and that Talo's ledger does not show. Goes through all customers in rounds, `limit` at a time, those in doubt first.
 */
export class Balances {
  readonly #world: World;
  readonly #ports: BalancePorts;
  /** How many more may be asked for. */
  #left = 0;
  #doubts = new Map<string, Doubt>();

  constructor(world: World, ports: BalancePorts) {
    this.#world = world;
    this.#ports = ports;
  }

  /**
   * @param shown customers that Talo's ledger shows, which need no balance
   * @param limit customers that may be asked for; of none, what was in doubt is known afterwards
   */
  async compare(client: TaloClient, shown: ReadonlySet<string>, limit: number): Promise<void> {
    const { inbox } = this.#ports;
    this.#left = limit;
    const mark = this.#key('balances');
    const stored = await inbox.recall(mark);
    const progress: Progress = stored === undefined ? { doubts: [] } : JSON.parse(stored);
    this.#doubts = new Map(progress.doubts);
    let { after } = progress;
    let refusal: TaloApiError | undefined;
    try {
      const doubted = [...this.#doubts.keys()].slice(0, Math.ceil(this.#left / 2));
      for (const customerId of doubted) {
        await this.#ports.pace();
        // at the end of the row beforehand: one that cannot be read does not stand in the way of the next
        const doubt = this.#doubts.get(customerId);
        if (doubt !== undefined && this.#doubts.delete(customerId)) this.#doubts.set(customerId, doubt);
        await this.#look(client, customerId).catch((error: unknown) => {
          // that Talo refuses to show one keeps nobody else from being compared
          if (!(error instanceof TaloApiError) || error.status >= 500) throw error;
          refusal ??= error;
        });
      }
      while (this.#left > 0) {
        const page = await inbox.recallAll(trackedCvus(this.#world), Math.min(this.#left, PAGE), after);
        if (page.length === 0) {
          after = undefined;
          break;
        }
        for (const { key, value } of page) {
          const asked = !shown.has(value);
          if (asked) await this.#ports.pace();
          // one that cannot be read must not stop the round: it comes again in the next
          after = key;
          if (asked) await this.#look(client, value);
        }
      }
    } finally {
      const reached: Progress = { ...(after !== undefined && { after }), doubts: [...this.#doubts] };
      await inbox.remember([{ key: mark, value: JSON.stringify(reached) }]);
    }
    if (refusal !== undefined) throw refusal;
  }

  /** Customers whose doubt has lasted. */
  divergent(): readonly DivergentCustomer[] {
    const now = this.#ports.now();
    return [...this.#doubts].flatMap(([customerId, { since, change, credited }]) => {
      if (change < credited || now - since < LASTING_MS) return [];
      const amounts = { change: decimal(change), credited: decimal(credited) };
      return { customerId, ...amounts, since: new Date(since) };
    });
  }

  async #look(client: TaloClient, customerId: string): Promise<void> {
    this.#left--;
    const { inbox, now } = this.#ports;
    const balance = await balanceOf(client, customerId);
    if (balance === undefined) return;
    const credits = await inbox.credits({ ...this.#world, customerId });
    const key = this.#key('balance', customerId);
    const stored = await inbox.recall(key);
    const last: Observed | undefined = stored === undefined ? undefined : JSON.parse(stored);
    // nobody knows yet on which side of this balance a new credit is: no good place to begin
    if (last === undefined && credits.some(({ at }) => now() - at < LASTING_MS)) return;
    const seen: Observed = { balance, ...sumOf(credits) };
    const doubt = last && doubtOf(last, seen);
    const since = this.#doubts.get(customerId)?.since ?? now();
    // back at the end: of many each has its turn
    this.#doubts.delete(customerId);
    // money that is gone for good went out: from there on is compared anew
    if (doubt === undefined || (doubt.change < doubt.credited && now() - since >= LASTING_MS)) {
      await inbox.remember([{ key, value: JSON.stringify(seen) }]);
    } else if (this.#doubts.size < MOST_DOUBTS) {
      this.#doubts.set(customerId, { since, ...doubt });
    }
  }

  #key(...names: readonly string[]): string {
    return JSON.stringify([this.#world.environment, this.#world.accountId, ...names]);
  }
}

/** Balances may count what was sent or what is left of it: it fits if either explains the change. */
function doubtOf(last: Observed, now: Observed): Omit<Doubt, 'since'> | undefined {
  const change = now.balance - last.balance;
  const [gross, net] = [now.gross - last.gross, now.net - last.net];
  if (change === gross || change === net || now.unknown !== last.unknown) return undefined;
  return { change, credited: change > net && change < gross ? net : gross };
}

/** Baseline money was there before, so it is in no change. */
function sumOf(credits: readonly Credit[]): Omit<Observed, 'balance'> {
  const sum = { gross: 0, net: 0, unknown: 0 };
  for (const { kind, gross, net } of credits) {
    const sign = kind === 'credit' ? 1 : kind === 'reversal' ? -1 : 0;
    const [sent, left] = [gross ?? net, net ?? gross];
    if (sent === undefined || left === undefined) sum.unknown++;
    else {
      sum.gross += sign * sent.centavos;
      sum.net += sign * left.centavos;
    }
  }
  return sum;
}

/** @returns `undefined` where Talo has none that could be read */
async function balanceOf(client: TaloClient, customerId: string): Promise<number | undefined> {
  try {
    return (await client.customers.get(customerId)).balance?.centavos;
  } catch (error) {
    if (error instanceof TaloApiError && error.status === 404) return undefined;
    throw error;
  }
}

function decimal(amount: number): string {
  return toDecimal(centavos(amount));
}

/** Where the customer of a CVU is remembered. */
export function trackedCvu(world: World, cvu: string): string {
  return `${trackedCvus(world)}${JSON.stringify(cvu)}]`;
}

function trackedCvus({ environment, accountId }: World): string {
  return `${JSON.stringify([environment, accountId, 'cvu']).slice(0, -1)},`;
}
