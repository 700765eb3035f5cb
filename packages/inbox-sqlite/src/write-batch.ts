import type { Value } from './node-sqlite.ts';
import type { Session } from './session.ts';

/** What a piece of work may do within the transaction of its batch. */
export interface Batch {
  readonly session: Session;
  get<Row>(sql: string, ...values: readonly Value[]): Row | undefined;
  all<Row>(sql: string, ...values: readonly Value[]): Row[];
  run(sql: string, ...values: readonly Value[]): number;
  insert(sql: string, ...values: readonly Value[]): number;
  /** Adds to a counter that is kept with the rows it counts, so that counting costs the same at any size. @returns the sum */
  count(name: string, add: number): number;
}

export class WriteBatch implements Batch {
  readonly session: Session;
  /** Grows with everything that is to be committed: it tells whether a piece of work has left something. */
  writes = 0;
  readonly #counts = new Map<string, { value: number; changed: boolean }>();

  constructor(session: Session) {
    this.session = session;
  }

  get<Row>(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.session.get<Row>(sql, ...values);
  }

  all<Row>(sql: string, ...values: readonly Value[]): Row[] {
    return this.session.all<Row>(sql, ...values);
  }

  run(sql: string, ...values: readonly Value[]): number {
    const changes = this.session.run(sql, ...values);
    this.writes++;
    return changes;
  }

  insert(sql: string, ...values: readonly Value[]): number {
    const id = this.session.insert(sql, ...values);
    this.writes++;
    return id;
  }

  count(name: string, add: number): number {
    let entry = this.#counts.get(name);
    if (entry === undefined) {
      const row = this.get<{ value: number }>('SELECT value FROM talo_counts WHERE name = ?', name);
      entry = { value: row?.value ?? 0, changed: false };
      this.#counts.set(name, entry);
    }
    if (add !== 0) {
      entry.value += add;
      entry.changed = true;
      this.writes++;
    }
    return entry.value;
  }

  /** Writes the counters, once for the whole batch. */
  finish(): void {
    for (const [name, { value, changed }] of this.#counts) {
      if (changed) this.run('UPDATE talo_counts SET value = ? WHERE name = ?', value, name);
    }
  }
}
