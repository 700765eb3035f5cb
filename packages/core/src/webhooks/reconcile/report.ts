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
  /** Rows of money that came in or was refunded. */
  readonly checked: number;
  /** Rows whose resource had to be looked at, because no entry matched them. */
  readonly changed: number;
  /** Of these, rows that an entry matched afterwards. */
  readonly creditedLate: number;
  /** Rows that no entry matches: for a person to look at, never credited by themselves. */
  readonly unmatched: readonly UnmatchedRow[];
  /** Customers whose balance grew by what no credit explains: for a person to look at. */
  readonly divergent: readonly DivergentCustomer[];
  /** What kept the pass from its end, in words. The next one goes on from there. */
  readonly unreachable?: string;
  /**
   * This pass got to the end of the ledger and found again what the one before had found, and nothing else: up to there
   * no row is missing, as far as Talo's ledger shows. The next window begins 48 hours before.
   */
  readonly complete: boolean;
}

export interface UnmatchedRow {
  readonly transactionId: string;
  /** INBOUND or REFUND, as Talo calls it. */
  readonly type: string;
  readonly reason: 'unknown-resource' | 'not-readable' | 'not-credited';
  readonly paymentId?: string;
  readonly customerId?: string;
  readonly cvu?: string;
  /** Decimal pesos. */
  readonly gross?: string;
  readonly at?: Date;
}

/**
 * A customer whose balance at Talo grew by more, or by something else, than the transfers credited in that time, in two
 * looks at least ten minutes apart. It says that a transfer is probably missing here, not which one, and it is no proof:
 * Talo documents neither what its balance counts nor what lowers it. A balance that is too low says nothing, because a
 * payout lowers it; so what a payout took away between two looks is not seen. The first look at a balance is where
 * comparing begins.
 */
export interface DivergentCustomer {
  readonly customerId: string;
  /** Decimal pesos: what the balance changed by since it was last explained. */
  readonly change: string;
  /** Decimal pesos, gross: what was credited in that time. */
  readonly credited: string;
  /** When it was first seen. */
  readonly since: Date;
}

/** What `stats()` says of the last pass, in numbers: of all accounts together. */
export interface ReconcileSummary {
  /** When it ended, in milliseconds since 1970. */
  readonly at: number;
  /** Of every account. */
  readonly complete: boolean;
  readonly checked: number;
  readonly changed: number;
  readonly creditedLate: number;
  readonly unmatched: number;
  readonly divergent: number;
  /** Accounts whose pass was kept from its end. */
  readonly unreachable: number;
}

/** Of an account where nothing could be begun. */
export function unreachableReport(accountId: string, unreachable: string): AccountReport {
  const [from, to] = [new Date(0), new Date(0)];
  const found = { checked: 0, changed: 0, creditedLate: 0, unmatched: [], divergent: [] };
  return { accountId, from, to, ...found, unreachable, complete: false };
}

export function summaryOf({ endedAt, accounts }: ReconcileReport): ReconcileSummary {
  const total = (count: (account: AccountReport) => number) =>
    accounts.reduce((sum, account) => sum + count(account), 0);
  return {
    at: endedAt.getTime(),
    complete: accounts.every(({ complete, unreachable }) => complete && unreachable === undefined),
    checked: total(({ checked }) => checked),
    changed: total(({ changed }) => changed),
    creditedLate: total(({ creditedLate }) => creditedLate),
    unmatched: total(({ unmatched }) => unmatched.length),
    divergent: total(({ divergent }) => divergent.length),
    unreachable: total(({ unreachable }) => (unreachable === undefined ? 0 : 1)),
  };
}

/** Where the last report is remembered, whole. */
export const REPORT = 'reconcile report';

const DATES: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'startedAt',
  'endedAt',
  'from',
  'to',
  'at',
  'since',
]);

export function readReport(stored: string): ReconcileReport {
  return JSON.parse(stored, (key, value) => (DATES.has(key) ? new Date(value) : value));
}
