import assert from 'node:assert/strict';
import { claimOne, commitFor, conforms, deliveryOf, eventFor, hintFor, keyFor, LEASE, T0 } from '../make.ts';
import type { ConformanceCase } from '../under-test.ts';

const key = keyFor('p1');

/** What `backlog` tells the worker and the operator. */
export const backlog: readonly ConformanceCase[] = [
  conforms('of an empty inbox is nothing', async ({ inbox }) => {
    const none = { oldest: undefined, oldestEvent: undefined, nextAt: undefined };
    const nothing = { hints: 0, deliveries: 0, running: 0, dead: 0, ...none };
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

  conforms('says when the next delivery is due, of any handler', async ({ inbox }) => {
    for (const [i, handler] of ['b', 'a', 'c'].entries()) {
      const now = T0 + (i + 1) * 100;
      const events = [eventFor(`e${i}`, keyFor(`r${i}`), { handlers: [handler] })];
      await inbox.complete(await commitFor(inbox, keyFor(`r${i}`), { events, now }, now), now);
    }
    const { nextAt } = await inbox.backlog();
    assert.equal(nextAt, T0 + 100);
  }),

  conforms(
    'says since when the oldest event waits, if it tells at all, until the last of its handlers has it',
    async ({ inbox }) => {
      const tells = async (at: number | undefined, why: string) => {
        const told = (await inbox.backlog()).oldestEvent;
        assert.ok(told === undefined || told === at, `${why}: ${told}, not ${at}`);
        return told;
      };
      await tells(undefined, 'nothing waits');
      for (const [at, id] of [[T0 + 100, 'e1'] as const, [T0 + 200, 'e2'] as const]) {
        const events = [eventFor(id, keyFor(id), { handlers: ['ship', 'mail'] })];
        await inbox.complete(await commitFor(inbox, keyFor(id), { events, now: at }, at), at);
      }
      const told = await tells(T0 + 100, 'both wait');
      const claims = await inbox.claimDeliveries(10, T0 + 200, LEASE);
      await tells(T0 + 100, 'both are with their handlers');
      const later = T0 + 5_000;
      for (const claim of claims) {
        if (claim.eventId !== 'e1') await inbox.finish(claim, []);
        else if (claim.handler === 'mail') await inbox.retry(claim, later, 'no');
        else await inbox.finish(claim, []);
      }
      const still = await tells(T0 + 100, 'one of its handlers still has to get it, and later');
      assert.equal(still === undefined, told === undefined, 'it is told, or never is');
      await inbox.park(await deliveryOf(inbox, later), 'no');
      await tells(undefined, 'what is dead waits no more');
    },
  ),

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
