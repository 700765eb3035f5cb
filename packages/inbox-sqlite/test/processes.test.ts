import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backlog, HintClaim, Inbox } from '@talo/core/webhooks';
import { expect, test } from 'vitest';
import { type SqliteTx, sqliteInbox } from '../src/index.ts';
import { Child, closing, file, hintFor, keyFor, LEASE, unitFor } from './support.ts';

const now = () => Date.now();

/** Asks for work until it is there: that of a process which shows no sign of life. */
async function taken(inbox: Inbox<SqliteTx, 'sync'>): Promise<HintClaim> {
  for (;;) {
    const [claim] = await inbox.claim(10, now(), LEASE);
    if (claim !== undefined) return claim;
    await sleep(20);
  }
}

test('several processes put, and each hint is stored once', async () => {
  const path = file();
  const inbox = closing(sqliteInbox({ path }));
  await inbox.open();
  const other = new Child(path);
  await other.call('open');
  const ids = Array.from({ length: 100 }, (_, id) => id);
  const answers = await Promise.all([
    ...ids.map((id) => inbox.put(hintFor(id, { at: now() }))),
    ...ids.map((id) => other.call('put', String(id))),
  ]);
  expect(answers.filter((answer) => answer === 'stored')).toHaveLength(100);
  expect(answers.filter((answer) => answer === 'coalesced')).toHaveLength(100);
  expect((await inbox.backlog()).hints).toBe(100);
});

test('of two inboxes in one process one works, and the other takes over when it closes', async () => {
  const path = file();
  const [first, second] = [sqliteInbox({ path }), closing(sqliteInbox({ path }))];
  await Promise.all([first.open(), second.open()]);
  await first.put(hintFor(1, { at: now() }));
  expect(await second.put(hintFor(1, { at: now() }))).toBe('coalesced');
  const [claim] = await first.claim(10, now(), LEASE);
  if (claim === undefined) throw new Error('a hint is due');
  await second.put(hintFor(2, { at: now() }));
  expect(await second.claim(10, now(), LEASE)).toEqual([]);
  await expect(second.commit(unitFor(claim, { now: now() }))).rejects.toThrow(/lease/);
  await first.commit(unitFor(claim, { now: now() }));
  await first.complete(claim, now());
  await first.close();
  expect((await second.claim(10, now(), LEASE)).map(({ key }) => key)).toEqual([keyFor(2)]);
});

test('one process works; another that asks gets nothing and is told when to ask again', async () => {
  const path = file();
  const inbox = closing(sqliteInbox({ path }));
  await inbox.open();
  await inbox.put(hintFor(1, { at: now() }));
  expect(await inbox.claim(1, now(), LEASE)).toHaveLength(1);
  const other = new Child(path);
  await other.call('open');
  await other.call('put', '2');
  expect(await other.call('claim')).toEqual([]);
  const { nextAt } = await other.call<Backlog>('backlog');
  expect(nextAt).toBeGreaterThan(now() + 2_000);
  // what the other process put is worked off here
  const claims = await inbox.claim(10, now(), LEASE);
  expect(claims.map(({ key }) => key)).toEqual([keyFor(2)]);
});

test('a process that closes hands the work over at once, with its leases as they are', async () => {
  const path = file();
  const other = new Child(path);
  await other.call('open');
  await other.call('put', '1');
  await other.call('put', '2');
  const [first] = await other.call<HintClaim[]>('claim');
  await other.call('close');
  const inbox = closing(sqliteInbox({ path }));
  await inbox.open();
  expect(await inbox.claim(10, now(), LEASE)).toEqual([]);
  const later = await inbox.claim(10, now() + LEASE, LEASE);
  expect(later).toHaveLength(2);
  for (const { key, token } of later) {
    if (key === first?.key) expect(token).toBeGreaterThan(first.token);
  }
});

test('a process that was killed is replaced at once, and what it had claimed is due', async () => {
  const path = file();
  const other = new Child(path);
  await other.call('open');
  await other.call('put', '1');
  const [old] = await other.call<HintClaim[]>('claim');
  await other.kill();
  const inbox = closing(sqliteInbox({ path }));
  await inbox.open();
  const [claim] = await inbox.claim(10, now(), LEASE);
  if (claim === undefined || old === undefined) throw new Error('both should have claimed it');
  expect(claim.key).toBe(old.key);
  expect(claim.token).toBeGreaterThan(old.token);
  await expect(inbox.commit(unitFor(old))).rejects.toThrow(/lease/);
});

test('a process that was stopped past its lease is fenced when it goes on', async () => {
  const path = file();
  const zombie = new Child(path, 500);
  await zombie.call('open');
  await zombie.call('put', '1');
  const [old] = await zombie.call<HintClaim[]>('claim');
  zombie.signal('SIGSTOP');
  const inbox = closing(sqliteInbox({ path, takeover: 500 }));
  await inbox.open();
  expect(await inbox.claim(10, now(), LEASE)).toEqual([]);
  const claim = await taken(inbox);
  zombie.signal('SIGCONT');
  await expect(zombie.call('commit', old, 'of the zombie')).rejects.toThrow('Fenced');
  await expect(zombie.call('complete', old)).rejects.toThrow('Fenced');
  expect(await zombie.call('claim')).toEqual([]);
  await inbox.commit(unitFor(claim, { state: 'of the living', now: now() }));
  await inbox.complete(claim, now());
  expect(await inbox.state(claim.key)).toBe('of the living');
});

test('a zombie is fenced even if the other has finished and closed in between', async () => {
  const path = file();
  const zombie = new Child(path, 500);
  await zombie.call('open');
  await zombie.call('put', '1');
  const [old] = await zombie.call<HintClaim[]>('claim');
  zombie.signal('SIGSTOP');
  const inbox = sqliteInbox({ path, takeover: 500 });
  await inbox.open();
  const claim = await taken(inbox);
  await inbox.commit(unitFor(claim, { state: 'of the living', now: now() }));
  await inbox.complete(claim, now());
  await inbox.close();
  zombie.signal('SIGCONT');
  await expect(zombie.call('commit', old, 'of the zombie')).rejects.toThrow('Fenced');
});

test('the work is kept while it goes on, without asking for more', async () => {
  const path = file();
  const inbox = closing(sqliteInbox({ path, takeover: 500 }));
  await inbox.open();
  await inbox.put(hintFor(1, { at: now() }));
  const [claim] = await inbox.claim(1, now(), LEASE);
  if (claim === undefined) throw new Error('a hint is due');
  const other = new Child(path, 500);
  await other.call('open');
  await other.call('put', '2');
  const end = now() + 1_500;
  while (now() < end) {
    expect(await other.call('claim')).toEqual([]);
    await sleep(100);
  }
  await inbox.commit(unitFor(claim, { now: now() }));
});

test('one whose queue was replaced under it is fenced by the states', async () => {
  const path = file();
  const old = closing(sqliteInbox({ path }));
  await old.open();
  await old.put(hintFor(1, { at: now() }));
  const [before] = await old.claim(1, now(), LEASE);
  if (before === undefined) throw new Error('a hint is due');
  await old.commit(unitFor(before, { state: 'first', now: now() }));
  for (const suffix of ['-queue', '-queue-wal', '-queue-shm']) rmSync(path + suffix);
  const inbox = closing(sqliteInbox({ path }));
  await inbox.open();
  await inbox.put(hintFor(1, { at: now() }));
  const [claim] = await inbox.claim(1, now(), LEASE);
  if (claim === undefined) throw new Error('a hint is due');
  await inbox.commit(unitFor(claim, { state: 'second', now: now() }));
  await expect(old.commit(unitFor(before, { state: 'late', now: now() }))).rejects.toThrow(/lease/);
  expect(await inbox.state(claim.key)).toBe('second');
});
