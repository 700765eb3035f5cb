import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoff, retryAfter } from '../../src/http/retry.ts';
import { testClock } from '../support/clock.ts';

describe('the pause between attempts', () => {
  test('lies anywhere between nothing and a bound that doubles up to a limit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const pause = backoff(attempt, () => random);
          const bound = backoff(attempt, () => 1);
          expect(pause).toBeCloseTo(random * bound, 6);
          expect(bound).toBeLessThanOrEqual(8_000);
          expect(backoff(attempt + 1, () => 1)).toBe(Math.min(8_000, bound * 2));
        },
      ),
    );
  });
});

describe('Retry-After', () => {
  const clock = testClock();
  test.each([
    ['3', 3_000],
    ['0', 0],
    ['1.5', 1_500],
    [new Date(clock.now() + 4_000).toUTCString(), 4_000],
    [new Date(clock.now() - 4_000).toUTCString(), 0],
    [null, undefined],
    ['', undefined],
    ['later', undefined],
    ['Infinity', undefined],
    ['-3', undefined],
  ])('%j is %j milliseconds', (header, ms) => {
    expect(retryAfter(header, clock)).toBe(ms);
  });
});
