/** A list that keeps the last `limit` entries. */
export interface Ring<T> {
  push(entry: T): void;
  /** Oldest first; a copy. */
  list(): readonly T[];
  readonly size: number;
  clear(): void;
}

export function createRing<T>(limit: number): Ring<T> {
  let entries: T[] = [];
  return {
    push(entry) {
      entries.push(entry);
      if (entries.length >= limit * 2) entries = entries.slice(-limit); // amortised, not a shift per entry
    },
    list: () => entries.slice(-limit),
    get size() {
      return Math.min(entries.length, limit);
    },
    clear() {
      entries = [];
    },
  };
}
