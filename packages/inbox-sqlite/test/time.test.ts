import { describe, expect, test } from 'vitest';
import { sqliteInbox } from '../src/index.ts';
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

describe('what is past its time is removed in the background; credits, and what somebody waits for, are not', () => {
  const DAY = 86_400_000;
  const HOUR = 3_600_000;
  const cases = { 'after 90 days': {}, 'after as many days as are asked for': { retentionDays: 1 } };
  for (const [name, options] of Object.entries(cases)) {
    test(name, async () => {
      const path = file();
      const days = 'retentionDays' in options ? options.retentionDays : 90;
      const [past, within] = [Date.now() - days * DAY - HOUR, Date.now() - days * DAY + HOUR];
      const before = sqliteInbox({ path });
      await before.open();
      for (const [id, at] of [['past', past] as const, ['within', within] as const]) {
        await before.put(hintFor(id, { at }));
        const claim = await claimOne(before, at);
        const { key } = claim;
        const done = Array.from({ length: 150 }, (_, i) => eventFor(`${id} ${i}`, key, { handlers: [] }));
        const waits = eventFor(`${id} waits`, key);
        const unheard = eventFor(`${id} unheard`, key, { handlers: [], unheard: 'nobody' });
        const credits = [creditFor(id, { at })];
        await before.commit(unitFor(claim, { credits, events: [...done, waits, unheard], now: at }));
        await before.bury(claim, 'not found');
      }
      await before.close();

      const inbox = closing(sqliteInbox({ path, takeover: 500, ...options }));
      await inbox.open();
      await inbox.put(hintFor('new', { at: Date.now() }));
      await claimOne(inbox, Date.now());
      const left = connection(path).prepare("SELECT id FROM talo_events WHERE id LIKE 'past %' ORDER BY id");
      const ids = () => left.all().map(({ id }) => id);
      await expect.poll(ids, { timeout: 30_000 }).toEqual(['past unheard', 'past waits']);
      const dead = await inbox.dead();
      expect(dead.map(({ key, eventId }) => eventId ?? key)).toEqual([
        keyFor('within'),
        'past unheard',
        'within unheard',
      ]);
      const deliveries = await inbox.claimDeliveries(10, Date.now(), LEASE);
      expect(deliveries.map(({ eventId }) => eventId)).toEqual(['past waits', 'within waits']);
      expect(await inbox.replay('past unheard:', Date.now(), ['late'])).toBe(true);
      expect(await inbox.credits({})).toHaveLength(2);
      expect(await inbox.state(keyFor('past'))).toBeDefined();
      const events = connection(path).prepare('SELECT count(*) AS n FROM talo_events').get();
      expect(events?.['n']).toBe(2 + 152);
    }, 60_000);
  }

  test('by the time that the engine tells, which may not be the real one', async () => {
    const path = file();
    const past = Date.now() - 200 * DAY;
    const before = sqliteInbox({ path });
    await before.open();
    await before.put(hintFor('past', { at: past }));
    const claim = await claimOne(before, past);
    await before.bury(claim, 'not found');
    await before.close();
    // this one is told no time but that of a commit, which is refused
    const again = sqliteInbox({ path });
    await again.open();
    await expect(again.commit(unitFor(claim, { now: past }))).rejects.toThrow('another worker');
    await again.close();
    const last = closing(sqliteInbox({ path }));
    await last.open();
    expect(await last.dead()).toHaveLength(1);
  });

  test('also by a process that works for a moment only', async () => {
    const path = file();
    const past = Date.now() - 91 * DAY;
    const before = sqliteInbox({ path });
    await before.open();
    await before.put(hintFor('past', { at: past }));
    const claim = await claimOne(before, past);
    const events = Array.from({ length: 250 }, (_, i) => eventFor(`${i}`, claim.key, { handlers: [] }));
    await before.commit(unitFor(claim, { events, now: past }));
    await before.complete(claim, past);
    await before.close();
    const left = connection(path).prepare('SELECT count(*) AS n FROM talo_events');
    expect(left.get()?.['n']).toBe(250);

    const cron = sqliteInbox({ path });
    await cron.open();
    await cron.put(hintFor('new', { at: Date.now() }));
    await claimOne(cron, Date.now());
    await cron.close();
    expect(left.get()?.['n']).toBeLessThanOrEqual(150);
  });
});
