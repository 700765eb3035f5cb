import type { TaloClient } from '../../client.ts';
import type { Clock } from '../../clock.ts';
import { describe } from '../describe.ts';
import type { Inbox } from '../inbox/inbox.ts';
import type { Logger, ReconcileOptions } from '../options.ts';
import { type AccountReport, type ReconcileReport, reconcileAccount } from './reconcile.ts';

export interface ReconcilerPorts {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly log: Logger;
  readonly clientFor: (accountId: string) => Promise<TaloClient | undefined>;
  /** The account of an engine that has but one. */
  readonly ownAccount: string | undefined;
  /** A hint was put. */
  readonly wake: () => void;
  /** Works off what was put. */
  readonly settle: () => Promise<unknown>;
}

const EVERY_MS = 15 * 60_000;
const PACE_MS = 200;

/** Passes over Talo's ledger, now and then and on demand, one at a time. */
export class Reconciler {
  readonly #ports: ReconcilerPorts;
  readonly #options: ReconcileOptions;
  #pass: Promise<ReconcileReport> | undefined;
  #timer: unknown;

  constructor(options: ReconcileOptions, ports: ReconcilerPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /** Plans the next pass, and after it the one after. */
  start(): void {
    const { clock, log } = this.#ports;
    this.#timer = clock.setTimeout(() => {
      this.pass()
        .catch((error: unknown) => log.error(`Talo webhooks: reconciling failed: ${describe(error)}.`))
        .finally(() => this.#timer !== undefined && this.start());
    }, this.#options.every ?? EVERY_MS);
  }

  stop(): void {
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

  /** From when on money is ours to tell of: remembered at the first start, so that a restart changes nothing. */
  async since(accountId: string, environment: string): Promise<number> {
    const { inbox, clock } = this.#ports;
    if (this.#options.since !== undefined) return this.#options.since.getTime();
    const key = JSON.stringify([environment, accountId, 'since']);
    const known = await inbox.recall(key);
    if (known !== undefined) return Number(known);
    const now = clock.now();
    await inbox.remember([{ key, value: String(now) }]);
    return now;
  }

  async #run(): Promise<ReconcileReport> {
    const { inbox, clock, log, clientFor, ownAccount, wake, settle } = this.#ports;
    const startedAt = new Date(clock.now());
    const accounts: AccountReport[] = [];
    const own = ownAccount === undefined ? [] : [ownAccount];
    for (const accountId of (await this.#options.accounts?.()) ?? own) {
      const client = await clientFor(accountId);
      if (client === undefined) continue;
      const report = await reconcileAccount(accountId, client, {
        inbox,
        clock,
        put: async (hint) => {
          await inbox.put(hint);
          wake();
        },
        settle,
        since: (id, environment) => this.since(id, environment),
        paceMs: this.#options.pace ?? PACE_MS,
      });
      accounts.push(report);
      if (report.unmatched.length > 0) {
        const rows = `${report.unmatched.length} rows of Talo's ledger`;
        log.warn(`Talo webhooks: ${rows} match no credit of account ${accountId}; reconcile() returns them.`);
      }
    }
    const report = { startedAt, endedAt: new Date(clock.now()), accounts };
    await inbox.remember([{ key: 'reconcile report', value: JSON.stringify(report) }]);
    return report;
  }
}
