import { describe, expect, test } from 'vitest';
import { TaloConfigError } from '../../src/index.ts';
import { manualClock } from '../../src/testing/index.ts';
import { memoryInbox, TaloWebhooks } from '../../src/webhooks/index.ts';
import { Histogram } from '../../src/webhooks/receive/histogram.ts';
import {
  ACCOUNT,
  clientOf,
  engineOf,
  FakeTalo,
  paymentNotice,
  post,
  processed,
  settled,
  silent,
  transferNotice,
  URL_BASE,
} from './support.ts';

const paid = { payment_status: 'SUCCESS', transactions: [processed('a', '30000')] };

describe('stats', () => {
  test('tell what waits, runs and is dead, and since when the oldest of each waits', async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const engine = engineOf(talo, { clock, random: () => 1, limits: { attempts: 2 } });
    let run: () => void = () => {};
    engine.on('customer.transfer', ({ customerId }) => {
      if (customerId === 'fails') throw new Error('not today');
      return new Promise<void>((resolve) => {
        run = resolve;
      });
    });
    talo.transfer('fails', 't');
    talo.transfer('runs', 't');
    const began = clock.now();
    await engine.receive(transferNotice('fails', 't'));
    await engine.receive(transferNotice('fails', 't'));
    clock.advance(1_000);
    await engine.receive(transferNotice('runs', 't'));
    const first = await engine.stats();
    expect(first).toMatchObject({
      hints: 2,
      deliveries: 0,
      running: 0,
      dead: 0,
      oldest: began,
      looks: 0,
      answers: { stored: 2, coalesced: 1 },
    });
    expect(first.oldestEvent).toBeUndefined();
    await engine.start();
    await settled();
    expect(await engine.stats()).toMatchObject({
      hints: 0,
      deliveries: 2,
      running: 1,
      oldest: undefined,
      oldestEvent: began + 1_000,
      looks: 2,
    });
    clock.advance(10_000);
    run();
    await settled();
    const last = await engine.stats();
    expect(last).toMatchObject({ deliveries: 0, running: 0, dead: 1 });
    expect(last.oldestEvent).toBeUndefined();
    const [letter] = await engine.dead();
    await engine.replay(letter?.id ?? '');
    // since when it is waited for, and not since when it is played again
    expect(await engine.stats()).toMatchObject({ deliveries: 1, dead: 0, oldestEvent: began + 1_000 });
    await engine.stop({ deadline: 0 });
  });

  test('tell how many notifications were refused, and why', async () => {
    const engine = engineOf(new FakeTalo());
    const { url, body } = paymentNotice('1');
    await engine.receive(post(url.replace(/.$/, '~'), JSON.parse(body)));
    await engine.receive(post(url, '{'));
    await engine.receive({ method: 'GET', url, headers: {} });
    expect((await engine.stats()).answers).toEqual({ unauthenticated: 1, malformed: 1, 'wrong-method': 1 });
  });

  test('hold answers against the 3 s that Talo waits: the last bucket is what came too late', () => {
    const histogram = new Histogram();
    for (const ms of [0, 0.4, 1, 2, 2_999, 3_000, 3_000.1, 60_000]) histogram.add(ms);
    const buckets = histogram.buckets();
    expect(buckets.at(0)).toEqual({ upToMs: 1, count: 3 });
    expect(buckets.at(1)).toEqual({ upToMs: 5, count: 1 });
    expect(buckets.at(-2)).toEqual({ upToMs: 3_000, count: 2 });
    expect(buckets.at(-1)).toEqual({ count: 2 });
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(8);
  });
});

test.each([
  ['429 with Retry-After', 429, '30', 30_000],
  ['429 without', 429, undefined, 5_000],
  ['503 with Retry-After', 503, '20', 20_000],
])('an account that is answered %s is paused for so long, and no other', async (_name, status, after, ms) => {
  const clock = manualClock();
  const [mine, theirs] = [new FakeTalo(), new FakeTalo()];
  const slowed: typeof theirs.fetch = async (url) => {
    theirs.gets.push(url);
    const headers = new Headers(after === undefined ? {} : { 'retry-after': after });
    return { status, headers, text: async () => '{"message":"slow down","error":true}' };
  };
  const other = 'another-account';
  const credentials = { userId: other, accessToken: 'TL-other' };
  const clients = new Map([
    [ACCOUNT, clientOf(mine, { clock })],
    [other, clientOf(theirs, { credentials, fetch: slowed, clock })],
  ]);
  const inbox = memoryInbox();
  const engine = new TaloWebhooks({
    clientFor: (id) => clients.get(id),
    inbox,
    logger: silent,
    clock,
    unsigned: 'accept',
  });
  const heard: string[] = [];
  engine.on('payment.paid', ({ payment }) => heard.push(payment.id));
  await engine.start();
  await engine.receive(post(URL_BASE, { message: 'account_activated', user_id: other }));
  await settled();
  expect((await engine.stats()).paused).toEqual({ [other]: clock.now() + ms });
  mine.payment('1', paid);
  await engine.receive(paymentNotice('1'));
  await settled();
  expect(heard).toEqual(['1']);
  clock.advance(ms - 1);
  await settled();
  expect(theirs.gets).toHaveLength(1);
  clock.advance(1_000);
  await settled();
  expect(theirs.gets).toHaveLength(2);
  await engine.stop({ deadline: 0 });
});

test('a handler without a name is refused: dead letters go by it', () => {
  const engine = engineOf(new FakeTalo());
  expect(() => engine.on('payment.paid', () => {}, { name: '' })).toThrow(TaloConfigError);
});
