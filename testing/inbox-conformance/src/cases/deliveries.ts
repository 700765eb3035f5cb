import assert from 'node:assert/strict';
import {
  commitFor,
  conforms,
  conformsIfTransactional,
  deliveryOf,
  eventFor,
  hintFor,
  keyFor,
  LEASE,
  refused,
  T0,
  unitFor,
} from '../make.ts';
import type { ConformanceCase } from '../under-test.ts';

const key = keyFor('p1');
const other = keyFor('p2');

/** The outbox: lanes, leases, `finish`, `retry`, `park`. */
export const deliveries: readonly ConformanceCase[] = [
  conforms('an event goes to each of its handlers, and each ends by itself', async ({ inbox }) => {
    await commitFor(inbox, key, { events: [eventFor('e1', key, { handlers: ['ship', 'mail'] })] });
    const claims = await inbox.claimDeliveries(10, T0, LEASE);
    assert.deepEqual(new Set(claims.map(({ handler }) => handler)), new Set(['ship', 'mail']));
    assert.equal((await inbox.backlog()).deliveries, 2);
    for (const claim of claims) {
      if (claim.handler === 'ship') await inbox.finish(claim, []);
      else await inbox.retry(claim, T0 + 1_000, 'mail server is down');
    }
    const again = await deliveryOf(inbox, T0 + 1_000);
    assert.deepEqual([again.handler, again.failures], ['mail', 1]);
  }),

  conforms('an event without handlers is delivered to nobody and listed nowhere', async ({ inbox }) => {
    await commitFor(inbox, key, { events: [eventFor('e1', key, { handlers: [] })] });
    assert.deepEqual(await inbox.claimDeliveries(10, T0, LEASE), []);
    assert.deepEqual(await inbox.dead(), []);
  }),

  conforms('a delivery is due when its unit was committed', async ({ inbox }) => {
    await commitFor(inbox, key, { events: [eventFor('e1', key)], now: T0 + 500 });
    assert.deepEqual(await inbox.claimDeliveries(10, T0 + 499, LEASE), []);
    await deliveryOf(inbox, T0 + 500);
  }),

  conforms('a handler gets the events of a resource in order, one at a time', async ({ inbox }) => {
    const events = ['z', 'y', 'x'].map((id) => eventFor(id, key));
    const claim = await commitFor(inbox, key, { events });
    await inbox.commit(unitFor(claim, { events: [eventFor('a', key)] }));
    const order: string[] = [];
    for (let i = 0; i < 4; i++) {
      const delivery = await deliveryOf(inbox);
      order.push(delivery.eventId);
      assert.deepEqual(await inbox.claimDeliveries(10, T0, LEASE), [], 'the next waits for this one');
      await inbox.finish(delivery, []);
    }
    assert.deepEqual(order, ['z', 'y', 'x', 'a']);
    assert.equal((await inbox.backlog()).deliveries, 0);
  }),

  conforms('a failing delivery holds up its own lane alone', async ({ inbox }) => {
    const first = await commitFor(inbox, key, {
      events: [
        eventFor('e1', key, { handlers: ['ship', 'mail'] }),
        eventFor('e2', key, { handlers: ['ship', 'mail'] }),
      ],
    });
    await inbox.complete(first, T0);
    await commitFor(inbox, other, { events: [eventFor('e3', other)] });
    const done: string[] = [];
    for (let round = 0; round < 5; round++) {
      for (const claim of await inbox.claimDeliveries(10, T0, LEASE)) {
        if (claim.key === key && claim.handler === 'ship') {
          await inbox.retry(claim, T0 + 10_000, 'no');
          continue;
        }
        done.push(`${claim.eventId} ${claim.handler}`);
        await inbox.finish(claim, []);
      }
    }
    assert.deepEqual(done.sort(), ['e1 mail', 'e2 mail', 'e3 ship']);
    assert.equal((await deliveryOf(inbox, T0 + 10_000)).eventId, 'e1');
  }),

  conforms('claimDeliveries takes no more than it was asked for', async ({ inbox }) => {
    await commitFor(inbox, key, { events: [eventFor('e1', key, { handlers: ['a', 'b', 'c'] })] });
    assert.equal((await inbox.claimDeliveries(2, T0, LEASE)).length, 2);
    assert.equal((await inbox.claimDeliveries(2, T0, LEASE)).length, 1);
  }),

  conforms('what waits for an excepted handler is passed over, however much it is', async ({ inbox }) => {
    const events = (id: string, handlers: readonly string[]) => [eventFor(id, keyFor(id), { handlers })];
    for (let i = 0; i < 20; i++) {
      await commitFor(inbox, keyFor(`r${i}`), { events: events(`r${i}`, ['hangs', 'ship']) });
    }
    const due = { now: T0 + 1, events: events('late', ['hangs', 'ship', 'mail']) };
    await commitFor(inbox, keyFor('late'), due, T0 + 1);
    const hangs = new Set(['hangs']);
    const first = await inbox.claimDeliveries(4, T0 + 1, LEASE, hangs);
    const rest = await inbox.claimDeliveries(100, T0 + 1, LEASE, hangs);
    assert.equal(first.length, 4, 'of the others as many as were asked for');
    assert.equal(rest.length, 18);
    assert.deepEqual(new Set([...first, ...rest].map(({ handler }) => handler)), new Set(['ship', 'mail']));
    assert.deepEqual(await inbox.claimDeliveries(1, T0 + 1, LEASE, new Set(['hangs', 'mail'])), []);
    assert.equal((await inbox.backlog()).nextAt, T0, 'it still is what is due first');
    // nor is it counted, or moved, by having been passed over
    const passed = await inbox.claimDeliveries(100, T0 + 1, LEASE, new Set());
    assert.deepEqual(
      new Set(passed.map(({ handler, failures }) => `${handler} ${failures}`)),
      new Set(['hangs 0']),
    );
    assert.equal(passed.length, 21);
  }),

  conforms('of an excepted handler not even a lease that ended is taken over', async ({ inbox }) => {
    await commitFor(inbox, key, { events: [eventFor('e1', key)] });
    const claim = await deliveryOf(inbox, T0, 1_000);
    assert.deepEqual(await inbox.claimDeliveries(10, T0 + 2_000, LEASE, new Set(['ship'])), []);
    await inbox.finish(claim, []);
  }),

  conforms('a lease that ended gives the delivery to another, with a larger token', async ({ inbox }) => {
    await commitFor(inbox, key, { events: [eventFor('e1', key), eventFor('e2', key)] });
    const first = await deliveryOf(inbox, T0, 1_000);
    assert.deepEqual(await inbox.claimDeliveries(10, T0 + 999, LEASE), [], 'the lease holds');
    const second = await deliveryOf(inbox, T0 + 1_001);
    assert.equal(second.eventId, 'e1');
    assert.ok(second.token > first.token, 'the token grows with every claim');
  }),

  conforms('under a lost lease finish, retry and park are refused and change nothing', async ({ inbox }) => {
    await commitFor(inbox, key, { events: [eventFor('e1', key), eventFor('e2', key)] });
    const stale = await deliveryOf(inbox, T0, 1_000);
    const current = await deliveryOf(inbox, T0 + 2_000);
    let ran = false;
    const write = () => {
      ran = true;
    };
    await refused(inbox.finish(stale, [write]), 'finish');
    await refused(inbox.retry(stale, T0, 'late'), 'retry');
    await refused(inbox.park(stale, 'late'), 'park');
    assert.equal(ran, false, 'no write runs under a lost lease');
    assert.deepEqual(await inbox.dead(), []);
    await inbox.finish(current, []);
    await refused(inbox.finish(current, []), 'finish, a second time,');
    const next = await deliveryOf(inbox, T0 + 2_000);
    assert.deepEqual([next.eventId, next.failures], ['e2', 0]);
    await refused(inbox.finish(stale, []), 'finish');
    await inbox.finish(next, []);
  }),

  conforms('a delivery that is tried again is due at `until`, with one more failure', async ({ inbox }) => {
    await commitFor(inbox, key, { events: [eventFor('e1', key)] });
    let now = T0;
    for (let failures = 0; failures < 3; failures++) {
      const claim = await deliveryOf(inbox, now);
      assert.equal(claim.failures, failures);
      await inbox.retry(claim, now + 1_000, 'no');
      assert.deepEqual(await inbox.claimDeliveries(10, now + 999, LEASE), []);
      now += 1_000;
    }
    assert.equal((await deliveryOf(inbox, now)).payload, '{"id":"e1"}', 'the payload is frozen');
  }),

  conforms('an event is superseded when a newer state was committed with news', async ({ inbox }) => {
    const claim = await commitFor(inbox, key, { events: [eventFor('e1', key), eventFor('e2', key)] });
    const first = await deliveryOf(inbox);
    assert.equal(first.superseded, false);
    await inbox.finish(first, []);
    await inbox.commit(unitFor(claim, { state: 'newer', events: [eventFor('e3', key)] }));
    const second = await deliveryOf(inbox);
    assert.deepEqual([second.eventId, second.superseded], ['e2', true]);
    await inbox.finish(second, []);
    const third = await deliveryOf(inbox);
    assert.deepEqual([third.eventId, third.superseded], ['e3', false]);
  }),

  conforms('a newer state of another resource supersedes nothing', async ({ inbox }) => {
    await commitFor(inbox, key, { events: [eventFor('e1', key)] });
    await commitFor(inbox, other, { events: [eventFor('e2', other, { handlers: [] })] });
    assert.equal((await deliveryOf(inbox)).superseded, false);
  }),

  conforms(
    'a parked delivery is dead with its reason, and the next in its lane is due',
    async ({ inbox }) => {
      await commitFor(inbox, key, { events: [eventFor('e1', key), eventFor('e2', key)] });
      await inbox.park(await deliveryOf(inbox), 'Error: no such order');
      const [letter, ...more] = await inbox.dead();
      assert.deepEqual(more, []);
      if (letter === undefined) assert.fail('the parked delivery should be listed');
      const { kind, reason, eventId, type, handler } = letter;
      assert.deepEqual(
        { kind, reason, eventId, type, handler, key: letter.key },
        {
          kind: 'delivery',
          reason: 'Error: no such order',
          eventId: 'e1',
          type: 'payment.paid',
          handler: 'ship',
          key,
        },
      );
      assert.equal((await deliveryOf(inbox)).eventId, 'e2');
      const { deliveries: waiting, dead } = await inbox.backlog();
      assert.deepEqual([waiting, dead], [1, 1]);
    },
  ),

  conforms('a state commit does not touch what is under way', async ({ inbox }) => {
    const claim = await commitFor(inbox, key, { events: [eventFor('e1', key)] });
    const delivery = await deliveryOf(inbox);
    await inbox.commit(unitFor(claim, { state: 'newer', events: [eventFor('e2', key)] }));
    await inbox.finish(delivery, []);
    assert.equal((await deliveryOf(inbox)).eventId, 'e2');
  }),

  conforms(
    '1,000 events of 100 resources to two handlers reach each once and in order',
    async ({ inbox }) => {
      const keys = Array.from({ length: 100 }, (_, i) => keyFor(`r${i}`));
      await Promise.all(keys.map((each) => inbox.put(hintFor(each))));
      const claims = await inbox.claim(100, T0, LEASE);
      const eventsOf = (each: string) =>
        Array.from({ length: 10 }, (_, i) => eventFor(`${each} ${i}`, each, { handlers: ['ship', 'mail'] }));
      await Promise.all(claims.map((claim) => inbox.commit(unitFor(claim, { events: eventsOf(claim.key) }))));
      const got = new Map<string, string[]>();
      for (let round = 0; round < 2_000; round++) {
        const taken = await inbox.claimDeliveries(64, T0, LEASE);
        if (taken.length === 0) break;
        await Promise.all(
          taken.map(async (claim) => {
            const lane = `${claim.key} ${claim.handler}`;
            got.set(lane, [...(got.get(lane) ?? []), claim.eventId]);
            await inbox.finish(claim, []);
          }),
        );
      }
      assert.equal(got.size, 200);
      for (const each of keys) {
        const expected = eventsOf(each).map(({ id }) => id);
        assert.deepEqual(got.get(`${each} ship`), expected);
        assert.deepEqual(got.get(`${each} mail`), expected);
      }
    },
  ),

  conformsIfTransactional(
    'writes run in order, and are kept with the done mark',
    async ({ inbox, probe }) => {
      await commitFor(inbox, key, { events: [eventFor('e1', key)] });
      const claim = await deliveryOf(inbox);
      await inbox.finish(claim, [probe.write('one'), probe.write('two'), probe.write('three')]);
      assert.deepEqual(await probe.written(), ['one', 'two', 'three']);
      assert.deepEqual(await inbox.claimDeliveries(10, T0 + LEASE * 10, LEASE), []);
    },
  ),

  conformsIfTransactional(
    'a write that throws undoes all of them, and the delivery is not done',
    async ({ inbox, probe }) => {
      await commitFor(inbox, key, { events: [eventFor('e1', key)] });
      const claim = await deliveryOf(inbox);
      const fails = () => {
        throw new Error('no such table');
      };
      await assert.rejects(
        inbox.finish(claim, [probe.write('one'), fails, probe.write('two')]),
        /no such table/,
      );
      assert.deepEqual(await probe.written(), []);
      // the lease is still held, so that the failure can be recorded
      await inbox.retry(claim, T0 + 1_000, 'no such table');
      const again = await deliveryOf(inbox, T0 + 1_000);
      assert.equal(again.failures, 1);
      await inbox.finish(again, [probe.write('one')]);
      assert.deepEqual(await probe.written(), ['one']);
    },
  ),

  conformsIfTransactional('writes under a lost lease leave nothing', async ({ inbox, probe }) => {
    await commitFor(inbox, key, { events: [eventFor('e1', key)] });
    const stale = await deliveryOf(inbox, T0, 1_000);
    const current = await deliveryOf(inbox, T0 + 2_000);
    await refused(inbox.finish(stale, [probe.write('stale')]), 'finish');
    await inbox.finish(current, [probe.write('current')]);
    await refused(inbox.finish(stale, [probe.write('stale')]), 'finish');
    assert.deepEqual(await probe.written(), ['current']);
  }),

  conformsIfTransactional(
    'functions are synchronous where the inbox says so: a promise is refused and undone',
    async ({ inbox, probe }) => {
      if (inbox.transactions !== 'sync') return;
      await commitFor(inbox, key, { events: [eventFor('e1', key)] });
      const claim = await deliveryOf(inbox);
      const promised = async () => undefined;
      await assert.rejects(inbox.finish(claim, [probe.write('one'), promised]));
      // biome-ignore lint/suspicious/noThenProperty: what looks like a promise must be refused too
      const thenable = () => ({ then: (resolve: () => void) => resolve() });
      await assert.rejects(inbox.finish(claim, [probe.write('one'), thenable]));
      assert.deepEqual(await probe.written(), []);
      await inbox.finish(claim, [probe.write('one')]);
      assert.deepEqual(await probe.written(), ['one']);
    },
  ),

  conformsIfTransactional(
    'functions are awaited one after the other where they may be asynchronous; one that rejects undoes all',
    async ({ inbox, probe }) => {
      if (inbox.transactions !== 'async') return;
      await commitFor(inbox, key, { events: [eventFor('e1', key)] });
      const claim = await deliveryOf(inbox);
      const later = (text: string) => async (tx: never) => {
        await new Promise((resolve) => setImmediate(resolve));
        await probe.write(text)(tx);
      };
      const fails = async () => {
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error('no such order');
      };
      await assert.rejects(inbox.finish(claim, [later('one'), fails, later('two')]), /no such order/);
      assert.deepEqual(await probe.written(), []);
      await inbox.finish(claim, [later('one'), later('two'), probe.write('three')]);
      assert.deepEqual(await probe.written(), ['one', 'two', 'three']);
      assert.deepEqual(await inbox.claimDeliveries(10, T0 + LEASE * 10, LEASE), []);
    },
  ),
];
