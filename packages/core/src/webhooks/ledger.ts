import { TaloWebhookError } from '../errors/errors.ts';
import { centavos, type Money } from '../money.ts';
import type { Credit, CreditFilter, Inbox } from './inbox/inbox.ts';
import { REFUNDED } from './look/refunds.ts';
import { REPORT, type ReconcileReport, readReport } from './reconcile/report.ts';

/**
 * The money that was confirmed, each bank transaction once. Everything else (balances, what a payment received) is
 * derived from it.
 */
export class CreditLedger {
  readonly #inbox: Pick<Inbox, 'credits' | 'recall'>;

  constructor(inbox: Pick<Inbox, 'credits' | 'recall'>) {
    this.#inbox = inbox;
  }

  /** Credits, reversals, refunds and baseline, oldest first. */
  async entries(filter: CreditFilter = {}): Promise<readonly Credit[]> {
    return [...(await this.#inbox.credits(filter))].sort((a, b) => a.at - b.at);
  }

  /**
   * Gross money credited less what was reversed; refunds take nothing from it ({@link refunded}), and what was there
   * before the engine (`baseline`) does not count.
   * @throws TaloWebhookError if the entries are of several accounts: two may have the same customer or order ids
   * @returns `undefined` if the gross amount of any entry is unknown: then `net` of {@link entries} is what there is.
   */
  async total(filter: CreditFilter = {}): Promise<Money | undefined> {
    return credited(await this.#ofOneAccount(filter, 'total'));
  }

  /**
   * What was refunded of the money that {@link total} counts; one less the other is what is left, and never less than
   * nothing. Of a customer Talo shows no refunds. Refunds of money that was there before the engine do not count, nor
   * those of a payment all of whose transfers were taken back.
   * @throws TaloWebhookError as {@link total}
   * @returns `undefined` where Talo says that a payment was refunded and not how much: no amount is stated, or those
   *   stated are less than what the payment had received; and where one of its transfers was taken back too, because
   *   nothing says whether that is the same money
   */
  async refunded(filter: CreditFilter = {}): Promise<Money | undefined> {
    const byPayment = new Map<string | undefined, Credit[]>();
    for (const entry of await this.#ofOneAccount(filter, 'refunded')) {
      const entries = byPayment.get(entry.paymentId) ?? [];
      entries.push(entry);
      byPayment.set(entry.paymentId, entries);
    }
    let sum = 0;
    for (const entries of byPayment.values()) {
      const refund = refundedOf(entries);
      if (refund === undefined) return undefined;
      sum += refund;
    }
    return centavos(sum);
  }

  /** How it was last held against Talo's ledger, by whichever process; `undefined` before the first time. */
  async reconciled(): Promise<ReconcileReport | undefined> {
    const stored = await this.#inbox.recall(REPORT);
    return stored === undefined ? undefined : readReport(stored);
  }

  async #ofOneAccount(filter: CreditFilter, method: string): Promise<readonly Credit[]> {
    const credits = await this.#inbox.credits(filter);
    const names = (['environment', 'accountId'] as const).filter(
      (name) => new Set(credits.map((credit) => credit[name])).size > 1,
    );
    if (names.length > 0) {
      throw new TaloWebhookError(
        'several-accounts',
        `Say of which account: ledger.${method}({ ${names.join(', ')}, … }).`,
      );
    }
    return credits;
  }
}

function credited(entries: readonly Credit[]): Money | undefined {
  let sum = 0;
  for (const { kind, gross } of entries) {
    if (kind === 'baseline' || kind === 'refund') continue;
    if (gross === undefined) return undefined;
    sum += kind === 'credit' ? gross.centavos : -gross.centavos;
  }
  return centavos(sum);
}

/** Of one payment, in centavos. */
function refundedOf(entries: readonly Credit[]): number | undefined {
  const refunds = entries.filter(({ kind }) => kind === 'refund');
  const old =
    entries.some(({ kind }) => kind === 'baseline') && !entries.some(({ kind }) => kind === 'credit');
  if (old) return 0;
  const received = credited(entries);
  if (refunds.length > 0 && hasReturned(entries)) return received?.centavos === 0 ? 0 : undefined;
  const stated = refunds.filter(({ transactionId }) => transactionId !== REFUNDED);
  let sum = 0;
  for (const { gross } of stated) {
    if (gross === undefined) return undefined;
    sum += gross.centavos;
  }
  if (stated.length === refunds.length) return sum;
  return received !== undefined && sum > 0 && sum >= received.centavos ? sum : undefined;
}

/** Whether one of the transfers is taken back now. */
function hasReturned(entries: readonly Credit[]): boolean {
  const turns = new Map<string, number>();
  for (const { kind, transactionId } of entries) {
    const turn = kind === 'credit' ? 1 : kind === 'reversal' ? -1 : 0;
    turns.set(transactionId, (turns.get(transactionId) ?? 0) + turn);
  }
  return entries.some(({ kind, transactionId }) => kind === 'reversal' && turns.get(transactionId) === 0);
}
