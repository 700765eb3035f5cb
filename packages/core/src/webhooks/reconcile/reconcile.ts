import { contextOf, type TaloClient } from '../../client.ts';
import type { Clock } from '../../clock.ts';
import { TaloApiError } from '../../errors/errors.ts';
import type { LedgerEntry } from '../../models/ledger-entry.ts';
import { toDecimal } from '../../money.ts';
import { describe } from '../describe.ts';
import type { Credit, Hint, Inbox } from '../inbox/inbox.ts';
import { keyOf, type Resource, type World } from '../resource.ts';

export interface ReconcileReport {
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly accounts: readonly AccountReport[];
}

/** What a pass over one account's ledger found. */
export interface AccountReport {
  readonly accountId: string;
  /** The window of Talo's ledger that was read. */
  readonly from: Date;
  readonly to: Date;
  /** Rows of money that came in. */
  readonly checked: number;
  /** Rows whose resource had to be looked at, because no credit matched them. */
  readonly changed: number;
  /** Of these, rows that a credit matched afterwards. */
  readonly creditedLate: number;
  /** Rows that no credit matches: for a person to look at, never credited by themselves. */
  readonly unmatched: readonly UnmatchedRow[];
  /** What kept the pass from its end, in words. */
  readonly unreachable?: string;
  /**
   * This pass got to its end and found again what the one before had found, and nothing else: up to there no row is
   * missing, as far as Talo's ledger shows. The next window begins 48 hours before.
   */
  readonly complete: boolean;
}

export interface UnmatchedRow {
  readonly transactionId: string;
  readonly reason: 'unknown-resource' | 'not-readable' | 'not-credited';
  readonly paymentId?: string;
  readonly customerId?: string;
  readonly cvu?: string;
  /** Decimal pesos. */
  readonly gross?: string;
  readonly at?: Date;
}

export interface ReconcilePorts {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly put: (hint: Hint) => Promise<unknown>;
  /** Works off what was put. */
  readonly settle: () => Promise<unknown>;
  readonly since: (accountId: string, environment: string) => Promise<number>;
  /** Milliseconds between two of our own GETs. */
  readonly paceMs: number;
}

/** Windows overlap: rows may be inserted late. */
const OVERLAP_MS = 48 * 3_600_000;
/** The newest rows are left to their webhooks. */
const MARGIN_MS = 10 * 60_000;
/** The ledger and the resource may date the same transfer this far apart. */
const SAME_TIME_MS = 10 * 60_000;

/** Reads Talo's ledger of an account, and has every row looked at that no credit matches. Credits nothing by itself. */
export async function reconcileAccount(
  accountId: string,
  client: TaloClient,
  ports: ReconcilePorts,
): Promise<AccountReport> {
  const { inbox, clock } = ports;
  const { environment } = client;
  const mark = (name: string) => JSON.stringify([environment, accountId, 'reconcile', name]);
  const since = await ports.since(accountId, environment);
  const completeTo = Number((await inbox.recall(mark('to'))) ?? since);
  const from = Math.max(since, completeTo - OVERLAP_MS);
  const to = Math.max(from, (await timeOf(client, clock)) - MARGIN_MS);
  const run = new Run(accountId, client, ports);
  let unreachable: string | undefined;
  try {
    for await (const row of client.transactions.list({ from: new Date(from), to: new Date(to) })) {
      if (row.type === 'INBOUND' && row.status === 'PROCESSED') await run.take(row);
    }
    await run.finish();
  } catch (error) {
    unreachable = describe(error);
  }
  // the rows of the last pass, found again and no others: nothing was inserted between the two
  const last: LastPass | undefined = parse(await inbox.recall(mark('seen')));
  const again = run.rows.filter(([, at]) => last !== undefined && at <= last.to);
  const before = last?.rows.filter(([, at]) => at >= from);
  const complete = unreachable === undefined && before !== undefined && same(again, before);
  if (unreachable === undefined) {
    const seen: LastPass = { to, rows: run.rows };
    const entries = [{ key: mark('seen'), value: JSON.stringify(seen) }];
    if (complete && last !== undefined) entries.push({ key: mark('to'), value: String(last.to) });
    await inbox.remember(entries);
  }
  const { checked, changed, creditedLate, unmatched } = run;
  const window = { accountId, from: new Date(from), to: new Date(to) };
  const failed = unreachable === undefined ? {} : { unreachable };
  return { ...window, checked, changed, creditedLate, unmatched, ...failed, complete };
}

/** The rows are dated by Talo, and our clock may be wrong: a window ends by Talo's own. */
async function timeOf(client: TaloClient, clock: Clock): Promise<number> {
  const { transport } = client[contextOf];
  if (transport.talosTime() === undefined) await client.account.get().catch(() => undefined);
  return transport.talosTime() ?? clock.now();
}

type SeenRow = readonly [id: string, at: number];

interface LastPass {
  readonly to: number;
  readonly rows: readonly SeenRow[];
}

function parse(stored: string | undefined): LastPass | undefined {
  return stored === undefined ? undefined : (JSON.parse(stored) as LastPass);
}

function same(a: readonly SeenRow[], b: readonly SeenRow[]): boolean {
  const text = (rows: readonly SeenRow[]) => JSON.stringify(rows.map(([id]) => id).sort());
  return text(a) === text(b);
}

/** The rows of one payment or one customer, which are matched together. */
interface Group {
  readonly owner: { readonly paymentId: string } | { readonly customerId: string };
  readonly rows: LedgerEntry[];
}

class Run {
  checked = 0;
  changed = 0;
  creditedLate = 0;
  readonly unmatched: UnmatchedRow[] = [];
  readonly rows: SeenRow[] = [];
  readonly #accountId: string;
  readonly #client: TaloClient;
  readonly #ports: ReconcilePorts;
  readonly #groups = new Map<string, Group>();

  constructor(accountId: string, client: TaloClient, ports: ReconcilePorts) {
    this.#accountId = accountId;
    this.#client = client;
    this.#ports = ports;
  }

  async take(row: LedgerEntry): Promise<void> {
    this.checked++;
    this.rows.push([row.transactionId, row.createdAt?.getTime() ?? 0]);
    const { paymentId } = row;
    const customerId = paymentId === undefined ? await this.#customerOf(row) : undefined;
    if (paymentId === undefined && customerId === undefined) {
      this.#report(row, 'unknown-resource');
      return;
    }
    const owner = paymentId === undefined ? { customerId: customerId ?? '' } : { paymentId };
    const key = JSON.stringify(owner);
    const group = this.#groups.get(key) ?? { owner, rows: [] };
    group.rows.push(row);
    this.#groups.set(key, group);
  }

  /** Has every group looked at in which a row is left over, and matches these groups again. */
  async finish(): Promise<void> {
    const looked: {
      readonly group: Group;
      readonly before: number;
      readonly unreadable: Set<LedgerEntry>;
    }[] = [];
    for (const group of this.#groups.values()) {
      const before = await this.#unpaired(group);
      if (before.length > 0)
        looked.push({ group, before: before.length, unreadable: await this.#look(group) });
    }
    if (looked.length > 0) await this.#ports.settle();
    for (const { group, before, unreadable } of looked) {
      const after = await this.#unpaired(group);
      this.changed += before;
      this.creditedLate += before - after.length;
      for (const row of after) this.#report(row, unreadable.has(row) ? 'not-readable' : 'not-credited');
    }
  }

  /**
   * Rows that no credit of their resource stands for: by id, else by gross and time, because the ledger's ids are its
   * own (talo-api 3.9). Which of several alike rows is the one left over cannot be told, so a group is looked at whole.
   */
  async #unpaired({ owner, rows }: Group): Promise<readonly LedgerEntry[]> {
    const credits = await this.#ports.inbox.credits({ accountId: this.#accountId, ...owner });
    const free = new Set(credits.filter(({ kind }) => kind !== 'reversal'));
    const take = (fits: (credit: Credit) => boolean) => {
      const found = [...free].find(fits);
      return found !== undefined && free.delete(found);
    };
    const others = rows.filter((row) => !take(({ transactionId }) => idsOf(row).includes(transactionId)));
    return others.filter((row) => !take((credit) => alike(credit, row)));
  }

  /** @returns rows whose transfer could not be read */
  async #look({ owner, rows }: Group): Promise<Set<LedgerEntry>> {
    const unreadable = new Set<LedgerEntry>();
    if ('paymentId' in owner) {
      await this.#put({ kind: 'payment', id: owner.paymentId });
      return unreadable;
    }
    for (const row of rows) {
      const resource = await this.#readable(owner.customerId, row);
      if (resource === undefined) unreadable.add(row);
      else await this.#put(resource);
    }
    return unreadable;
  }

  async #put(resource: Resource): Promise<void> {
    const { environment } = this.#client;
    const key = keyOf({ environment, accountId: this.#accountId, resource });
    await this.#ports.put({ key, authenticated: true, origin: 'reconcile', at: this.#ports.clock.now() });
    await this.#pace();
  }

  async #customerOf(row: LedgerEntry): Promise<string | undefined> {
    if (row.customerId !== undefined) return row.customerId;
    if (row.cvu === undefined) return undefined;
    return this.#ports.inbox.recall(
      trackedCvu({ environment: this.#client.environment, accountId: this.#accountId }, row.cvu),
    );
  }

  /** A customer's transactions cannot be listed: the ids that the ledger has are tried. */
  async #readable(customerId: string, row: LedgerEntry): Promise<Resource | undefined> {
    for (const id of idsOf(row)) {
      await this.#pace();
      try {
        await this.#client.customers.getTransaction(customerId, id);
        return { kind: 'transfer', customerId, id };
      } catch (error) {
        if (!(error instanceof TaloApiError) || error.status !== 404) throw error;
      }
    }
    return undefined;
  }

  #report(row: LedgerEntry, reason: UnmatchedRow['reason']): void {
    const { transactionId, paymentId, customerId, cvu, gross, createdAt } = row;
    this.unmatched.push({
      transactionId,
      reason,
      ...(paymentId && { paymentId }),
      ...(customerId && { customerId }),
      ...(cvu && { cvu }),
      ...(gross && { gross: toDecimal(gross) }),
      ...(createdAt && { at: createdAt }),
    });
  }

  #pace(): Promise<void> {
    const { clock, paceMs } = this.#ports;
    return paceMs === 0
      ? Promise.resolve()
      : new Promise((resolve) => void clock.setTimeout(resolve, paceMs));
  }
}

function idsOf({ transactionId, raw }: LedgerEntry): readonly string[] {
  const own = typeof raw['id'] === 'string' ? [raw['id']] : [];
  return [...new Set([transactionId.replace(/^TX#/, ''), transactionId, ...own])].filter((id) => id !== '');
}

/** The time of the transfer is Talo's in both. */
function alike(credit: Credit, row: LedgerEntry): boolean {
  const near =
    credit.madeAt === undefined || row.createdAt === undefined
      ? true
      : Math.abs(credit.madeAt - row.createdAt.getTime()) <= SAME_TIME_MS;
  return near && credit.gross !== undefined && credit.gross.centavos === row.gross?.centavos;
}

/** Where the customer of a CVU is remembered. */
export function trackedCvu({ environment, accountId }: World, cvu: string): string {
  return JSON.stringify([environment, accountId, 'cvu', cvu]);
}
