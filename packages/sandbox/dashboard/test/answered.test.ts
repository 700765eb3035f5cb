import { expect, test } from 'vitest';
import type { Notice, StreamEvent } from '../../src/control/contract.ts';
import { answered } from '../src/lib/answered.ts';

test('what was heard while the list was on its way is not taken back by the list', async () => {
  const before = [notice('a', 'not yet'), notice('b', 'not yet')];
  const stream = standStream();
  const list = Promise.withResolvers<readonly Notice[]>();
  const outcome = answered(before, stream.listen, () => list.promise);

  stream.tell({ type: 'notice', seq: 1, notice: notice('a', 'answered') });
  list.resolve(before);
  await list.promise;
  stream.tell({ type: 'notice', seq: 2, notice: notice('b', 'answered') });

  expect((await outcome).map(({ attempts }) => attempts.length)).toEqual([1, 1]);
  expect(stream.listeners()).toBe(0);
});

test('one that was answered before anybody listened is read from the list', async () => {
  const stream = standStream();
  const outcome = answered([notice('a', 'not yet')], stream.listen, async () => [notice('a', 'answered')]);
  expect((await outcome).map(({ attempts }) => attempts.length)).toEqual([1]);
});

test('a list that cannot be read ends the wait with what is known', async () => {
  const stream = standStream();
  const sent = [notice('a', 'not yet')];
  expect(await answered(sent, stream.listen, () => Promise.reject(new Error('gone')))).toEqual(sent);
  expect(stream.listeners()).toBe(0);
});

function notice(id: string, state: 'not yet' | 'answered'): Notice {
  const at = '2026-01-05T12:00:00.000Z';
  return {
    id,
    target: 'http://127.0.0.1:3000/',
    body: {},
    origin: 'replay',
    createdAt: at,
    outcome: state === 'answered' ? 'delivered' : 'pending',
    attempts:
      state === 'answered'
        ? [
            {
              number: 1,
              at,
              outcome: 'delivered',
              status: 200,
              durationMs: 1,
              request: { headers: {}, body: '' },
              answer: { headers: {}, body: '' },
            },
          ]
        : [],
  };
}

function standStream() {
  const hearing = new Set<(event: StreamEvent) => void>();
  return {
    listen(hear: (event: StreamEvent) => void) {
      hearing.add(hear);
      return () => void hearing.delete(hear);
    },
    tell(event: StreamEvent) {
      for (const hear of [...hearing]) hear(event);
    },
    listeners: () => hearing.size,
  };
}
