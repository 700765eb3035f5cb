import assert from 'node:assert/strict';
import { type Inbox, UNAUTHENTICATED_ROWS } from '@talo/core/webhooks';
import { claimNone, claimOne, commitFor, conforms, hintFor, keyFor, LEASE, T0, unitFor } from '../make.ts';
import type { ConformanceCase } from '../under-test.ts';

const key = keyFor('p1');

/** `put`, and what of it a claim shows. */
export const hints: readonly ConformanceCase[] = [
  conforms('a hint is stored, then claimed with everything it said', async ({ inbox }) => {
    assert.equal(await inbox.put(hintFor(key, { origin: 'track' })), 'stored');
    const { token, generation, ...claim } = await claimOne(inbox, T0 + 5);
    const expected = { key, authenticated: true, origin: 'track', since: T0, attempts: 0, unchanged: 0 };
    assert.deepEqual(claim, expected);
    assert.ok(Number.isSafeInteger(token) && Number.isSafeInteger(generation), 'token and generation count');
  }),

  conforms('a hint is not due before it came', async ({ inbox }) => {
    await inbox.put(hintFor(key, { at: T0 + 100 }));
    await claimNone(inbox, T0 + 99, 'nothing is due before the hint came');
    await claimOne(inbox, T0 + 100);
  }),

  conforms('hints for one key join the one that waits: one claim, since the first', async ({ inbox }) => {
    assert.equal(await inbox.put(hintFor(key)), 'stored');
    for (let i = 1; i < 5; i++) assert.equal(await inbox.put(hintFor(key, { at: T0 + i })), 'coalesced');
    assert.equal((await inbox.backlog()).hints, 1);
    const claim = await claimOne(inbox, T0 + 10);
    assert.equal(claim.since, T0);
    await claimNone(inbox, T0 + 10, 'a key is claimed by one at a time');
    await inbox.complete(claim, T0 + 10);
    await claimNone(inbox, T0 + LEASE, 'all five are done with that one claim');
  }),

  conforms('a hint for a key that is done is stored anew', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    await inbox.complete(await claimOne(inbox), T0);
    assert.equal(await inbox.put(hintFor(key, { at: T0 + 1 })), 'stored');
    assert.equal((await claimOne(inbox, T0 + 1)).since, T0 + 1);
  }),

  conforms('the generation grows with every hint', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    const first = await claimOne(inbox);
    await inbox.put(hintFor(key));
    await inbox.delay(first, T0 + 10, T0 + 10, 'not yet');
    assert.ok((await claimOne(inbox, T0 + 10)).generation > first.generation);
  }),

  conforms(
    'an authenticated hint makes an unauthenticated one that waits authenticated',
    async ({ inbox }) => {
      await inbox.put(hintFor(key, { authenticated: false }));
      await inbox.put(hintFor(key, { authenticated: true }));
      assert.equal((await claimOne(inbox)).authenticated, true);
    },
  ),

  conforms('an unauthenticated hint takes nothing from an authenticated one', async ({ inbox }) => {
    await inbox.put(hintFor(key, { authenticated: true }));
    await inbox.put(hintFor(key, { authenticated: false }));
    assert.equal((await claimOne(inbox)).authenticated, true);
  }),

  conforms('a hint with `due` waits for it, while the resource is unknown', async ({ inbox }) => {
    await inbox.put(hintFor(key, { due: T0 + 5_000 }));
    await claimNone(inbox, T0 + 4_999, 'no look before `due`');
    await claimOne(inbox, T0 + 5_000);
  }),

  conforms('`due` in the past is now', async ({ inbox }) => {
    await inbox.put(hintFor(key, { due: T0 - 5_000 }));
    await claimNone(inbox, T0 - 1, 'no look before the hint came');
    await claimOne(inbox, T0);
  }),

  conforms(
    'a resource that an earlier look committed is known: its hints do not wait for `due`',
    async ({ inbox }) => {
      await inbox.complete(await commitFor(inbox, key), T0 + 1_000);
      await inbox.put(hintFor(key, { at: T0 + 2_000, due: T0 + 9_000 }));
      await claimOne(inbox, T0 + 2_000);
    },
  ),

  conforms('a resource that is watched is known: its hints do not wait for `due`', async ({ inbox }) => {
    await inbox.watch(key, T0 + 600_000);
    assert.equal(await inbox.put(hintFor(key, { due: T0 + 9_000 })), 'known');
    await claimOne(inbox, T0);
  }),

  conforms('an authenticated hint without `due` calls a waiting one forward', async ({ inbox }) => {
    await inbox.put(hintFor(key, { due: T0 + 5_000 }));
    await inbox.put(hintFor(key, { at: T0 + 10 }));
    await claimOne(inbox, T0 + 10);
  }),

  conforms('an unauthenticated hint that joins leaves the time of the look as it is', async ({ inbox }) => {
    await inbox.put(hintFor(key, { authenticated: false, due: T0 + 5_000 }));
    await inbox.put(hintFor(key, { authenticated: false, at: T0 + 10 }));
    await claimNone(inbox, T0 + 4_999, 'no stranger calls a look forward');
    await claimOne(inbox, T0 + 5_000);
  }),

  conforms('of a hint that joins during a look `due` does not count', async ({ inbox }) => {
    await inbox.put(hintFor(key));
    const claim = await claimOne(inbox);
    await inbox.put(hintFor(key, { at: T0 + 10, due: T0 + 9_000 }));
    await inbox.complete(claim, T0 + 1_000);
    await claimOne(inbox, T0 + 1_000);
  }),

  conforms('a hint with a later `due` does not put off what is due sooner', async ({ inbox }) => {
    await inbox.put(hintFor(key, { due: T0 + 1_000 }));
    for (let i = 1; i <= 5; i++) await inbox.put(hintFor(key, { at: T0 + i, due: T0 + 1_000 * (i + 1) }));
    await claimOne(inbox, T0 + 1_000);
  }),

  conforms(
    'unauthenticated hints take a bounded number of rows, authenticated ones are not affected',
    async ({ inbox }) => {
      await fill(inbox);
      const more = hintFor(keyFor('one too many'), { authenticated: false });
      await assert.rejects(inbox.put(more), `hint ${UNAUTHENTICATED_ROWS + 1} must be refused`);
      assert.equal((await inbox.backlog()).hints, UNAUTHENTICATED_ROWS, 'what was refused left nothing');
      assert.equal(await inbox.put(hintFor(keyFor('u0'), { authenticated: false })), 'coalesced');
      assert.equal(await inbox.put(hintFor(key)), 'stored', 'an authenticated hint has room');
      // an authenticated hint takes its row out of the count
      await inbox.put(hintFor(keyFor('u0')));
      assert.equal(await inbox.put(more), 'stored');
      await assert.rejects(inbox.put({ ...more, key: keyFor('two too many') }));
      // and so does the end of a look
      const claims = await inbox.claim(3, T0, LEASE);
      const claim = claims.find(({ authenticated }) => !authenticated);
      if (claim === undefined) assert.fail('unauthenticated hints are due');
      await inbox.commit(unitFor(claim));
      await inbox.complete(claim, T0);
      assert.equal(await inbox.put({ ...more, key: keyFor('two too many') }), 'stored');
    },
  ),

  conforms(
    'unauthenticated hints for what is known or watched take none of those rows, nor give any back',
    async ({ inbox }) => {
      const stranger = (id: string, at = T0) => hintFor(keyFor(id), { authenticated: false, at });
      for (const id of ['known', 'known too']) await inbox.complete(await commitFor(inbox, keyFor(id)), T0);
      await inbox.watch(keyFor('watched'), T0 + 600_000);
      await inbox.watch(keyFor('watched too'), T0 + 600_000);
      assert.equal(await inbox.put(stranger('known')), 'known');
      assert.equal(await inbox.put(stranger('watched')), 'known');
      await fill(inbox);
      await assert.rejects(inbox.put(stranger('one too many')), 'the rows are taken');
      assert.equal(await inbox.put(stranger('known too')), 'known', 'however many ids are invented');
      assert.equal(await inbox.put(stranger('watched too')), 'known', 'however many ids are invented');
      // three ways out of the queue, none of which leaves a row more
      assert.equal(await inbox.put(hintFor(keyFor('known too'))), 'coalesced');
      const claims = await inbox.claim(UNAUTHENTICATED_ROWS + 4, T0, LEASE);
      for (const id of ['known', 'known too', 'watched', 'watched too']) {
        const claim = claims.find(({ key: claimed }) => claimed === keyFor(id));
        if (claim === undefined) assert.fail(`${id} should be due`);
        if (id === 'watched too') await inbox.bury(claim, 'gone');
        else await inbox.complete(claim, T0, T0 + 1_000);
      }
      await assert.rejects(inbox.put(stranger('one too many')), 'what took no row gives none back');
      // one that took a row gives it back once, though it is looked at again without any hint
      const one = claims.find(({ key: claimed }) => claimed === keyFor('u0'));
      if (one === undefined) assert.fail('u0 should be due');
      await inbox.complete(one, T0, T0 + 1_000);
      const again = await inbox.claim(10, T0 + 1_000, LEASE);
      assert.ok(again.some(({ key: claimed }) => claimed === one.key));
      for (const claim of again) await inbox.complete(claim, T0 + 1_000);
      assert.equal(await inbox.put(stranger('one too many')), 'stored');
      await assert.rejects(inbox.put(stranger('two too many')), 'one row was given back');
    },
  ),

  conforms('1,000 puts at once, half of them for one key, are all there', async ({ inbox }) => {
    const puts = Array.from({ length: 1_000 }, (_, i) =>
      inbox.put(hintFor(i % 2 === 0 ? key : keyFor(`c${i}`), { at: T0 + i })),
    );
    const answers = await Promise.all(puts);
    assert.equal(answers.filter((answer) => answer === 'stored').length, 501);
    assert.equal((await inbox.backlog()).hints, 501);
    const claims = await inbox.claim(1_000, T0 + 1_000, LEASE);
    assert.equal(new Set(claims.map((claim) => claim.key)).size, 501);
  }),

  conforms('keys hold any text: quotes, line breaks, other scripts, 1,000 characters', async ({ inbox }) => {
    const texts = [
      `it's "quoted"`,
      'línea\nñandú',
      '日本 💸',
      'NULL',
      '__proto__',
      'a'.repeat(1_000),
      'A',
      'a',
      'a ',
    ];
    const keys = texts.map((text) => keyFor(text));
    for (const text of keys) assert.equal(await inbox.put(hintFor(text)), 'stored');
    const claims = await inbox.claim(100, T0, LEASE);
    assert.deepEqual(new Set(claims.map((claim) => claim.key)), new Set(keys));
  }),
];

/** Takes all the rows that unauthenticated hints may have. */
async function fill(inbox: Inbox): Promise<void> {
  for (let i = 0; i < UNAUTHENTICATED_ROWS; i += 500) {
    const ids = Array.from({ length: 500 }, (_, j) => `u${i + j}`);
    await Promise.all(ids.map((id) => inbox.put(hintFor(keyFor(id), { authenticated: false }))));
  }
}
