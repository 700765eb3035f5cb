import type { TaloWebhooks } from '@talo/core/webhooks';
import type { SqliteTx } from '@talo/inbox-sqlite';
import { END, invoiceOf } from './books.ts';

/**
 * What confirmed money does to the books. Every write goes through `commitWith`: it is committed together with the note
 * that this handler is done, so it happens once, whatever crashes, repeats or comes out of order.
 */
export function collect(webhooks: TaloWebhooks<SqliteTx, 'sync'>): void {
  webhooks.on(
    'payment.transfer',
    (event, { commitWith }) => {
      // gross is what the payer sent; the net of it, less Talo's commission, pays nobody's invoice
      const { gross, payer, transactionId } = event.transaction;
      const { number } = invoiceOf(event.payment.externalId);
      commitWith((tx) => {
        if (gross === undefined) return attend(tx, number, `amount unknown: ${transactionId}`);
        receive(tx, event, number, gross.centavos, payer?.name);
      });
    },
    { name: 'receipts' },
  );

  // Talo's word on what lacks a little, or has a transfer of unknown amount; other CVUs of the invoice are not in it
  webhooks.on('payment.paid', ({ payment, difference }, { commitWith }) => {
    const { number } = invoiceOf(payment.externalId);
    const waived = difference ? Math.max(0, -difference.centavos) : (payment.price?.centavos ?? 0);
    commitWith((tx) => tx.run('UPDATE invoices SET waived = ? WHERE number = ?', waived, number));
  });

  // a payment ends after hours or days, the debt does not: the next PUT asks for what is missing, at another CVU
  webhooks.on(['payment.expired', 'payment.cancelled', 'payment.rejected'], ({ payment }, { commitWith }) => {
    const { number, attempt } = invoiceOf(payment.externalId);
    commitWith((tx) => tx.run(END, number, attempt, payment.received?.centavos ?? 0));
  });

  // the bank took a transfer back: a receipt of its own, because books are not rewritten
  webhooks.on('transfer.reversed', (event, { commitWith }) => {
    const { gross, payer, transactionId } = event.transaction;
    const { number } = invoiceOf(event.payment?.externalId);
    commitWith((tx) => {
      receive(tx, event, number, -(gross?.centavos ?? 0), payer?.name);
      tx.run('UPDATE invoices SET waived = 0 WHERE number = ?', number);
      attend(tx, number, `reversed: ${transactionId}`);
    });
  });
}

function receive(
  tx: SqliteTx,
  { id, at }: { readonly id: string; readonly at: Date },
  invoice: string,
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
    invoice,
  );
  // money without an invoice is nothing to pass over: the handler fails, and webhooks.dead() lists it in the end
  if (changes === 0 && !tx.get('SELECT 1 FROM receipts WHERE event_id = ?', id)) {
    throw new Error(`No invoice ${invoice} for this transfer.`);
  }
}

/** Says it besides whatever else there is to look at. */
function attend(tx: SqliteTx, invoice: string, what: string): void {
  tx.run("UPDATE invoices SET attention = concat_ws('; ', attention, ?) WHERE number = ?", what, invoice);
}
