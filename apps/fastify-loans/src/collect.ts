import type { TaloWebhooks } from '@talo/core/webhooks';
import type { SqliteTx } from '@talo/inbox-sqlite';

/**
 * What confirmed money does to the books. Every write goes through `commitWith`: it is committed together with the note
 * that this handler is done, so it happens once, whatever crashes, repeats or comes out of order.
 */
export function collect(webhooks: TaloWebhooks<SqliteTx, 'sync'>): void {
  webhooks.on('customer.transfer', ({ id, at, customerId, transaction }, { commitWith }) => {
    // gross is what the borrower sent; Talo's commission is ours to pay, not theirs
    const { gross, transactionId } = transaction;
    commitWith((tx) => {
      if (gross === undefined) return attend(tx, customerId, `amount unknown: ${transactionId}`);
      receive(tx, { id, at }, customerId, gross.centavos);
    });
  });

  // the bank took a transfer back: a receipt of its own, because books are not rewritten
  webhooks.on('transfer.reversed', ({ id, at, customerId = '', transaction }, { commitWith }) => {
    commitWith((tx) => {
      receive(tx, { id, at }, customerId, -(transaction.gross?.centavos ?? 0));
      attend(tx, customerId, `reversed: ${transaction.transactionId}`);
    });
  });
}

function receive(
  tx: SqliteTx,
  { id, at }: { readonly id: string; readonly at: Date },
  borrower: string,
  amount: number,
): void {
  // event.id never changes, so that even a restored database cannot take the same money twice
  const { changes } = tx.run(
    `INSERT INTO receipts (event_id, borrower, amount, received_at)
     SELECT ?, id, ?, ? FROM borrowers WHERE id = ? ON CONFLICT (event_id) DO NOTHING`,
    id,
    amount,
    at.toISOString(),
    borrower,
  );
  // money of nobody is nothing to pass over: the handler fails, and webhooks.dead() lists it in the end
  if (changes === 0 && !tx.get('SELECT 1 FROM receipts WHERE event_id = ?', id)) {
    throw new Error(`No borrower ${borrower} for this transfer.`);
  }
}

/** Says it besides whatever else there is to look at. */
function attend(tx: SqliteTx, borrower: string, what: string): void {
  tx.run("UPDATE borrowers SET attention = concat_ws('; ', attention, ?) WHERE id = ?", what, borrower);
}
