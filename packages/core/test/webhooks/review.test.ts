import { describe, expect, test } from 'vitest';
import { pesos } from '../../src/index.ts';
import { type ManualClock, manualClock } from '../../src/testing/index.ts';
import type { HintClaim } from '../../src/webhooks/inbox/inbox.ts';
import {
  type Inbox,
  memoryInbox,
  type TaloEvent,
  type TaloEventType,
  TaloWebhooks,
} from '../../src/webhooks/index.ts';
import { keyOf, type Resource } from '../../src/webhooks/resource.ts';
import { Worker } from '../../src/webhooks/worker.ts';
import {
  ACCOUNT,
  clientOf,
  engineOf,
  FakeTalo,
  paymentNotice,
  post,
  processed,
  settled,
  signer,
  silent,
  transferNotice,
  URL_BASE,
} from './support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PAYMENT_EVENTS: TaloEventType[] = [
  'payment.transfer',
  'payment.paid',
  'payment.succeeded',
  'payment.overpaid',
  'payment.underpaid',
  'payment.updated',
  'payment.foreign',
  'transfer.reversed',
  'customer.transfer',
];

const paid = { payment_status: 'SUCCESS', transactions: [processed('a', '30000')] };

/** Lets time pass in steps, and what became due be done. */
async function pass(clock: ManualClock, ms: number, step = 1_000): Promise<void> {
  for (let left = ms; left > 0; left -= step) {
    clock.advance(Math.min(step, left));
    await settled();
  }
}

/** An inbox of which some methods behave differently. */
function altered(inner: Inbox<never, never>, own: Partial<Inbox<never, never>>): Inbox<never, never> {
  return new Proxy(inner, {
    get(target, name) {
      const value = Reflect.get(own, name) ?? Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** An engine on a clock that is moved by hand, with everything it tells. */
function scene(options: Parameters<typeof engineOf>[1] = {}, talo = new FakeTalo()) {
  const clock = manualClock();
  const inbox = options.inbox ?? memoryInbox();
  const engine = engineOf(talo, { clock, random: () => 1, reconcile: false, ...options, inbox });
  const events: TaloEvent[] = [];
  const listen = () => engine.on(PAYMENT_EVENTS, (event) => events.push(event), { name: 'all' });
  const types = () => events.map(({ type }) => type);
  const keyFor = (resource: Resource) =>
    keyOf({ environment: 'http://talo.test', accountId: ACCOUNT, resource });
  return { talo, clock, inbox, engine, events, listen, types, keyFor };
}

describe('money is credited once', () => {
  test('an older snapshot does not credit again what has gone back since', async () => {
    const { talo, clock, engine, types, listen } = scene();
    listen();
    await engine.start();
    const seen = async (day: string, transaction_status: string) => {
      talo.payment('1', {
        payment_status: 'UNDERPAID',
        transactions: [processed('a', '100', { transaction_status })],
        last_modified_timestamp: `2026-01-${day}T00:00:00.000Z`,
      });
      await engine.receive(paymentNotice('1'));
      await pass(clock, 3_000);
    };
    await seen('01', 'PROCESSED');
    await seen('03', 'REVERSED');
    await seen('02', 'PROCESSED');
    expect(types().filter((type) => type === 'payment.transfer')).toHaveLength(1);
    expect(await engine.ledger.total()).toEqual(pesos(0));
  });

  test.each(['-15000', '0', undefined])(
    'a reversal takes back what was credited, though it says %s',
    async (gross_amount) => {
      const { talo, clock, engine, listen } = scene();
      listen();
      await engine.start();
      talo.transfer('42', 't');
      await engine.receive(transferNotice('42', 't'));
      await pass(clock, 3_000);
      expect(await engine.ledger.total()).toEqual(pesos(15000));
      talo.transfer('42', 't', { transaction_status: 'REVERSED', gross_amount });
      await engine.receive(transferNotice('42', 't'));
      await pass(clock, 3_000);
      expect(await engine.ledger.total()).toEqual(pesos(0));
    },
  );

  test('money that was there before us and goes back leaves no debt', async () => {
    const { talo, clock, inbox, engine, keyFor } = scene({
      reconcile: { since: new Date(Date.UTC(2026, 5, 1)) },
    });
    talo.transfer('42', 't');
    const key = keyFor({ kind: 'transfer', customerId: '42', id: 't' });
    await inbox.put({ key, authenticated: true, origin: 'reconcile', at: clock.now() });
    await engine.start();
    await settled();
    expect(await engine.ledger.entries()).toMatchObject([{ kind: 'baseline' }]);
    talo.transfer('42', 't', { transaction_status: 'REVERSED' });
    await engine.receive(transferNotice('42', 't'));
    await pass(clock, 3_000);
    expect(await engine.ledger.total()).toEqual(pesos(0));
    await engine.stop({ deadline: 0 });
  });

  test('a payment that answers to several ids, but is one by its own GET, is kept, told and credited once', async () => {
    const keys = new Set<string>();
    const inner = memoryInbox();
    const inbox = altered(inner, {
      commit: (unit) => {
        keys.add(unit.claim.key);
        return inner.commit(unit);
      },
    });
    const { talo, clock, engine, types, listen, keyFor } = scene({ inbox });
    listen();
    await engine.start();
    const payment = talo.payment('1', paid);
    for (const id of ['1 ', '1  ']) talo.resources.set(`/payments/${id}`, payment);
    for (const id of ['1 ', '1', '1  ']) {
      await engine.receive(paymentNotice(id, 'order-1'));
      await pass(clock, 3_000);
    }
    expect([...keys]).toEqual([keyFor({ kind: 'payment', id: '1' })]);
    expect(types().filter((type) => type === 'payment.paid')).toHaveLength(1);
    expect(await engine.ledger.total()).toEqual(pesos(30000));
  });

  test('a payment whose own name for itself leads nowhere is told of by the id that leads to it', async () => {
    const { talo, clock, engine, types, listen } = scene();
    listen();
    await engine.start();
    talo.resources.set('/payments/1 ', talo.payment('1', paid));
    talo.resources.delete('/payments/1');
    for (let i = 0; i < 2; i++) {
      await engine.receive(paymentNotice('1 ', 'order-1'));
      await pass(clock, 120_000);
    }
    expect(types().filter((type) => type === 'payment.paid')).toHaveLength(1);
    expect(await engine.ledger.total()).toEqual(pesos(30000));
    expect(talo.gets.length).toBeLessThan(20);
  });

  test('a transfer that is listed twice in a payment, come and gone, is told once and not at every look', async () => {
    const { talo, clock, engine, events, listen } = scene();
    listen();
    await engine.start();
    talo.payment('1', {
      payment_status: 'UNDERPAID',
      transactions: [processed('a', '100'), processed('a', '100', { transaction_status: 'REVERSED' })],
    });
    await engine.receive(paymentNotice('1'));
    await pass(clock, 3_000);
    const told = events.length;
    for (let i = 0; i < 3; i++) {
      await engine.receive(paymentNotice('1'));
      await pass(clock, 40_000);
    }
    expect(events).toHaveLength(told);
  });
});

describe('nothing is lost', () => {
  test('a notification that arrives during the look that gives up is looked at', async () => {
    const { talo, clock, engine, types, listen } = scene();
    listen();
    await engine.start();
    const start = clock.now();
    let again = 0;
    talo.before = async () => {
      if (clock.now() - start < 24 * HOUR || again > 0) return undefined;
      again = (await engine.receive(paymentNotice('1'))).status;
      return 404;
    };
    await engine.receive(paymentNotice('1'));
    await pass(clock, 24 * HOUR + 10 * MINUTE, MINUTE);
    expect(again).toBe(200);
    talo.payment('1', paid);
    await pass(clock, 10 * MINUTE, MINUTE);
    expect(types()).toContain('payment.paid');
  });

  test('older money is told of when Talo notifies of it, also while reconciling has asked for the same', async () => {
    const { talo, clock, inbox, engine, types, listen, keyFor } = scene({
      reconcile: { since: new Date(Date.UTC(2026, 5, 1)) },
    });
    listen();
    talo.transfer('42', 't');
    const key = keyFor({ kind: 'transfer', customerId: '42', id: 't' });
    await inbox.put({ key, authenticated: true, origin: 'reconcile', at: clock.now() });
    expect((await engine.receive(transferNotice('42', 't'))).status).toBe(200);
    await engine.start();
    await pass(clock, 3_000);
    expect(types()).toEqual(['customer.transfer']);
    await engine.stop({ deadline: 0 });
  });

  test('a payment that lacks a transfer for good is told of when it is paid, or listed', async () => {
    const { talo, clock, engine, types, listen } = scene();
    listen();
    await engine.start();
    talo.payment('1', { payment_status: 'UNDERPAID', transactions: [processed('a', '100')] });
    await engine.receive(paymentNotice('1'));
    await pass(clock, 3_000);
    // Talo's dashboard assigned `a` to another payment, and this one was paid by `b`
    talo.payment('1', {
      payment_status: 'SUCCESS',
      transactions: [processed('b', '30000')],
      last_modified_timestamp: '2026-02-02T00:00:00.000Z',
    });
    for (let i = 0; i < 3; i++) {
      await engine.receive(paymentNotice('1'));
      await pass(clock, 20 * MINUTE, 10_000);
    }
    const known = types().includes('payment.paid') || (await engine.dead()).length > 0;
    expect(known, 'a paid payment is neither told nor listed').toBe(true);
  });

  test('a transfer without an id in a payment is told, listed or logged, not passed over in silence', async () => {
    const lines: string[] = [];
    const logger = { warn: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };
    const { talo, clock, engine, events, listen } = scene({ logger });
    listen();
    await engine.start();
    const first = processed('a', '100');
    talo.payment('1', { payment_status: 'UNDERPAID', transactions: [first] });
    await engine.receive(paymentNotice('1'));
    await pass(clock, 3_000);
    const before = events.length + lines.length;
    const { transaction_id: _, ...nameless } = processed('', '200') as Record<string, unknown>;
    talo.payment('1', { payment_status: 'UNDERPAID', transactions: [first, nameless] });
    await engine.receive(paymentNotice('1'));
    await pass(clock, 3_000);
    expect(events.length + lines.length + (await engine.dead()).length).toBeGreaterThan(before);
  });

  test('drain is done when the handlers are done, though the inbox answers slowly', async () => {
    const turns = async (count: number) => {
      for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
    };
    const memory = memoryInbox();
    const inbox = altered(memory, {
      // counted before the look ended, told after it
      backlog: async () => {
        const backlog = await memory.backlog();
        await turns(10);
        return backlog;
      },
    });
    const talo = new FakeTalo();
    talo.payment('1', paid);
    const engine = engineOf(talo, { inbox });
    let done = 0;
    engine.on('payment.paid', async () => {
      await turns(2);
      done++;
    });
    await engine.receive(paymentNotice('1'));
    expect(await engine.drain()).toBe(true);
    expect(done).toBe(1);
  });

  test('a notification with null where an id of another kind could be is read', async () => {
    const { engine } = scene();
    const { url } = transferNotice('42', 't');
    const body = { message: 'Pago recibido', paymentId: null, transactionId: 't', customerId: '42' };
    expect((await engine.receive(post(url, body))).status).toBe(200);
  });
});

describe('nothing is believed', () => {
  const stranger = { external_id: 'order-7', webhook_url: 'https://evil.example/', price: { amount: 1 } };

  test('making the CVU of a foreign payment expire does not make it ours', async () => {
    const talo = new FakeTalo();
    const client = clientOf(talo, {
      fetch: async (url, init) => {
        if (init.method !== 'PUT') return talo.fetch(url, init);
        const get = await talo.fetch(url.replace('/expiration', ''), { ...init, method: 'GET' });
        return get;
      },
    });
    const { clock, engine, types } = scene({ client }, talo);
    talo.payment('evil', { ...stranger, payment_status: 'PENDING' });
    const told: TaloEventType[] = [];
    engine.on(PAYMENT_EVENTS, async (event, context) => {
      told.push(event.type);
      if (event.type === 'payment.foreign')
        await context.client.payments.updateExpiration(event.payment.id, new Date(clock.now() + MINUTE));
    });
    await engine.start();
    await engine.receive(paymentNotice('evil', 'order-7'));
    await pass(clock, 3_000);
    talo.payment('evil', { ...stranger, payment_status: 'SUCCESS', transactions: [processed('a', '1')] });
    await engine.receive(paymentNotice('evil', 'order-7'));
    await pass(clock, 40_000);
    expect(types()).toEqual([]);
    expect(told).toEqual(['payment.foreign']);
  });

  test('a payment of another price that Talo returns for our create is not ours', async () => {
    const talo = new FakeTalo();
    const existing = talo.payment('evil', { ...stranger, payment_status: 'PENDING' });
    const client = clientOf(talo, {
      fetch: async (url, init) => {
        if (init.method !== 'POST') return talo.fetch(url, init);
        const body = JSON.stringify({ message: 'ok', error: false, data: existing });
        return { status: 200, headers: new Headers(), text: async () => body };
      },
    });
    const { clock, engine, types, listen } = scene({ client }, talo);
    listen();
    await engine.start();
    await client.payments.create({ externalId: 'order-7', price: pesos(30000) }).catch(() => undefined);
    talo.payment('evil', { ...stranger, payment_status: 'SUCCESS', transactions: [processed('a', '1')] });
    await engine.receive(paymentNotice('evil', 'order-7'));
    await pass(clock, 3_000);
    expect(types()).not.toContain('payment.paid');
  });

  test("a URL signed for one account's own notifications does not open another account", async () => {
    const { engine, inbox } = scene();
    const url = signer.sign(URL_BASE, { kind: 'account', account: ACCOUNT, id: ACCOUNT });
    const body = { message: 'account_activated', user_id: 'somebody-else', referred_user_id: 'x' };
    expect((await engine.receive(post(url, body))).status).toBe(401);
    expect((await inbox.backlog()).hints).toBe(0);
  });

  test('a URL that is signed already, as Talo echoes it, is signed anew and recognised', () => {
    const scope = { kind: 'customer', account: ACCOUNT, id: '42' } as const;
    const echoed = signer.sign(URL_BASE, { ...scope, id: '41' });
    expect(signer.verify(signer.sign(echoed, scope))).toMatchObject({ scope });
  });
});

describe('nobody stops the others', () => {
  test('a handler that never returns takes no more than its own place', async () => {
    const { talo, clock, engine } = scene({ limits: { deliveries: 4 } });
    const heard: string[] = [];
    engine.on('customer.transfer', (event) => {
      if (event.customerId === 'poison') return new Promise(() => {});
      heard.push(event.customerId);
      return undefined;
    });
    await engine.start();
    talo.transfer('poison', 't');
    await engine.receive(transferNotice('poison', 't'));
    await pass(clock, 2 * HOUR, MINUTE);
    talo.transfer('42', 't');
    await engine.receive(transferNotice('42', 't'));
    await pass(clock, MINUTE);
    expect(heard).toEqual(['42']);
  });

  test('a handler that never returns is parked after its attempts', async () => {
    const { talo, clock, engine } = scene({ limits: { attempts: 3 } });
    engine.on('customer.transfer', () => new Promise(() => {}));
    await engine.start();
    talo.transfer('42', 't');
    await engine.receive(transferNotice('42', 't'));
    await pass(clock, 6 * HOUR, MINUTE);
    expect(await engine.dead()).toHaveLength(1);
  });

  test('a resource that Talo forbids does not pause its account', async () => {
    const { talo, clock, engine, types, listen } = scene();
    listen();
    talo.before = (path) => (path.includes('forbidden') ? 403 : undefined);
    talo.payment('1', paid);
    await engine.start();
    await engine.receive(paymentNotice('forbidden'));
    await settled();
    await engine.receive(paymentNotice('1'));
    await pass(clock, 3_000);
    expect(types()).toContain('payment.paid');
  });

  test('notifications for known resources cost strangers nothing', async () => {
    const { talo, clock, engine, types, listen } = scene({ unsigned: 'accept' });
    listen();
    await engine.start();
    const notice = (id: string) => post(URL_BASE, { message: 'x', paymentId: id });
    for (let i = 0; i < 40; i++) {
      talo.payment(`p${i}`, paid);
      await engine.receive(notice(`p${i}`));
      await pass(clock, 2_000);
    }
    await pass(clock, 5 * MINUTE, MINUTE);
    for (let i = 0; i < 40; i++) await engine.receive(notice(`p${i}`));
    expect((await engine.stats()).strangersLeft).toBe(10);
    talo.payment('new', paid);
    await engine.receive(notice('new'));
    await pass(clock, 3_000);
    expect(types().filter((type) => type === 'payment.paid')).toHaveLength(41);
  });

  test('hints that the inbox refuses cost strangers nothing', async () => {
    const inbox = altered(memoryInbox(), { put: () => Promise.reject(new Error('full')) });
    const { engine } = scene({ unsigned: 'accept', inbox });
    for (let i = 0; i < 50; i++) await engine.receive(post(URL_BASE, { message: 'x', paymentId: `p${i}` }));
    expect((await engine.stats()).strangersLeft).toBe(10);
  });

  test('invented ids cost no more GETs than the budget of strangers, with all their repeats', async () => {
    const { talo, clock, engine } = scene({ unsigned: 'accept' });
    await engine.start();
    for (let i = 0; i < 300; i++)
      await engine.receive(post(URL_BASE, { message: 'x', paymentId: `invented-${i}` }));
    await settled();
    await pass(clock, 5 * MINUTE);
    expect(talo.gets.length).toBeLessThanOrEqual(10 + 300 + 1);
    await engine.stop({ deadline: 0 });
  });

  test('waiting for a place does not count as a failed look', async () => {
    const talo = new FakeTalo();
    const client = clientOf(talo);
    const clock = manualClock();
    const options = {
      inbox: memoryInbox(),
      logger: silent,
      clock,
      random: () => 1,
      reconcile: false,
    } as const;
    const engine = new TaloWebhooks({ clientFor: () => client, limits: { looks: 4 }, ...options });
    const heard: string[] = [];
    engine.on('payment.paid', (event) => heard.push(event.payment.id));
    let release: (status: undefined) => void = () => {};
    let failures = 0;
    talo.before = (path) => {
      if (path.endsWith('/slow')) return new Promise((resolve) => (release = resolve));
      return failures++ === 0 ? 503 : undefined;
    };
    talo.payment('slow', { payment_status: 'EXPIRED' });
    talo.payment('1', paid);
    await engine.start();
    await engine.receive(paymentNotice('slow'));
    await settled();
    await engine.receive(paymentNotice('1'));
    await pass(clock, 3_000, 100);
    release(undefined);
    await pass(clock, 10_000);
    expect(heard).toEqual(['1']);
  });
});

describe('time', () => {
  test('a clock that is set back an hour does not stop looks for an hour', async () => {
    const base = manualClock();
    let offset = 0;
    const { talo, engine, types, listen } = scene({ clock: { ...base, now: () => base.now() + offset } });
    listen();
    talo.payment('1', paid);
    talo.before = () => 503;
    await engine.start();
    await engine.receive(paymentNotice('1'));
    await settled();
    offset = -HOUR;
    talo.before = () => undefined;
    await engine.receive(paymentNotice('1'));
    await pass(base, 10 * MINUTE, 10_000);
    expect(types()).toContain('payment.paid');
  });

  test('what comes due while the inbox is asked is taken at once, also while something else runs', async () => {
    const clock = manualClock();
    const due = clock.now() + 10;
    const looked: string[] = [];
    const claim = (key: string): HintClaim => {
      const counts = { token: 1, generation: 1, attempts: 0, unchanged: 0, since: 0 };
      return { key, ...counts, authenticated: true, origin: 'webhook' };
    };
    const queue = [
      { at: clock.now(), key: 'long' },
      { at: due, key: 'next' },
    ];
    const inbox = altered(memoryInbox(), {
      claim: async (_limit, now) => {
        const taken = queue.filter(({ at }) => at <= now);
        for (const item of taken) queue.splice(queue.indexOf(item), 1);
        // asking took its time
        if (taken.length === 0 && clock.now() < due) clock.advance(due - clock.now());
        return taken.map(({ key }) => claim(key));
      },
      backlog: async () => ({
        hints: queue.length,
        deliveries: 0,
        running: 1,
        dead: 0,
        oldest: undefined,
        nextAt: queue[0]?.at,
      }),
    });
    const worker = new Worker({
      inbox: inbox as Inbox,
      clock,
      looks: 8,
      deliveries: 8,
      share: () => 8,
      handlerMs: 300_000,
      pollMs: 60_000,
      look: ({ key }) => {
        looked.push(key);
        return key === 'long' ? new Promise(() => {}) : Promise.resolve();
      },
      deliver: () => Promise.resolve(),
      failed: () => {},
    });
    worker.start();
    await settled();
    await pass(clock, 1_000, 100);
    expect(looked).toEqual(['long', 'next']);
    await worker.halt();
  });

  test('an answer that says to come back in a year is not taken at its word', async () => {
    const talo = new FakeTalo();
    let asked = 0;
    const client = clientOf(talo, {
      fetch: async (url, init) => {
        if (asked++ > 0) return talo.fetch(url, init);
        return {
          status: 503,
          headers: new Headers({ 'retry-after': '31536000' }),
          text: async () => '{"message":"no","error":true}',
        };
      },
    });
    const { clock, engine, types, listen } = scene({ client }, talo);
    listen();
    talo.payment('1', paid);
    await engine.start();
    await engine.receive(paymentNotice('1'));
    await settled();
    await pass(clock, 24 * HOUR, 10 * MINUTE);
    expect(types()).toContain('payment.paid');
  });

  test('an inbox that does not open in time is answered with 503 before Talo hangs up', async () => {
    const inbox = altered(memoryInbox(), { open: () => new Promise(() => {}) });
    const { clock, engine } = scene({ inbox });
    let status: number | undefined;
    void engine.receive(paymentNotice('1')).then((outcome) => {
      status = outcome.status;
    });
    await pass(clock, 2_000, 500);
    expect(status).toBe(503);
  });

  test('creating a payment does not wait for ever for an inbox that hangs', async () => {
    const talo = new FakeTalo();
    const clock = manualClock();
    const client = clientOf(talo, { clock, timeout: 1_000 });
    const inbox = altered(memoryInbox(), { remember: () => new Promise(() => {}) });
    scene({ client, inbox, clock }, talo);
    let ended = false;
    const end = () => {
      ended = true;
    };
    void client.payments.create({ externalId: 'order-7', price: pesos(30000) }).then(end, end);
    await settled();
    await pass(clock, MINUTE);
    expect(ended).toBe(true);
  });

  test('after stop nothing takes work any more, also after a drain that came too late', async () => {
    let claims = 0;
    const memory = memoryInbox();
    const inbox = altered(memory, {
      claim: (...args) => {
        claims++;
        return memory.claim(...args);
      },
    });
    const { clock, engine } = scene({ inbox });
    await engine.start();
    await settled();
    await engine.stop({ deadline: 0 });
    await engine.drain({ budget: 0 }).catch(() => undefined);
    await settled();
    const before = claims;
    await pass(clock, 10 * MINUTE, MINUTE);
    expect(claims).toBe(before);
  });
});

describe("Talo's ledger", () => {
  interface Row {
    readonly transaction_id: string;
    readonly creation_timestamp: string;
    readonly [field: string]: unknown;
  }

  function withLedger() {
    const talo = new FakeTalo();
    const rows: Row[] = [];
    const client = clientOf(talo, {
      fetch: (url, init) => {
        const { pathname, searchParams } = new URL(url);
        if (pathname === '/transactions/') {
          const [from = '', to = ''] = [
            searchParams.get('start_date') ?? '',
            searchParams.get('end_date') ?? '',
          ];
          const inside = rows.filter((row) => row.creation_timestamp >= from && row.creation_timestamp <= to);
          talo.resources.set('/transactions/', { transactions: inside });
        }
        return talo.fetch(url, init);
      },
    });
    const clock = manualClock();
    const start = clock.now();
    const { engine, listen } = scene({ client, clock, reconcile: { pace: 0, since: new Date(start) } }, talo);
    listen();
    const reconcile = async () => {
      let done = false;
      const report = engine.reconcile().finally(() => {
        done = true;
      });
      while (!done) await pass(clock, 1_000);
      const [account] = (await report).accounts;
      if (account === undefined) throw new Error('no report');
      return account;
    };
    const row = (id: string, fields: object): Row => ({
      transaction_id: `TX#${id}`,
      transactionType: 'INBOUND',
      transaction_status: 'PROCESSED',
      gross_amount: '100',
      amount: '99',
      creation_timestamp: new Date(clock.now()).toISOString(),
      ...fields,
    });
    return { talo, clock, start, rows, row, reconcile };
  }

  test('of a shop that never stops selling is not read from its beginning for ever', async () => {
    const { talo, clock, start, rows, row, reconcile } = withLedger();
    const transactions: object[] = [];
    let last = start;
    for (let i = 0; i < 12; i++) {
      const created = row(`t${i}`, { payment_id: 'p' });
      rows.push(created);
      const { creation_timestamp } = created;
      transactions.push(processed(`t${i}`, '100', { creation_timestamp }));
      talo.payment('p', { payment_status: 'OVERPAID', transactions: [...transactions] });
      clock.advance(12 * HOUR);
      const report = await reconcile();
      expect(report.unmatched).toEqual([]);
      last = report.from.getTime();
    }
    expect(last).toBeGreaterThan(start);
  });

  test('with one row that nothing explains is not read from its beginning for ever', async () => {
    const { clock, start, rows, row, reconcile } = withLedger();
    rows.push(row('nobody', { address: '0000000000000000000000' }));
    let last = start;
    for (let i = 0; i < 12; i++) {
      clock.advance(12 * HOUR);
      last = (await reconcile()).from.getTime();
    }
    expect(last).toBeGreaterThan(start);
  });
});

describe('small things', () => {
  test.each([
    ['an object without a prototype', Object.create(null)],
    ['a symbol', Symbol('no')],
    ['nothing', undefined],
  ])('a handler that throws %s has failed like any other', async (_name, thrown) => {
    const { talo, clock, engine } = scene({ limits: { attempts: 1 } });
    engine.on('customer.transfer', () => {
      throw thrown;
    });
    await engine.start();
    talo.transfer('42', 't');
    await engine.receive(transferNotice('42', 't'));
    await pass(clock, 3_000);
    expect(await engine.dead()).toHaveLength(1);
  });

  test('a lease lost is no error, whichever copy of the package the inbox was built with', async () => {
    class Fenced extends Error {
      override name = 'Fenced';
    }
    const lines: string[] = [];
    const logger = { warn: () => {}, error: (line: string) => lines.push(line) };
    const inbox = altered(memoryInbox(), { commit: () => Promise.reject(new Fenced()) });
    const { talo, engine } = scene({ inbox, logger });
    talo.payment('1', paid);
    await engine.start();
    await engine.receive(paymentNotice('1'));
    await settled();
    expect(lines).toEqual([]);
  });

  test('a second stop waits for the first', async () => {
    const { talo, clock, engine, inbox } = scene();
    let closed = false;
    inbox.close = async () => {
      closed = true;
    };
    talo.payment('1', paid);
    talo.before = () => new Promise(() => {});
    await engine.start();
    await engine.receive(paymentNotice('1'));
    await settled();
    void engine.stop({ deadline: 5_000 });
    let second = false;
    void engine.stop().then(() => {
      second = true;
    });
    await settled();
    expect(second && !closed).toBe(false);
    await pass(clock, 10_000);
    expect(second && closed).toBe(true);
  });
});
