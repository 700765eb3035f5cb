import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Instalment } from './settle.ts';

/** Amounts are whole centavos. Only what happened is stored; what is owed follows from it (see settle.ts). */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS borrowers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    cvu TEXT, alias TEXT,
    attention TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS instalments (
    loan TEXT NOT NULL,
    number INTEGER NOT NULL,
    borrower TEXT NOT NULL REFERENCES borrowers,
    due TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (loan, number)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS receipts (
    event_id TEXT PRIMARY KEY,
    borrower TEXT NOT NULL,
    amount INTEGER NOT NULL,
    received_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS instalments_of_borrower ON instalments (borrower);
  CREATE INDEX IF NOT EXISTS receipts_of_borrower ON receipts (borrower);
`;

export interface Borrower {
  readonly id: string;
  readonly name: string;
  /** Where to transfer; missing until Talo has answered. */
  readonly cvu: string | undefined;
  readonly alias: string | undefined;
  /** All that came, in centavos. */
  readonly received: number;
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

  /** Writes the borrower down before Talo hears of them, so that no transfer can come for somebody unknown. */
  add(id: string, name: string): void {
    this.#db.prepare('INSERT INTO borrowers (id, name) VALUES (?, ?) ON CONFLICT DO NOTHING').run(id, name);
  }

  /** What holds from now on, once Talo has agreed. */
  set(id: string, { name, cvu, alias }: Pick<Borrower, 'name' | 'cvu' | 'alias'>): void {
    this.#db
      .prepare('UPDATE borrowers SET name = ?, cvu = ?, alias = ? WHERE id = ?')
      .run(name, cvu ?? null, alias ?? null, id);
  }

  borrower(id: string): Borrower | undefined {
    const row = this.#db
      .prepare(
        'SELECT b.*, (SELECT coalesce(sum(amount), 0) FROM receipts WHERE borrower = b.id) AS received FROM borrowers b WHERE id = ?',
      )
      .get(id);
    return row && borrowerOf(row);
  }

  /** A loan is its instalments. @returns false if there is a loan of this id already */
  addLoan(borrower: string, instalments: readonly Instalment[]): boolean {
    const insert = this.#db.prepare(
      'INSERT INTO instalments (loan, number, borrower, due, amount) VALUES (?, ?, ?, ?, ?)',
    );
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      for (const { loan, number, due, amount } of instalments)
        insert.run(loan, number, borrower, due, amount);
      this.#db.exec('COMMIT');
      return true;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      if (String(error).includes('UNIQUE constraint')) return false;
      throw error;
    }
  }

  instalmentsOf(borrower: string): readonly Instalment[] {
    return this.#db.prepare('SELECT * FROM instalments WHERE borrower = ?').all(borrower).map(instalmentOf);
  }

  loanOf(borrower: string, loan: string): readonly Instalment[] {
    return this.#db
      .prepare('SELECT * FROM instalments WHERE borrower = ? AND loan = ? ORDER BY number')
      .all(borrower, loan)
      .map(instalmentOf);
  }

  close(): void {
    this.#db.close();
  }
}

type Row = Readonly<Record<string, unknown>>;

function borrowerOf(row: Row): Borrower {
  const text = (key: string) => (typeof row[key] === 'string' ? row[key] : undefined);
  return {
    id: String(row['id']),
    name: String(row['name']),
    cvu: text('cvu'),
    alias: text('alias'),
    received: Number(row['received']),
    attention: text('attention'),
  };
}

function instalmentOf(row: Row): Instalment {
  return {
    loan: String(row['loan']),
    number: Number(row['number']),
    due: String(row['due']),
    amount: Number(row['amount']),
  };
}
