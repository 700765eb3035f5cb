import type { Clock } from '../clock.ts';

/** First and largest pause between two attempts, in milliseconds, before jitter. */
const FIRST_MS = 250;
const LARGEST_MS = 8_000;

/** Full jitter: anything up to a bound that doubles, so that clients who failed together do not return together. */
export function backoff(attempt: number, random: () => number): number {
  return random() * Math.min(LARGEST_MS, FIRST_MS * 2 ** (attempt - 1));
}

/** `Retry-After` in milliseconds, whether Talo gave seconds or a date. */
export function retryAfter(header: string | null, clock: Clock): number | undefined {
  const value = header?.trim();
  if (!value) return undefined;
  const seconds = Number(value);
  const ms = Number.isNaN(seconds) ? Math.max(0, Date.parse(value) - clock.now()) : seconds * 1000;
  return Number.isFinite(ms) && ms >= 0 ? Math.ceil(ms) : undefined;
}
