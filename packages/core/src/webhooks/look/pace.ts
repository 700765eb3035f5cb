/** Pause between two looks at one resource: it doubles while nothing changes. */
export const FLOOR_MS = 1_000;
/** Whoever repeats what is authenticated, be it stolen, must not keep money that is awaited for long. */
export const MOST_QUIET = 10;
const LARGEST_FLOOR_MS = { awaited: 4_000, otherwise: 30_000 } as const;

/**
 * Pauses before the looks that follow one of a webhook which showed nothing new: Talo's answer may lag behind it. Whether
 * it does nobody knows: a notification that only repeats another costs the same looks, so there are few where no news is
 * awaited.
 */
const EARLY_MS = {
  awaited: [1_000, 2_000, 4_000, 16_000, 64_000],
  possible: [4_000, 16_000, 64_000],
} as const;

/** What a webhook may tell of: `awaited` is money, or that it is processed; more of what has come already is `possible`. */
export type News = keyof typeof EARLY_MS;

/** When to look again for what a webhook told of; `undefined` where it is time to give up. */
export function earlyLook(news: News, looks: number): number | undefined {
  return EARLY_MS[news][looks];
}

/** How long no look follows another. @param quiet looks in a row that found nothing new, this one among them */
export function floorAfter(quiet: number, hurried: boolean): number {
  const largest = hurried ? LARGEST_FLOOR_MS.awaited : LARGEST_FLOOR_MS.otherwise;
  return quiet === 0 ? FLOOR_MS : Math.min(largest, FLOOR_MS * 2 ** (quiet - 1));
}
