/** Upper bounds in milliseconds. At the last one Talo hangs up. */
const BOUNDS = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 3_000] as const;

/** How long answers took. */
export interface Bucket {
  /** Took at most this many milliseconds; the last bucket, without a bound, is what came too late. */
  readonly upToMs?: number;
  readonly count: number;
}

/** Counts durations, in constant memory. */
export class Histogram {
  readonly #counts: number[] = [...BOUNDS.map(() => 0), 0];

  add(ms: number): void {
    const found = BOUNDS.findIndex((bound) => ms <= bound);
    const index = found === -1 ? BOUNDS.length : found;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  buckets(): readonly Bucket[] {
    return this.#counts.map((count, i) => {
      const upToMs = BOUNDS[i];
      return upToMs === undefined ? { count } : { upToMs, count };
    });
  }
}
