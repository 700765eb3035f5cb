import type { Clock } from '../clock.ts';

/** First and largest pause between two attempts, in milliseconds, before jitter. */
const FIRST_MS = 250;
const LARGEST_MS = 8_000;

/**
 * Whether a status means "later" rather than "no". A POST that creates is repeated only after 429, which says that it
 * was not processed; a 5xx of it may have created something.
 */
export function worthRepeating(status: number, creates: boolean): boolean {
  return status === 429 || (!creates && (status === 408 || status >= 500));
}

/** Full jitter: anything between nothing and twice the last bound, so that clients who failed together do not return together. */
export function backoff(attempt: number, random: () => number): number {
  return random() * Math.min(LARGEST_MS, FIRST_MS * 2 ** (attempt - 1));
}

/** `Retry-After` in milliseconds, whether Talo gave seconds or a date. */
export function retryAfter(header: string | null, clock: Clock): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - clock.now();
  return Number.isFinite(ms) ? Math.max(0, Math.ceil(ms)) : undefined;
}
