import type { TaloClient } from '../../client.ts';
import type { Clock } from '../../clock.ts';
import { TaloTransportError, TaloWebhookError } from '../../errors/errors.ts';
import type { LedgerEntry } from '../../models/ledger-entry.ts';
import { toDecimal } from '../../money.ts';
import type { LedgerCursor } from '../../resources/transactions.ts';
import { describe } from '../describe.ts';
import type { Hint, Inbox } from '../inbox/inbox.ts';
import { refundsKey, withRows } from '../look/refunds.ts';
import { keyOf, type Resource, type World } from '../resource.ts';
import { Balances } from './balances.ts';
import { isRefund, mistakable, unpaired } from './matching.ts';
import type { AccountReport, UnmatchedRow } from './report.ts';
import { customerOf, idOfTransfer } from './rows.ts';
import { nextWindow, type SeenRow, sealWindow, type Window } from './window.ts';

export interface PassPorts {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly put: (hint: Hint) => Promise<unknown>;
  /** Works off what was put. */
  readonly settle: () => Promise<unknown>;
  readonly since: (accountId: string, environment: string) => Promise<number>;
  /** Milliseconds between two of our own GETs. */
  readonly paceMs: number;
  /** Why nothing new is to be begun, in words. */
  readonly hindrance: () => string | undefined;
}

/** The rows of one payment or one customer, which are matched together. */
interface Group {
  readonly owner: { readonly paymentId: string } | { readonly customerId: string };
  readonly rows: LedgerEntry[];
}

/** A group in which rows were left over. */
interface Looked {
  readonly group: Group;
  readonly before: number;
  /** Rows whose transfer could not be read. */
  readonly unreadable: Set<LedgerEntry>;
  /** Rows that may be the missing ones in place of those left over; looked at if these were not. */
  others: readonly LedgerEntry[];
}

/**
 * Reads Talo's ledger of an account, has every row looked at that no entry matches, and compares balances. Credits
 * nothing by itself. Made for one window: where it fails, it can be called again and goes on where it was.
 */
export class AccountPass {
  /** Grows with whatever need not be done again. */
  steps = 0;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly #world: World;
  readonly #ports: PassPorts;
  readonly #balances: Balances;
  #window: Window | undefined;
  /** Of the next page, `undefined` for the first; `'end'` after the last. */
  #cursor: LedgerCursor | undefined | 'end';
  readonly #cursors = new Set<string>();
  readonly #rows: SeenRow[] = [];
  /** Customers that the ledger shows. */
  readonly #shown = new Set<string>();
  /** Still to be compared with their credits. */
  readonly #groups = new Map<string, Group>();
  readonly #looked: Looked[] = [];
  readonly #nameless: LedgerEntry[] = [];
  #found: Pick<AccountReport, 'changed' | 'creditedLate' | 'unmatched'> = {
    changed: 0,
    creditedLate: 0,
    unmatched: [],
  };
  /** Known once the ledger is through. */
  #complete: boolean | undefined;
  /** What kept it from its end when it was last called. */
  #unreachable: string | undefined;

  constructor(accountId: string, environment: string, ports: PassPorts) {
    this.#world = { environment, accountId };
    this.#ports = ports;
    const { inbox, clock } = ports;
    this.startedAt = clock.now();
    const pace = () => this.#pace();
    this.#balances = new Balances(this.#world, { inbox, now: () => clock.now(), pace });
  }

  /** Has the ledger matched, to its end or to what keeps it from there. */
  async ledger(client: TaloClient): Promise<void> {
    await this.#reach(async () => {
      this.#begin();
      const { accountId, environment } = this.#world;
      const since = () => this.#ports.since(accountId, environment);
      this.#window ??= await nextWindow(client, this.#world, since, this.#ports);
      await this.#read(client, this.#window);
      if (this.#complete === undefined) {
        await this.#match(client);
        this.#complete = await sealWindow(this.#window, this.#rows, this.#world, this.#ports.inbox);
      }
    });
  }

  /** Compares balances of `limit` customers at most, if the ledger is through. */
  async balances(client: TaloClient, limit: number): Promise<void> {
    if (this.#unreachable !== undefined) return;
    await this.#reach(() => this.#balances.compare(client, this.#shown, limit));
  }

  async #reach(work: () => Promise<void>): Promise<void> {
    this.#unreachable = undefined;
    try {
      await work();
    } catch (error) {
      this.#unreachable = describe(error);
    }
  }

  report(): AccountReport {
    const { from = 0, to = 0 } = this.#window ?? {};
    const unreachable = this.#unreachable;
    return {
      accountId: this.#world.accountId,
      from: new Date(from),
      to: new Date(to),
      checked: this.#rows.length,
      ...this.#found,
      divergent: this.#balances.divergent(),
      ...(unreachable !== undefined && { unreachable }),
      complete: this.#complete === true,
    };
  }

  async #read(client: TaloClient, { from, to }: Window): Promise<void> {
    const listing = client.transactions.list({ from: new Date(from), to: new Date(to) });
    while (this.#cursor !== 'end') {
      this.#begin();
      const { entries, next } = await listing.page(this.#cursor);
      const key = JSON.stringify(next);
      if (next !== undefined && this.#cursors.has(key)) {
        throw new TaloTransportError('BAD_RESPONSE', 'unknown', 'The ledger gave the same page twice.');
      }
      const rows = entries.filter(
        (row) => row.status === 'PROCESSED' && (row.type === 'INBOUND' || isRefund(row)),
      );
      const customers = new Map<LedgerEntry, string | undefined>();
      for (const row of rows)
        if (row.paymentId === undefined)
          customers.set(row, await customerOf(row, this.#world, this.#ports.inbox));
      // nothing can fail from here on: a page is taken once
      for (const row of rows) this.#take(row, customers.get(row));
      this.#cursors.add(key);
      this.#cursor = next ?? 'end';
      this.steps++;
      if (next !== undefined) await this.#pace();
    }
  }

  #take(row: LedgerEntry, customerId: string | undefined): void {
    this.#rows.push([row.transactionId, row.createdAt?.getTime() ?? 0]);
    const { paymentId } = row;
    // nothing is known of refunds to customers, and one without an id could not be told from the next
    const nameless = isRefund(row)
      ? paymentId === undefined || row.transactionId === ''
      : paymentId === undefined && customerId === undefined;
    if (nameless) {
      this.#nameless.push(row);
      return;
    }
    const owner = paymentId === undefined ? { customerId: customerId ?? '' } : { paymentId };
    const key = JSON.stringify(owner);
    const group = this.#groups.get(key) ?? { owner, rows: [] };
    group.rows.push(row);
    this.#groups.set(key, group);
    if (customerId !== undefined) this.#shown.add(customerId);
  }

  /** Has every group looked at in which a row is left over, and matches these groups again. */
  async #match(client: TaloClient): Promise<void> {
    for (const [key, group] of this.#groups) {
      this.#begin();
      const before = await this.#unpaired(group);
      if (before.length > 0) {
        const unreadable = await this.#look(client, group.owner, before);
        const others = group.rows.filter(
          (row) => !before.includes(row) && before.some((left) => mistakable(left, row)),
        );
        this.#looked.push({ group, before: before.length, unreadable, others });
      }
      this.#groups.delete(key);
      this.steps++;
    }
    if (this.#looked.length > 0) await this.#ports.settle();
    await this.#lookAtOthers(client);
    const unmatched = this.#nameless.map((row) => unmatchedOf(row, 'unknown-resource'));
    let [changed, creditedLate] = [0, 0];
    for (const { group, before, unreadable } of this.#looked) {
      const after = await this.#unpaired(group);
      changed += before;
      creditedLate += before - after.length;
      for (const row of after) {
        unmatched.push(unmatchedOf(row, unreadable.has(row) ? 'not-readable' : 'not-credited'));
      }
    }
    this.#found = { changed, creditedLate, unmatched };
  }

  /** Where the rows left over turned out to be credited, or not to be found: those that they may stand for. */
  async #lookAtOthers(client: TaloClient): Promise<void> {
    let settled = true;
    for (const looked of this.#looked) {
      const { group, unreadable, others } = looked;
      if ('paymentId' in group.owner || others.length === 0) continue;
      this.#begin();
      if ((await this.#unpaired(group)).length === 0) continue;
      for (const row of await this.#look(client, group.owner, others)) unreadable.add(row);
      looked.others = [];
      settled = false;
      this.steps++;
    }
    if (!settled) await this.#ports.settle();
  }

  async #unpaired({ owner, rows }: Group): Promise<readonly LedgerEntry[]> {
    return unpaired(rows, await this.#ports.inbox.credits({ ...this.#world, ...owner }));
  }

  /** @returns rows whose transfer could not be read */
  async #look(
    client: TaloClient,
    owner: Group['owner'],
    rows: readonly LedgerEntry[],
  ): Promise<Set<LedgerEntry>> {
    const unreadable = new Set<LedgerEntry>();
    if ('paymentId' in owner) {
      const { paymentId } = owner;
      const { inbox } = this.#ports;
      const refunds = rows.filter(isRefund);
      if (refunds.length > 0) {
        const key = refundsKey(this.#world, paymentId);
        await inbox.remember([{ key, value: withRows(await inbox.recall(key), refunds) }]);
      }
      await this.#put({ kind: 'payment', id: paymentId });
      return unreadable;
    }
    const { customerId } = owner;
    for (const row of rows) {
      const id = await idOfTransfer(row, async (id) => {
        await this.#pace();
        return client.customers.getTransaction(customerId, id);
      });
      if (id === undefined) unreadable.add(row);
      else await this.#put({ kind: 'transfer', customerId, id });
    }
    return unreadable;
  }

  async #put(resource: Resource): Promise<void> {
    const key = keyOf({ ...this.#world, resource });
    await this.#ports.put({ key, authenticated: true, origin: 'reconcile', at: this.#ports.clock.now() });
    await this.#pace();
  }

  /** @throws TaloWebhookError when the engine stops: the pass goes on in another run, or not at all */
  #begin(): void {
    const hindrance = this.#ports.hindrance();
    if (hindrance !== undefined) throw new TaloWebhookError('not-now', hindrance);
  }

  async #pace(): Promise<void> {
    const { clock, paceMs } = this.#ports;
    if (paceMs > 0) await new Promise<void>((resolve) => void clock.setTimeout(resolve, paceMs));
    this.#begin();
  }
}

function unmatchedOf(row: LedgerEntry, reason: UnmatchedRow['reason']): UnmatchedRow {
  const { transactionId, type, paymentId, customerId, cvu, gross, createdAt } = row;
  return {
    transactionId,
    type,
    reason,
    ...(paymentId && { paymentId }),
    ...(customerId && { customerId }),
    ...(cvu && { cvu }),
    ...(gross && { gross: toDecimal(gross) }),
    ...(createdAt && { at: createdAt }),
  };
}
