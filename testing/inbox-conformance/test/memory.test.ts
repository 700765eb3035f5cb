import { memoryInbox } from '@talo/core/webhooks';
import { describe, expect, test } from 'vitest';
import { type InboxFactory, inboxConformance, walks } from '../src/index.ts';

const make: InboxFactory = () => ({ inbox: memoryInbox({ bound: 25_000 }) });

describe('the memory inbox', () => {
  for (const { name, run } of inboxConformance) {
    test(name, () => run(make));
  }

  test('agrees with the model on 300 random walks', () => walks(make, { runs: 300 }), 60_000);
});

test('names are unique', () => {
  const names = inboxConformance.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
