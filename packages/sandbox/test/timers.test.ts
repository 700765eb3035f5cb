import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSandbox } from '../src/index.ts';
import { createTimers, type Timer } from '../src/timers.ts';

test('many timers run in the order of a sorted list, whatever is set, cancelled and taken', () => {
  const step = fc.oneof(
    fc.record({ add: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ cancel: fc.nat() }),
    fc.record({ passTo: fc.integer({ min: 0, max: 60 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const timers = createTimers(
        () => 0,
        () => undefined,
      );
      const all: Timer[] = [];
      let model: Timer[] = [];
      for (const each of steps) {
        if ('add' in each) {
          const timer = timers.add(each.add, () => undefined);
          all.push(timer);
          model.push(timer);
        } else if ('cancel' in each) {
          const timer = all[each.cancel % Math.max(1, all.length)];
          if (timer === undefined) continue;
          timers.cancel(timer);
          model = model.filter((other) => other !== timer);
        } else {
          // the first one set among those due first
          const due = model.filter((timer) => timer.due <= each.passTo);
          const [wanted] = due.sort(
            (one, other) => one.due - other.due || all.indexOf(one) - all.indexOf(other),
          );
          expect(timers.takeDue(each.passTo)).toBe(wanted);
          model = model.filter((other) => other !== wanted);
        }
        const left = model.map(({ due }) => due);
        expect(timers.next()).toBe(left.length === 0 ? undefined : Math.min(...left));
      }
    }),
  );
});

test('time is stopped, moved and let go, and never goes back', async () => {
  const { clock } = createSandbox();
  const seen: string[] = [];
  clock.setTimeout(() => seen.push('an hour'), 3_600_000);
  clock.freeze();
  clock.freeze(); // as it is
  const frozen = clock.now();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect([clock.kind, clock.now()]).toEqual(['virtual', frozen]);
  await clock.advance({ minutes: 59 });
  expect(seen).toEqual([]);
  await clock.advance({ minutes: 2 });
  expect(seen).toEqual(['an hour']);
  clock.run();
  expect(clock.kind).toBe('real');
  expect(clock.now()).toBeGreaterThanOrEqual(frozen + 61 * 60_000);
  const soon = new Promise<void>((resolve) => clock.setTimeout(resolve, 2));
  await soon; // it passes by itself again
  clock.run();
});

test('a timer keeps the process alive, unless it was unreferenced', async () => {
  const { clock } = createSandbox();
  const keeps = (): boolean =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length > before;
  const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  expect(keeps()).toBe(false); // expiries and payouts do not
  const timer = clock.setTimeout(() => undefined, 60_000) as Timer;
  expect(keeps()).toBe(true);
  timer.unref();
  expect(keeps()).toBe(false);
  timer.ref();
  expect(keeps()).toBe(true);
  clock.clearTimeout(timer);
  expect(keeps()).toBe(false);
});
