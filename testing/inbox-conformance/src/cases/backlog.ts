import assert from 'node:assert/strict';
import { claimOne, commitFor, conforms, deliveryOf, eventFor, hintFor, keyFor, LEASE, T0 } from '../make.ts';
import type { ConformanceCase } from '../under-test.ts';

const key = keyFor('p1');

/** What `backlog` tells the worker and the operator. */
export const backlog: readonly ConformanceCase[] = [
  conforms('of an empty inbox is nothing', async ({ inbox }) => {
    const nothing = { hints: 0, deliveries: 0, running: 0, dead: 0, oldest: undefined, nextAt: undefined };
    assert.deepEqual({ ...nothing, ...(await inbox.backlog()) }, nothing);
  }),

  conforms('counts hints with those under way, and says when the oldest came', async ({ inbox }) => {
    await inbox.put(hintFor(key, { at: T0 + 5 }));
    await inbox.put(hintFor(keyFor('p2'), { at: T0 + 3 }));
    await inbox.put(hintFor(keyFor('p3'), { at: T0 + 9 }));
    const [claim] = await inbox.claim(1, T0 + 10, LEASE);
    const { hints, running, oldest } = await inbox.backlog();
    assert.deepEqual({ hints, running, oldest }, { hints: 3, running: 1, oldest: T0 + 3 });
    if (claim === undefined) assert.fail('a hint is due');
    await inbox.complete(claim, T0 + 10);
    const after = await inbox.backlog();
    assert.deepEqual([after.hints, after.running], [2, 0]);
  }),

  conforms('says when the next hint is due', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    assert.equal((await inbox.backlog()).nextAt, T0);
    await inbox.delay(await claimOne(inbox), T0 + 5_000, T0 + 1_000, 'not found');
    assert.equal((await inbox.backlog()).nextAt, T0 + 5_000);
    await inbox.put(hintFor(key, { at: T0 + 10 }));
    assert.equal((await inbox.backlog()).nextAt, T0 + 1_000);
  }),

  conforms('says when the next delivery is due', async ({ inbox }) => {
    await inbox.complete(await commitFor(inbox, key, { events: [eventFor('e1', key)] }), T0);
    const { nextAt, deliveries } = await inbox.backlog();
    assert.deepEqual([nextAt, deliveries], [T0, 1]);
    const claim = await deliveryOf(inbox);
    const { running } = await inbox.backlog();
    assert.equal(running, 1);
    await inbox.retry(claim, T0 + 700, 'no');
    assert.equal((await inbox.backlog()).nextAt, T0 + 700);
  }),

  conforms('a lease that will end is something that comes due', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await claimOne(inbox, T0, 5_000);
    assert.equal((await inbox.backlog()).nextAt, T0 + 5_000);
  }),

  conforms('what is due at once is said, also beside other things that are due later', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.complete(await claimOne(inbox), T0 + 30_000);
    await inbox.put(hintFor(keyFor('p2'), { at: T0 + 10 }));
    const { nextAt } = await inbox.backlog();
    assert.ok(nextAt !== undefined && nextAt <= T0 + 10, `p2 is due at +10 ms, nextAt says ${nextAt}`);
  }),
];
