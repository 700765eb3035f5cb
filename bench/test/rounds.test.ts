import { expect, test } from 'vitest';
import { rotated } from '../lib/rounds.ts';
import { quantile, spread } from '../lib/statistics.ts';

test('each variant takes each place once in as many rounds as there are variants', async () => {
  const order: string[] = [];
  const results = await rotated(['a', 'b', 'c'], 3, async (variant, round) => {
    order.push(variant);
    return round;
  });
  expect(order.join('')).toBe('abcbcacababc');
  expect(results.get('b'), 'the first round is not counted').toEqual([1, 2, 3]);
});

test('quantiles are values that occurred', () => {
  const values = [5, 1, 4, 2, 3];
  expect(quantile(values, 0.5)).toBe(3);
  expect(quantile(values, 1)).toBe(5);
  expect(quantile([], 0.5)).toBeNaN();
  expect(spread(Array.from({ length: 1000 }, (_, i) => i))).toEqual({
    count: 1000,
    p50: 500,
    p99: 990,
    p999: 999,
    max: 999,
  });
});
