import { expect, test } from 'vitest';
import { manualClock } from '../../src/testing/index.ts';
import { type AccountReport, memoryInbox, TaloWebhooks } from '../../src/webhooks/index.ts';
import {
  ACCOUNT,
  clientOf,
  engineOf,
  FakeTalo,
  processed,
  settled,
  silent,
  transferNotice,
} from './support.ts';

interface Row {
  readonly id: string;
  readonly owner: object;
}

/** A ledger in pages; what is asked of Talo can be made to fail. */
function world(pages: Row[][], pace = 0) {
  const talo = new FakeTalo();
  const asked: string[] = [];
  const failing = new Map<string, number>();
  const hold: { reached?: () => void; until?: Promise<void> } = {};
  const answered = (what: string, data: () => unknown) => {
    asked.push(what);
    const left = failing.get(what) ?? 0;
    failing.set(what, left - 1);
    const [status, body] = left > 0 ? [400, { error: true }] : [200, { error: false, data: data() }];
    return { status, headers: new Headers(), text: async () => JSON.stringify(body) };
  };
  const clock = manualClock();
  const client = clientOf(talo, {
    clock,
    fetch: async (url, init) => {
      const { pathname, searchParams } = new URL(url);
      const transfer = /^\/customers\/([^/]+)\/transactions/.exec(pathname);
      if (transfer && failing.has(`customer ${transfer[1]}`)) {
        const left = failing.get(`customer ${transfer[1]}`) ?? 0;
        if (left > 0) return answered(`customer ${transfer[1]}`, () => undefined);
      }
      if (pathname !== '/transactions/') return talo.fetch(url, init);
      hold.reached?.();
      await hold.until;
      const index = Number(searchParams.get('cursor_transaction_id') ?? 0);
      return answered(`page ${index}`, () => ({
        transactions: (pages[index] ?? []).map(({ id, owner }) => ({
          transaction_id: `TX#${id}`,
          transactionType: 'INBOUND',
          transaction_status: 'PROCESSED',
          amount: '100',
          gross_amount: '100',
          creation_timestamp: '2025-12-31T12:00:00.000Z',
          ...owner,
        })),
        ...(index + 1 < pages.length && { lastEvaluatedKey: { transaction_id: String(index + 1) } }),
      }));
    },
  });
  const engine = engineOf(talo, {
    clock,
    client,
    inbox: memoryInbox(),
    reconcile: { pace, since: new Date('2025-12-01') },
  });
  const pass = async (): Promise<AccountReport> => {
    const [report] = (await engine.reconcile()).accounts;
    if (report === undefined) throw new Error('one account was gone through');
    return report;
  };
  /** Of a payment that Talo shows with this one transfer. */
  const paid = (id: string): Row => {
    const payment = {
      payment_status: 'SUCCESS',
      price: { amount: 100 },
      transactions: [processed(id, '100')],
    };
    talo.payment(`VAR-${id}`, payment);
    return { id, owner: { payment_id: `VAR-${id}` } };
  };
  /** Since the last call. */
  const newlyAsked = () => asked.splice(0);
  const fail = (what: string, times = 1) => failing.set(what, times);
  return { talo, clock, engine, pass, paid, newlyAsked, fail, hold };
}

/** Five pages of two rows. */
function fivePages(pace?: number) {
  const pages: Row[][] = [];
  const made = world(pages, pace);
  for (let i = 0; i < 10; i += 2) pages.push([made.paid(`t${i}`), made.paid(`t${i + 1}`)]);
  return { ...made, pages };
}

test('a pass asks for no more than its pace allows, page after page too', async () => {
  const { clock, engine, pass, newlyAsked } = fivePages(1_000);
  const running = pass();
  const asked: number[] = [];
  for (let second = 0; second < 5; second++) {
    await settled();
    asked.push(newlyAsked().length);
    clock.advance(1_000);
  }
  expect(asked).toEqual([1, 1, 1, 1, 1]);
  await engine.stop({ deadline: 0 });
  await running;
});

test('a pass that fails half-way is gone on with where it was', async () => {
  const { engine, pass, newlyAsked, fail } = fivePages();
  fail('page 2');
  const broken = await pass();
  expect(broken).toMatchObject({ checked: 4, complete: false });
  expect(broken.unreachable).toContain('400');
  expect(newlyAsked()).toEqual(['page 0', 'page 1', 'page 2']);

  const ended = await pass();
  expect(newlyAsked()).toEqual(['page 2', 'page 3', 'page 4']);
  expect(ended).toMatchObject({ checked: 10, changed: 10, creditedLate: 10, unmatched: [], complete: false });
  expect(ended).not.toHaveProperty('unreachable');
  expect([ended.from, ended.to]).toEqual([broken.from, broken.to]);

  expect(await pass()).toMatchObject({ checked: 10, changed: 0, complete: true });
  expect(newlyAsked()).toHaveLength(5);
  await engine.stop();
});

test('a pass that failed hours ago is begun anew, because its window ends too early by now', async () => {
  const { clock, engine, pass, newlyAsked, fail } = fivePages();
  fail('page 2');
  const broken = await pass();
  newlyAsked();
  clock.advance(3 * 3_600_000);
  const ended = await pass();
  expect(newlyAsked()).toHaveLength(5);
  expect(ended.to.getTime() - broken.to.getTime()).toBe(3 * 3_600_000);
  await engine.stop();
});

test('a row that Talo inserts behind a pass that goes on keeps it from being complete', async () => {
  const { engine, pass, paid, pages, fail } = fivePages();
  fail('page 3');
  await pass();
  pages[0]?.push(paid('late'));
  expect(await pass()).toMatchObject({ checked: 10, complete: false });
  expect(await pass()).toMatchObject({ checked: 11, creditedLate: 1, complete: false });
  expect(await pass()).toMatchObject({ checked: 11, changed: 0, complete: true });
  await engine.stop();
});

test('resources that were looked at before it failed are not looked at again', async () => {
  const pages: Row[][] = [];
  const { talo, engine, pass, paid, fail } = world(pages);
  const owner = { customer_id: 'c1' };
  const unknown = { id: 't0', owner: { payment_id: 'VAR-unknown' } };
  pages.push([unknown, paid('t1'), { id: 't2', owner }, paid('t3')]);
  talo.transfer('c1', 't2', { gross_amount: '100', amount: '100' });
  fail('customer c1');
  expect((await pass()).unreachable).toContain('400');
  await engine.idle();
  const looks = () => talo.gets.filter((path) => path.startsWith('/payments/'));
  expect(looks()).toContain('/payments/VAR-t1');
  const before = looks().length;
  const report = await pass();
  expect(report).toMatchObject({ changed: 4, creditedLate: 3 });
  expect(report.unmatched).toMatchObject([{ transactionId: 'TX#t0', reason: 'not-credited' }]);
  expect(looks().slice(before)).not.toContain('/payments/VAR-t1');
  expect(looks().slice(before)).toContain('/payments/VAR-t3');
  await engine.stop();
});

test('a pass that gets no further is begun anew, in case it stands in its own way', async () => {
  const { engine, pass, newlyAsked, fail } = fivePages();
  fail('page 2', 2);
  await pass();
  await pass();
  expect(newlyAsked()).toEqual(['page 0', 'page 1', 'page 2', 'page 2']);
  expect(await pass()).toMatchObject({ checked: 10, unmatched: [] });
  expect(newlyAsked()[0]).toBe('page 0');
  await engine.stop();
});

test('stopping ends a pass after its step', async () => {
  const { engine, pass, newlyAsked, hold } = fivePages();
  let release = () => {};
  hold.until = new Promise((resolve) => {
    release = resolve;
  });
  const reading = new Promise<void>((resolve) => {
    hold.reached = resolve;
  });
  const running = pass();
  await reading;
  const stopped = engine.stop({ deadline: 0 });
  release();
  expect((await running).unreachable).toContain('stopped');
  await stopped;
  expect(newlyAsked()).toEqual(['page 0']);
});

test('a ledger that does not date its rows is read in windows all the same', async () => {
  const undated = { id: 't0', owner: { address: 'nobody', creation_timestamp: undefined } };
  const { clock, engine, pass } = world([[undated]]);
  await pass();
  clock.advance(30 * 24 * 3_600_000);
  const second = await pass();
  expect(second).toMatchObject({ checked: 1, complete: true });
  clock.advance(3_600_000);
  expect((await pass()).from.getTime()).toBeGreaterThan(second.from.getTime());
  await engine.stop();
});

test('an account whose client cannot be found is reported, and keeps no other from being gone through', async () => {
  const talo = new FakeTalo();
  talo.resources.set('/transactions/', { transactions: [] });
  const clock = manualClock();
  const client = clientOf(talo, { clock });
  const engine = new TaloWebhooks({
    clientFor: async (id) => {
      if (id === 'broken') throw new Error('the secrets cannot be read');
      return id === ACCOUNT ? client : undefined;
    },
    inbox: memoryInbox(),
    logger: silent,
    clock,
    reconcile: { pace: 0, accounts: () => ['broken', 'unknown', ACCOUNT] },
  });
  const { accounts } = await engine.reconcile();
  expect(accounts.map(({ accountId, unreachable }) => [accountId, unreachable])).toEqual([
    ['broken', expect.stringContaining('the secrets cannot be read')],
    ['unknown', expect.stringContaining('clientFor')],
    [ACCOUNT, undefined],
  ]);
  expect((await engine.stats()).reconciled).toMatchObject({ complete: false, unreachable: 2 });
  await engine.stop();
});

test('a transfer whose gross only the ledger knows is told from others by what was left of it', async () => {
  const owner = { customer_id: 'c1' };
  const rows = [
    { id: 'row-1', owner },
    { id: 'row-2', owner: { ...owner, amount: '98' } },
  ];
  const { talo, engine, pass } = world([rows]);
  const fields = { gross_amount: undefined, amount: '100', creation_timestamp: '2025-12-31T12:00:00.000Z' };
  talo.transfer('c1', 't1', fields);
  await engine.receive(transferNotice('c1', 't1'));
  await engine.idle();
  expect((await pass()).unmatched).toMatchObject([{ transactionId: 'TX#row-2' }]);
  expect(await engine.ledger.total()).toBeUndefined();
  await engine.stop();
});

test('the last report is kept whole, with the rows that nothing explains', async () => {
  const { engine } = world([[{ id: 't0', owner: { address: 'nobody' } }]]);
  expect(await engine.ledger.reconciled()).toBeUndefined();
  const report = await engine.reconcile();
  expect(report.accounts[0]?.unmatched).toMatchObject([{ transactionId: 'TX#t0', at: expect.any(Date) }]);
  expect(await engine.ledger.reconciled()).toEqual(report);
  await engine.stop();
});

test('what the last pass found is in the stats, whichever process made it', async () => {
  const { talo, engine, pass, fail } = fivePages();
  expect(await engine.stats()).not.toHaveProperty('reconciled');
  await pass();
  expect((await engine.stats()).reconciled).toEqual({
    at: expect.any(Number),
    complete: false,
    checked: 10,
    changed: 10,
    creditedLate: 10,
    unmatched: 0,
    divergent: 0,
    unreachable: 0,
  });
  const { to } = await pass();
  const { reconciled } = await engine.stats();
  expect(reconciled).toMatchObject({ complete: true });
  expect(reconciled?.at).toBeGreaterThan(to.getTime());
  fail('page 0');
  await pass();
  expect((await engine.stats()).reconciled).toMatchObject({ complete: false, unreachable: 1 });
  expect(talo.gets.length).toBeGreaterThan(0);
  await engine.stop();
});

test('one missing transfer of a customer has that one read again, and not all of them', async () => {
  const rows: Row[] = [];
  const { talo, engine, pass } = world([rows]);
  const show = (id: string, gross: number) => {
    const when = { creation_timestamp: '2025-12-31T12:00:00.000Z' };
    talo.transfer('ana', id, { gross_amount: String(gross), amount: String(gross), ...when });
    rows.push({ id, owner: { customer_id: 'ana', amount: String(gross), gross_amount: String(gross) } });
  };
  for (let i = 0; i < 20; i++) {
    show(`t${i}`, 100 + i);
    await engine.receive(transferNotice('ana', `t${i}`));
  }
  await engine.idle();
  show('missing', 500);
  talo.gets.length = 0;
  expect(await pass()).toMatchObject({ changed: 1, creditedLate: 1, unmatched: [] });
  const read = talo.gets.filter((path) => path.startsWith('/customers/'));
  expect([...new Set(read)]).toEqual(['/customers/ana/transactions/missing']);
});

test('of transfers that cannot be told apart the missing one is found, whichever is left over', async () => {
  const rows: Row[] = [];
  const { talo, engine, pass } = world([rows]);
  const when = { creation_timestamp: '2025-12-31T12:00:00.000Z' };
  const show = (id: string, row: string) => {
    // the ledger has a name of its own for it, which leads to it
    for (const name of [id, row]) {
      talo.transfer('ana', name, { transaction_id: id, gross_amount: '100', amount: '98', ...when });
    }
    rows.push({ id: row, owner: { customer_id: 'ana' } });
  };
  show('missing', 'row-1');
  show('heard', 'row-2');
  await engine.receive(transferNotice('ana', 'heard'));
  await engine.idle();
  // the one credit stands for the first row, so the second is left over
  expect(await pass()).toMatchObject({ changed: 1, creditedLate: 1, unmatched: [] });
  const credits = await engine.ledger.entries({ customerId: 'ana' });
  expect(credits.map(({ transactionId }) => transactionId).sort()).toEqual(['heard', 'missing']);
});
