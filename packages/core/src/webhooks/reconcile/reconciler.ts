import { contextOf, type TaloClient } from '../../client.ts';
import type { Clock } from '../../clock.ts';
import { describe } from '../describe.ts';
import { inTime } from '../in-time.ts';
import type { Inbox } from '../inbox/inbox.ts';
import type { Logger, ReconcileOptions } from '../options.ts';
import { someAtATime } from '../some-at-a-time.ts';
import { AccountPass } from './account-pass.ts';
import {
  type AccountReport,
  REPORT,
  type ReconcileReport,
  type ReconcileSummary,
  summaryOf,
  unreachableReport,
} from './report.ts';

export interface ReconcilerPorts {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly log: Logger;
  readonly clientFor: (accountId: string) => Promise<TaloClient | undefined>;
  /** Where Talo refuses an account or slows it down: how long it is left alone. */
  readonly pausedUntil: (accountId: string) => number | undefined;
  /** The account of an engine that has but one. */
  readonly ownAccount: string | undefined;
  /** A hint was put. */
  readonly wake: () => void;
  /** Works off what was put. */
  readonly settle: () => Promise<unknown>;
}

const EVERY_MS = 15 * 60_000;
const PACE_MS = 200;
const CUSTOMERS = 100;
/** Accounts at a time. */
const AT_A_TIME = 4;
/** After a pass that took longer than there is between two. */
const PAUSE_MS = 1_000;
/** Longer no start waits for `clientFor`. */
const MEET_MS = 10_000;
const SUMMARY = 'reconcile summary';
/** A window that was begun this long ago ends too early to be gone on with. */
const STALE_MS = 3_600_000;
/** Behind a time that was not held against Talo's clock yet. */
const UNSURE = '?';
/** Talo's clock is known to a second or two: less is no difference. */
const AHEAD_MS = 60_000;

/** An account that is gone through. */
interface Begun {
  readonly client: TaloClient;
  readonly pass: AccountPass;
  /** Where its pass is kept, if it does not get to its end. */
  readonly key: string;
  /** Of the pass, when it was begun or gone on with. */
  readonly steps: number;
}

/** Passes over Talo's ledger, now and then and on demand, one at a time. */
export class Reconciler {
  readonly #ports: ReconcilerPorts;
  readonly #options: ReconcileOptions;
  #pass: Promise<ReconcileReport> | undefined;
  /** Passes that got part of the way, by account: the next one goes on there. */
  readonly #unfinished = new Map<string, AccountPass>();
  /** The account at which the time for balances was over. */
  #next: string | undefined;
  #timer: unknown;
  #stopped = false;

  constructor(options: ReconcileOptions, ports: ReconcilerPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /**
   * Meets every account before its first money can come: what its client creates is heard of from here on, and since when
   * its money is news is settled. One that cannot be met now is met when it is first heard of.
   */
  async meet(): Promise<void> {
    const { clock, log, clientFor, ownAccount } = this.#ports;
    const meet = async (accountId: string): Promise<void> => {
      const client = await clientFor(accountId);
      if (client !== undefined) await this.since(accountId, client.environment);
    };
    if (ownAccount !== undefined) await meet(ownAccount);
    if (this.#options.accounts === undefined) return;
    let refusal: unknown;
    const refused = (error: unknown): void => {
      refusal ??= error;
    };
    const met = this.#accounts().then((accounts) =>
      someAtATime(accounts, AT_A_TIME, (accountId) => meet(accountId).catch(refused)),
    );
    await inTime(clock, MEET_MS, met, () => 'clientFor').catch(refused);
    if (refusal !== undefined)
      log.warn(
        `Talo webhooks: not every one of reconcile.accounts could be asked for: ${describe(refusal)}.`,
      );
  }

  /** Plans the next pass, and after it the one after. @param afterMs from now on */
  start(afterMs = this.#everyMs): void {
    const { clock, log } = this.#ports;
    this.#timer = clock.setTimeout(() => {
      const began = clock.now();
      this.pass()
        .catch((error: unknown) => log.error(`Talo webhooks: reconciling failed: ${describe(error)}.`))
        .finally(() => {
          const left = this.#everyMs - (clock.now() - began);
          if (this.#timer !== undefined) this.start(Math.max(left, Math.min(this.#everyMs, PAUSE_MS)));
        });
    }, afterMs);
  }

  get #everyMs(): number {
    return this.#options.every ?? EVERY_MS;
  }

  /** For good: a pass that runs ends after its step. */
  stop(): void {
    this.#stopped = true;
    this.#ports.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** A pass; one that is under way is joined. */
  pass(): Promise<ReconcileReport> {
    this.#pass ??= this.#run().finally(() => {
      this.#pass = undefined;
    });
    return this.#pass;
  }

  /**
   * From when on money is ours to tell of: remembered at the first start, so that a restart changes nothing. Talo's
   * dates are held against it, and our clock may be ahead of Talo's: then it is Talo's, as soon as an answer tells it.
   */
  async since(accountId: string, environment: string): Promise<number> {
    const { inbox, clock, clientFor } = this.#ports;
    if (this.#options.since !== undefined) return this.#options.since.getTime();
    const key = JSON.stringify([environment, accountId, 'since']);
    const known = await inbox.recall(key);
    if (known !== undefined && !known.endsWith(UNSURE)) return Number(known);
    const client = await clientFor(accountId);
    const ahead = clock.now() - (client?.[contextOf].transport.talosTime() ?? Number.NaN);
    // and never later than now: the clock may have been set back since
    const noted = Math.min(clock.now(), Number.parseInt(known ?? String(clock.now()), 10));
    const since = noted - (ahead > AHEAD_MS ? ahead : 0);
    const value = Number.isNaN(ahead) ? `${since}${UNSURE}` : String(since);
    if (value !== known) await inbox.remember([{ key, value }]);
    return since;
  }

  /** What the last pass found, of whichever process. */
  async summary(): Promise<ReconcileSummary | undefined> {
    const stored = await this.#ports.inbox.recall(SUMMARY);
    return stored === undefined ? undefined : JSON.parse(stored);
  }

  async #run(): Promise<ReconcileReport> {
    const { inbox, clock } = this.#ports;
    const startedAt = new Date(clock.now());
    const read = await someAtATime(await this.#accounts(), AT_A_TIME, (id) => this.#readLedger(id));
    // what was paid comes before what is only compared, for every account
    await this.#compareBalances(
      read.filter((account) => 'pass' in account),
      startedAt.getTime() + this.#everyMs,
    );
    const accounts = read.map((account) => ('pass' in account ? this.#reportOf(account) : account));
    const endedAt = new Date(clock.now());
    const report = { startedAt, endedAt, accounts };
    // the inbox may be closed by then
    if (!this.#stopped) {
      await inbox.remember([
        { key: SUMMARY, value: JSON.stringify(summaryOf(report)) },
        { key: REPORT, value: JSON.stringify(report) },
      ]);
    }
    return report;
  }

  /** Each once. */
  async #accounts(): Promise<readonly string[]> {
    const { ownAccount } = this.#ports;
    const own = ownAccount === undefined ? [] : [ownAccount];
    return [...new Set((await this.#options.accounts?.()) ?? own)];
  }

  /** One account that cannot be gone through keeps no other from it. */
  async #readLedger(accountId: string): Promise<Begun | AccountReport> {
    try {
      const client = await this.#ports.clientFor(accountId);
      if (client === undefined) {
        return unreachableReport(accountId, 'clientFor finds no client for this account.');
      }
      const begun = this.#passOf(accountId, client);
      await begun.pass.ledger(client);
      return begun;
    } catch (error) {
      return unreachableReport(accountId, describe(error));
    }
  }

  /** Of accounts for which there is time; the next pass begins with the first of the others. */
  async #compareBalances(accounts: readonly Begun[], until: number): Promise<void> {
    const { clock } = this.#ports;
    const first = Math.max(
      0,
      accounts.findIndex(({ key }) => key === this.#next),
    );
    this.#next = undefined;
    let compared = 0;
    await someAtATime([...accounts.slice(first), ...accounts.slice(0, first)], AT_A_TIME, async (account) => {
      const { client, pass, key } = account;
      const over = compared > 0 && clock.now() >= until;
      if (over) this.#next ??= key;
      else compared++;
      await pass.balances(client, over ? 0 : (this.#options.customers ?? CUSTOMERS));
    });
  }

  #pauseOf(accountId: string): string | undefined {
    const until = this.#ports.pausedUntil(accountId);
    if (until === undefined) return undefined;
    return `Talo refuses this account or slows it down: paused until ${new Date(until).toISOString()}.`;
  }

  #passOf(accountId: string, client: TaloClient): Begun {
    const { inbox, clock, wake, settle } = this.#ports;
    const key = JSON.stringify([client.environment, accountId]);
    const unfinished = this.#unfinished.get(key);
    const fresh = unfinished !== undefined && Math.abs(clock.now() - unfinished.startedAt) < STALE_MS;
    const pass = fresh
      ? unfinished
      : new AccountPass(accountId, client.environment, {
          inbox,
          clock,
          put: async (hint) => {
            await inbox.put(hint);
            wake();
          },
          settle,
          since: (id, environment) => this.since(id, environment),
          paceMs: this.#options.pace ?? PACE_MS,
          hindrance: () => (this.#stopped ? 'The engine was stopped.' : this.#pauseOf(accountId)),
        });
    return { client, pass, key, steps: pass.steps };
  }

  #reportOf({ pass, key, steps }: Begun): AccountReport {
    const report = pass.report();
    // one that got no further may be what stands in its own way
    if (report.unreachable !== undefined && pass.steps > steps) this.#unfinished.set(key, pass);
    else this.#unfinished.delete(key);
    const { accountId, unmatched, divergent } = report;
    if (unmatched.length + divergent.length > 0) {
      const found = `${unmatched.length} rows of Talo's ledger match no credit and ${divergent.length} balances no sum of them`;
      this.#ports.log.warn(`Talo webhooks: ${found}, of account ${accountId}; ledger.reconciled() has them.`);
    }
    return report;
  }
}
