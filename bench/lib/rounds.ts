/**
 * Lets variants take turns, in an order that moves on with every round, so that a slow moment of the machine falls on
 * all of them. Round 0 warms up: its results are thrown away.
 */
export async function rotated<V extends string, R>(
  variants: readonly V[],
  rounds: number,
  run: (variant: V, round: number) => Promise<R>,
): Promise<ReadonlyMap<V, readonly R[]>> {
  const results = new Map<V, R[]>(variants.map((variant) => [variant, []]));
  for (let round = 0; round <= rounds; round++) {
    const turn = variants.map((_, i) => variants[(i + round) % variants.length]);
    for (const variant of turn) {
      if (variant === undefined) continue;
      const result = await run(variant, round);
      if (round > 0) results.get(variant)?.push(result);
    }
  }
  return results;
}
