import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { deliver } from '../../src/webhooks/deliver/deliver.ts';
import { Handlers } from '../../src/webhooks/deliver/handlers.ts';
import { memoryInbox } from '../../src/webhooks/index.ts';
import { keyOf } from '../../src/webhooks/resource.ts';
import { ACCOUNT, clientOf, FakeTalo } from './support.ts';

const HOUR = 3_600_000;

/** Fails one delivery until it is parked. @returns the pauses between its attempts, in milliseconds */
async function pauses(random: () => number): Promise<readonly number[]> {
  const key = keyOf({
    environment: 'test',
    accountId: ACCOUNT,
    resource: { kind: 'payment', id: 'VAR-1' },
  });
  const inbox = memoryInbox();
  const now = Date.UTC(2026, 0, 1);
  await inbox.put({ key, authenticated: true, origin: 'webhook', at: now });
  const [hint] = await inbox.claim(1, now, 1_000);
  if (hint === undefined) throw new Error('a hint is due');
  const at = new Date(now);
  const payload = JSON.stringify({ id: 'e', type: 'payment.paid', at, accountId: ACCOUNT });
  const event = { id: 'e', type: 'payment.paid', key, payload, handlers: ['fails'] };
  await inbox.commit({ claim: hint, state: undefined, credits: [], events: [event], now });
  await inbox.complete(hint, now);

  const handlers = new Handlers();
  handlers.add(['payment.paid'], () => Promise.reject(new Error('no')), 'fails');
  const client = clientOf(new FakeTalo());
  const waited: number[] = [];
  for (let time = now; ; ) {
    const [claim] = await inbox.claimDeliveries(1, time, 1_000);
    if (claim === undefined) throw new Error('a delivery is due');
    await deliver(claim, {
      inbox,
      clock: { ...systemClock, now: () => time },
      random,
      handlers,
      clientFor: async () => client,
      signal: new AbortController().signal,
      maxAttempts: 10,
      handlerMs: 1_000,
      parked: () => {},
    });
    const { nextAt } = await inbox.backlog();
    if (nextAt === undefined) return waited;
    waited.push(nextAt - time);
    time = nextAt;
  }
}

test('ten attempts are spread over six hours, on average', async () => {
  // of an even spread the middle is the average
  const average = await pauses(() => 0.5);
  expect(average).toHaveLength(9);
  const total = average.reduce((sum, ms) => sum + ms, 0);
  expect(total / HOUR).toBeGreaterThan(5.8);
  expect(total / HOUR).toBeLessThan(6.2);
});

test('pauses grow from seconds to hours, and each may be anything down to nothing', async () => {
  const longest = await pauses(() => 1);
  expect([...longest].sort((a, b) => a - b)).toEqual(longest);
  expect(longest[0]).toBeLessThan(10_000);
  const shortest = await pauses(() => 0);
  expect(shortest).toEqual(longest.map(() => 0));
});
