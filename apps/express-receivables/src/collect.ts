import type { TaloWebhooks } from '@talo/core/webhooks';
import type { SqliteTx } from '@talo/inbox-sqlite';

/**
 * What confirmed money does to the books. Every write goes through `commitWith`: it is committed together with the note
 * that this handler is done, so it happens once, whatever crashes, repeats or comes out of order.
 */
export function collect(webhooks: TaloWebhooks<SqliteTx, 'sync'>): void {
  webhooks.on(
    'payment.transfer',
    (event, { commitWith }) => {
      const { payment, transaction } = event;
      // gross is what the payer sent; the net of it, less Talo's commission, pays nobody's invoice
      const { gross, payer, transactionId } = transaction;
      commitWith((tx) => {
        if (gross === undefined) return attend(tx, payment.externalId, `amount unknown: ${transactionId}`);
        receive(tx, event, payment.externalId, gross.centavos, payer?.name);
      });
    },
    { name: 'receipts' },
  );

  webhooks.on('payment.paid', ({ payment, at }, { commitWith }) => {
    commitWith((tx) => {
      tx.run('UPDATE invoices SET paid_at = ? WHERE number = ?', at.toISOString(), payment.externalId ?? '');
    });
  });

  // the bank took a transfer back: a receipt of its own, because books are not rewritten
  webhooks.on('transfer.reversed', (event, { commitWith }) => {
    const { payment, transaction } = event;
    commitWith((tx) => {
      receive(tx, event, payment?.externalId, -(transaction.gross?.centavos ?? 0), transaction.payer?.name);
      attend(tx, payment?.externalId, `reversed: ${transaction.transactionId}`);
    });
  });
}

function receive(
  tx: SqliteTx,
  { id, at }: { readonly id: string; readonly at: Date },
  invoice: string | undefined,
  amount: number,
  payer: string | undefined,
): void {
  // event.id never changes, so that even a restored database cannot take the same money twice
  const { changes } = tx.run(
    `INSERT INTO receipts (event_id, invoice, amount, payer, received_at)
     SELECT ?, number, ?, ?, ? FROM invoices WHERE number = ? ON CONFLICT (event_id) DO NOTHING`,
    id,
    amount,
    payer ?? null,
    at.toISOString(),
    invoice ?? '',
  );
  // money without an invoice is nothing to pass over: the handler fails, and webhooks.dead() lists it in the end
  if (changes === 0 && !tx.get('SELECT 1 FROM receipts WHERE event_id = ?', id)) {
    throw new Error(`No invoice ${invoice} for this transfer.`);
  }
}

function attend(tx: SqliteTx, invoice: string | undefined, what: string): void {
  tx.run('UPDATE invoices SET attention = ? WHERE number = ?', what, invoice ?? '');
}
