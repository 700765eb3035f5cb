import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueQueue } from '../../src/webhooks/inbox/due-queue.ts';

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key, at: fc.nat(20) }),
  fc.record({ do: fc.constant('delete' as const), key }),
  fc.record({ do: fc.constant('take' as const), now: fc.nat(20) }),
);

test('takes what is due first, whatever was moved or taken out before', () =>
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new DueQueue();
      const model = new Map<string, number>();
      for (const each of steps) {
        if (each.do === 'set') {
          queue.set(each.key, each.at);
          model.set(each.key, each.at);
        } else if (each.do === 'delete') {
          queue.delete(each.key);
          model.delete(each.key);
        } else {
          const first = model.size > 0 ? Math.min(...model.values()) : undefined;
          const taken = queue.take(each.now);
          expect(taken === undefined).toBe(first === undefined || first > each.now);
          if (taken === undefined) continue;
          expect(model.get(taken)).toBe(first);
          model.delete(taken);
        }
        expect(queue.next()).toBe(model.size > 0 ? Math.min(...model.values()) : undefined);
      }
    }),
  ));

test('holds no more than its keys need, however often a key is moved', () => {
  const queue = new DueQueue();
  queue.set('soon', 0);
  for (let i = 0; i < 100_000; i++) queue.set('in a month', 1_000_000 + i);
  expect(queue.size).toBeLessThan(1_010);
  expect([queue.take(0), queue.next()]).toEqual(['soon', 1_099_999]);
});

test('follows a clock that is set back, and not one that is read a little earlier', () => {
  const DAY_MS = 86_400_000;
  const queue = new DueQueue();
  queue.set('in a minute', DAY_MS + 60_000);
  expect(queue.take(DAY_MS)).toBeUndefined();
  expect(queue.take(DAY_MS - 2_000)).toBeUndefined();
  expect(queue.next()).toBe(DAY_MS + 60_000);
  expect(queue.take(0)).toBeUndefined();
  expect(queue.take(62_000)).toBe('in a minute');
});
