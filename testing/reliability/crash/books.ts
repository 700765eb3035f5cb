import type { Credit, ReconcileReport, TaloEvent, UnmatchedRow } from '@talo/core/webhooks';

/** A transfer as the bank knows it. */
export interface Moved {
  readonly cvu: string;
  readonly amount: { readonly centavos: number };
  readonly status: string;
}

export interface Accounts {
  /** What the bank moved, to us alone. */
  readonly bank: readonly Moved[];
  readonly credits: readonly Credit[];
  /** The CVU of a payment or a customer. */
  readonly cvuOf: (owner: {
    readonly paymentId?: string;
    readonly customerId?: string;
  }) => string | undefined;
  /** Everything that passes over Talo's ledger reported for a person to look at. */
  readonly reported: readonly UnmatchedRow[];
}

export interface Balance {
  readonly bank: number;
  /** Credited less taken back, as far as the amounts are known. */
  readonly credited: number;
  /** Transfers that stand in the ledger of credits without the amount that was sent. */
  readonly unknown: number;
  /** Transfers that stand in no credit with their amount, and were reported. */
  readonly reported: number;
  /** In words, what cannot be: money made up, credited twice, or missing without a word. Empty when the books agree. */
  readonly wrong: readonly string[];
}

/**
 * Whether the ledger of credits is what the bank moved, transfer by transfer: every amount in it was moved to that CVU,
 * once; and what is missing has been reported, unless it stands there without its amount.
 */
export function balance({ bank, credits, cvuOf, reported }: Accounts): Balance {
  const wrong: string[] = [];
  const kept = bank.filter(({ status }) => status === 'credited');
  const known = new Map<string, number[]>();
  const unknown = new Map<string, number>();
  for (const transfer of standing(credits, wrong)) {
    const cvu = cvuOf(transfer) ?? 'no CVU of ours';
    if (transfer.gross === undefined) unknown.set(cvu, (unknown.get(cvu) ?? 0) + 1);
    else known.set(cvu, [...(known.get(cvu) ?? []), transfer.gross.centavos]);
  }
  wrong.push(...takenBackUnasked(bank, credits, cvuOf));
  let reportedCount = 0;
  for (const cvu of new Set([...known.keys(), ...unknown.keys(), ...kept.map((transfer) => transfer.cvu)])) {
    const moved = kept.filter((transfer) => transfer.cvu === cvu).map(({ amount }) => amount.centavos);
    const { rest: missing, extra } = without(moved, known.get(cvu) ?? []);
    for (const centavos of extra) wrong.push(`${cvu}: ${centavos} was credited and never moved, or twice`);
    const nameless = unknown.get(cvu) ?? 0;
    if (nameless > missing.length) wrong.push(`${cvu}: ${nameless} credits for ${missing.length} transfers`);
    const rows = new Map(reported.filter((row) => row.cvu === cvu).map((row) => [row.transactionId, row]));
    const shown = [...rows.values()].map(({ gross }) => Math.round(Number(gross) * 100));
    const { rest: silent } = without(missing, shown);
    // one that stands there without its amount was told as it is, and its row of Talo's ledger stands for it
    if (silent.length > nameless)
      wrong.push(`${cvu}: of ${silent} that were moved nobody heard, but of ${nameless} without an amount`);
    reportedCount += missing.length - silent.length;
  }
  const total = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0);
  return {
    bank: total(kept.map(({ amount }) => amount.centavos)),
    credited: total([...known.values()].flat()),
    unknown: total([...unknown.values()]),
    reported: reportedCount,
    wrong,
  };
}

/** What was credited and not taken back: a transfer may be both, and again. */
function standing(credits: readonly Credit[], wrong: string[]): readonly Credit[] {
  const open = new Map<string, Credit[]>();
  for (const kind of ['credit', 'reversal'] as const) {
    for (const credit of credits) {
      if (credit.kind !== kind) continue;
      const { paymentId, customerId, transactionId } = credit;
      const key = JSON.stringify([paymentId, customerId, transactionId]);
      const entries = open.get(key) ?? [];
      if (kind === 'credit') open.set(key, [...entries, credit]);
      else if (entries.pop() === undefined) wrong.push(`${key}: taken back, but never credited`);
    }
  }
  for (const [key, entries] of open) if (entries.length > 1) wrong.push(`${key}: credited twice`);
  return [...open.values()].flat();
}

/** What was taken back in the ledger of credits, and not by the bank. */
function takenBackUnasked(
  bank: readonly Moved[],
  credits: readonly Credit[],
  cvuOf: Accounts['cvuOf'],
): readonly string[] {
  const reversed = bank.filter(({ status }) => status === 'reversed');
  const left = new Map<string, number>();
  for (const { cvu } of reversed) left.set(cvu, (left.get(cvu) ?? 0) + 1);
  return credits.flatMap((credit) => {
    if (credit.kind !== 'reversal') return [];
    const cvu = cvuOf(credit) ?? 'no CVU of ours';
    left.set(cvu, (left.get(cvu) ?? 0) - 1);
    return (left.get(cvu) ?? 0) < 0 ? [`${cvu}: ${credit.transactionId} was taken back by nobody`] : [];
  });
}

/** The multiset `from` less `what`, and what of `what` was not in it. */
function without(from: readonly number[], what: readonly number[]): { rest: number[]; extra: number[] } {
  const rest = [...from];
  const extra = what.filter((one) => {
    const at = rest.indexOf(one);
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  });
  return { rest, extra };
}

/** One text per movement of money, to compare what was told with what was credited. */
export function movementsOf(credits: readonly Credit[]): readonly string[] {
  return credits
    .filter(({ kind }) => kind === 'credit' || kind === 'reversal')
    .map(({ kind, paymentId, customerId, transactionId, gross }) =>
      JSON.stringify([kind, paymentId ?? customerId, transactionId, gross?.centavos]),
    )
    .sort();
}

/** The same of events. Of a reversal the amount is what was credited, whatever the transfer says by then. */
export function movementsTold(events: readonly TaloEvent[], credits: readonly Credit[]): readonly string[] {
  return events
    .flatMap((event) => {
      switch (event.type) {
        case 'payment.transfer':
        case 'customer.transfer': {
          const owner = event.type === 'payment.transfer' ? event.payment.id : event.customerId;
          const { transactionId, gross } = event.transaction;
          return [JSON.stringify(['credit', owner, transactionId, gross?.centavos])];
        }
        case 'transfer.reversed': {
          const owner = event.payment?.id ?? event.customerId;
          const { transactionId } = event.transaction;
          const credit = credits.find(
            (entry) =>
              (entry.paymentId ?? entry.customerId) === owner && entry.transactionId === transactionId,
          );
          return [JSON.stringify(['reversal', owner, transactionId, credit?.gross?.centavos])];
        }
        default:
          return [];
      }
    })
    .sort();
}

export function unmatchedOf(reports: readonly ReconcileReport[]): readonly UnmatchedRow[] {
  return reports.flatMap(({ accounts }) => accounts.flatMap(({ unmatched }) => unmatched));
}

/** Transfers that were told of before Talo had said that they were processed. */
export function prematureOf(events: readonly TaloEvent[]): readonly string[] {
  return events.flatMap((event) =>
    (event.type === 'payment.transfer' || event.type === 'customer.transfer') &&
    event.transaction.status !== 'PROCESSED'
      ? [`${event.transaction.transactionId} was told of while it was ${event.transaction.status}`]
      : [],
  );
}
