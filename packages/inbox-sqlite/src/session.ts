import type { StatementSync } from 'node:sqlite';
import type { Database, Value } from './node-sqlite.ts';

/** Statements kept prepared per connection; what an application makes up beyond that is prepared each time. */
const KEPT = 200;

/** One open connection, with its prepared statements by their text. */
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

  runRaw(
    sql: string,
    ...values: readonly Value[]
  ): { changes: number | bigint; lastInsertRowid: number | bigint } {
    return this.#statement(sql).run(...values);
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.db.prepare(sql);
    if (this.#statements.size < KEPT) this.#statements.set(sql, statement);
    return statement;
  }
}
