import { TaloWebhookError } from '../errors/errors.ts';
import { centavos, type Money } from '../money.ts';
import type { Credit, CreditFilter, Inbox } from './inbox/inbox.ts';

/**
 * The money that was confirmed, each bank transaction once. Everything else (balances, what a payment received) is
 * derived from it.
 */
export class CreditLedger {
  readonly #inbox: Pick<Inbox, 'credits'>;

  constructor(inbox: Pick<Inbox, 'credits'>) {
    this.#inbox = inbox;
  }

  /** Credits, reversals and baseline, oldest first. */
  async entries(filter: CreditFilter = {}): Promise<readonly Credit[]> {
    return [...(await this.#inbox.credits(filter))].sort((a, b) => a.at - b.at);
  }

  /**
   * Gross money credited less what was reversed; what was there before the engine (`baseline`) does not count.
   * @throws TaloWebhookError if the entries are of several accounts: two may have the same customer or order ids
   * @returns `undefined` if the gross amount of any entry is unknown: then `net` of {@link entries} is what there is.
   */
  async total(filter: CreditFilter = {}): Promise<Money | undefined> {
    let sum = 0;
    const credits = await this.#inbox.credits(filter);
    if (new Set(credits.map(({ environment, accountId }) => `${environment} ${accountId}`)).size > 1) {
      throw new TaloWebhookError('several-accounts', 'Say of which account: ledger.total({ accountId, … }).');
    }
    for (const { kind, gross } of credits) {
      if (kind === 'baseline') continue;
      if (gross === undefined) return undefined;
      sum += kind === 'credit' ? gross.centavos : -gross.centavos;
    }
    return centavos(sum);
  }
}
