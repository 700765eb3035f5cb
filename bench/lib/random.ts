export type Random = () => number;

/** Mulberry32: the same numbers for the same seed. */
export function generator(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @throws of an empty list */
export function pick<T>(list: readonly T[], random: Random): T {
  const index = Math.floor(random() * list.length);
  if (index >= list.length) throw new Error('Nothing to pick from.');
  return list[index] as T;
}

export function shuffle<T>(list: readonly T[], random: Random): T[] {
  return list
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
