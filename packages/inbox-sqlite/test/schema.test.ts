import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { TaloConfigError } from '@talo/core';
import { describe, expect, test } from 'vitest';
import { sqliteInbox } from '../src/index.ts';
import { QUEUE } from '../src/queue-schema.ts';
import { createInbox } from '../src/sqlite-inbox.ts';
import { STATE } from '../src/state-schema.ts';
import { closing, connection, file, hintFor } from './support.ts';

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

  test('one of a newer version is not even put in another mode', async () => {
    const path = file();
    const app = connection(path);
    app.exec("CREATE TABLE talo_schema (kind, version); INSERT INTO talo_schema VALUES ('state', 99)");
    await expect(sqliteInbox({ path }).open()).rejects.toThrow(/newer/);
    expect(app.prepare('PRAGMA journal_mode').get()?.['journal_mode']).toBe('delete');
  });

  test('a queue in the database of an application is refused, and nothing is done to that', async () => {
    const shop = file('shop.db');
    const app = connection(shop);
    app.exec('CREATE TABLE orders (id TEXT)');
    const before = readFileSync(shop);
    const inbox = sqliteInbox({ path: file(), queuePath: shop });
    await expect(inbox.open()).rejects.toThrow(TaloConfigError);
    await expect(inbox.open()).rejects.toThrow(/queue needs a file of its own/);
    expect(readFileSync(shop).equals(before)).toBe(true);
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

  test('one that ends in the middle, or has a table of our name that is not ours, is refused with a reason', async () => {
    const cut = file();
    const whole = sqliteInbox({ path: cut });
    await whole.open();
    await whole.close();
    writeFileSync(cut, readFileSync(cut).subarray(0, 5_000));
    await expect(sqliteInbox({ path: cut }).open()).rejects.toMatchObject({ reason: 'corrupt' });
    const named = file();
    connection(named).exec('CREATE TABLE talo_states (mine TEXT)');
    const refused = sqliteInbox({ path: named }).open();
    await expect(refused).rejects.toThrow(/talo_states already exists/);
    expect(connection(named).prepare('SELECT name FROM sqlite_schema').all()).toHaveLength(1);
  });

  test('a folder in place of a file is refused', async () => {
    const path = file();
    mkdirSync(path);
    await expect(sqliteInbox({ path }).open()).rejects.toMatchObject({ reason: 'cannot-open' });
  });

  test('a folder that does not exist is named', async () => {
    await expect(sqliteInbox({ path: '/no/such/folder/talo.db' }).open()).rejects.toThrow(/no\/such\/folder/);
  });
});
