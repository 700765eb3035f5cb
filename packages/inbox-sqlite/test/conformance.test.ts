import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type InboxFactory, type InboxUnderTest, inboxConformance, walks } from '@talo/inbox-conformance';
import { afterAll, describe, test } from 'vitest';
import { type SqliteTx, sqliteInbox } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'talo-conformance-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

const inFiles: InboxFactory = (): InboxUnderTest => {
  const path = join(folder, `${++made}.db`);
  const app = new DatabaseSync(path);
  app.exec('CREATE TABLE app (text TEXT)');
  return {
    inbox: sqliteInbox({ path }),
    reopen: () => sqliteInbox({ path }),
    probe: {
      write: (text) => (tx: SqliteTx) => tx.run('INSERT INTO app VALUES (?)', text),
      written: () =>
        app
          .prepare('SELECT text FROM app ORDER BY rowid')
          .all()
          .map((row) => String(row['text'])),
    },
    dispose: () => app.close(),
  };
};

const inMemory: InboxFactory = (): InboxUnderTest => {
  const written: string[] = [];
  return {
    inbox: sqliteInbox({ path: ':memory:' }),
    probe: {
      // what is left of a transaction is seen through a later one
      write: (text) => (tx: SqliteTx) => {
        tx.run('CREATE TABLE IF NOT EXISTS app (text TEXT)');
        tx.run('INSERT INTO app VALUES (?)', text);
        written.splice(
          0,
          written.length,
          ...tx.all('SELECT text FROM app').map((row) => String(row['text'])),
        );
      },
      written: () => written,
    },
  };
};

describe('in files', () => {
  for (const { name, run } of inboxConformance) test(name, () => run(inFiles), 60_000);
  test('agrees with the model on random walks', () => walks(inFiles, { runs: 40 }), 120_000);
});

describe('in memory', () => {
  // what a rolled-back transaction leaves cannot be seen from outside a database in memory
  const cases = inboxConformance.filter(({ needs }) => needs !== 'transactions');
  for (const { name, run } of cases) test(name, () => run(inMemory), 60_000);
});
