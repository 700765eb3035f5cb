import { describe, expect, expectTypeOf, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { pesos, TaloConfigError, type TaloEventOf, TaloWebhookError } from '../../src/index.ts';
import { manualClock } from '../../src/testing/index.ts';
import { type DeliveryClaim, memoryInbox, type TaloContext, TaloWebhooks } from '../../src/webhooks/index.ts';
import {
  ACCOUNT,
  clientOf,
  engineOf,
  FakeTalo,
  paymentNotice,
  processed,
  settled,
  transferNotice,
} from './support.ts';

const paid = { payment_status: 'SUCCESS', transactions: [processed('a', '30000')] };

describe('handlers', () => {
  test('the event is typed by its name', () => {
    const engine = engineOf(new FakeTalo());
    engine.on('payment.paid', (event, context) => {
      expectTypeOf(event).toEqualTypeOf<TaloEventOf<'payment.paid'>>();
      expectTypeOf(event.payment.price).toEqualTypeOf<ReturnType<typeof pesos> | undefined>();
      expectTypeOf(context.attempt).toBeNumber();
    });
    engine.on(['customer.transfer', 'transfer.reversed'], (event) => {
      expectTypeOf(event.type).toEqualTypeOf<'customer.transfer' | 'transfer.reversed'>();
    });
    // @ts-expect-error no such event
    expect(() => engine.on('payment.lost', () => {})).toThrow(TaloConfigError);
    expect(() => engine.on('payment.paid', undefined as never)).toThrow(TaloConfigError);
    expect(() => engine.on(undefined as never, () => {})).toThrow(TaloConfigError);
  });

  test('a second handler for an event needs a name of its own, and both are called', async () => {
    const talo = new FakeTalo();
    talo.payment('1', paid);
    const engine = engineOf(talo);
    const calls: string[] = [];
    engine.on('payment.paid', () => calls.push('first'));
    expect(() => engine.on('payment.paid', () => {})).toThrow(TaloConfigError);
    engine.on('payment.paid', () => calls.push('second'), { name: 'mail' });
    await engine.receive(paymentNotice('1'));
    await engine.idle();
    expect(calls.sort()).toEqual(['first', 'second']);
  });

  test('each gets a copy of its own', async () => {
    const talo = new FakeTalo();
    talo.payment('1', paid);
    const engine = engineOf(talo);
    const seen: string[] = [];
    for (const name of ['a', 'b']) {
      engine.on(
        'payment.paid',
        (event) => {
          seen.push(event.payment.status);
          Object.assign(event.payment, { status: 'CHANGED' });
        },
        { name },
      );
    }
    await engine.receive(paymentNotice('1'));
    await engine.idle();
    expect(seen).toEqual(['SUCCESS', 'SUCCESS']);
  });

  test('context has the client, the attempt and the current state', async () => {
    const talo = new FakeTalo();
    talo.payment('1', paid);
    const engine = engineOf(talo);
    let current: unknown;
    engine.on('payment.paid', async (_event, context) => {
      current = [context.attempt, (await context.current()) as { id: string }, context.signal.aborted];
    });
    await engine.receive(paymentNotice('1'));
    await engine.idle();
    expect(current).toMatchObject([1, { id: '1' }, false]);
  });

  test('commitWith takes a function that returns a promise only where the inbox does', () => {
    const register = (sync: TaloContext<string[], 'sync'>, async: TaloContext<string[], 'async'>) => {
      sync.commitWith((tx) => tx.push('a'));
      // @ts-expect-error a promise would outlive the transaction
      sync.commitWith(async (tx) => tx.push('a'));
      async.commitWith(async (tx) => tx.push('a'));
      async.commitWith((tx) => expectTypeOf(tx).toEqualTypeOf<string[]>());
    };
    expect(register).toBeTypeOf('function');
  });

  test('commitWith after the handler has ended throws, and writes nothing', async () => {
    const talo = new FakeTalo();
    talo.payment('1', paid);
    const memory = memoryInbox();
    const written: number[] = [];
    const inbox = {
      ...memory,
      transactions: 'sync' as const,
      finish(claim: DeliveryClaim, writes: readonly unknown[]) {
        written.push(writes.length);
        return memory.finish(claim, []);
      },
    };
    const engine = engineOf(talo, { inbox: inbox as never });
    let later: () => void = () => {};
    engine.on('payment.paid', (_event, context) => {
      const write = context.commitWith as (run: () => void) => void;
      write(() => {});
      write(() => {});
      later = () => write(() => {});
    });
    await engine.receive(paymentNotice('1'));
    await engine.idle();
    expect(later).toThrow(/after its handler had ended/);
    expect(written).toEqual([2]);
  });

  test('commitWith on a memory inbox says which inbox to use', async () => {
    const talo = new FakeTalo();
    talo.payment('1', paid);
    const engine = engineOf(talo, { limits: { attempts: 1 } });
    engine.on('payment.paid', (_event, context) => context.commitWith(() => {}));
    await engine.receive(paymentNotice('1'));
    await engine.idle();
    expect((await engine.dead())[0]?.reason).toContain('sqliteInbox');
  });
});

describe('a handler that fails', () => {
  test('a commit that the inbox refuses is tried again soon, not after its lease', async () => {
    const talo = new FakeTalo();
    talo.transfer('42', 't');
    const clock = manualClock();
    const inbox = memoryInbox();
    const commit = inbox.commit.bind(inbox);
    let full = true;
    inbox.commit = (unit) => (full ? Promise.reject(new Error('disk full')) : commit(unit));
    const engine = engineOf(talo, { clock, inbox });
    const heard: string[] = [];
    engine.on('customer.transfer', (event) => heard.push(event.customerId));
    await engine.start();
    await engine.receive(transferNotice('42', 't'));
    await settled();
    full = false;
    clock.advance(6_000);
    await settled();
    expect(heard).toEqual(['42']);
    await engine.stop({ deadline: 0 });
  });

  test('is tried again with the same event, then parked with its reason, and can be replayed', async () => {
    const talo = new FakeTalo();
    talo.transfer('42', 't');
    const clock = manualClock();
    const engine = engineOf(talo, { clock, random: () => 1, limits: { attempts: 3 } });
    const ids: string[] = [];
    let healthy = false;
    engine.on('customer.transfer', (event, context) => {
      ids.push(`${event.id} ${context.attempt}`);
      if (!healthy) throw new Error('database is down');
    });
    await engine.start();
    await engine.receive(transferNotice('42', 't'));
    for (let i = 0; i < 5; i++) {
      await settled();
      clock.advance(60_000);
    }
    await settled();
    expect(ids.map((id) => id.split(' ')[1])).toEqual(['1', '2', '3']);
    expect(new Set(ids.map((id) => id.split(' ')[0])).size).toBe(1);
    const [letter] = await engine.dead();
    expect(letter).toMatchObject({
      type: 'customer.transfer',
      handler: 'customer.transfer',
      reason: 'Error: database is down',
    });
    healthy = true;
    await engine.replay(letter?.id ?? '');
    await settled();
    expect(ids).toHaveLength(4);
    expect(await engine.dead()).toEqual([]);
    await expect(engine.replay('nothing')).rejects.toThrow(TaloWebhookError);
  });

  test('delays neither other handlers nor other resources, and its own later events wait in order', async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const engine = engineOf(talo, { clock, random: () => 1 });
    const calls: string[] = [];
    let healthy = false;
    engine.on(['payment.underpaid', 'payment.paid'], (event) => {
      if (!healthy && event.payment.id === '1') throw new Error('not now');
      calls.push(`fragile ${event.payment.id} ${event.type} ${event.superseded}`);
    });
    engine.on('payment.paid', (event) => calls.push(`steady ${event.payment.id}`), { name: 'steady' });
    await engine.start();
    talo.payment('1', { payment_status: 'UNDERPAID', transactions: [processed('a', '1')] });
    await engine.receive(paymentNotice('1'));
    await settled();
    clock.advance(2_000);
    talo.payment('1', {
      payment_status: 'SUCCESS',
      transactions: [processed('a', '1'), processed('b', '29999')],
    });
    talo.payment('2', paid);
    await engine.receive(paymentNotice('1'));
    await engine.receive(paymentNotice('2'));
    await settled();
    expect(calls.sort()).toEqual(['fragile 2 payment.paid false', 'steady 1', 'steady 2']);
    healthy = true;
    calls.length = 0;
    clock.advance(10_000);
    await settled();
    expect(calls).toEqual(['fragile 1 payment.underpaid true', 'fragile 1 payment.paid false']);
  });
});

test('money that no handler hears of is kept as dead, and replayed to one that is added later', async () => {
  const talo = new FakeTalo();
  talo.transfer('42', 't');
  const engine = engineOf(talo);
  await engine.receive(transferNotice('42', 't'));
  await engine.idle();
  const [letter] = await engine.dead();
  expect(letter).toMatchObject({ type: 'customer.transfer', reason: expect.stringContaining('no handler') });
  await expect(engine.replay(letter?.id ?? '')).rejects.toThrow(TaloWebhookError);
  const heard: string[] = [];
  engine.on('customer.transfer', (event) => heard.push(event.customerId));
  await engine.replay(letter?.id ?? '');
  await engine.idle();
  expect(heard).toEqual(['42']);
});

test.each([
  ['payment.expired', 'EXPIRED', 1],
  ['payment.paid', 'SUCCESS', 0],
  ['payment.succeeded', 'SUCCESS', 0],
  ['payment.updated', 'EXPIRED', 0],
] as const)(
  'money of a payment is heard by whoever hears what it led to: %s of %s',
  async (type, status, dead) => {
    const talo = new FakeTalo();
    talo.payment('1', { ...paid, payment_status: status });
    const engine = engineOf(talo);
    const heard: string[] = [];
    engine.on(type, (event) => heard.push(event.type));
    await engine.receive(paymentNotice('1'));
    await engine.idle();
    expect(heard).toEqual([type]);
    const letters = await engine.dead();
    expect(letters.map((letter) => letter.type)).toEqual(Array(dead).fill('payment.transfer'));
  },
);

test('a transfer that comes while another goes back is not heard by whoever hears of that alone', async () => {
  const talo = new FakeTalo();
  const engine = engineOf(talo, { clock: manualClock() });
  engine.on('transfer.reversed', () => {});
  const [first, second] = [processed('a', '100'), processed('b', '200')];
  talo.payment('1', { payment_status: 'UNDERPAID', transactions: [first] });
  await engine.receive(paymentNotice('1'));
  await engine.idle();
  const before = await engine.dead();
  const reversed = processed('a', '100', { transaction_status: 'REVERSED' });
  talo.payment('1', { payment_status: 'UNDERPAID', transactions: [reversed, second] });
  await engine.receive(paymentNotice('1'));
  await engine.idle();
  const fresh = (await engine.dead()).slice(before.length);
  expect(fresh.map(({ type }) => type)).toEqual(['payment.transfer']);
});

test('a handler for one account hears of no other, whose money is kept as dead and not replayed to it', async () => {
  const talo = new FakeTalo();
  talo.transfer('42', 't');
  const engine = engineOf(talo);
  const heard: string[] = [];
  engine.on('customer.transfer', () => heard.push('another'), { account: 'another' });
  await engine.receive(transferNotice('42', 't'));
  await engine.idle();
  const [letter] = await engine.dead();
  expect(letter).toMatchObject({ type: 'customer.transfer', reason: expect.stringContaining('no handler') });
  await expect(engine.replay(letter?.id ?? '')).rejects.toThrow(TaloWebhookError);
  engine.on('customer.transfer', () => heard.push('ours'), { account: ACCOUNT, name: 'ours' });
  await engine.replay(letter?.id ?? '');
  await engine.idle();
  expect(heard).toEqual(['ours']);
});

describe('looks', () => {
  test('10,000 hints on 100 payments cost at most two GETs each and have one effect each', async () => {
    const talo = new FakeTalo();
    // no time passes, however slow the machine is: a second later there may be one more
    const engine = engineOf(talo, { clock: manualClock() });
    const effects: string[] = [];
    engine.on('payment.paid', (event) => effects.push(event.payment.id));
    for (let i = 0; i < 100; i++) talo.payment(`p${i}`, paid);
    await engine.start();
    const notices = Array.from({ length: 100 }, (_, i) => paymentNotice(`p${i}`));
    for (let round = 0; round < 100; round++)
      await Promise.all(notices.map((notice) => engine.receive(notice)));
    await engine.idle();
    expect(effects).toHaveLength(100);
    expect(talo.gets.length).toBeLessThanOrEqual(200);
    await engine.stop();
  });

  test('a hint that comes during a look causes exactly one more', async () => {
    const talo = new FakeTalo();
    talo.payment('1', paid);
    const engine = engineOf(talo);
    await engine.start();
    talo.before = async () => {
      talo.before = () => undefined;
      for (let i = 0; i < 5; i++) await engine.receive(paymentNotice('1'));
      return undefined;
    };
    await engine.receive(paymentNotice('1'));
    await engine.idle();
    expect(talo.gets).toHaveLength(2);
    await engine.stop();
  });

  test.each([
    ['of what waits for money', 0, 1],
    ['of what waits for money', 5, 7],
    ['of what waits for money', 60, 87],
    ['of what is paid', 0, 4],
    ['of what is paid', 60, 84],
  ])(
    'Talo notified %s and shows it %i s later: told within seconds, or as long again',
    async (which, shownAfter, toldAfter) => {
      const talo = new FakeTalo();
      const clock = manualClock();
      const engine = engineOf(talo, { clock });
      const heard: number[] = [];
      engine.on('payment.transfer', () => heard.push(clock.now()));
      const before = which === 'of what is paid' ? paid : { transactions: [] };
      const transactions = [...before.transactions, processed('more', '30000')];
      talo.payment('1', before);
      await engine.start();
      if (which === 'of what is paid') {
        await engine.receive(paymentNotice('1'));
        await settled();
        clock.advance(60_000);
        heard.length = 0;
      }
      const [started, gets] = [clock.now(), talo.gets.length];
      await engine.receive(paymentNotice('1'));
      for (let second = 0; second < 300; second++) {
        await settled();
        if (second === shownAfter) talo.payment('1', { payment_status: 'SUCCESS', transactions });
        clock.advance(1_000);
      }
      expect(heard.map((at) => at - started)).toEqual([toldAfter * 1_000]);
      expect(talo.gets.length - gets).toBeLessThanOrEqual(6);
      await engine.stop({ deadline: 0 });
    },
  );

  test('a transfer to a customer that is told of before it is processed is told when it is', async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const engine = engineOf(talo, { clock });
    const heard: number[] = [];
    engine.on('customer.transfer', () => heard.push(clock.now()));
    talo.transfer('42', 't', { transaction_status: 'PENDING' });
    await engine.start();
    const started = clock.now();
    await engine.receive(transferNotice('42', 't'));
    for (let second = 0; second < 20; second++) {
      await settled();
      if (second === 2) talo.transfer('42', 't');
      clock.advance(1_000);
    }
    expect(heard.map((at) => at - started)).toEqual([3_000]);
    await engine.stop({ deadline: 0 });
  });

  test.each([
    ['a payment that waits for money', {}, 6],
    ['a payment whose money was told', paid, 4],
    ['a transfer that was told', undefined, 1],
  ] as const)('a notification of %s with no news behind it costs a few GETs', async (_, payment, most) => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const engine = engineOf(talo, { clock, reconcile: false });
    if (payment) talo.payment('1', payment);
    else talo.transfer('42', 't');
    await engine.start();
    const notify = () => engine.receive(payment ? paymentNotice('1') : transferNotice('42', 't'));
    await notify();
    for (let i = 0; i < 600; i++) {
      await settled();
      clock.advance(1_000);
    }
    const before = talo.gets.length;
    await notify();
    for (let i = 0; i < 600; i++) {
      await settled();
      clock.advance(1_000);
    }
    expect(talo.gets.length - before).toBe(most);
    await engine.stop({ deadline: 0 });
  });

  test('a notification that is repeated every second costs a look every two seconds where money is awaited, else fewer', async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const engine = engineOf(talo, { clock, reconcile: false });
    talo.payment('1');
    talo.payment('2', paid);
    await engine.start();
    for (let i = 0; i < 240; i++) {
      for (const id of ['1', '2']) await engine.receive(paymentNotice(id));
      await settled();
      clock.advance(1_000);
    }
    const getsOf = (id: string) => talo.gets.filter((path) => path === `/payments/${id}`).length;
    expect(getsOf('1')).toBeLessThanOrEqual(240 / 2);
    expect(getsOf('2')).toBeLessThanOrEqual(240 / 10);
    await engine.stop({ deadline: 0 });
  });

  test('clientFor that once has nobody for a merchant whose notification was answered puts the look off', async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const client = clientOf(talo);
    let asked = 0;
    const clientFor = () => (++asked === 2 ? undefined : client);
    const inbox = memoryInbox();
    const engine = new TaloWebhooks({ clientFor, inbox, clock, logger: { warn() {}, error() {} } });
    const heard: string[] = [];
    engine.on('payment.paid', (event) => heard.push(event.payment.id));
    talo.payment('1', paid);
    await engine.start();
    expect((await engine.receive(paymentNotice('1'))).status).toBe(200);
    await settled();
    clock.advance(2_000);
    await settled();
    expect(heard).toEqual(['1']);
    expect(await engine.dead()).toEqual([]);
    await engine.stop({ deadline: 0 });
  });

  test('what is given up although it was signed is logged, once a minute for each reason', async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const client = clientOf(talo);
    const merchants = new Map([[ACCOUNT, client]]);
    const errors: string[] = [];
    const logger = { warn() {}, error: (message: string) => void errors.push(message) };
    const clientFor = (accountId: string) => merchants.get(accountId);
    const engine = new TaloWebhooks({ clientFor, inbox: memoryInbox(), clock, logger, random: () => 1 });
    const aDay = async () => {
      // one place after the other
      for (const ms of [100, 100, 24 * 3_600_000, ...Array(20).fill(1_000)]) {
        clock.advance(ms);
        await settled();
      }
    };
    await engine.start();
    for (let i = 0; i < 5; i++) await engine.receive(transferNotice('42', `missing-${i}`));
    await settled();
    await aDay();
    expect(await engine.dead()).toHaveLength(5);
    expect(errors).toEqual([expect.stringMatching(/transfer.*404.*dead\(\)/s)]);
    for (let i = 0; i < 5; i++) await engine.receive(transferNotice('42', `orphan-${i}`));
    merchants.clear();
    await aDay();
    expect(await engine.dead()).toHaveLength(10);
    expect(errors).toHaveLength(2);
    expect(errors[1]).toContain(`No client for account ${ACCOUNT}`);
    await engine.stop({ deadline: 0 });
  });

  test('never more than the limit at a time', async () => {
    const talo = new FakeTalo();
    let running = 0;
    let most = 0;
    talo.before = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return undefined;
    };
    for (let i = 0; i < 30; i++) talo.payment(`p${i}`, paid);
    const engine = engineOf(talo, { limits: { looks: 3 } });
    for (let i = 0; i < 30; i++) await engine.receive(paymentNotice(`p${i}`));
    await engine.idle();
    expect(most).toBe(3);
    expect(talo.gets).toHaveLength(30);
  });

  test('an answer of 503 is looked at again, and "not found" ends as a dead letter after its time', async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const engine = engineOf(talo, { clock, random: () => 1 });
    const effects: string[] = [];
    engine.on('payment.paid', (event) => effects.push(event.payment.id));
    talo.before = () => (talo.gets.length < 3 ? 503 : undefined);
    talo.payment('1', paid);
    await engine.start();
    await engine.receive(paymentNotice('1'));
    await engine.receive(paymentNotice('missing'));
    for (let i = 0; i < 30; i++) {
      await settled();
      clock.advance(3_600_000);
    }
    await settled();
    expect(effects).toEqual(['1']);
    expect(await engine.dead()).toMatchObject([{ kind: 'hint', reason: expect.stringContaining('404') }]);
    await engine.stop();
  });
});

describe('the end', () => {
  test('stop waits for what runs, and aborts what still runs at the deadline', async () => {
    const talo = new FakeTalo();
    talo.payment('1', paid);
    talo.payment('2', paid);
    const engine = engineOf(talo, { clock: systemClock });
    const ended: string[] = [];
    engine.on('payment.paid', async (event, { signal }) => {
      if (event.payment.id === '1') await new Promise((resolve) => setImmediate(resolve));
      else await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended.push(event.payment.id);
    });
    await engine.start();
    await engine.receive(paymentNotice('1'));
    await engine.receive(paymentNotice('2'));
    await engine.stop({ deadline: 50 });
    await settled();
    expect(ended).toEqual(['1', '2']);
    expect((await engine.receive(paymentNotice('1'))).status).toBe(503);
  });

  test.each(['idle', 'drain', 'stop'] as const)(
    '%s ends on a clock that stands still, with a hint that waits for its floor',
    async (end) => {
      const talo = new FakeTalo();
      const engine = engineOf(talo, { clock: manualClock() });
      const heard: number[] = [];
      engine.on('payment.transfer', (event) => heard.push(event.transaction.gross?.centavos ?? 0));
      await engine.start();
      const transactions = [processed('a', '10')];
      talo.payment('1', { payment_status: 'UNDERPAID', transactions });
      await engine.receive(paymentNotice('1'));
      await engine.idle();
      talo.payment('1', {
        payment_status: 'UNDERPAID',
        transactions: [...transactions, processed('b', '20')],
      });
      await engine.receive(paymentNotice('1'));
      await engine[end]();
      expect(heard).toEqual([1000, 2000]);
      await engine.stop();
    },
  );

  test('drain works without start and says whether all was done', async () => {
    const talo = new FakeTalo();
    talo.payment('1', paid);
    // on a clock that stands still a slow machine uses up nobody's budget
    const engine = engineOf(talo, { clock: manualClock() });
    await engine.receive(paymentNotice('1'));
    expect(await engine.drain({ budget: 20_000 })).toBe(true);
    talo.before = () => new Promise(() => {});
    await engine.receive(paymentNotice('2'));
    expect(await engine.drain({ budget: 30 })).toBe(false);
  });

  test('invocations that overlap lose nothing: the last to end lets the worker go', async () => {
    const talo = new FakeTalo();
    // on a clock that stands still a slow machine uses up nobody's budget
    const engine = engineOf(talo, { clock: manualClock() });
    const heard: string[] = [];
    engine.on('customer.transfer', (event) => heard.push(event.transaction.transactionId));
    const work: Promise<unknown>[] = [];
    for (let i = 0; i < 30; i++) {
      talo.transfer('42', `t${i}`);
      const { url, ...init } = transferNotice('42', `t${i}`);
      await engine.fetch(new Request(url, init), { waitUntil: (promise) => work.push(promise) });
    }
    expect(await Promise.all(work)).toEqual(Array(30).fill(true));
    expect(heard).toHaveLength(30);
    const { url, ...init } = transferNotice('42', 'later');
    expect((await engine.fetch(new Request(url, init))).status).toBe(503);
  });

  test('the start names what is weak: memory, and unsigned notifications', async () => {
    const warnings: string[] = [];
    const logger = { warn: (line: string) => warnings.push(line), error: () => {} };
    const client = clientOf(new FakeTalo(), { webhooks: { url: 'https://shop.example/hooks' } });
    const engine = new TaloWebhooks({ client, inbox: memoryInbox(), logger });
    await engine.start();
    await engine.stop();
    expect(warnings.join()).toMatch(/memory inbox.*@talo\/inbox-sqlite.*unsigned.*secret/s);
  });
});
