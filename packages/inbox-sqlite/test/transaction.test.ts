import { describe, expect, test } from 'vitest';
import { type SqliteTx, sqliteInbox } from '../src/index.ts';
import { createInbox } from '../src/sqlite-inbox.ts';
import { closing, connection, deliver, file, LEASE, T0 } from './support.ts';

async function prepared() {
  const path = file();
  const app = connection(path);
  app.exec('CREATE TABLE orders (id TEXT PRIMARY KEY, amount INTEGER)');
  const inbox = closing(sqliteInbox({ path }));
  await inbox.open();
  const delivery = await deliver(inbox);
  const orders = () =>
    app
      .prepare('SELECT id, amount FROM orders ORDER BY id')
      .all()
      .map((row) => ({ ...row }));
  const finish = (...writes: ((tx: SqliteTx) => unknown)[]) => inbox.finish(delivery, writes);
  return { app, inbox, delivery, orders, finish };
}

test('writes and done mark are committed together', async () => {
  const { inbox, orders, finish } = await prepared();
  const seen: unknown[] = [];
  await finish(
    (tx) => {
      const { changes } = tx.run('INSERT INTO orders VALUES (?, ?)', '1', 1_500_000);
      seen.push(changes);
    },
    (tx) => {
      seen.push(tx.get('SELECT amount FROM orders WHERE id = ?', '1')?.['amount']);
      seen.push(tx.get('SELECT amount FROM orders WHERE id = ?', '2'));
      seen.push(tx.all('SELECT id FROM orders').length);
    },
  );
  expect(seen).toEqual([1, 1_500_000, undefined, 1]);
  expect(orders()).toEqual([{ id: '1', amount: 1_500_000 }]);
  expect((await inbox.backlog()).deliveries).toBe(0);
});

test('statements that an application makes up anew each time take no place of the inbox’s own', async () => {
  const path = file();
  connection(path).exec('CREATE TABLE orders (id INTEGER)');
  let prepared: string[] = [];
  const inbox = closing(
    createInbox(
      { path },
      {
        opened(db) {
          const prepare = db.prepare.bind(db);
          db.prepare = (sql) => {
            prepared.push(sql);
            return prepare(sql);
          };
        },
      },
    ),
  );
  await inbox.open();
  await inbox.finish(await deliver(inbox), [
    (tx) => {
      for (let i = 0; i < 1_000; i++) tx.run(`INSERT INTO orders VALUES (${i})`);
    },
  ]);
  const step = async (id: string) => inbox.park(await deliver(inbox, id, T0 + 2_000), 'no');
  await step('e2');
  prepared = [];
  await step('e3');
  expect(prepared).toEqual([]);
});

describe('nothing is written and the delivery is not done after', () => {
  const insert = (tx: SqliteTx) => void tx.run("INSERT INTO orders VALUES ('1', 1)");
  const cases: Record<string, [(tx: SqliteTx) => unknown, RegExp]> = {
    'a throw': [
      () => {
        throw new Error('out of stock');
      },
      /out of stock/,
    ],
    'an async function': [async () => {}, /synchronous function/],
    'an async function that fails': [
      async () => {
        throw new Error('later');
      },
      /synchronous function/,
    ],
    'a refused statement that is caught': [
      (tx) => {
        try {
          tx.run('COMMIT');
        } catch {
          // and goes on
        }
      },
      /COMMIT is not for commitWith/,
    ],
    'an error of SQLite’s that is caught': [
      (tx) => {
        try {
          insert(tx);
        } catch {
          // and goes on
        }
        tx.run("INSERT INTO orders VALUES ('2', 2)");
      },
      /UNIQUE/,
    ],
    'a statement that rolls back by itself': [
      (tx) => {
        try {
          tx.run("INSERT OR ROLLBACK INTO orders VALUES ('1', 1)");
        } catch {
          // and goes on
        }
      },
      /UNIQUE/,
    ],
  };
  for (const [name, [write, message]] of Object.entries(cases)) {
    test(name, async () => {
      const { inbox, orders, finish, delivery } = await prepared();
      await expect(finish(insert, write)).rejects.toThrow(message);
      expect(orders()).toEqual([]);
      await inbox.retry(delivery, T0 + 1_000, 'no');
      const [again] = await inbox.claimDeliveries(1, T0 + 1_000, LEASE);
      expect(again?.failures).toBe(1);
      if (again !== undefined) await inbox.finish(again, [insert]);
      expect(orders()).toEqual([{ id: '1', amount: 1 }]);
    });
  }

  test('a deferred constraint that the commit finds broken; the inbox goes on', async () => {
    const { app, orders, finish } = await prepared();
    app.exec('CREATE TABLE lines (id TEXT REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED)');
    await expect(finish((tx) => tx.run("INSERT INTO lines VALUES ('none')") && undefined)).rejects.toThrow(
      /FOREIGN KEY/,
    );
    await finish(insert, (tx) => void tx.run("INSERT INTO lines VALUES ('1')"));
    expect(orders()).toHaveLength(1);
  });
});

describe('statements that are refused', () => {
  const refused = [
    'BEGIN',
    'begin immediate',
    'COMMIT',
    'END TRANSACTION',
    'ROLLBACK',
    'ROLLBACK TO a',
    'SAVEPOINT a',
    'RELEASE a',
    "ATTACH 'other.db' AS other",
    'DETACH other',
    'PRAGMA synchronous = OFF',
    'VACUUM',
    'EXPLAIN COMMIT',
    '-- a comment\n COMMIT',
    '/* a comment */COMMIT',
    '/* a ; comment */ -- another\n\t COMMIT',
    '; COMMIT',
    "INSERT INTO orders VALUES ('2', 2); COMMIT",
    "INSERT INTO orders VALUES (';', 2); /* ; */ COMMIT",
    '\ufeffCOMMIT',
    'SELECT 1\0; COMMIT',
  ];
  for (const sql of refused) {
    test(JSON.stringify(sql), async () => {
      const { orders, finish } = await prepared();
      await expect(
        finish(
          (tx) => void tx.run("INSERT INTO orders VALUES ('1', 1)"),
          (tx) => void tx.run(sql),
        ),
      ).rejects.toThrow(/commitWith|One statement/);
      expect(orders()).toEqual([]);
    });
  }

  const allowed = [
    "INSERT INTO orders VALUES ('it''s; COMMIT', 1);",
    "  -- COMMIT; ROLLBACK\nINSERT INTO orders VALUES ('a', 1) ; -- the end",
    'INSERT INTO orders ("id", [amount]) VALUES (\'"; --\', 1)',
    "WITH x AS (SELECT 'b' AS id) INSERT INTO orders SELECT id, 1 FROM x /* ; */",
    "REPLACE INTO orders VALUES ('c', 1)",
  ];
  for (const sql of allowed) {
    test(`but not ${JSON.stringify(sql)}`, async () => {
      const { orders, finish } = await prepared();
      await finish((tx) => void tx.run(sql));
      expect(orders()).toHaveLength(1);
    });
  }
});

test('tx is of no use once its transaction has ended', async () => {
  const { orders, finish } = await prepared();
  let kept: SqliteTx | undefined;
  await finish((tx) => {
    kept = tx;
  });
  expect(() => kept?.run("INSERT INTO orders VALUES ('late', 1)")).toThrow(/had ended/);
  expect(orders()).toEqual([]);
});

test('a handler’s writes fail by themselves: what is committed beside them is not affected', async () => {
  const { inbox, finish } = await prepared();
  const remembered = inbox.remember([{ key: 'a', value: '1' }]);
  const failing = finish(() => {
    throw new Error('no');
  });
  const also = inbox.remember([{ key: 'b', value: '2' }]);
  await expect(failing).rejects.toThrow('no');
  await Promise.all([remembered, also]);
  expect([await inbox.recall('a'), await inbox.recall('b')]).toEqual(['1', '2']);
});

test('an application that uses its own connection inside commitWith is refused, and tried no second time', async () => {
  const { app, finish, orders } = await prepared();
  let calls = 0;
  await expect(
    finish(() => {
      calls++;
      app.exec("INSERT INTO orders VALUES ('1', 1)");
    }),
  ).rejects.toThrow(/locked/);
  expect(calls).toBe(1);
  expect(orders()).toEqual([]);
});
