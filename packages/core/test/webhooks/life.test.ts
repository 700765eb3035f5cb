import { describe, expect, test } from 'vitest';
import { contextOf } from '../../src/client.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { pesos, TaloWebhookError } from '../../src/index.ts';
import { manualClock } from '../../src/testing/index.ts';
import { type Inbox, memoryInbox, TaloWebhooks } from '../../src/webhooks/index.ts';
import {
  clientOf,
  engineOf,
  FakeTalo,
  paymentNotice,
  processed,
  settled,
  silent,
  transferNotice,
} from './support.ts';

const paid = { payment_status: 'SUCCESS', transactions: [processed('a', '30000')] };

/** An inbox that counts how often it is asked for work. */
function countingInbox(more: Partial<Inbox<never, never>> = {}) {
  const memory = memoryInbox();
  const asked = { claims: 0, closed: 0 };
  const inbox: typeof memory = {
    ...memory,
    ...more,
    claim(...request) {
      asked.claims++;
      return memory.claim(...request);
    },
    async close() {
      asked.closed++;
    },
  };
  return { inbox, asked };
}

function logged() {
  const lines: string[] = [];
  const logger = { warn: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };
  return { lines, logger };
}

describe('start', () => {
  test('after stop is refused, and nothing is asked for work', async () => {
    const { inbox, asked } = countingInbox();
    const engine = engineOf(new FakeTalo(), { inbox, clock: manualClock() });
    await engine.start();
    await engine.stop();
    const before = asked.claims;
    const refused = await engine.start().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TaloWebhookError);
    expect(refused).toMatchObject({
      reason: 'stopped',
      message: expect.stringContaining('new TaloWebhooks({'),
    });
    await settled();
    expect(asked.claims).toBe(before);
  });

  test('that stop overtakes while the inbox opens does not begin, and the inbox is closed', async () => {
    let opened = () => {};
    const { inbox, asked } = countingInbox({
      open: () =>
        new Promise((resolve) => {
          opened = resolve;
        }),
    });
    const engine = engineOf(new FakeTalo(), { inbox, clock: manualClock() });
    const starting = engine.start();
    const stopping = engine.stop();
    await settled();
    expect(asked.closed).toBe(0);
    opened();
    await Promise.all([starting, stopping]);
    await settled();
    expect(asked).toEqual({ claims: 0, closed: 1 });
  });

  test('twice is once: one pass per period, none after stop', async () => {
    const clock = manualClock();
    let passes = 0;
    const accounts = () => {
      passes++;
      return [];
    };
    const engine = engineOf(new FakeTalo(), { clock, reconcile: { every: 60_000, accounts } });
    await Promise.all([engine.start(), engine.start()]);
    await engine.start();
    // a start asks for the accounts too
    passes = 0;
    const periods = async () => {
      for (let i = 0; i < 5; i++) {
        clock.advance(60_000);
        await settled();
      }
    };
    await periods();
    expect(passes).toBe(5);
    await engine.stop();
    await periods();
    expect(passes).toBe(5);
  });
});

describe('stop', () => {
  test.each(['claim', 'release', 'close'] as const)('ends though the inbox hangs in %s', async (name) => {
    const clock = manualClock();
    const { lines, logger } = logged();
    const inbox = { ...memoryInbox(), [name]: () => new Promise<never>(() => {}) };
    const engine = engineOf(new FakeTalo(), { inbox, clock, logger });
    await engine.start();
    let stopped = false;
    void engine.stop({ deadline: 1_000 }).then(() => {
      stopped = true;
    });
    for (let i = 0; i < 60 && !stopped; i++) {
      await settled();
      clock.advance(1_000);
    }
    expect(stopped).toBe(true);
    expect(lines.join()).toContain('The inbox took longer than');
  });

  test('closes the inbox though giving back fails, and says so', async () => {
    const { lines, logger } = logged();
    const { inbox, asked } = countingInbox({ release: () => Promise.reject(new Error('disk full')) });
    const engine = engineOf(new FakeTalo(), { inbox, clock: manualClock(), logger });
    await engine.start();
    await engine.stop();
    expect(asked.closed).toBe(1);
    expect(lines.join()).toContain('disk full');
  });

  test('leaves no timer behind, though a handler ignores its signal: the process can end', async () => {
    const talo = new FakeTalo();
    talo.payment('1', paid);
    const timers = new Set<unknown>();
    const clock: Clock = {
      ...systemClock,
      setTimeout(run, ms) {
        const timer = systemClock.setTimeout(() => {
          timers.delete(timer);
          run();
        }, ms);
        timers.add(timer);
        return timer;
      },
      clearTimeout(timer) {
        timers.delete(timer);
        systemClock.clearTimeout(timer);
      },
    };
    const engine = engineOf(talo, { clock });
    let reason: unknown;
    let began = () => {};
    const running = new Promise<void>((resolve) => {
      began = resolve;
    });
    engine.on('payment.paid', (_event, { signal }) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason;
      });
      began();
      return new Promise(() => {});
    });
    await engine.start();
    await engine.receive(paymentNotice('1'));
    await running;
    await engine.stop({ deadline: 0 });
    await settled();
    expect(timers.size).toBe(0);
    expect(reason).toMatchObject({ reason: 'stopped' });
  });

  test('waits for what a drain has under way, without a start', async () => {
    const talo = new FakeTalo();
    talo.payment('1', paid);
    const engine = engineOf(talo, { clock: manualClock() });
    let began = () => {};
    const running = new Promise<void>((resolve) => {
      began = resolve;
    });
    let end = () => {};
    let aborted: boolean | undefined;
    engine.on('payment.paid', async (_event, { signal }) => {
      began();
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      aborted = signal.aborted;
    });
    await engine.receive(paymentNotice('1'));
    const drained = engine.drain();
    await running;
    const stopped = engine.stop();
    await settled();
    end();
    await stopped;
    expect(aborted).toBe(false);
    expect(await drained).toBe(true);
  });

  test('lets go of its client: what it creates afterwards reaches no inbox that is closed', async () => {
    const talo = new FakeTalo();
    const client = clientOf(talo);
    let remembered = 0;
    const memory = memoryInbox();
    const inbox: typeof memory = {
      ...memory,
      remember(entries) {
        remembered++;
        return memory.remember(entries);
      },
    };
    const engine = new TaloWebhooks({ client, inbox, logger: silent, clock: manualClock() });
    await client.payments.create({ externalId: 'order-1', price: pesos(30000) });
    expect(remembered).toBeGreaterThan(0);
    await engine.stop();
    expect(client[contextOf].observers.size).toBe(0);
    const before = remembered;
    await client.payments.create({ externalId: 'order-2', price: pesos(30000) });
    expect(remembered).toBe(before);
  });
});

describe('nothing waits for ever', () => {
  test('a clientFor that hangs holds neither places of looks nor of handlers', async () => {
    const talo = new FakeTalo();
    const client = clientOf(talo);
    const clock = manualClock();
    let hangs = false;
    const engine = new TaloWebhooks({
      clientFor: () => (hangs ? new Promise<undefined>(() => {}) : client),
      inbox: memoryInbox(),
      clock,
      logger: silent,
      limits: { looks: 2, deliveries: 2 },
    });
    const heard: string[] = [];
    engine.on('customer.transfer', (event) => heard.push(event.customerId));
    const customers = ['1', '2', '3', '4'];
    for (const id of customers) {
      talo.transfer(id, 't');
      await engine.receive(transferNotice(id, 't'));
    }
    hangs = true;
    await engine.start();
    await settled();
    hangs = false;
    for (let i = 0; i < 60; i++) {
      clock.advance(1_000);
      await settled();
    }
    expect(heard.sort()).toEqual(customers);
    await engine.stop({ deadline: 0 });
  });

  test.each([
    ['null', () => null],
    ['a promise of null', async () => null],
  ])('a clientFor that says no with %s has no such account', async (_name, clientFor) => {
    const engine = new TaloWebhooks({ clientFor: clientFor as never, inbox: memoryInbox(), logger: silent });
    expect((await engine.receive(paymentNotice('1'))).status).toBe(401);
    await engine.stop();
  });

  test('a handler is not begun for an attempt whose time passed while its client was looked for', async () => {
    const talo = new FakeTalo();
    talo.transfer('1', 't');
    const client = clientOf(talo);
    const clock = manualClock();
    let slow = false;
    let found = () => {};
    const memory = memoryInbox();
    const inbox: typeof memory = {
      ...memory,
      async commit(unit) {
        await memory.commit(unit);
        // from now on it is the delivery that asks
        slow = true;
      },
    };
    const engine = new TaloWebhooks({
      clientFor: () =>
        slow
          ? new Promise<typeof client>((resolve) => {
              found = () => resolve(client);
            })
          : client,
      inbox,
      clock,
      logger: silent,
      random: () => 1,
      limits: { handlerTimeout: 5_000 },
    });
    const attempts: number[] = [];
    engine.on('customer.transfer', (_event, { attempt }) => attempts.push(attempt));
    await engine.receive(transferNotice('1', 't'));
    await engine.start();
    await settled();
    clock.advance(6_000);
    slow = false;
    found();
    await settled();
    expect(attempts).toEqual([]);
    clock.advance(10_000);
    await settled();
    expect(attempts).toEqual([2]);
    await engine.stop({ deadline: 0 });
  });
});

describe('what an operator is told', () => {
  test.each([
    [{}, /memory inbox.*sqliteInbox\(\{ path/],
    [{ unsigned: 'accept' as const }, /unsigned.*leave unsigned: 'accept' out/],
    [{ reconcile: false as const }, /reconcile is off.*leave reconcile: false out/],
  ])('at start, with the call to write instead: %o', async (options, expected) => {
    const { lines, logger } = logged();
    const engine = engineOf(new FakeTalo(), { ...options, logger });
    engine.on('payment.paid', () => {});
    await engine.start();
    await engine.stop();
    expect(lines.join('\n')).toMatch(expected);
    // and nothing besides
    expect(lines).toHaveLength(Object.keys(options).length + 1);
  });

  test('at start without a handler, and with clientFor without accounts to reconcile', async () => {
    const { lines, logger } = logged();
    const client = clientOf(new FakeTalo());
    const inbox = { ...memoryInbox(), durable: true };
    const engine = new TaloWebhooks({ clientFor: () => client, inbox, logger, clock: manualClock() });
    await engine.start();
    await engine.stop();
    expect(lines).toEqual([
      expect.stringMatching(/clientFor.*reconcile: \{ accounts: \(\) =>/),
      expect.stringMatching(/no handler.*webhooks\.on\('payment.paid', handler\)/),
    ]);
  });

  test('once, by an application that never starts it and works within each invocation', async () => {
    const { lines, logger } = logged();
    const talo = new FakeTalo();
    const engine = engineOf(talo, { logger });
    const work: Promise<unknown>[] = [];
    for (const id of ['1', '2']) {
      talo.payment(id, paid);
      const { url, ...init } = paymentNotice(id);
      await engine.fetch(new Request(url, init), { waitUntil: (promise) => work.push(promise) });
    }
    await Promise.all(work);
    expect(lines.filter((line) => line.includes('memory inbox'))).toHaveLength(1);
  });

  test('nothing, where nothing is risked', async () => {
    const { lines, logger } = logged();
    const engine = engineOf(new FakeTalo(), { inbox: { ...memoryInbox(), durable: true }, logger });
    engine.on('payment.paid', () => {});
    await engine.start();
    await engine.stop();
    expect(lines).toEqual([]);
  });

  test('once, when an account of clientFor has no secret and its notifications are refused', async () => {
    const { lines, logger } = logged();
    const client = clientOf(new FakeTalo(), { webhooks: { url: 'https://shop.example/hooks' } });
    const engine = new TaloWebhooks({ clientFor: () => client, inbox: memoryInbox(), logger });
    for (const id of ['1', '2']) {
      expect((await engine.receive(paymentNotice(id))).status).toBe(401);
    }
    const told = lines.filter((line) => line.includes('no webhook secret'));
    expect(told).toEqual([expect.stringContaining('new TaloClient({ webhooks: { url, secret }')]);
    await engine.stop();
  });

  test('once, when notifications are stored and nobody works them off for a minute', async () => {
    const { lines, logger } = logged();
    const clock = manualClock();
    const engine = engineOf(new FakeTalo(), { logger, clock });
    const told = () => lines.filter((line) => line.includes('webhooks.start()'));
    await engine.receive(paymentNotice('1'));
    clock.advance(59_000);
    await engine.receive(paymentNotice('2'));
    expect(told()).toEqual([]);
    clock.advance(1_000);
    await engine.receive(paymentNotice('3'));
    await engine.receive(paymentNotice('4'));
    expect(told()).toHaveLength(1);
    await engine.stop();
  });

  test('not that, where they are drained now and then', async () => {
    const { lines, logger } = logged();
    const clock = manualClock();
    const engine = engineOf(new FakeTalo(), { logger, clock });
    await engine.drain();
    await engine.receive(paymentNotice('1'));
    clock.advance(120_000);
    await engine.receive(paymentNotice('2'));
    expect(lines.filter((line) => line.includes('webhooks.start()'))).toEqual([]);
    await engine.stop();
  });

  test('when an event is given up: of which handler, and not what its error said', async () => {
    const { lines, logger } = logged();
    const talo = new FakeTalo();
    talo.payment('1', paid);
    const engine = engineOf(talo, { logger, limits: { attempts: 1 } });
    engine.on('payment.paid', () => {
      throw new Error('password=hunter2');
    });
    await engine.receive(paymentNotice('1'));
    await engine.idle();
    const told = lines.filter((line) => line.includes('parked as dead'));
    expect(told).toEqual([expect.stringMatching(/payment\.paid.*1 attempts of "payment\.paid".*replay\(\)/)]);
    expect(told.join()).not.toContain('hunter2');
    await engine.stop();
  });
});

test.each([
  { limits: { looks: 0 } },
  { limits: { looks: Number.NaN } },
  { limits: { deliveries: 1.5 } },
  { limits: { attempts: -1 } },
  { limits: { poll: 0 } },
  // a timer of that length would fire at once, and every attempt be too late
  { limits: { handlerTimeout: Number.POSITIVE_INFINITY } },
  { limits: { handlerTimeout: 2 ** 31 } },
  { limits: { looks: '8' } },
  { reconcile: true },
  { reconcile: { every: 0 } },
  { reconcile: { pace: -1 } },
  { reconcile: { customers: Number.NaN } },
  { reconcile: { since: '2026-01-01' } },
  { reconcile: { since: new Date('never') } },
  { reconcile: { accounts: ['a'] } },
  { inbox: memoryInbox },
])('an option that cannot be worked with is named at once, with the call to write: %o', (options) => {
  const client = clientOf(new FakeTalo());
  const make = () => new TaloWebhooks({ client, inbox: memoryInbox(), ...options } as never);
  expect(make).toThrow(/new TaloWebhooks\(\{/);
});
