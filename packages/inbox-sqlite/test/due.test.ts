import type { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { sqliteInbox } from '../src/index.ts';
import { createInbox } from '../src/sqlite-inbox.ts';
import {
  claimOne,
  closing,
  connection,
  eventFor,
  file,
  hintFor,
  keyFor,
  LEASE,
  T0,
  unitFor,
} from './support.ts';

/** An event of a resource of its own, committed at `now`. */
async function commit(
  inbox: ReturnType<typeof sqliteInbox>,
  id: string,
  handlers: readonly string[],
  now: number,
): Promise<void> {
  await inbox.put(hintFor(id, { at: now }));
  const claim = await claimOne(inbox, now);
  await inbox.commit(unitFor(claim, { events: [eventFor(id, keyFor(id), { handlers })], now }));
  await inbox.complete(claim, now);
}

test('what is due first is taken first, whichever handler it is for', async () => {
  const inbox = closing(sqliteInbox({ path: file() }));
  await inbox.open();
  for (const [i, handler] of ['c', 'a', 'b', 'a'].entries()) await commit(inbox, `e${i}`, [handler], T0 + i);
  const order: (string | undefined)[] = [];
  for (let i = 0; i < 4; i++) order.push((await inbox.claimDeliveries(1, T0 + 10, LEASE))[0]?.eventId);
  expect(order).toEqual(['e0', 'e1', 'e2', 'e3']);
});

test('since when the oldest event waits is told while one does, over a restart too', async () => {
  const path = file();
  const inbox = sqliteInbox({ path });
  await inbox.open();
  expect(await inbox.backlog()).not.toHaveProperty('oldestEvent');
  await commit(inbox, 'e1', ['ship', 'mail'], T0 + 100);
  await commit(inbox, 'e2', ['ship'], T0 + 200);
  const oldest = async () => (await again.backlog()).oldestEvent;
  await inbox.close();
  const again = closing(sqliteInbox({ path }));
  await again.open();
  expect(await oldest()).toBe(T0 + 100);
  const claims = await again.claimDeliveries(10, T0 + 200, LEASE);
  const of = (eventId: string, handler: string) => {
    const claim = claims.find((each) => each.eventId === eventId && each.handler === handler);
    if (claim === undefined) throw new Error(`${eventId} is not due for ${handler}`);
    return claim;
  };
  await again.finish(of('e1', 'ship'), []);
  await again.retry(of('e1', 'mail'), T0 + 60_000, 'no');
  expect(await oldest()).toBe(T0 + 100);
  await again.park((await again.claimDeliveries(1, T0 + 60_000, LEASE))[0] ?? of('e1', 'mail'), 'no');
  expect(await oldest()).toBe(T0 + 200);
  await again.finish(of('e2', 'ship'), []);
  expect(await again.backlog()).not.toHaveProperty('oldestEvent');
});

test('however much waits, claims and the backlog go straight to what they ask for', async () => {
  const path = file();
  const statements = new Set<string>();
  const opened = (db: DatabaseSync, kind: 'queue' | 'state') => {
    if (kind === 'queue') return;
    const prepare = db.prepare.bind(db);
    db.prepare = (sql) => {
      statements.add(sql);
      return prepare(sql);
    };
  };
  const inbox = closing(createInbox({ path }, { opened }));
  await inbox.open();
  await commit(inbox, 'e1', ['ship', 'hangs'], T0);
  statements.clear();
  expect(await inbox.claimDeliveries(10, T0, LEASE, new Set(['hangs']))).toHaveLength(1);
  await inbox.backlog();
  const about = [...statements].filter((sql) => /^SELECT.*\btalo_deliveries\b/s.test(sql));
  const db = connection(path);
  const plans = about.flatMap((sql) =>
    db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail)),
  );
  expect(plans.join('\n')).toContain('talo_deliveries_due (handler=? AND due_at');
  // the first row in the order of an index, and those that are claimed, of which there are few
  const straight = /^SEARCH |^SCAN d USING COVERING INDEX talo_deliveries_event$|_leased$/;
  expect(plans.filter((plan) => !straight.test(plan))).toEqual([]);
});
