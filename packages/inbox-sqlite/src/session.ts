import type { StatementSync } from 'node:sqlite';
import type { Database, Value } from './node-sqlite.ts';

/** One open connection, with our own statements kept prepared by their text. An application's are no business of it. */
export class Session {
  readonly db: Database;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: Database) {
    this.db = db;
  }

  /** One row. The shape is ours to know: the schema is in this package. */
  get<Row>(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  all<Row>(sql: string, ...values: readonly Value[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  /** @returns how many rows changed */
  run(sql: string, ...values: readonly Value[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  /** @returns the id of the new row */
  insert(sql: string, ...values: readonly Value[]): number {
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
