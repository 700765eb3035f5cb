import { expect, test } from 'vitest';
import { systemClock } from '../src/clock.ts';

test('a time beyond what a timer can hold does not fire at once', async () => {
  let fired = 0;
  const timers = [2 ** 31, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY].map((ms) =>
    systemClock.setTimeout(() => {
      fired++;
    }, ms),
  );
  // timers that are due run before one that was set after them
  await new Promise<void>((resolve) => {
    systemClock.setTimeout(resolve, 5);
  });
  for (const timer of timers) systemClock.clearTimeout(timer);
  expect(fired).toBe(0);
});
