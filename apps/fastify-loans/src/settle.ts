export interface Instalment {
  readonly loan: string;
  /** Counts from 1 within its loan. */
  readonly number: number;
  /** `2026-12-10` */
  readonly due: string;
  /** Centavos. */
  readonly amount: number;
}

export type Settled = Instalment & {
  readonly paid: number;
  readonly status: 'open' | 'partly paid' | 'paid';
};

/**
 * What a borrower's money pays, oldest instalment first. Computed from the receipts whenever somebody asks, and stored
 * nowhere: so it cannot disagree with them, a new loan takes what was paid ahead, and a reversal takes nothing twice.
 * @param instalments in any order
 * @param received all that came, in centavos
 * @returns the instalments in the order they are paid, and what is left over
 */
export function settle(
  instalments: readonly Instalment[],
  received: number,
): { readonly instalments: readonly Settled[]; readonly ahead: number } {
  let left = Math.max(0, received);
  const inOrder = instalments.toSorted(
    (a, b) => compare(a.due, b.due) || compare(a.loan, b.loan) || a.number - b.number,
  );
  const settled = inOrder.map((instalment): Settled => {
    const paid = Math.min(left, instalment.amount);
    left -= paid;
    const status = paid === instalment.amount ? 'paid' : paid > 0 ? 'partly paid' : 'open';
    return { ...instalment, paid, status };
  });
  return { instalments: settled, ahead: left };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
