import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { pesos } from '../../src/index.ts';
import { manualClock } from '../../src/testing/index.ts';
import { type Allowance, Budget } from '../../src/webhooks/guard/budget.ts';
import { memoryInbox, TaloWebhooks, UNAUTHENTICATED_ROWS } from '../../src/webhooks/index.ts';
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

describe('the budget', () => {
  const lane = (name: string, allowance: Allowance) => ({ name, allowance });

  test('never lets more through in any span than the burst and the rate allow', () => {
    const steps = fc.array(fc.nat(500), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 300 }),
        (waits, burst, everyMs) => {
          const budget = new Budget();
          let now = 0;
          const due = waits.map((wait) => {
            now += wait;
            return now + budget.take(lane('lane', { queue: { burst, everyMs } }), now);
          });
          for (let i = 0; i < due.length; i++) {
            for (let j = i; j < due.length; j++) {
              const span = (due[j] ?? 0) - (due[i] ?? 0);
              expect(j - i + 1).toBeLessThanOrEqual(burst + Math.floor(span / everyMs) + 1);
            }
          }
        },
      ),
    );
  });

  test('gives back what was not needed, and keeps lanes apart', () => {
    const budget = new Budget();
    const queue = { burst: 1, everyMs: 1000 };
    const take = (name: string) => budget.take(lane(name, { queue }), 0);
    expect(take('a')).toBe(0);
    expect(take('b')).toBe(0);
    budget.giveBack(lane('a', { queue }));
    expect(take('a')).toBe(0);
    expect(take('a')).toBe(1000);
    expect(take('c')).toBe(0);
  });

  test('lets a few pass those that queue, where there is an allowance for it', () => {
    const budget = new Budget();
    const queue = { burst: 1, everyMs: 1000 };
    const passing = lane('a', { queue, passing: { burst: 2, everyMs: 5_000 } });
    const passes = (now: number) => budget.pass(passing, now);
    expect([passes(0), passes(0), passes(0), passes(5_000), passes(5_000)]).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
    expect(budget.pass(lane('b', { queue }), 0)).toBe(false);
  });
});

describe('strangers', () => {
  test('who invent ids cost at most ten GETs and then one a second, and delay nobody who is known', async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const engine = engineOf(talo, { clock, unsigned: 'accept' });
    const paid: string[] = [];
    engine.on('payment.paid', (event) => paid.push(event.payment.id));
    await engine.start();
    for (let i = 0; i < 500; i++)
      await engine.receive(post(URL_BASE, { message: 'x', paymentId: `invented-${i}` }));
    talo.payment('ours', { payment_status: 'SUCCESS', transactions: [processed('a', '30000')] });
    await engine.receive(paymentNotice('ours'));
    await settled();
    expect(talo.gets.filter((path) => path.includes('invented')).length).toBeLessThanOrEqual(10);
    expect(paid).toEqual(['ours']);
    await engine.stop({ deadline: 0 });
  });

  test("with one customer's URL delay that customer only while they go on", async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const engine = engineOf(talo, { clock });
    const heard: string[] = [];
    engine.on('customer.transfer', (event) => heard.push(event.transaction.transactionId));
    await engine.start();
    for (let i = 0; i < 5_000; i++) await engine.receive(transferNotice('leaked', `invented-${i}`));
    clock.advance(10_000);
    await settled();
    talo.transfer('leaked', 'genuine');
    await engine.receive(transferNotice('leaked', 'genuine'));
    await settled();
    expect(heard).toEqual(['genuine']);
    await engine.stop({ deadline: 0 });
  });

  test('who repeat invented ids get no more looks than those who invent', async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const engine = engineOf(talo, { clock });
    await engine.start();
    for (let second = 0; second < 30; second++) {
      for (let i = 0; i < 200; i++) await engine.receive(transferNotice('leaked', `invented-${i % 60}`));
      await settled();
      clock.advance(1_000);
    }
    const looks = talo.gets.filter((path) => path.startsWith('/customers/leaked/'));
    expect(looks.length).toBeLessThanOrEqual(30 + 2 * 30);
    await engine.stop({ deadline: 0 });
  });

  test('may fill their rows, which takes no place from others', async () => {
    const inbox = memoryInbox();
    const talo = new FakeTalo();
    const engine = engineOf(talo, { inbox, unsigned: 'accept' });
    talo.payment('known', { payment_status: 'SUCCESS', transactions: [processed('a', '30000')] });
    await engine.receive(paymentNotice('known'));
    await engine.idle();
    const hint = (i: number) => engine.receive(post(URL_BASE, { message: 'x', paymentId: `invented-${i}` }));
    for (let i = 0; i < UNAUTHENTICATED_ROWS; i++) await hint(i);
    expect((await hint(-1)).status).toBe(503);
    expect((await engine.receive(paymentNotice('ours'))).status).toBe(200);
    // nobody signs here, and yet what is known is heard of
    expect((await engine.receive(post(URL_BASE, { message: 'x', paymentId: 'known' }))).reason).toBe(
      'stored',
    );
    expect((await hint(-1)).status).toBe(503);
  });

  test("with one customer's URL fill no more than her lane and their few rows, and nothing is logged", async () => {
    const logger = { warn: vi.fn(), error: vi.fn() };
    const [talo, clock] = [new FakeTalo(), manualClock()];
    const inbox = memoryInbox();
    const engine = engineOf(talo, { clock, inbox, logger });
    talo.transfer('leaked', 'old');
    await engine.receive(transferNotice('leaked', 'old'));
    await engine.start();
    await settled();
    const invent = async (from: number, to: number) => {
      for (let i = from; i < to; i++) await engine.receive(transferNotice('leaked', `invented-${i}`));
    };
    const places = 10_000 + UNAUTHENTICATED_ROWS;
    await invent(0, places + 1_000);
    const { answers, hints } = await engine.stats();
    expect(answers.crowded).toBeGreaterThan(900);
    expect(hints).toBeLessThan(places + 100);
    expect(logger.error).not.toHaveBeenCalled();
    const late = await engine.receive(transferNotice('leaked', 'invented-last'));
    expect(late).toMatchObject({ status: 503, reason: 'crowded' });
    // others have their places, and of hers some still pass
    talo.transfer('other', 't');
    expect(await engine.receive(transferNotice('other', 't'))).toMatchObject({ status: 200 });
    clock.advance(30_000);
    await settled();
    talo.transfer('leaked', 'old', { transaction_status: 'REVERSED' });
    talo.transfer('leaked', 'new');
    expect(await engine.receive(transferNotice('leaked', 'old'))).toMatchObject({ status: 200 });
    expect(await engine.receive(transferNotice('leaked', 'new'))).toMatchObject({ status: 200 });
    await settled();
    expect(
      (await engine.ledger.entries()).map(({ kind, transactionId }) => `${kind} ${transactionId}`),
    ).toEqual(['credit old', 'credit t', 'reversal old', 'credit new']);
    await engine.stop({ deadline: 0 });
  }, 60_000);

  test("with one order's URL and the ids of payments that we hold delay nobody, and cost that order's budget alone", async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const engine = engineOf(talo, { clock });
    const paidAt = new Map<string, number>();
    engine.on('payment.paid', (event) => paidAt.set(event.payment.id, clock.now()));
    await engine.start();
    const ids = Array.from({ length: 500 }, (_, i) => `VAR-${i}`);
    for (const id of ids) {
      talo.payment(id);
      await engine.receive(paymentNotice(id));
      if (ids.indexOf(id) % 50 === 49) await settled();
    }
    // until nothing is looked at on their own account
    for (let passed = 0; passed < 240_000; passed += 5_000) {
      clock.advance(5_000);
      await settled();
    }
    talo.gets.length = 0;
    const reasons = new Map<string, number>();
    for (let second = 0; second < 20; second++) {
      for (const id of ids) {
        const { reason } = await engine.receive(paymentNotice(id, 'leaked'));
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
      await settled();
      clock.advance(1_000);
    }
    // what joins those that wait is neither refused nor paid for
    expect(reasons.get('stored')).toBeLessThanOrEqual(30 + 2 * 20);
    expect(reasons.get('crowded')).toBeGreaterThan(0.9 * 20 * 500);
    expect(new Set(talo.gets).size).toBeLessThanOrEqual(30 + 2 * 20);
    // each hint may have early looks behind it
    expect(talo.gets.length).toBeLessThanOrEqual((30 + 2 * 20) * 6);
    // genuine money of one whose id was among them
    const sent = clock.now();
    talo.payment('VAR-7', { payment_status: 'SUCCESS', transactions: [processed('a', '30000')] });
    expect(await engine.receive(paymentNotice('VAR-7'))).toMatchObject({ status: 200 });
    for (let second = 0; second < 5; second++) {
      await settled();
      clock.advance(1_000);
    }
    expect((paidAt.get('VAR-7') ?? Number.NaN) - sent).toBeLessThan(5_000);
    await engine.stop({ deadline: 0 });
  });

  test('an order whose payment has an id of its own is heard as often as Talo likes, where that joins what waits', async () => {
    const talo = new FakeTalo();
    const engine = engineOf(talo, { clock: manualClock() });
    for (let i = 0; i < 200; i++) {
      expect(await engine.receive(paymentNotice('an-id-of-its-own', 'order-1'))).toMatchObject({
        status: 200,
      });
    }
    await engine.stop({ deadline: 0 });
  });

  test("with one order's URL do not keep out that order's own payment, whatever its id", async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const client = clientOf(talo);
    const engine = engineOf(talo, { clock, client });
    await engine.start();
    const { id } = await client.payments.create({ externalId: 'order-1', price: pesos(30000) });
    for (let i = 0; i < 100; i++) await engine.receive(paymentNotice(`VAR-${i}`, 'order-1'));
    expect(await engine.receive(paymentNotice('VAR-last', 'order-1'))).toMatchObject({ reason: 'crowded' });
    expect(await engine.receive(paymentNotice(id, 'order-1'))).toMatchObject({ status: 200 });
    // by the id that Talo is known to compose, though nothing was tracked
    const composed = `VAR-${ACCOUNT.slice(0, 8)}-order-1`;
    expect(await engine.receive(paymentNotice(composed, 'order-1'))).toMatchObject({ status: 200 });
    await engine.stop({ deadline: 0 });
  });

  test("with one customer's URL spend that customer's budget alone", async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const engine = engineOf(talo, { clock });
    const heard: string[] = [];
    engine.on('customer.transfer', (event) => heard.push(event.customerId));
    await engine.start();
    for (let i = 0; i < 1000; i++) await engine.receive(transferNotice('leaked', `invented-${i}`));
    talo.transfer('other', 't');
    await engine.receive(transferNotice('other', 't'));
    await settled();
    expect(talo.gets.filter((path) => path.includes('leaked')).length).toBeLessThanOrEqual(30);
    expect(heard).toEqual(['other']);
    await engine.stop({ deadline: 0 });
  });
});

test('one account whose token is refused is paused by itself, and goes on when it works again', async () => {
  const [mine, theirs] = [new FakeTalo(), new FakeTalo()];
  const other = 'another-account';
  const clients = new Map([
    [ACCOUNT, clientOf(mine)],
    [other, clientOf(theirs, { credentials: { userId: other, accessToken: 'TL-revoked' } })],
  ]);
  const clock = manualClock();
  const options = {
    inbox: memoryInbox(),
    logger: silent,
    clock,
    random: () => 1,
    unsigned: 'accept' as const,
  };
  const engine = new TaloWebhooks({ clientFor: (id) => clients.get(id), ...options });
  const heard: string[] = [];
  engine.on('account.activated', (event) => heard.push(event.accountId));
  for (const [talo, id] of [
    [mine, ACCOUNT],
    [theirs, other],
  ] as const) {
    talo.resources.set(`/users/${id}/account`, { user_id: id, account_status: 'ACTIVE' });
  }
  theirs.before = () => 401;
  await engine.start();
  const notice = (id: string) => post(URL_BASE, { message: 'account_activated', user_id: id });
  await engine.receive(notice(other));
  await engine.receive(notice(ACCOUNT));
  await settled();
  expect(heard).toEqual([ACCOUNT]);
  expect(Object.keys((await engine.stats()).paused)).toEqual([other]);
  clock.advance(2_000);
  await settled();
  expect(theirs.gets).toHaveLength(1);
  theirs.before = () => undefined;
  clock.advance(10_000);
  await settled();
  expect(heard).toEqual([ACCOUNT, other]);
  await engine.stop({ deadline: 0 });
});

test('stats say what is left where least is left, of each kind of budget', async () => {
  const clock = manualClock();
  const engine = engineOf(new FakeTalo(), { unsigned: 'accept', clock });
  expect(await engine.stats()).toMatchObject({ strangersLeft: 10, customersLeft: 30, accountsLeft: 1_000 });
  await engine.receive(transferNotice('c1', 't1'));
  for (let i = 0; i < 20; i++) await engine.receive(transferNotice('c2', `t${i}`));
  for (let i = 0; i < 100; i++) await engine.receive(paymentNotice(`VAR-${i}`));
  for (let i = 0; i < 4; i++) await engine.receive(post(URL_BASE, { message: 'x', paymentId: `p${i}` }));
  expect(await engine.stats()).toMatchObject({ strangersLeft: 6, customersLeft: 10, accountsLeft: 900 });
  await engine.stop();
});
