import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Payment } from '@talo/core';

/**
 * Amounts are whole centavos. What was received is the sum of the receipts and stands nowhere else. A payment at Talo
 * expires, an invoice does not: `attempt` counts its payments, and `price` is what the present one asks for. `waived` is
 * what Talo takes for paid and the receipts do not show: it knows the tolerance of the account.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS invoices (
    number TEXT PRIMARY KEY,
    customer TEXT NOT NULL,
    amount INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 1,
    price INTEGER NOT NULL,
    payment_id TEXT, cvu TEXT, alias TEXT, payment_url TEXT,
    waived INTEGER NOT NULL DEFAULT 0,
    attention TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS receipts (
    event_id TEXT PRIMARY KEY,
    invoice TEXT NOT NULL,
    amount INTEGER NOT NULL,
    payer TEXT,
    received_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS receipts_of_invoice ON receipts (invoice);
`;

/** What an invoice has received, in SQL. */
export const RECEIVED = '(SELECT coalesce(sum(amount), 0) FROM receipts WHERE invoice = invoices.number)';

/**
 * Payment ?2 of invoice ?1 has ended with ?3 centavos: the next one asks for what is missing. Talo knows nothing of money
 * at an earlier CVU, the books nothing of a transfer whose notification is under way: nobody is asked for either again.
 */
export const END = `
  UPDATE invoices SET attempt = attempt + 1, price = min(price - ?3, amount - ${RECEIVED}),
    payment_id = NULL, cvu = NULL, alias = NULL, payment_url = NULL
  WHERE number = ?1 AND attempt = ?2 AND price > ?3 AND amount > waived + ${RECEIVED}`;

const SELECT = `SELECT *, ${RECEIVED} AS received FROM invoices`;

/** Between the number of an invoice and that of its attempt, so it cannot be in the number. */
export const ATTEMPT = '~';

/** What Talo calls the payment: the number of the invoice, and of a second attempt `A-0001~2`. */
function externalIdOf(number: string, attempt: number): string {
  return attempt === 1 ? number : `${number}${ATTEMPT}${attempt}`;
}

/** The other way round. */
export function invoiceOf(externalId = ''): { readonly number: string; readonly attempt: number } {
  const [number = '', attempt = '1'] = externalId.split(ATTEMPT);
  return { number, attempt: Number(attempt) };
}

export interface Invoice {
  readonly number: string;
  readonly customer: string;
  readonly amount: number;
  readonly received: number;
  /** `expired`: the CVU takes no more money, and the next PUT gets another one for what is missing. */
  readonly status: 'open' | 'partly paid' | 'paid' | 'expired';
  /** Where to transfer; missing until Talo has answered. */
  readonly cvu: string | undefined;
  readonly alias: string | undefined;
  readonly paymentUrl: string | undefined;
  /** What somebody should look at. */
  readonly attention: string | undefined;
}

/** The application's own tables, in the file that the inbox uses too: that is what makes `commitWith` one commit. */
export class Books {
  readonly #db: DatabaseSync;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    // it holds names and CUITs of payers, so nobody else on the machine reads it
    closeSync(openSync(path, 'a', 0o600));
    this.#db = new DatabaseSync(path, { timeout: 5000 });
    this.#db.exec('PRAGMA journal_mode = WAL');
    this.#db.exec(SCHEMA);
  }

  /** Writes the invoice down before Talo hears of it, so that no transfer can come for one that is unknown. */
  add({ number, customer, amount }: Pick<Invoice, 'number' | 'customer' | 'amount'>): void {
    this.#db
      .prepare(
        'INSERT INTO invoices (number, customer, amount, price) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      )
      .run(number, customer, amount, amount);
  }

  /** The payment to ask Talo for: the same one until it has ended. */
  toCollect(number: string): {
    readonly externalId: string;
    readonly price: number;
    readonly paymentId: string | undefined;
  } {
    const row = this.#db
      .prepare('SELECT attempt, price, payment_id FROM invoices WHERE number = ?')
      .get(number);
    const paymentId = row?.['payment_id'];
    return {
      externalId: externalIdOf(number, Number(row?.['attempt'])),
      price: Number(row?.['price']),
      paymentId: typeof paymentId === 'string' ? paymentId : undefined,
    };
  }

  setPayment(externalId: string, payment: Payment): void {
    const { number, attempt } = invoiceOf(externalId);
    const { id, cvu = null, alias = null, paymentUrl = null } = payment;
    this.#db
      .prepare(
        `UPDATE invoices SET payment_id = ?, cvu = ?, alias = ?, payment_url = ?
         WHERE number = ? AND attempt = ?`,
      )
      .run(id, cvu, alias, paymentUrl, number, attempt);
  }

  end(externalId: string, received: number): void {
    const { number, attempt } = invoiceOf(externalId);
    this.#db.prepare(END).run(number, attempt, received);
  }

  get(number: string): Invoice | undefined {
    const row = this.#db.prepare(`${SELECT} WHERE number = ?`).get(number);
    return row && readInvoice(row);
  }

  list(): readonly Invoice[] {
    return this.#db.prepare(`${SELECT} ORDER BY number`).all().map(readInvoice);
  }

  close(): void {
    this.#db.close();
  }
}

function readInvoice(row: Readonly<Record<string, unknown>>): Invoice {
  const text = (key: string) => (typeof row[key] === 'string' ? row[key] : undefined);
  const invoice = {
    number: String(row['number']),
    customer: String(row['customer']),
    amount: Number(row['amount']),
    received: Number(row['received']),
    cvu: text('cvu'),
    alias: text('alias'),
    paymentUrl: text('payment_url'),
    attention: text('attention'),
  };
  const { amount, received, cvu } = invoice;
  const expired = cvu === undefined && Number(row['attempt']) > 1;
  const paid = received + Number(row['waived']) >= amount;
  const status = paid ? 'paid' : expired ? 'expired' : received > 0 ? 'partly paid' : 'open';
  return { ...invoice, status };
}
