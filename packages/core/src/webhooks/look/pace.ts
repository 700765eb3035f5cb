/** Pause between two looks at one resource: it doubles while nothing changes. */
export const FLOOR_MS = 1_000;
/** Whoever repeats what is authenticated, be it stolen, must not keep the money of an open payment waiting for long. */
export const MOST_QUIET = 10;
const LARGEST_FLOOR_MS = { open: 4_000, otherwise: 30_000 } as const;

/** How long no look follows another. @param quiet looks in a row that found nothing new, this one among them */
export function floorAfter(quiet: number, hurried: boolean): number {
  const largest = hurried ? LARGEST_FLOOR_MS.open : LARGEST_FLOOR_MS.otherwise;
  return quiet === 0 ? FLOOR_MS : Math.min(largest, FLOOR_MS * 2 ** (quiet - 1));
}
