import { expect, test } from 'vitest';
import { createHistory } from '../src/history.ts';

test('days of use keep to their bounds, and the newest is what is kept', () => {
  const limit = 10;
  const history = createHistory(limit, () => 0);
  const about = (index: number) => ({ kind: 'customer', userId: 'u', id: `c-${index}` }) as const;
  for (let index = 0; index < 5000; index++) {
    history.note(about(index % 1000), { type: 'created' });
    history.signal({ type: 'clock' });
  }
  const timelines = Array.from({ length: 1000 }, (_, index) => history.timeline(about(index)));
  const entries = timelines.flat();
  // a quarter more than the share is the most before it is cut
  expect(entries.length).toBeLessThanOrEqual(limit * 25);
  expect(entries.length).toBeGreaterThanOrEqual(limit * 20);
  expect(Math.max(...entries.map(({ seq }) => seq))).toBe(5000);
  expect(Math.min(...entries.map(({ seq }) => seq))).toBeGreaterThan(5000 - limit * 25);
  expect(history.signals.list()).toHaveLength(1000);
  expect(history.seq).toBe(10_000);
});

test('a resource keeps its own order when older entries go', () => {
  const history = createHistory(1, () => 0);
  const busy = { kind: 'payment', userId: 'u', id: 'p' } as const;
  for (let index = 0; index < 100; index++) history.note(busy, { type: 'changed', what: 'price' });
  const numbers = history.timeline(busy).map(({ seq }) => seq);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  expect(numbers.at(-1)).toBe(100);
});
