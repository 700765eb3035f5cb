import assert from 'node:assert/strict';
import {
  claimNone,
  claimOne,
  commitFor,
  conforms,
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

/** Leases, and how a claim ends: `complete`, `delay`, `bury`. */
export const looks: readonly ConformanceCase[] = [
  conforms('claim takes no more than it was asked for', async ({ inbox }) => {
    for (let i = 0; i < 5; i++) await inbox.put(hintFor(keyFor(`p${i}`)));
    const first = await inbox.claim(2, T0, LEASE);
    const second = await inbox.claim(10, T0, LEASE);
    assert.deepEqual([first.length, second.length], [2, 3]);
    assert.equal(new Set([...first, ...second].map((claim) => claim.key)).size, 5);
  }),

  conforms(
    'a claim holds until its lease ends, then another takes it with a larger token',
    async ({ inbox }) => {
      await inbox.put(hintFor(key));
      const first = await claimOne(inbox, T0, 1_000);
      await claimNone(inbox, T0 + 999, 'the lease holds');
      const second = await claimOne(inbox, T0 + 1_001, 1_000);
      assert.ok(second.token > first.token, 'the token grows with every claim');
    },
  ),

  conforms(
    'what completes under a lease that has ended counts, until somebody claims the key',
    async ({ inbox }) => {
      await inbox.put(hintFor(key));
      const claim = await claimOne(inbox, T0, 1_000);
      await inbox.commit(unitFor(claim, { now: T0 + 5_000 }));
      await inbox.complete(claim, T0 + 5_000);
      await claimNone(inbox, T0 + LEASE, 'the look is done');
      assert.notEqual(await inbox.state(key), undefined);
    },
  ),

  conforms('tokens of a key grow over completed looks too', async ({ inbox }) => {
    let last = 0;
    for (let i = 0; i < 5; i++) {
      const now = T0 + i * LEASE;
      await inbox.put(hintFor(key, { at: now }));
      const claim = await claimOne(inbox, now);
      assert.ok(claim.token > last, `token ${claim.token} after ${last}`);
      last = claim.token;
      await inbox.complete(claim, now);
    }
  }),

  conforms(
    'under a lost lease complete, delay, bury and commit are refused and change nothing',
    async ({ inbox }) => {
      await inbox.put(hintFor(key));
      const stale = await claimOne(inbox, T0, 1_000);
      const now = T0 + 2_000;
      const current = await claimOne(inbox, now, LEASE);
      await refused(inbox.complete(stale, now), 'complete');
      await refused(inbox.delay(stale, now, now, 'late'), 'delay');
      await refused(inbox.bury(stale, 'late'), 'bury');
      const unit = unitFor(stale, { events: [eventFor('e1', key)], credits: [] });
      await refused(inbox.commit(unit), 'commit');
      assert.equal(await inbox.state(key), undefined);
      assert.deepEqual(await inbox.dead(), []);
      assert.deepEqual(await inbox.claimDeliveries(10, now, LEASE), []);
      await inbox.commit(unitFor(current));
      await inbox.complete(current, now);
    },
  ),

  conforms('a claim that has ended is refused afterwards', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    const claim = await claimOne(inbox);
    await inbox.complete(claim, T0);
    await refused(inbox.complete(claim, T0), 'complete');
    await refused(inbox.commit(unitFor(claim)), 'commit');
    await inbox.put(hintFor(key, { at: T0 + 1 }));
    await refused(inbox.bury(claim, 'late'), 'bury');
    await claimOne(inbox, T0 + 1);
  }),

  conforms('a completed hint is done', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.complete(await claimOne(inbox), T0 + 1_000);
    await claimNone(inbox, T0 + LEASE * 10, 'nothing is asked any more');
    const { hints, running, oldest } = await inbox.backlog();
    assert.deepEqual({ hints, running, oldest }, { hints: 0, running: 0, oldest: undefined });
  }),

  conforms('a hint that comes during a look is due again from `notBefore` on', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    const claim = await claimOne(inbox);
    assert.equal(await inbox.put(hintFor(key, { at: T0 + 10 })), 'coalesced');
    assert.equal(await inbox.put(hintFor(key, { at: T0 + 20 })), 'coalesced');
    await claimNone(inbox, T0 + 20, 'one look at a time');
    await inbox.complete(claim, T0 + 1_000);
    await claimNone(inbox, T0 + 999, 'not before `notBefore`');
    const next = await claimOne(inbox, T0 + 1_000);
    assert.equal(next.attempts, 0);
    await inbox.complete(next, T0 + 2_000);
    await claimNone(inbox, T0 + LEASE, 'both were answered by one look');
  }),

  conforms(
    'a hint that came before the claim but after another lease ended is not lost',
    async ({ inbox }) => {
      await inbox.put(hintFor(key));
      await claimOne(inbox, T0, 1_000);
      await inbox.put(hintFor(key, { at: T0 + 500 }));
      const second = await claimOne(inbox, T0 + 2_000);
      await inbox.put(hintFor(key, { at: T0 + 2_500 }));
      await inbox.complete(second, T0 + 3_000);
      await claimOne(inbox, T0 + 3_000);
    },
  ),

  conforms('`since` counts from the first hint after the last completed look', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    const claim = await claimOne(inbox);
    await inbox.put(hintFor(key, { at: T0 + 10 }));
    await inbox.put(hintFor(key, { at: T0 + 20 }));
    await inbox.complete(claim, T0 + 1_000);
    assert.equal((await inbox.backlog()).oldest, T0 + 10);
    assert.equal((await claimOne(inbox, T0 + 1_000)).since, T0 + 10);
  }),

  conforms('the floor between two looks holds for a hint that comes after the first', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.complete(await claimOne(inbox), T0 + 1_000);
    assert.equal(await inbox.put(hintFor(key, { at: T0 + 10 })), 'stored');
    await claimNone(inbox, T0 + 999, 'not before `notBefore`');
    await claimOne(inbox, T0 + 1_000);
  }),

  conforms(
    '`again` makes a completed hint due without another, as authenticated and from reconciling',
    async ({ inbox }) => {
      await inbox.put(hintFor(key, { authenticated: false }));
      await inbox.complete(await claimOne(inbox), T0 + 1_000, T0 + 5_000);
      assert.equal((await inbox.backlog()).hints, 0, 'nothing waits until then');
      await claimNone(inbox, T0 + 4_999, 'not before `again`');
      const claim = await claimOne(inbox, T0 + 5_000);
      const { authenticated, origin, attempts, since } = claim;
      const expected = { authenticated: true, origin: 'reconcile', attempts: 0, since: T0 + 5_000 };
      assert.deepEqual({ authenticated, origin, attempts, since }, expected);
      await inbox.complete(claim, T0 + 6_000);
      await claimNone(inbox, T0 + LEASE * 10, '`again` counts once');
    },
  ),

  conforms('a hint comes before `again`, and replaces it', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.complete(await claimOne(inbox), T0 + 1_000, T0 + 5_000);
    assert.equal(await inbox.put(hintFor(key, { at: T0 + 2_000 })), 'known');
    await inbox.complete(await claimOne(inbox, T0 + 2_000), T0 + 3_000);
    await claimNone(inbox, T0 + LEASE, 'the look answered both');
  }),

  conforms('a hint during the look comes before `again`', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    const claim = await claimOne(inbox);
    await inbox.put(hintFor(key, { at: T0 + 10 }));
    await inbox.complete(claim, T0 + 1_000, T0 + LEASE);
    await claimOne(inbox, T0 + 1_000);
  }),

  conforms(
    'a delayed hint is due at `until`, with one more attempt and the same `since`',
    async ({ inbox }) => {
      await inbox.put(hintFor(key));
      await inbox.delay(await claimOne(inbox), T0 + 5_000, T0 + 1_000, 'not found');
      assert.equal((await inbox.backlog()).hints, 1);
      await claimNone(inbox, T0 + 4_999, 'not before `until`');
      const second = await claimOne(inbox, T0 + 5_000);
      assert.deepEqual([second.attempts, second.since], [1, T0]);
      await inbox.delay(second, T0 + 6_000, T0 + 6_000, 'not found');
      assert.equal((await claimOne(inbox, T0 + 6_000)).attempts, 2);
    },
  ),

  conforms('an authenticated hint makes a delayed one due, but not before `notBefore`', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.delay(await claimOne(inbox), T0 + 50_000, T0 + 1_000, 'not found');
    assert.equal(await inbox.put(hintFor(key, { at: T0 + 10 })), 'coalesced');
    await claimNone(inbox, T0 + 999, 'not before `notBefore`');
    await claimOne(inbox, T0 + 1_000);
  }),

  conforms(
    'an authenticated hint that came during the look makes the delayed one due from `notBefore`',
    async ({ inbox }) => {
      await inbox.put(hintFor(key));
      const claim = await claimOne(inbox);
      await inbox.put(hintFor(key, { at: T0 + 10 }));
      await inbox.delay(claim, T0 + 50_000, T0 + 1_000, 'not found');
      await claimOne(inbox, T0 + 1_000);
    },
  ),

  conforms('unauthenticated hints do not shorten a delay', async ({ inbox }) => {
    await inbox.put(hintFor(key, { authenticated: false }));
    const claim = await claimOne(inbox);
    await inbox.put(hintFor(key, { authenticated: false, at: T0 + 10 }));
    await inbox.delay(claim, T0 + 50_000, T0 + 1_000, 'not found');
    await inbox.put(hintFor(key, { authenticated: false, at: T0 + 20 }));
    await claimNone(inbox, T0 + 49_999, 'strangers do not make it due');
    await claimOne(inbox, T0 + 50_000);
  }),

  conforms('nor do they where an authenticated hint came first', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    const claim = await claimOne(inbox);
    await inbox.put(hintFor(key, { authenticated: false, at: T0 + 10 }));
    await inbox.delay(claim, T0 + 50_000, T0 + 1_000, 'not found');
    await claimNone(inbox, T0 + 49_999, 'the only hint since the claim was a stranger’s');
  }),

  conforms('a hint with a later `due` does not prolong a delay', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.delay(await claimOne(inbox), T0 + 5_000, T0 + 1_000, 'not found');
    await inbox.put(hintFor(key, { at: T0 + 10, due: T0 + 90_000 }));
    await claimOne(inbox, T0 + 5_000);
  }),

  conforms('completing sets attempts back', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.delay(await claimOne(inbox), T0 + 10, T0 + 10, 'not found');
    await inbox.complete(await claimOne(inbox, T0 + 10), T0 + 10);
    await inbox.put(hintFor(key, { at: T0 + 20 }));
    assert.equal((await claimOne(inbox, T0 + 20)).attempts, 0);
  }),

  conforms('`unchanged` counts commits without news, and a change sets it back', async ({ inbox }) => {
    const seen: number[] = [];
    for (const events of [[], [], [eventFor('e1', key)], []]) {
      const claim = await commitFor(inbox, key, { events });
      seen.push(claim.unchanged);
      await inbox.put(hintFor(key));
      await inbox.complete(claim, T0);
    }
    assert.deepEqual(seen, [0, 1, 2, 0]);
  }),

  conforms('a buried hint is listed as dead and not claimed again', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.bury(await claimOne(inbox), 'not found for a day');
    await claimNone(inbox, T0 + LEASE * 10, 'it was given up');
    const letters = await inbox.dead();
    assert.equal(letters.length, 1);
    const { kind, reason } = letters[0] ?? {};
    assert.deepEqual([kind, letters[0]?.key, reason], ['hint', key, 'not found for a day']);
    const { hints, running, dead } = await inbox.backlog();
    assert.deepEqual({ hints, running, dead }, { hints: 0, running: 0, dead: 1 });
  }),

  conforms('a hint after the burial is looked at as any other', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.bury(await claimOne(inbox), 'not found');
    assert.equal(await inbox.put(hintFor(key, { at: T0 + 10 })), 'stored');
    const claim = await claimOne(inbox, T0 + 10);
    assert.deepEqual([claim.since, claim.attempts], [T0 + 10, 0]);
  }),

  conforms(
    'a hint that comes during the look that ends in a burial is not buried with it',
    async ({ inbox }) => {
      await inbox.put(hintFor(key));
      const claim = await claimOne(inbox);
      await inbox.put(hintFor(key, { at: T0 + 10 }));
      await inbox.bury(claim, 'not found');
      await claimOne(inbox, T0 + LEASE);
    },
  ),

  conforms(
    'a watched key is due then, as authenticated and from reconciling, though no hint came',
    async ({ inbox }) => {
      await inbox.watch(key, T0 + 5_000);
      const { hints, running, oldest, nextAt } = await inbox.backlog();
      assert.deepEqual(
        { hints, running, oldest, nextAt },
        { hints: 0, running: 0, oldest: undefined, nextAt: T0 + 5_000 },
      );
      await claimNone(inbox, T0 + 4_999, 'not before it is to be looked at');
      const claim = await claimOne(inbox, T0 + 5_000);
      const { authenticated, origin, attempts, since } = claim;
      const expected = { authenticated: true, origin: 'reconcile', attempts: 0, since: T0 + 5_000 };
      assert.deepEqual({ authenticated, origin, attempts, since }, expected);
      await inbox.complete(claim, T0 + 6_000);
      await claimNone(inbox, T0 + LEASE * 10, 'it is looked at once');
    },
  ),

  conforms('watching moves a look forward, never back', async ({ inbox }) => {
    await inbox.watch(key, T0 + 5_000);
    await inbox.watch(key, T0 + 9_000);
    await inbox.watch(key, T0 + 3_000);
    await claimNone(inbox, T0 + 2_999, 'not before the earliest');
    await inbox.complete(await claimOne(inbox, T0 + 3_000), T0 + 3_000, T0 + 20_000);
    await inbox.watch(key, T0 + 30_000);
    await inbox.watch(key, T0 + 10_000);
    await inbox.complete(await claimOne(inbox, T0 + 10_000), T0 + 10_000);
    await claimNone(inbox, T0 + LEASE * 10, 'there was one look to come');
  }),

  conforms('watching a key that waits, is delayed or is under way changes nothing', async ({ inbox }) => {
    await inbox.put(hintFor(key, { due: T0 + 5_000 }));
    await inbox.watch(key, T0 + 1);
    await claimNone(inbox, T0 + 4_999, 'the hint waits for its `due`');
    const claim = await claimOne(inbox, T0 + 5_000);
    await inbox.watch(key, T0 + 5_001);
    await inbox.delay(claim, T0 + 9_000, T0 + 6_000, 'not found');
    await inbox.watch(key, T0 + 6_001);
    await claimNone(inbox, T0 + 8_999, 'the delay holds');
    const second = await claimOne(inbox, T0 + 9_000);
    await inbox.complete(second, T0 + 9_000);
    await claimNone(inbox, T0 + LEASE * 10, 'nothing was added');
  }),

  conforms('a hint comes before a watch, and its look answers both', async ({ inbox }) => {
    await inbox.watch(key, T0 + 5_000);
    assert.equal(await inbox.put(hintFor(key)), 'known');
    const claim = await claimOne(inbox);
    assert.deepEqual([claim.origin, claim.since], ['webhook', T0]);
    await inbox.complete(claim, T0 + 1_000);
    await claimNone(inbox, T0 + LEASE * 10, 'the look answered both');
  }),

  conforms('a watch keeps the floor between two looks', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.complete(await claimOne(inbox), T0 + 10_000);
    await inbox.watch(key, T0 + 1);
    await claimNone(inbox, T0 + 9_999, 'not before `notBefore`');
    await claimOne(inbox, T0 + 10_000);
  }),

  conforms(
    'a notification that joins what reconciling asked for is told as a notification',
    async ({ inbox }) => {
      // money that is older than the engine is told of if Talo notifies, and kept as baseline if not
      await inbox.put(hintFor(key, { origin: 'reconcile' }));
      await inbox.put(hintFor(key, { origin: 'webhook', at: T0 + 1 }));
      const claim = await claimOne(inbox, T0 + 1);
      assert.equal(claim.origin, 'webhook');
      await inbox.complete(claim, T0 + 2);
      await inbox.watch(key, T0 + 10);
      const watched = await claimOne(inbox, T0 + 10);
      await inbox.put(hintFor(key, { origin: 'webhook', at: T0 + 11 }));
      await inbox.complete(watched, T0 + 20);
      assert.equal((await claimOne(inbox, T0 + 20)).origin, 'webhook');
    },
  ),

  conforms('nothing is left of a lease after its look: no claim and no alarm', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.complete(await claimOne(inbox, T0, 1_000), T0 + 30_000);
    assert.equal((await inbox.backlog()).hints, 0);
    await claimNone(inbox, T0 + 5_000, 'the look is over, though its lease would have ended');
  }),
];
