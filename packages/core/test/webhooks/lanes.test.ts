import { expect, test } from 'vitest';
import { TaloApiError, TaloTransportError } from '../../src/index.ts';
import { manualClock } from '../../src/testing/index.ts';
import { AccountLanes } from '../../src/webhooks/guard/account-lanes.ts';
import { memoryInbox, TaloWebhooks } from '../../src/webhooks/index.ts';
import { clientOf, FakeTalo, post, settled, signer, silent, URL_BASE } from './support.ts';

const PLACES = 8;
const hung = new TaloTransportError('TIMEOUT', 'unknown', 'no answer');
const tooMany = new TaloApiError({ status: 429 }, 'too many requests');

/** Enters as often as it is let. @returns how often that was */
function fill(lanes: AccountLanes, accountId: string, now: number): number {
  for (let entered = 0; ; entered++) if (lanes.enter(accountId, now) !== undefined) return entered;
}

test('an only account has all places, and answers that hang do not pause it', () => {
  const lanes = new AccountLanes(PLACES, false);
  expect(fill(lanes, 'a', 0)).toBe(PLACES);
  for (let i = 0; i < PLACES; i++) lanes.leave('a', hung, 20_000);
  expect(lanes.paused(20_000)).toEqual({});
  expect(fill(lanes, 'a', 20_000)).toBe(PLACES);
});

test('of several accounts four that have as much to do as they like leave places to others', () => {
  const lanes = new AccountLanes(PLACES, true);
  expect(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => fill(lanes, id, 0))).toEqual([2, 2, 1, 1, 1, 1]);
});

test('one whose answers hang is paused, and then has one place until a look succeeds', () => {
  const lanes = new AccountLanes(PLACES, true);
  expect(fill(lanes, 'a', 0)).toBe(2);
  lanes.leave('a', hung, 20_000);
  lanes.leave('a', hung, 20_000);
  expect(lanes.paused(20_000)).toEqual({ a: 25_000 });
  expect(fill(lanes, 'a', 25_000)).toBe(1);
  lanes.leave('a', hung, 45_000);
  expect(lanes.paused(45_000), 'longer').toEqual({ a: 55_000 });
  expect(fill(lanes, 'a', 55_000)).toBe(1);
  lanes.leave('a', undefined, 55_010);
  expect(fill(lanes, 'a', 55_010)).toBe(2);
});

test('one that hangs again and again is never left alone for more than a minute', () => {
  const lanes = new AccountLanes(PLACES, true);
  let now = 0;
  for (let i = 0; i < 12; i++) {
    expect(fill(lanes, 'a', now)).toBe(i === 0 ? 2 : 1);
    now += 20_000;
    for (let place = i === 0 ? 2 : 1; place > 0; place--) lanes.leave('a', hung, now);
    const until = lanes.paused(now)['a'] ?? now;
    expect(until - now).toBeLessThanOrEqual(60_000);
    now = until;
  }
});

test('looks that are refused together pause their account as one refusal does', () => {
  const lanes = new AccountLanes(PLACES, false);
  fill(lanes, 'a', 0);
  for (let i = 0; i < PLACES; i++) lanes.leave('a', tooMany, 0);
  expect(lanes.paused(0)).toEqual({ a: 5_000 });
});

test('those who find no place come back one after the other, as fast as places become free', () => {
  const lanes = new AccountLanes(PLACES, true);
  fill(lanes, 'busy', 0);
  for (const ended of [50, 50]) lanes.leave('busy', undefined, ended);
  fill(lanes, 'busy', 50);
  const turns = Array.from({ length: 100 }, () => lanes.enter('busy', 60) ?? 0);
  expect(new Set(turns).size).toBe(100);
  // two places, 50 ms a look
  expect(Math.max(...turns)).toBeGreaterThan(2_000);
  expect(Math.max(...turns)).toBeLessThan(3_000);
});

test('turns at places that hang are never given for further ahead than half a minute', () => {
  const lanes = new AccountLanes(PLACES, true);
  fill(lanes, 'hangs', 0);
  const turns = Array.from({ length: 900 }, () => lanes.enter('hangs', 10_000) ?? 0);
  expect(Math.max(...turns)).toBeLessThanOrEqual(40_000);
  expect(turns.filter((turn) => turn < 20_000).length, 'in the next ten seconds').toBeLessThan(10);
});

test('four of ten merchants whose answers hang hold up none of the others, and cost few claims', async () => {
  const clock = manualClock();
  const names = Array.from({ length: 10 }, (_, i) => `merchant-${i}`);
  const hangs = (id: string) => names.indexOf(id) < 4;
  const merchants = new Map(
    names.map((id) => {
      const talo = new FakeTalo();
      for (let i = 0; i < 300; i++) {
        talo.transfer('c', `t${i}`);
      }
      if (hangs(id)) talo.before = () => new Promise(() => {});
      return [id, clientOf(talo, { clock, credentials: { userId: id, accessToken: 'TL-token' } })];
    }),
  );
  const memory = memoryInbox();
  let delays = 0;
  const inbox: typeof memory = {
    ...memory,
    delay(...args) {
      delays++;
      return memory.delay(...args);
    },
  };
  const engine = new TaloWebhooks<never, never>({
    clientFor: (id) => merchants.get(id),
    inbox,
    clock,
    logger: silent,
  });
  const told = new Map<string, number>();
  engine.on('customer.transfer', ({ accountId }) => told.set(accountId, clock.now() - began));
  await engine.start();
  const began = clock.now();
  const notice = (account: string, i: number) =>
    post(signer.sign(URL_BASE, { kind: 'customer', account, id: 'c' }), {
      message: 'x',
      customerId: 'c',
      transactionId: `t${i}`,
    });
  for (const id of names) {
    for (let i = 0; i < (hangs(id) ? 20 : 1); i++)
      expect(await engine.receive(notice(id, i))).toMatchObject({ status: 200 });
  }
  for (let tick = 0; tick < 100; tick++) {
    await settled();
    clock.advance(100);
  }
  expect([...told.keys()].sort()).toEqual(names.slice(4));
  expect(Math.max(...told.values())).toBeLessThan(1_000);
  // 80 hints less the places, in ten seconds: not ten times a second each
  expect(delays).toBeLessThan(80 * 5);
  await engine.stop({ deadline: 0 });
}, 30_000);
