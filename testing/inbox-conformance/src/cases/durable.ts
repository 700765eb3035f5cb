import assert from 'node:assert/strict';
import {
  claimNone,
  claimOne,
  commitFor,
  conformsIfDurable,
  creditFor,
  deliveryOf,
  eventFor,
  hintFor,
  keyFor,
  LEASE,
  refused,
  T0,
  unitFor,
} from '../make.ts';
import type { ConformanceCase } from '../under-test.ts';

const key = keyFor('p1');

/** What is there after the process was not. */
export const durable: readonly ConformanceCase[] = [
  conformsIfDurable('hints are still there after reopening', async ({ inbox }, reopen) => {
    for (let i = 0; i < 100; i++) await inbox.put(hintFor(keyFor(`p${i}`), { at: T0 + i }));
    const again = await reopen();
    assert.equal((await again.backlog()).hints, 100);
    assert.equal(await again.put(hintFor(keyFor('p7'))), 'coalesced');
    const claims = await again.claim(200, T0 + 100, LEASE);
    assert.equal(claims.length, 100);
    const claim = claims.find((candidate) => candidate.key === keyFor('p7'));
    const { authenticated, origin, since, attempts } = claim ?? {};
    assert.deepEqual([authenticated, origin, since, attempts], [true, 'webhook', T0 + 7, 0]);
  }),

  conformsIfDurable(
    'a claim outlives its process until its lease ends, and is fenced from then on',
    async ({ inbox }, reopen) => {
      await inbox.put(hintFor(key));
      const old = await claimOne(inbox, T0, 1_000);
      const again = await reopen();
      const claim = await claimOne(again, T0 + 1_001);
      assert.ok(claim.token > old.token, 'tokens grow over reopening');
      await refused(again.complete(old, T0), 'complete');
      await refused(again.commit(unitFor(old)), 'commit');
      await again.complete(claim, T0 + 1_001);
    },
  ),

  conformsIfDurable(
    'tokens grow over reopening, also for a key whose looks were all completed',
    async ({ inbox }, reopen) => {
      await inbox.put(hintFor(key));
      const old = await claimOne(inbox);
      await inbox.complete(old, T0);
      const again = await reopen();
      await again.put(hintFor(key, { at: T0 + LEASE }));
      const claim = await claimOne(again, T0 + LEASE);
      assert.ok(claim.token > old.token, `token ${claim.token} after ${old.token}`);
      await refused(again.complete(old, T0), 'complete');
    },
  ),

  conformsIfDurable(
    'delays, attempts, floors and later looks are still there after reopening',
    async ({ inbox }, reopen) => {
      const [delayed, done, later] = ['delayed', 'done', 'later'].map((id) => keyFor(id)) as [
        string,
        string,
        string,
      ];
      for (const each of [delayed, done, later]) await inbox.put(hintFor(each));
      for (const claim of await inbox.claim(10, T0, LEASE)) {
        if (claim.key === delayed) await inbox.delay(claim, T0 + 5_000, T0 + 1_000, 'not found');
        if (claim.key === done) await inbox.complete(claim, T0 + 1_000);
        if (claim.key === later) await inbox.complete(claim, T0 + 1_000, T0 + 9_000);
      }
      const again = await reopen();
      await again.put(hintFor(done, { at: T0 + 10 }));
      await claimNone(again, T0 + 999, 'the floor holds');
      assert.equal((await claimOne(again, T0 + 1_000)).key, done);
      const claim = await claimOne(again, T0 + 5_000);
      assert.deepEqual([claim.key, claim.attempts, claim.since], [delayed, 1, T0]);
      const last = await claimOne(again, T0 + 9_000);
      assert.deepEqual([last.key, last.origin], [later, 'reconcile']);
    },
  ),

  conformsIfDurable(
    'states, credits and what is remembered are still there after reopening',
    async ({ inbox }, reopen) => {
      await inbox.complete(await commitFor(inbox, key, { state: 'mine', credits: [creditFor('c1')] }), T0);
      await inbox.remember([{ key: 'mark', value: '42' }]);
      await inbox.watch(keyFor('watched'), T0 + LEASE * 5);
      const again = await reopen();
      assert.equal(await again.state(key), 'mine');
      assert.deepEqual(
        (await again.credits({})).map((credit) => ({ ...credit })),
        [creditFor('c1')],
      );
      assert.equal(await again.recall('mark'), '42');
      // known resources do not wait for `due`
      await again.put(hintFor(key, { at: T0 + LEASE, due: T0 + LEASE * 9 }));
      await claimOne(again, T0 + LEASE);
    },
  ),

  conformsIfDurable(
    'deliveries go on where they were: done ones are not repeated, order and failures are kept',
    async ({ inbox }, reopen) => {
      const events = ['e1', 'e2', 'e3'].map((id) => eventFor(id, key));
      await inbox.complete(await commitFor(inbox, key, { events }), T0);
      await inbox.finish(await deliveryOf(inbox), []);
      await inbox.retry(await deliveryOf(inbox), T0 + 1_000, 'no');
      const again = await reopen();
      assert.deepEqual(await again.claimDeliveries(10, T0 + 999, LEASE), []);
      const second = await deliveryOf(again, T0 + 1_000);
      assert.deepEqual([second.eventId, second.failures], ['e2', 1]);
      await again.finish(second, []);
      assert.equal((await deliveryOf(again, T0 + 1_000)).eventId, 'e3');
      const claim = await commitFor(again, key, { events }, T0 + LEASE * 2);
      await again.complete(claim, T0 + LEASE * 2);
      assert.equal((await again.backlog()).deliveries, 1, 'known events are not delivered again');
    },
  ),

  conformsIfDurable(
    'a delivery under way is given to another after reopening, and fenced for the first',
    async ({ inbox }, reopen) => {
      await inbox.complete(await commitFor(inbox, key, { events: [eventFor('e1', key)] }), T0);
      const old = await deliveryOf(inbox, T0, 1_000);
      const again = await reopen();
      const claim = await deliveryOf(again, T0 + 1_001);
      assert.ok(claim.token > old.token);
      await refused(again.finish(old, []), 'finish');
      await again.finish(claim, []);
    },
  ),

  conformsIfDurable(
    'dead letters are still there after reopening and can be replayed',
    async ({ inbox }, reopen) => {
      const events = [eventFor('e1', key), eventFor('e2', key, { handlers: [], unheard: 'no handler' })];
      await inbox.complete(await commitFor(inbox, key, { events }), T0);
      await inbox.park(await deliveryOf(inbox), 'no');
      await inbox.put(hintFor(keyFor('p2')));
      await inbox.bury(await claimOne(inbox), 'not found');
      const before = await inbox.dead();
      const again = await reopen();
      const byId = (letters: typeof before) => new Map(letters.map((letter) => [letter.id, { ...letter }]));
      assert.deepEqual(byId(await again.dead()), byId(before));
      for (const { id } of before) assert.equal(await again.replay(id, T0 + LEASE, ['late']), true);
      assert.equal((await again.claim(10, T0 + LEASE, LEASE)).length, 1);
      assert.equal((await again.claimDeliveries(10, T0 + LEASE, LEASE)).length, 2);
    },
  ),

  conformsIfDurable('a unit that cannot be stored to its end leaves nothing', async ({ inbox }, reopen) => {
    const broken = {
      ...eventFor('e2', key),
      get payload(): string {
        throw new Error('unreadable');
      },
    };
    await inbox.put(hintFor(key));
    const claim = await claimOne(inbox);
    const unit = unitFor(claim, { credits: [creditFor('c1')], events: [eventFor('e1', key), broken] });
    await assert.rejects(inbox.commit(unit));
    const again = await reopen();
    assert.equal(await again.state(key), undefined);
    assert.deepEqual(await again.credits({}), []);
    assert.deepEqual(await again.claimDeliveries(10, T0, LEASE), []);
    // nothing stands in the way of the whole one
    const next = await claimOne(again, T0 + LEASE + 1);
    await again.commit(unitFor(next, { credits: [creditFor('c1')], events: [eventFor('e1', key)] }));
    assert.equal((await again.backlog()).deliveries, 1);
  }),

  conformsIfDurable('an empty inbox reopens empty, and more than once', async (_subject, reopen) => {
    await reopen();
    const again = await reopen();
    const { hints, deliveries, running, dead } = await again.backlog();
    assert.deepEqual({ hints, deliveries, running, dead }, { hints: 0, deliveries: 0, running: 0, dead: 0 });
  }),
];
