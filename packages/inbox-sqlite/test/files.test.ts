import { chmodSync, existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { TaloConfigError } from '@talo/core';
import { describe, expect, test, vi } from 'vitest';
import { type SqliteInboxOptions, sqliteInbox } from '../src/index.ts';
import { createInbox } from '../src/sqlite-inbox.ts';
import { closing, connection, deliver, file, hintFor } from './support.ts';

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

  test('are so too where the path is a link to a file that is still to be made', async () => {
    const real = file();
    const link = file('link.db');
    symlinkSync(real, link);
    const inbox = closing(sqliteInbox({ path: link }));
    await inbox.open();
    await deliver(inbox);
    for (const path of [real, `${real}-wal`, `${real}-shm`, `${link}-queue`]) {
      expect((statSync(path).mode & 0o777).toString(8), path).toBe('600');
    }
  });

  test('a database that is there already keeps its mode, and the queue beside it is private', async () => {
    const path = file();
    connection(path).exec('CREATE TABLE orders (id TEXT)');
    chmodSync(path, 0o640);
    const inbox = closing(sqliteInbox({ path }));
    await inbox.open();
    await deliver(inbox);
    expect((statSync(path).mode & 0o777).toString(8)).toBe('640');
    expect((statSync(`${path}-queue`).mode & 0o777).toString(8)).toBe('600');
  });

  test('are where the path led to when the inbox was made, whatever folder the application goes to', async () => {
    const [before, after] = [dirname(file()), dirname(file())];
    const home = process.cwd();
    try {
      process.chdir(before);
      const inbox = closing(sqliteInbox({ path: 'talo.db' }));
      process.chdir(after);
      await inbox.open();
      await inbox.put(hintFor(1));
    } finally {
      process.chdir(home);
    }
    expect(existsSync(join(before, 'talo.db-queue'))).toBe(true);
    expect(existsSync(join(after, 'talo.db-queue'))).toBe(false);
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
