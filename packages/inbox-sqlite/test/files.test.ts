import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { TaloConfigError } from '@talo/core';
import { describe, expect, test, vi } from 'vitest';
import { type SqliteInboxOptions, sqliteInbox } from '../src/index.ts';
import { QUEUE } from '../src/queue-schema.ts';
import { createInbox } from '../src/sqlite-inbox.ts';
import { STATE } from '../src/state-schema.ts';
import {
  claimOne,
  closing,
  connection,
  creditFor,
  deliver,
  eventFor,
  file,
  hintFor,
  keyFor,
  LEASE,
  T0,
  unitFor,
} from './support.ts';

describe('the files', () => {
  test('are readable by their owner alone', async () => {
    const path = file();
    const inbox = closing(sqliteInbox({ path }));
    await inbox.open();
    await deliver(inbox);
    for (const suffix of ['', '-wal', '-shm', '-queue', '-queue-wal', '-queue-shm']) {
      expect((statSync(path + suffix).mode & 0o777).toString(8), suffix).toBe('600');
    }
  });

  test('the queue may be elsewhere', async () => {
    const path = file();
    const queuePath = file('queue');
    const inbox = closing(sqliteInbox({ path, queuePath }));
    await inbox.open();
    expect(existsSync(queuePath)).toBe(true);
    expect(existsSync(`${path}-queue`)).toBe(false);
  });

  test('the log is grown ahead, and every commit waits for the disk', async () => {
    const path = file();
    const modes: unknown[] = [];
    const opened = (db: DatabaseSync) => {
      queueMicrotask(() => modes.push(db.prepare('PRAGMA synchronous').get()?.['synchronous']));
    };
    const inbox = closing(createInbox({ path }, { opened }));
    await inbox.open();
    await inbox.put(hintFor(1));
    expect(modes).toEqual([2, 2]);
    const { size } = statSync(`${path}-queue-wal`);
    expect(size).toBeGreaterThan(4_000_000);
    await inbox.put(hintFor(2));
    expect(statSync(`${path}-queue-wal`).size).toBe(size);
  });

  test('an application’s database keeps what is in it, and its own connection works beside', async () => {
    const path = file();
    const app = connection(path);
    app.exec("CREATE TABLE orders (id TEXT); INSERT INTO orders VALUES ('1')");
    const inbox = closing(sqliteInbox({ path }));
    await inbox.open();
    await deliver(inbox);
    app.exec("INSERT INTO orders VALUES ('2')");
    const tables = app.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    expect(tables.every(({ name }) => name === 'orders' || String(name).startsWith('talo_'))).toBe(true);
    expect(app.prepare('SELECT count(*) AS n FROM orders').get()?.['n']).toBe(2);
  });
});

describe('options', () => {
  const path = '/somewhere/talo.db';
  const wrong: Record<string, unknown> = {
    'no options': undefined,
    'no path': {},
    'an empty path': { path: '' },
    'a URI': { path: 'file:talo.db' },
    'one file for both': { path, queuePath: path },
    'one file for both, written differently': { path, queuePath: '/somewhere/./talo.db' },
    'half in memory': { path: ':memory:', queuePath: path },
    'the other half in memory': { path, queuePath: ':memory:' },
    'no retention': { path, retentionDays: 0 },
    'a takeover that is no number': { path, takeover: Number.NaN },
  };
  for (const [name, options] of Object.entries(wrong)) {
    test(`${name}: refused`, () => {
      expect(() => sqliteInbox(options as SqliteInboxOptions)).toThrow(TaloConfigError);
    });
  }

  test('two names for one file are noticed', async () => {
    const real = file();
    writeFileSync(real, '');
    const link = join(dirname(real), 'link.db');
    symlinkSync(real, link);
    await expect(sqliteInbox({ path: real, queuePath: link }).open()).rejects.toThrow(TaloConfigError);
  });

  test('a Node without node:sqlite is told so when it is called, not when it is imported', () => {
    const get = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
    try {
      expect(() => sqliteInbox({ path })).toThrow(TaloConfigError);
      expect(() => sqliteInbox({ path })).toThrow(/22\.16/);
    } finally {
      get.mockRestore();
    }
  });

  test('before it is opened, and after it is closed, it refuses', async () => {
    const inbox = sqliteInbox({ path: file() });
    await expect(inbox.put(hintFor(1))).rejects.toMatchObject({ reason: 'closed' });
    await inbox.open();
    const put = inbox.put(hintFor(1));
    await inbox.close();
    expect(await put).toBe('stored');
    await expect(inbox.put(hintFor(1))).rejects.toMatchObject({ reason: 'closed' });
    await inbox.close();
    await inbox.open();
    expect(await inbox.put(hintFor(1))).toBe('coalesced');
    await inbox.close();
  });
});

describe('the schema', () => {
  const next = {
    queue: { ...QUEUE, migrations: [...QUEUE.migrations, 'ALTER TABLE talo_hints ADD COLUMN note TEXT'] },
    state: { ...STATE, migrations: [...STATE.migrations, 'ALTER TABLE talo_states ADD COLUMN note TEXT'] },
  };

  test('a file of an older version is migrated with what is in it', async () => {
    const path = file();
    const old = sqliteInbox({ path });
    await old.open();
    await old.put(hintFor(1));
    await old.close();
    const inbox = closing(createInbox({ path }, { schemas: next }));
    await inbox.open();
    expect(await inbox.put(hintFor(1))).toBe('coalesced');
    const app = connection(path);
    expect(app.prepare('SELECT version FROM talo_schema').get()?.['version']).toBe(2);
    app.prepare('SELECT note FROM talo_states').all();
  });

  test('a file of a newer version is left alone, with a word on what to do', async () => {
    const path = file();
    const newer = createInbox({ path }, { schemas: next });
    await newer.open();
    await newer.close();
    const before = readFileSync(path);
    await expect(sqliteInbox({ path }).open()).rejects.toThrow(/newer @talo\/inbox-sqlite.*update/);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('a migration that fails leaves the file as it was', async () => {
    const path = file();
    const old = sqliteInbox({ path });
    await old.open();
    await old.put(hintFor(1));
    await old.close();
    const broken = {
      ...next,
      queue: {
        ...QUEUE,
        migrations: [
          ...QUEUE.migrations,
          'ALTER TABLE talo_hints ADD COLUMN note TEXT; SELECT * FROM missing_table',
        ],
      },
    };
    await expect(createInbox({ path }, { schemas: broken }).open()).rejects.toThrow(/no such table/);
    const inbox = closing(sqliteInbox({ path }));
    await inbox.open();
    expect(await inbox.put(hintFor(1))).toBe('coalesced');
  });

  test('two processes that migrate at once do it once', async () => {
    const path = file();
    const inboxes = Array.from({ length: 4 }, () => closing(sqliteInbox({ path })));
    await Promise.all(inboxes.map((inbox) => inbox.open()));
    for (const [id, inbox] of inboxes.entries()) expect(await inbox.put(hintFor(id))).toBe('stored');
  });

  test('files that were mixed up are noticed', async () => {
    const path = file();
    const inbox = sqliteInbox({ path });
    await inbox.open();
    await inbox.close();
    const mixed = sqliteInbox({ path: `${path}-queue`, queuePath: path });
    await expect(mixed.open()).rejects.toThrow(/wrong way round/);
  });

  test('what is no database is refused, and not touched', async () => {
    const path = file();
    writeFileSync(path, 'these are not the pages you are looking for'.repeat(100));
    const before = readFileSync(path);
    await expect(sqliteInbox({ path }).open()).rejects.toMatchObject({ reason: 'corrupt' });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('a folder that does not exist is named', async () => {
    await expect(sqliteInbox({ path: '/no/such/folder/talo.db' }).open()).rejects.toThrow(/no\/such\/folder/);
  });
});

describe('a clock that goes back', () => {
  const DAY = 86_400_000;

  test('makes due what was put off until a time that is far away now', async () => {
    const inbox = closing(sqliteInbox({ path: file() }));
    await inbox.open();
    for (const id of ['leased', 'delayed', 'floor']) await inbox.put(hintFor(id, { at: T0 + DAY }));
    const claims = await inbox.claim(10, T0 + DAY, LEASE);
    for (const claim of claims) {
      if (claim.key === keyFor('delayed'))
        await inbox.delay(claim, T0 + DAY + 5_000, T0 + DAY + 1_000, 'not found');
      if (claim.key === keyFor('floor')) await inbox.complete(claim, T0 + DAY + 30_000);
    }
    await inbox.put(hintFor('floor', { at: T0 + 10 }));
    const again = await inbox.claim(10, T0 + 20, LEASE);
    expect(again.map(({ key }) => key).sort()).toEqual([
      keyFor('delayed'),
      keyFor('floor'),
      keyFor('leased'),
    ]);
  });

  test('also while nobody was there to see it', async () => {
    const path = file();
    const inbox = sqliteInbox({ path });
    await inbox.open();
    const delivery = await deliver(inbox, 'e1', T0 + DAY);
    await inbox.retry(delivery, T0 + DAY + 60_000, 'no');
    await inbox.close();
    const again = closing(sqliteInbox({ path }));
    await again.open();
    await again.put(hintFor('any'));
    await again.claim(1, T0, LEASE);
    expect(await again.claimDeliveries(1, T0, LEASE)).toHaveLength(1);
  });

  test('by a little changes nothing', async () => {
    const inbox = closing(sqliteInbox({ path: file() }));
    await inbox.open();
    await inbox.put(hintFor(1));
    await inbox.claim(1, T0 + 1_000, LEASE);
    expect(await inbox.claim(1, T0, LEASE)).toEqual([]);
  });
});

test('what is past its time is removed in the background; credits, and what somebody waits for, are not', async () => {
  const path = file();
  const inbox = closing(sqliteInbox({ path, retentionDays: 1, takeover: 500 }));
  await inbox.open();
  const long = Date.now() - 3 * 86_400_000;
  await inbox.put(hintFor('p', { at: long }));
  const claim = await claimOne(inbox, long);
  const events = Array.from({ length: 150 }, (_, i) => eventFor(`done ${i}`, claim.key, { handlers: [] }));
  await inbox.commit(
    unitFor(claim, {
      credits: [creditFor('c', { at: long })],
      events: [
        ...events,
        eventFor('waits', claim.key),
        eventFor('unheard', claim.key, { handlers: [], unheard: 'nobody' }),
      ],
      now: long,
    }),
  );
  await inbox.bury(claim, 'not found');
  expect(await inbox.dead()).toHaveLength(2);
  await inbox.put(hintFor('q', { at: Date.now() }));
  await claimOne(inbox, Date.now());
  await expect
    .poll(async () => (await inbox.dead()).map(({ eventId }) => eventId), { timeout: 4_000 })
    .toEqual(['unheard']);
  const deliveries = await inbox.claimDeliveries(10, Date.now(), LEASE);
  expect(deliveries.map(({ eventId }) => eventId)).toEqual(['waits']);
  expect(await inbox.replay('unheard:', Date.now(), ['late'])).toBe(true);
  const left = connection(path).prepare('SELECT id FROM talo_events ORDER BY id');
  await expect.poll(() => left.all().map(({ id }) => id), { timeout: 4_000 }).toEqual(['unheard', 'waits']);
  expect(await inbox.credits({})).toHaveLength(1);
});
