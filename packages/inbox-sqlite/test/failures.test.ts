import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createInbox } from '../src/sqlite-inbox.ts';
import {
  claimOne,
  closing,
  creditFor,
  deliver,
  eventFor,
  file,
  folder,
  hintFor,
  LEASE,
  T0,
  unitFor,
} from './support.ts';

/** What every connection is told; a new one is told the current one. */
function disturbed(path = file()) {
  const connections = new Map<string, DatabaseSync>();
  const pragmas = new Map<string, string>();
  const inbox = closing(
    createInbox(
      { path },
      {
        opened: (db, kind) => {
          connections.set(kind, db);
          const pragma = pragmas.get(kind);
          if (pragma !== undefined) db.exec(pragma);
        },
      },
    ),
  );
  const tell = (kind: 'queue' | 'state', pragma: string): void => {
    pragmas.set(kind, pragma);
    const db = connections.get(kind);
    if (db?.isOpen) db.exec(pragma);
  };
  const pages = (kind: 'queue' | 'state'): number =>
    Number(connections.get(kind)?.prepare('PRAGMA page_count').get()?.['page_count']);
  return { inbox, path, tell, pages };
}

const FREE = 'PRAGMA max_page_count = 1073741823';

/** Until the inbox has noticed that it works again. */
async function recovered<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === 50) throw error;
      await sleep(50);
    }
  }
}

describe('a full disk', () => {
  test('refuses puts, keeps what was acknowledged, and takes hints again when there is space', async () => {
    const { inbox, tell, pages } = disturbed();
    await inbox.open();
    const before = ['first', 'second', 'third'];
    for (const id of before) await inbox.put(hintFor(id));
    tell('queue', `PRAGMA max_page_count = ${pages('queue') + 2}`);
    const answers = await Promise.allSettled(
      Array.from({ length: 500 }, async (_, id) => {
        await sleep(id / 10);
        return inbox.put(hintFor(id));
      }),
    );
    // how many fit depends on how they were grouped: none, where a slow machine made one group of them
    const stored = answers.flatMap((answer, id) => (answer.status === 'fulfilled' ? [id] : []));
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(['full']));
    tell('queue', FREE);
    expect(await recovered(() => inbox.put(hintFor('after')))).toBe('stored');
    for (const id of [...before, ...stored]) expect(await inbox.put(hintFor(id))).toBe('coalesced');
    expect((await inbox.backlog()).hints).toBe(before.length + stored.length + 1);
  });

  test('at any statement of a unit leaves nothing of it, and the unit can be committed afterwards', async () => {
    const payload = JSON.stringify({ text: 'x'.repeat(9_000) });
    const failed: number[] = [];
    for (let room = 0; room < 40; room++) {
      const { inbox, tell, pages } = disturbed();
      await inbox.open();
      await inbox.put(hintFor('p'));
      const claim = await claimOne(inbox);
      const unit = unitFor(claim, {
        state: payload,
        credits: Array.from({ length: 80 }, (_, i) => creditFor(`credit ${i} ${'y'.repeat(200)}`)),
        events: Array.from({ length: 6 }, (_, i) =>
          eventFor(`event ${i}`, claim.key, { payload, handlers: ['a', 'b'] }),
        ),
      });
      tell('state', `PRAGMA max_page_count = ${pages('state') + room}`);
      const error = await inbox.commit(unit).catch((reason: unknown) => reason);
      tell('state', FREE);
      if (error === undefined) break;
      failed.push(room);
      expect(error).toMatchObject({ reason: 'full' });
      await recovered(() => inbox.state(claim.key));
      expect(await inbox.state(claim.key)).toBeUndefined();
      expect(await inbox.credits({})).toEqual([]);
      expect(await inbox.backlog()).toMatchObject({ hints: 1, deliveries: 0, dead: 0 });
      await inbox.commit(unit);
      expect(await inbox.credits({})).toHaveLength(80);
      expect(await inbox.backlog()).toMatchObject({ hints: 1, deliveries: 12 });
      await inbox.close();
    }
    // it was full at every size from none to all of what the unit needs
    expect(failed.length).toBeGreaterThan(20);
  });

  test('during the writes of a handler undoes them with the done mark', async () => {
    const { inbox, tell, pages } = disturbed();
    await inbox.open();
    const delivery = await deliver(inbox);
    await inbox.finish(await deliver(inbox, 'e0'), [
      (tx) => void tx.run('CREATE TABLE orders (id TEXT, note TEXT)'),
    ]);
    tell('state', `PRAGMA max_page_count = ${pages('state') + 1}`);
    const write = (note: string) => (tx: { run(sql: string, ...values: string[]): unknown }) => {
      tx.run('INSERT INTO orders VALUES (?, ?)', 'order', note);
    };
    await expect(inbox.finish(delivery, [write('small'), write('x'.repeat(50_000))])).rejects.toThrow(/full/);
    tell('state', FREE);
    let seen: unknown;
    await recovered(() =>
      inbox.finish(delivery, [
        (tx) => {
          seen = tx.all('SELECT * FROM orders');
        },
      ]),
    );
    expect(seen).toEqual([]);
  });

  test('of a real file system: refused with what was acknowledged kept, and over when there is space', () => {
    const run = fileURLToPath(new URL('./full-disk.ts', import.meta.url));
    const target = folder();
    const script = `mount -t tmpfs -o size=12m tmpfs "${target}" && exec "${process.execPath}" --conditions=@talo/source "${run}" "${target}"`;
    const probe = spawnSync('unshare', ['-m', 'true']);
    if (probe.status !== 0) return; // mounting needs a right that is not there
    const answer = JSON.parse(execFileSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' }));
    expect(answer.refused).toBeGreaterThan(0);
    expect(answer.reasons).toEqual(['full']);
    expect(answer.lost).toEqual([]);
    expect(answer.after).toBe('stored');
  }, 60_000);
});

describe('a file that became read-only', () => {
  test('refuses puts, and takes them again when it is writable', async () => {
    const { inbox, tell } = disturbed();
    await inbox.open();
    await inbox.put(hintFor(1));
    tell('queue', 'PRAGMA query_only = ON');
    await expect(inbox.put(hintFor(2))).rejects.toMatchObject({ reason: 'readonly' });
    await expect(inbox.put(hintFor(3))).rejects.toMatchObject({ reason: 'readonly' });
    tell('queue', 'PRAGMA query_only = OFF');
    await recovered(() => inbox.put(hintFor(2)));
    expect((await inbox.backlog()).hints).toBe(2);
  });

  test('hints are still taken while only the states cannot be written', async () => {
    const { inbox, tell } = disturbed();
    await inbox.open();
    await inbox.put(hintFor(1));
    const claim = await claimOne(inbox);
    tell('state', 'PRAGMA query_only = ON');
    await expect(inbox.commit(unitFor(claim))).rejects.toMatchObject({ reason: 'readonly' });
    expect(await inbox.put(hintFor(2))).toBe('stored');
    tell('state', 'PRAGMA query_only = OFF');
    await recovered(() => inbox.commit(unitFor(claim)));
    await inbox.complete(claim, T0);
  });

  test('of a real file system: refused, nothing acknowledged is lost, and over when it is writable', () => {
    const run = fileURLToPath(new URL('./read-only.ts', import.meta.url));
    const target = folder();
    const nobody = process.getuid?.() === 0 ? 65_534 : undefined;
    if (nobody !== undefined) chownSync(target, nobody, nobody);
    const answer = execFileSync(process.execPath, ['--conditions=@talo/source', run, target], {
      encoding: 'utf8',
      ...(nobody !== undefined && { uid: nobody, gid: nobody }),
    });
    expect(JSON.parse(answer)).toEqual({
      'open in a folder': 'cannot-open',
      put: 'stored',
      'put into files': 'readonly',
      'put afterwards': 'stored',
      before: 'coalesced',
      hints: 2,
    });
  }, 60_000);
});

describe('a unit that fails half-way', () => {
  const broken: Record<string, Parameters<typeof unitFor>[1]> = {
    'an amount that is no integer': {
      credits: [creditFor('whole'), creditFor('broken', { gross: { currency: 'ARS', centavos: 0.5 } })],
    },
    'a payload that cannot be read': {
      credits: [creditFor('whole')],
      events: [
        {
          ...eventFor('e', 'key'),
          get payload(): string {
            throw new Error('unreadable');
          },
        },
      ],
    },
  };
  for (const [name, fields] of Object.entries(broken)) {
    test(`for ${name}: nothing of it is there, and it holds up nobody for long`, async () => {
      const { inbox } = disturbed();
      await inbox.open();
      await inbox.put(hintFor('p'));
      const claim = await claimOne(inbox);
      const failing = inbox.commit(unitFor(claim, fields));
      const beside = inbox.remember([{ key: 'mark', value: '1' }]);
      await expect(failing).rejects.toThrow();
      expect(await inbox.state(claim.key)).toBeUndefined();
      expect(await inbox.credits({})).toEqual([]);
      // who shared its commit is told, and may try again
      await beside.catch(() => inbox.remember([{ key: 'mark', value: '1' }]));
      expect(await inbox.recall('mark')).toBe('1');
      await inbox.commit(unitFor(claim));
      await inbox.complete(claim, T0);
    });
  }
});

describe('a commit that fails', () => {
  test('refuses all its puts; the connection is replaced, and nothing acknowledged is lost', async () => {
    const connections: DatabaseSync[] = [];
    const inbox = closing(
      createInbox(
        { path: file() },
        {
          opened: (db, kind) => {
            if (kind === 'queue') connections.push(db);
          },
        },
      ),
    );
    await inbox.open();
    await inbox.put(hintFor('before'));
    const [first] = connections;
    if (first === undefined) throw new Error('there is a connection');
    const { exec } = first;
    first.exec = (sql) => {
      if (sql === 'COMMIT')
        throw Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 });
      exec.call(first, sql);
    };
    const answers = await Promise.allSettled([1, 2, 3].map((id) => inbox.put(hintFor(id))));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await inbox.put(hintFor('before'))).toBe('coalesced');
    expect(await inbox.put(hintFor(1))).toBe('stored');
    expect(connections).toHaveLength(2);
    expect(first.isOpen).toBe(false);
    expect(await inbox.claim(10, T0, LEASE)).toHaveLength(2);
  });
});
