import assert from 'node:assert/strict';
import type { DeadLetter, Inbox } from '@talo/core/webhooks';
import {
  claimNone,
  claimOne,
  commitFor,
  conforms,
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

async function theOnlyLetter(inbox: Inbox): Promise<DeadLetter> {
  const letters = await inbox.dead();
  assert.equal(letters.length, 1, `one dead letter expected, ${letters.length} listed`);
  return letters[0] as DeadLetter;
}

/** `dead` and `replay`. */
export const deadLetters: readonly ConformanceCase[] = [
  conforms('replay of what is not there is false', async ({ inbox }) => {
    assert.equal(await inbox.replay('nothing', T0, ['ship']), false);
  }),

  conforms(
    'a buried hint that is replayed is due at once, from the beginning, and no longer dead',
    async ({ inbox }) => {
      await inbox.put(hintFor(key));
      const first = await claimOne(inbox);
      await inbox.delay(first, T0 + 10, T0 + 10, 'not found');
      await inbox.bury(await claimOne(inbox, T0 + 10), 'not found');
      const now = T0 + LEASE;
      const { id } = await theOnlyLetter(inbox);
      assert.equal(await inbox.replay(id, now, []), true);
      assert.deepEqual(await inbox.dead(), []);
      const claim = await claimOne(inbox, now);
      assert.deepEqual([claim.key, claim.since, claim.attempts, claim.authenticated], [key, now, 0, true]);
      assert.equal(await inbox.replay(id, now, []), false, 'a letter is replayed once');
      await refused(inbox.complete(first, now), 'complete');
    },
  ),

  conforms('a dead letter says since when it was asked for', async ({ inbox }) => {
    const other = keyFor('p2');
    await inbox.put(hintFor(key));
    await inbox.delay(await claimOne(inbox), T0 + 10, T0 + 10, 'not found');
    await inbox.put(hintFor(key, { at: T0 + 5 }));
    await inbox.bury(await claimOne(inbox, T0 + 10), 'not found');
    const unheard = eventFor('e2', other, { handlers: [], unheard: 'nobody hears it' });
    await commitFor(inbox, other, { events: [eventFor('e1', other), unheard] }, T0 + 20);
    await inbox.retry(await deliveryOf(inbox, T0 + 20), T0 + 30, 'no');
    await inbox.park(await deliveryOf(inbox, T0 + 40), 'no');
    const at = new Map((await inbox.dead()).map((letter) => [letter.eventId ?? letter.kind, letter.at]));
    assert.equal(at.get('hint'), T0, 'a hint: when the first came');
    assert.equal(at.get('e1'), T0 + 30, 'a delivery: when its last attempt was due');
    assert.equal(at.get('e2'), T0 + 20, 'an event that nobody heard: when it was committed');
  }),

  conforms('a replayed hint joins one that waits', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.bury(await claimOne(inbox), 'not found');
    await inbox.put(hintFor(key, { at: T0 + 10 }));
    assert.equal(await inbox.replay((await theOnlyLetter(inbox)).id, T0 + 20, []), true);
    assert.equal((await inbox.backlog()).hints, 1);
    await inbox.complete(await claimOne(inbox, T0 + 20), T0 + 20);
    await claimNone(inbox, T0 + LEASE, 'one look answered both');
  }),

  conforms('a parked delivery that is replayed starts over with its handler', async ({ inbox }) => {
    await commitFor(inbox, key, { events: [eventFor('e1', key)] });
    await inbox.retry(await deliveryOf(inbox), T0 + 10, 'no');
    await inbox.park(await deliveryOf(inbox, T0 + 10), 'no');
    const now = T0 + LEASE;
    const { id } = await theOnlyLetter(inbox);
    // the handlers given are for events that nobody heard
    assert.equal(await inbox.replay(id, now, ['mail']), true);
    assert.deepEqual(await inbox.dead(), []);
    const claim = await deliveryOf(inbox, now);
    const { eventId, handler, failures, payload } = claim;
    assert.deepEqual([eventId, handler, failures, payload], ['e1', 'ship', 0, '{"id":"e1"}']);
    assert.equal(await inbox.replay(id, now, ['mail']), false);
    await inbox.park(claim, 'still no');
    assert.equal((await theOnlyLetter(inbox)).reason, 'still no');
  }),

  conforms('a replayed delivery goes before younger ones that wait in its lane', async ({ inbox }) => {
    await commitFor(inbox, key, { events: ['e1', 'e2', 'e3'].map((id) => eventFor(id, key)) });
    await inbox.park(await deliveryOf(inbox), 'no');
    await inbox.replay((await theOnlyLetter(inbox)).id, T0, []);
    const order: string[] = [];
    for (let i = 0; i < 3; i++) {
      const claim = await deliveryOf(inbox);
      order.push(claim.eventId);
      await inbox.finish(claim, []);
    }
    assert.deepEqual(order, ['e1', 'e2', 'e3']);
  }),

  conforms('a replay while a younger delivery runs waits for it, and both end', async ({ inbox }) => {
    await commitFor(inbox, key, { events: ['e1', 'e2'].map((id) => eventFor(id, key)) });
    await inbox.park(await deliveryOf(inbox), 'no');
    const running = await deliveryOf(inbox);
    await inbox.replay((await theOnlyLetter(inbox)).id, T0, []);
    assert.deepEqual(await inbox.claimDeliveries(10, T0, LEASE), [], 'one at a time in a lane');
    await inbox.finish(running, []);
    const replayed = await deliveryOf(inbox);
    assert.deepEqual([running.eventId, replayed.eventId], ['e2', 'e1']);
    await inbox.finish(replayed, []);
    assert.equal((await inbox.backlog()).deliveries, 0);
  }),

  conforms('an event that nobody hears is dead from the start, without a handler', async ({ inbox }) => {
    const unheard = 'no handler is registered';
    await commitFor(inbox, key, { events: [eventFor('e1', key, { handlers: [], unheard })] });
    const letter = await theOnlyLetter(inbox);
    const { kind, reason, eventId, type } = letter;
    assert.deepEqual([kind, reason, eventId, type], ['delivery', unheard, 'e1', 'payment.paid']);
    assert.equal(letter.handler, undefined);
    assert.deepEqual(await inbox.claimDeliveries(10, T0, LEASE), []);
    const { deliveries, dead } = await inbox.backlog();
    assert.deepEqual([deliveries, dead], [0, 1]);
  }),

  conforms(
    'an event that nobody heard is replayed to the handlers given, and kept when there is none',
    async ({ inbox }) => {
      const event = eventFor('e1', key, { handlers: [], unheard: 'no handler' });
      await commitFor(inbox, key, { events: [event] });
      const { id } = await theOnlyLetter(inbox);
      assert.equal(await inbox.replay(id, T0, []), false);
      await theOnlyLetter(inbox);
      assert.equal(await inbox.replay(id, T0, ['ship', 'mail']), true);
      assert.deepEqual(await inbox.dead(), []);
      const claims = await inbox.claimDeliveries(10, T0, LEASE);
      assert.deepEqual(new Set(claims.map(({ handler }) => handler)), new Set(['ship', 'mail']));
      for (const claim of claims) await inbox.finish(claim, []);
      assert.equal((await inbox.backlog()).deliveries, 0);
    },
  ),

  conforms('an event that nobody heard is dead once, however often it is committed', async ({ inbox }) => {
    const event = eventFor('e1', key, { handlers: [], unheard: 'no handler' });
    await commitFor(inbox, key, { events: [event] });
    assert.equal(await inbox.replay((await theOnlyLetter(inbox)).id, T0, ['ship']), true);
    await inbox.finish(await deliveryOf(inbox), []);
    await commitFor(inbox, key, { events: [event] }, T0 + LEASE + 1);
    assert.deepEqual(await inbox.dead(), []);
  }),

  conforms('letters have ids of their own', async ({ inbox }) => {
    await inbox.complete(
      await commitFor(inbox, key, {
        events: [
          eventFor('e1', key, { handlers: ['ship', 'mail'] }),
          eventFor('e2', key, { handlers: [], unheard: 'no handler' }),
        ],
      }),
      T0,
    );
    for (const claim of await inbox.claimDeliveries(10, T0, LEASE)) await inbox.park(claim, 'no');
    await inbox.put(hintFor(key, { at: T0 + 1 }));
    await inbox.bury(await claimOne(inbox, T0 + 1), 'not found');
    const letters = await inbox.dead();
    assert.equal(new Set(letters.map(({ id }) => id)).size, 4);
    assert.equal((await inbox.backlog()).dead, 4);
    for (const { id } of letters) assert.equal(await inbox.replay(id, T0 + LEASE, ['late']), true);
    assert.deepEqual(await inbox.dead(), []);
  }),
];
