import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Amounts are whole centavos. What was received is the sum of the receipts and stands nowhere else. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS invoices (
    number TEXT PRIMARY KEY,
    customer TEXT NOT NULL,
    amount INTEGER NOT NULL,
    cvu TEXT, alias TEXT, payment_url TEXT,
    paid_at TEXT,
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

const SELECT = `
  SELECT i.*, (SELECT coalesce(sum(amount), 0) FROM receipts WHERE invoice = i.number) AS received FROM invoices i`;

export interface Invoice {
  readonly number: string;
  readonly customer: string;
  readonly amount: number;
  readonly received: number;
  readonly status: 'open' | 'partly paid' | 'paid';
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
    this.#db = new DatabaseSync(path, { timeout: 5000 });
    this.#db.exec('PRAGMA journal_mode = WAL');
    this.#db.exec(SCHEMA);
  }

  /** Writes the invoice down before Talo hears of it, so that no transfer can come for one that is unknown. */
  add({ number, customer, amount }: Pick<Invoice, 'number' | 'customer' | 'amount'>): void {
    this.#db
      .prepare('INSERT INTO invoices (number, customer, amount) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
      .run(number, customer, amount);
  }

  setAddress(
    number: string,
    to: { readonly [Key in 'cvu' | 'alias' | 'paymentUrl']: string | undefined },
  ): void {
    this.#db
      .prepare('UPDATE invoices SET cvu = ?, alias = ?, payment_url = ? WHERE number = ?')
      .run(to.cvu ?? null, to.alias ?? null, to.paymentUrl ?? null, number);
  }

  get(number: string): Invoice | undefined {
    const row = this.#db.prepare(`${SELECT} WHERE number = ?`).get(number);
    return row && invoiceOf(row);
  }

  list(): readonly Invoice[] {
    return this.#db.prepare(`${SELECT} ORDER BY number`).all().map(invoiceOf);
  }

  close(): void {
    this.#db.close();
  }
}

function invoiceOf(row: Readonly<Record<string, unknown>>): Invoice {
  const text = (key: string) => (typeof row[key] === 'string' ? row[key] : undefined);
  const received = Number(row['received']);
  return {
    number: String(row['number']),
    customer: String(row['customer']),
    amount: Number(row['amount']),
    received,
    // Talo says when an invoice is paid, because it knows the tolerance of the account
    status: text('paid_at') ? 'paid' : received > 0 ? 'partly paid' : 'open',
    cvu: text('cvu'),
    alias: text('alias'),
    paymentUrl: text('payment_url'),
    attention: text('attention'),
  };
}
