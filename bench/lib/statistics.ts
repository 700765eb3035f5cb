/** The value that `share` of all are at or below; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) };
}

/** Two shared cores do not tell ratios apart that are closer. */
export const RESOLVED = 0.15;

/** A ratio, marked where the measurement cannot tell it from 1. */
export function ratioText(ratio: number): string {
  return `${ratio.toFixed(2)}${Math.abs(ratio - 1) < RESOLVED ? ' ≈1' : ''}`;
}
