import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { SETTINGS, type Settings } from './settings.ts';

/** Amounts are whole centavos. Credit and the end of a subscription are derived from receipts and months. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS subscribers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    price INTEGER NOT NULL CHECK (price > 0),
    cvu TEXT, alias TEXT,
    attention TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS receipts (
    event_id TEXT PRIMARY KEY,
    subscriber TEXT NOT NULL,
    amount INTEGER NOT NULL,
    payer TEXT,
    received_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS months (
    subscriber TEXT NOT NULL,
    "from" TEXT NOT NULL,
    until TEXT NOT NULL,
    anchor INTEGER NOT NULL,
    price INTEGER NOT NULL,
    PRIMARY KEY (subscriber, "from")
  ) STRICT;
  CREATE INDEX IF NOT EXISTS receipts_of ON receipts (subscriber);
`;

/** What is left of what was received once the months are paid. */
export const CREDIT = `
  SELECT (SELECT coalesce(sum(amount), 0) FROM receipts WHERE subscriber = ?1)
       - (SELECT coalesce(sum(price), 0) FROM months WHERE subscriber = ?1) AS credit`;

export interface Subscriber {
  readonly id: string;
  readonly name: string;
  /** Of a month, in centavos. */
  readonly price: number;
  /** Where to transfer; missing until Talo has answered. */
  readonly cvu: string | undefined;
  readonly alias: string | undefined;
  /** The first day that is not paid. */
  readonly paidUntil: string | undefined;
  /** Centavos that count towards the next month; negative after a reversal. */
  readonly credit: number;
  /** What somebody should look at. */
  readonly attention: string | undefined;
}

/** The application's own tables, in the file that the inbox uses too: that is what makes `commitWith` one commit. */
@Injectable()
export class Books implements OnApplicationShutdown {
  readonly #db: DatabaseSync;

  constructor(@Inject(SETTINGS) { database }: Settings) {
    mkdirSync(dirname(database), { recursive: true });
    // it holds names and CUITs of payers, so nobody else on the machine reads it
    closeSync(openSync(database, 'a', 0o600));
    this.#db = new DatabaseSync(database, { timeout: 5000 });
    this.#db.exec('PRAGMA journal_mode = WAL');
    this.#db.exec(SCHEMA);
  }

  /** Writes the subscriber down before Talo hears of it, so that no transfer can come for one that is unknown. */
  add(id: string, { name, price }: Pick<Subscriber, 'name' | 'price'>): void {
    this.#db
      .prepare('INSERT INTO subscribers (id, name, price) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
      .run(id, name, price);
  }

  /** What holds from now on, once Talo has agreed. */
  set(id: string, { name, price, cvu, alias }: Pick<Subscriber, 'name' | 'price' | 'cvu' | 'alias'>): void {
    this.#db
      .prepare('UPDATE subscribers SET name = ?, price = ?, cvu = ?, alias = ? WHERE id = ?')
      .run(name, price, cvu ?? null, alias ?? null, id);
  }

  get(id: string): Subscriber | undefined {
    const row = this.#db
      .prepare(
        'SELECT s.*, (SELECT max(until) FROM months WHERE subscriber = s.id) AS paid_until FROM subscribers s WHERE id = ?',
      )
      .get(id);
    if (row === undefined) return undefined;
    const text = (key: string) => (typeof row[key] === 'string' ? row[key] : undefined);
    return {
      id,
      name: String(row['name']),
      price: Number(row['price']),
      cvu: text('cvu'),
      alias: text('alias'),
      paidUntil: text('paid_until'),
      credit: Number(this.#db.prepare(CREDIT).get(id)?.['credit']),
      attention: text('attention'),
    };
  }

  /** After the engine, which is drained in `beforeApplicationShutdown` and still writes then. */
  onApplicationShutdown(): void {
    this.#db.close();
  }
}
