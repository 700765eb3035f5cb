import { Injectable, Logger } from '@nestjs/common';
import type { TaloContext, TaloEventOf } from '@talo/core';
import type { SqliteTx } from '@talo/inbox-sqlite';
import { OnTaloEvent } from '@talo/nestjs';
import { CREDIT } from './books.ts';
import { dayOf, type Month, monthsFor } from './months.ts';

type Context = TaloContext<SqliteTx, 'sync'>;

/**
 * What confirmed money does to the subscriptions. Every write goes through `commitWith`: it is committed together with
 * the note that this handler is done, so it happens once, whatever crashes, repeats or comes out of order.
 */
@Injectable()
export class Renewals {
  readonly #log = new Logger(Renewals.name);

  @OnTaloEvent('customer.transfer')
  renew(event: TaloEventOf<'customer.transfer'>, { commitWith }: Context): void {
    const { customerId, transaction, at } = event;
    // gross is what the subscriber sent; the net of it, less Talo's commission, buys nobody's month
    const { gross, payer, transactionId, createdAt } = transaction;
    commitWith((tx) => {
      if (gross === undefined) return attend(tx, customerId, `amount unknown: ${transactionId}`);
      receive(tx, event, customerId, gross.centavos, payer?.name);
      const months = extend(tx, customerId, dayOf(createdAt ?? at));
      for (const { from, until } of months) this.#log.log(`${customerId}: paid from ${from} until ${until}`);
    });
  }

  /** The bank took a transfer back: a negative receipt. Months stay, and the next transfer pays the debt first. */
  @OnTaloEvent('transfer.reversed')
  reverse(event: TaloEventOf<'transfer.reversed'>, { commitWith }: Context): void {
    const { customerId = '', transaction } = event;
    commitWith((tx) => {
      receive(tx, event, customerId, -(transaction.gross?.centavos ?? 0), transaction.payer?.name);
      attend(tx, customerId, `reversed: ${transaction.transactionId}`);
    });
  }
}

function receive(
  tx: SqliteTx,
  { id, at }: { readonly id: string; readonly at: Date },
  subscriber: string,
  amount: number,
  payer: string | undefined,
): void {
  // money of nobody is nothing to pass over: the handler fails, and webhooks.dead() lists it in the end
  if (tx.get('SELECT 1 FROM subscribers WHERE id = ?', subscriber) === undefined) {
    throw new Error(`No subscriber ${subscriber} for this transfer.`);
  }
  // event.id never changes, so that even a restored database cannot take the same money twice
  tx.run(
    `INSERT INTO receipts (event_id, subscriber, amount, payer, received_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (event_id) DO NOTHING`,
    id,
    subscriber,
    amount,
    payer ?? null,
    at.toISOString(),
  );
}

/** Turns credit into as many months as it pays. */
function extend(tx: SqliteTx, subscriber: string, today: string): readonly Month[] {
  const credit = Number(tx.get(CREDIT, subscriber)?.['credit']);
  const price = Number(tx.get('SELECT price FROM subscribers WHERE id = ?', subscriber)?.['price']);
  const row = tx.get('SELECT * FROM months WHERE subscriber = ? ORDER BY until DESC LIMIT 1', subscriber);
  const last = row && {
    from: String(row['from']),
    until: String(row['until']),
    anchor: Number(row['anchor']),
  };
  const months = monthsFor(credit, price, last, today);
  for (const { from, until, anchor } of months) {
    tx.run('INSERT INTO months VALUES (?, ?, ?, ?, ?)', subscriber, from, until, anchor, price);
  }
  return months;
}

/** Says it besides whatever else there is to look at. */
function attend(tx: SqliteTx, subscriber: string, what: string): void {
  tx.run("UPDATE subscribers SET attention = concat_ws('; ', attention, ?) WHERE id = ?", what, subscriber);
}
