import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { sqliteInbox } from '../src/index.ts';
import {
  Child,
  claimOne,
  closing,
  connection,
  deliver,
  file,
  hintFor,
  LEASE,
  T0,
  unitFor,
} from './support.ts';

/** The longest time for which the event loop did nothing else. */
function stalls(): () => number {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

/** Puts one after the other for a while. @returns how many were acknowledged */
async function putsFor(inbox: ReturnType<typeof sqliteInbox>, ms: number): Promise<number> {
  const end = performance.now() + ms;
  let count = 0;
  for (; performance.now() < end; count++) {
    await inbox.put(hintFor(`put ${count}`));
    await sleep(4);
  }
  return count;
}

/** As long as the issue of a held lock was met with, and longer than an acknowledgement may take. */
const HELD_MS = 3_000;
/** What a blocked thread would stall is the whole time; a busy machine stalls for some of it. */
const STALL_MS = 1_000;

describe('while somebody holds the write lock of the application’s database for 3 s', () => {
  test('another process: hints are acknowledged all the time, a unit waits and is committed', async () => {
    const path = file();
    const inbox = closing(sqliteInbox({ path }));
    await inbox.open();
    await inbox.put(hintFor('p'));
    const claim = await claimOne(inbox);
    const holder = new Child(file());
    await holder.call('hold', path);
    const stalled = stalls();
    let committed = false;
    const committing = inbox.commit(unitFor(claim)).then(() => {
      committed = true;
    });
    expect(await putsFor(inbox, HELD_MS)).toBeGreaterThan(20);
    expect(stalled()).toBeLessThan(STALL_MS);
    expect(committed).toBe(false);
    await holder.call('letGo');
    await committing;
    expect(await inbox.state(claim.key)).toBe('{"status":"SUCCESS"}');
  });

  test('another connection of the same thread, across an await', async () => {
    const path = file();
    const inbox = closing(sqliteInbox({ path }));
    await inbox.open();
    const delivery = await deliver(inbox);
    const app = connection(path);
    app.exec('CREATE TABLE orders (id TEXT)');
    app.exec('BEGIN IMMEDIATE');
    const stalled = stalls();
    let finished = false;
    const finishing = inbox
      .finish(delivery, [(tx) => void tx.run('INSERT INTO orders VALUES (?)', 'from the handler')])
      .then(() => {
        finished = true;
      });
    expect(await putsFor(inbox, HELD_MS)).toBeGreaterThan(20);
    expect(stalled()).toBeLessThan(STALL_MS);
    expect(finished).toBe(false);
    app.exec("INSERT INTO orders VALUES ('of the application')");
    app.exec('COMMIT');
    await finishing;
    const orders = app.prepare('SELECT id FROM orders').all();
    expect(orders.map(({ id }) => id)).toEqual(['of the application', 'from the handler']);
  });
});

describe('while somebody holds the write lock of the queue', () => {
  test('puts wait without blocking the thread, and are acknowledged when it is released', async () => {
    const path = file();
    const inbox = closing(sqliteInbox({ path }));
    await inbox.open();
    const other = connection(`${path}-queue`);
    other.exec('BEGIN IMMEDIATE');
    const puts = Promise.all([1, 2, 3].map((id) => inbox.put(hintFor(id))));
    const stalled = stalls();
    await sleep(300);
    other.exec('COMMIT');
    expect(await puts).toEqual(['stored', 'stored', 'stored']);
    expect(stalled()).toBeLessThan(STALL_MS);
  });

  test('puts are refused before the engine gives up, and work again afterwards', async () => {
    const path = file();
    const inbox = closing(sqliteInbox({ path }));
    await inbox.open();
    const other = connection(`${path}-queue`);
    other.exec('BEGIN IMMEDIATE');
    const start = performance.now();
    await expect(inbox.put(hintFor(1))).rejects.toMatchObject({ reason: 'busy' });
    expect(performance.now() - start).toBeLessThan(1_450);
    other.exec('ROLLBACK');
    expect(await inbox.put(hintFor(1))).toBe('stored');
  });
});

test('closing gives up on a lock that is not released, instead of keeping the process', async () => {
  const path = file();
  const inbox = sqliteInbox({ path });
  await inbox.open();
  await inbox.put(hintFor(1, { at: Date.now() }));
  await claimOne(inbox, Date.now());
  const other = connection(`${path}-queue`);
  other.exec('BEGIN IMMEDIATE');
  // within the time of a test, though those who want to write would wait for 30 s
  await inbox.close();
  other.exec('ROLLBACK');
}, 15_000);

test('a reader that never ends does not stop anything', async () => {
  const path = file();
  const inbox = closing(sqliteInbox({ path }));
  await inbox.open();
  const reader = connection(`${path}-queue`);
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM talo_hints').get();
  await Promise.all(Array.from({ length: 3_000 }, (_, id) => inbox.put(hintFor(id))));
  expect(await inbox.claim(5_000, T0, LEASE)).toHaveLength(3_000);
  reader.exec('COMMIT');
});

test('opening waits for a lock for a while, and the inbox takes hints even if the states cannot be had yet', async () => {
  const path = file();
  const app = connection(path);
  app.exec('PRAGMA journal_mode = WAL; CREATE TABLE orders (id TEXT); BEGIN IMMEDIATE');
  const inbox = closing(sqliteInbox({ path }));
  await inbox.open();
  expect(await inbox.put(hintFor(1))).toBe('stored');
  app.exec('COMMIT');
  const claim = await claimOne(inbox);
  await inbox.commit(unitFor(claim));
  expect(await inbox.state(claim.key)).toBeDefined();
});
