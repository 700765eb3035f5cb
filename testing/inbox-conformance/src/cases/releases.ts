import assert from 'node:assert/strict';
import {
  claimNone,
  claimOne,
  commitFor,
  conforms,
  conformsIfDurable,
  deliveryOf,
  eventFor,
  hintFor,
  keyFor,
  LEASE,
  refused,
  T0,
} from '../make.ts';
import type { ConformanceCase } from '../under-test.ts';

const key = keyFor('p1');

/** `release`: what a worker that stops gives back instead of letting others wait for the end of its leases. */
export const releases: readonly ConformanceCase[] = [
  conforms('a released hint is due at once, as it was before the claim', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.delay(await claimOne(inbox), T0 + 10, T0 + 10, 'not yet');
    const claim = await claimOne(inbox, T0 + 10);
    await inbox.release([claim], [], T0 + 20);
    assert.equal((await inbox.backlog()).running, 0);
    const { token, ...again } = await claimOne(inbox, T0 + 20);
    const { token: before, ...first } = claim;
    assert.deepEqual(again, first, 'neither an attempt more nor a hint less');
    assert.ok(token > before, 'the token grows with every claim');
  }),

  conforms('a released claim is no claim any more', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    const claim = await claimOne(inbox);
    await inbox.release([claim], [], T0);
    await refused(inbox.complete(claim, T0), 'complete');
    await refused(inbox.delay(claim, T0, T0, 'late'), 'delay');
    await refused(inbox.bury(claim, 'late'), 'bury');
    await claimOne(inbox);
  }),

  conforms('a hint that came since the claim is not lost with it', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    const claim = await claimOne(inbox);
    await inbox.put(hintFor(key, { at: T0 + 5 }));
    await inbox.release([claim], [], T0 + 10);
    const again = await claimOne(inbox, T0 + 10);
    assert.equal(again.since, T0, 'since the first of both');
    assert.ok(again.generation > claim.generation);
    await inbox.complete(again, T0 + 10);
    await claimNone(inbox, T0 + LEASE, 'both are done with that one claim');
  }),

  conforms('what was only watched waits when it is released', async ({ inbox }) => {
    await inbox.watch(key, T0 + 10);
    await inbox.release([await claimOne(inbox, T0 + 10)], [], T0 + 20);
    assert.equal((await inbox.backlog()).hints, 1);
    assert.equal((await claimOne(inbox, T0 + 20)).origin, 'reconcile');
  }),

  conforms(
    'a released delivery is due at once, first in its lane, with no failure more',
    async ({ inbox }) => {
      await commitFor(inbox, key, { events: [eventFor('e1', key), eventFor('e2', key)] });
      await inbox.retry(await deliveryOf(inbox), T0 + 10, 'no');
      const claim = await deliveryOf(inbox, T0 + 10);
      await inbox.release([], [claim], T0 + 20);
      await refused(inbox.finish(claim, []), 'finish');
      const { token, ...again } = await deliveryOf(inbox, T0 + 20);
      const { token: before, ...first } = claim;
      assert.deepEqual(again, first);
      assert.ok(token > before, 'the token grows with every claim');
      assert.deepEqual([again.eventId, again.failures], ['e1', 1]);
      assert.equal((await inbox.backlog()).deliveries, 2);
    },
  ),

  conforms('claims that another worker has now are let be; the others are released', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.put(hintFor(keyFor('p2')));
    const [a, b] = await inbox.claim(2, T0, 1_000);
    if (a === undefined || b === undefined) assert.fail('two hints are due');
    const [taken] = await inbox.claim(1, T0 + 2_000, LEASE);
    if (taken === undefined) assert.fail('both leases have ended');
    await inbox.release([a, b], [], T0 + 2_000);
    const free = await claimOne(inbox, T0 + 2_000);
    assert.notEqual(free.key, taken.key, 'the one that was taken is still held');
    await inbox.complete(taken, T0 + 2_000);
    await inbox.release([a, b], [], T0 + 2_000);
    await inbox.complete(free, T0 + 2_000);
  }),

  conforms('deliveries that another worker has now are let be', async ({ inbox }) => {
    await commitFor(inbox, key, { events: [eventFor('e1', key)] });
    const stale = await deliveryOf(inbox, T0, 1_000);
    const current = await deliveryOf(inbox, T0 + 2_000);
    await inbox.release([], [stale], T0 + 2_000);
    assert.deepEqual(await inbox.claimDeliveries(1, T0 + 2_000, LEASE), []);
    await inbox.finish(current, []);
  }),

  conformsIfDurable('what was released before closing is due after reopening', async ({ inbox }, again) => {
    const claim = await commitFor(inbox, key, { events: [eventFor('e1', key)] });
    const delivery = await deliveryOf(inbox);
    await inbox.release([claim], [delivery], T0);
    const reopened = await again();
    assert.equal((await claimOne(reopened)).key, key);
    assert.equal((await deliveryOf(reopened)).eventId, 'e1');
  }),
];
