import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { DeliveryClaim, HintClaim, Inbox } from '@talo/core/webhooks';
import { describe, expect, test } from 'vitest';
import type { SqliteTx } from '../src/index.ts';
import { createInbox } from '../src/sqlite-inbox.ts';
import {
  claimOne,
  closing,
  creditFor,
  deliver,
  eventFor,
  file,
  hintFor,
  LEASE,
  T0,
  unitFor,
} from './support.ts';

type Any = Inbox<SqliteTx, 'sync'>;
type Rows = Record<string, SQLOutputValue>[];

/** Makes one statement fail as on a full disk, counted from when it is armed. */
class Fault {
  #left = Number.POSITIVE_INFINITY;

  arm(statement: number): void {
    this.#left = statement;
  }

  /** Whether it did; it will not any more. */
  struck(): boolean {
    const struck = this.#left < 0;
    this.#left = Number.POSITIVE_INFINITY;
    return struck;
  }

  watch(db: DatabaseSync): void {
    const exec = db.exec.bind(db);
    const prepare = db.prepare.bind(db);
    db.exec = (sql) => {
      this.#strike();
      exec(sql);
    };
    db.prepare = (sql) => {
      const statement = prepare(sql);
      return new Proxy(statement, {
        get: (target, name) => {
          const method: unknown = Reflect.get(target, name);
          if (typeof method !== 'function') return method;
          return (...values: unknown[]) => {
            this.#strike();
            return method.apply(target, values);
          };
        },
      });
    };
  }

  #strike(): void {
    if (this.#left-- !== 0) return;
    throw Object.assign(new Error('injected'), { code: 'ERR_SQLITE_ERROR', errcode: 13 });
  }
}

/** Everything that both files say, but for who works and which numbers were given out. */
function contents(path: string): Record<string, Rows> {
  const all: Record<string, Rows> = {};
  for (const name of [path, `${path}-queue`]) {
    const db = new DatabaseSync(name, { readOnly: true });
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    for (const { name: table } of tables) {
      if (table === 'talo_worker' || table === 'talo_fence') continue;
      const rows = db.prepare(`SELECT * FROM ${table}`).all();
      all[`${name} ${table}`] = rows.filter((row) => row['name'] !== 'probe' && row['name'] !== 'token');
    }
    db.close();
  }
  return all;
}

const claimed = async (inbox: Any): Promise<HintClaim> => {
  await inbox.put(hintFor('p'));
  return claimOne(inbox);
};
const unit = (claim: HintClaim) =>
  unitFor(claim, {
    credits: [creditFor('a'), creditFor('b')],
    events: [
      eventFor('x', claim.key, { handlers: ['ship', 'mail'] }),
      eventFor('y', claim.key, { handlers: [], unheard: 'nobody' }),
    ],
  });

/** Steps of a hint's and an event's way: what is there before, and the call whose statements fail one by one. */
const steps: Record<string, (inbox: Any) => Promise<() => Promise<unknown>>> = {
  put: async (inbox) => () => inbox.put(hintFor('n', { authenticated: false })),
  claim: async (inbox) => {
    await inbox.put(hintFor('p'));
    return () => inbox.claim(1, T0, LEASE);
  },
  commit: async (inbox) => {
    const claim = await claimed(inbox);
    return () => inbox.commit(unit(claim));
  },
  complete: async (inbox) => {
    const claim = await claimed(inbox);
    return () => inbox.complete(claim, T0, T0 + LEASE);
  },
  bury: async (inbox) => {
    const claim = await claimed(inbox);
    return () => inbox.bury(claim, 'not found');
  },
  claimDeliveries: async (inbox) => {
    await inbox.commit(unit(await claimed(inbox)));
    return () => inbox.claimDeliveries(10, T0, LEASE);
  },
  finish: async (inbox) => {
    const delivery: DeliveryClaim = await deliver(inbox);
    const write = (tx: SqliteTx) => {
      tx.run('CREATE TABLE IF NOT EXISTS orders (id TEXT)');
      tx.run("INSERT INTO orders VALUES ('1')");
    };
    return () => inbox.finish(delivery, [write]);
  },
  retry: async (inbox) => {
    const delivery = await deliver(inbox);
    return () => inbox.retry(delivery, T0 + 1_000, 'no');
  },
  park: async (inbox) => {
    const delivery = await deliver(inbox);
    return () => inbox.park(delivery, 'no');
  },
};

describe('a disk that is full at any statement of', () => {
  for (const [name, prepare] of Object.entries(steps)) {
    test(`${name}: refused, nothing of it is left, and it can be done afterwards`, async () => {
      for (let statement = 0; ; statement++) {
        const path = file();
        const fault = new Fault();
        const opened = (db: DatabaseSync, kind: 'queue' | 'state') => {
          // what the states know helps a put and is no condition of it
          if (name !== 'put' || kind === 'queue') fault.watch(db);
        };
        const inbox = closing(createInbox({ path }, { opened }));
        await inbox.open();
        const act = await prepare(inbox);
        const before = contents(path);
        fault.arm(statement);
        const error: unknown = await act().then(
          () => undefined,
          (caught: unknown) => caught,
        );
        if (!fault.struck()) {
          expect(error).toBeUndefined();
          // it was full at each statement of all that there are
          expect(statement).toBeGreaterThan(3);
          break;
        }
        expect(String(error), `statement ${statement}`).toMatch(/injected/);
        expect(contents(path), `statement ${statement}`).toEqual(before);
        await act();
        expect(contents(path)).not.toEqual(before);
        await inbox.close();
      }
    }, 60_000);
  }
});
