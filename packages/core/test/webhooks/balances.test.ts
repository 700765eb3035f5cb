import { describe, expect, test } from 'vitest';
import { type Customer, pesos } from '../../src/index.ts';
import { manualClock } from '../../src/testing/index.ts';
import { type AccountReport, memoryInbox, type ReconcileOptions } from '../../src/webhooks/index.ts';
import { clientOf, engineOf, FakeTalo, silent, transferNotice } from './support.ts';

const MINUTE = 60_000;

/** Customers whose transfers Talo's ledger does not show, with the balances that Talo says they have. */
async function world(customers: readonly string[], reconcile: ReconcileOptions = {}) {
  const talo = new FakeTalo();
  talo.resources.set('/transactions/', { transactions: [] });
  const clock = manualClock();
  const warnings: string[] = [];
  const inbox = memoryInbox({ bound: 1_000_000 });
  const engine = engineOf(talo, {
    clock,
    client: clientOf(talo, { clock }),
    inbox,
    reconcile: { pace: 0, ...reconcile },
    logger: { ...silent, warn: (message: string) => void warnings.push(message) },
  });
  const balance = (customerId: string, amount: number | undefined) =>
    talo.resources.set(`/customers/${customerId}`, {
      customer_id: customerId,
      bank_info: { cvu: `cvu-${customerId}` },
      balance: amount,
    });
  for (const customerId of customers) balance(customerId, 0);
  const tracked = customers.map((customerId) => ({ customerId, cvu: `cvu-${customerId}` }) as Customer);
  await engine.track(tracked);
  const asked = () => talo.gets.filter((path) => /^\/customers\/[^/]+$/.test(path));
  const pass = async (): Promise<AccountReport> => {
    const { accounts } = await engine.reconcile();
    const [report] = accounts;
    if (report === undefined) throw new Error('one account was gone through');
    return report;
  };
  const later = (ms = 15 * MINUTE) => clock.advance(ms);
  /** A transfer, as Talo knows it, and its notification if there is one. */
  const transfer = async (customerId: string, id: string, notified: boolean) => {
    talo.transfer(customerId, id);
    if (notified) await engine.receive(transferNotice(customerId, id));
    if (notified) await engine.idle();
  };
  return { talo, engine, clock, inbox, warnings, balance, asked, pass, later, transfer };
}

describe('a customer that the ledger does not show', () => {
  test.each([
    ['what was sent', 15_000],
    ['what is left after commission', 14_818.5],
  ])('is no divergence while its balance counts %s', async (_, counted) => {
    const { engine, balance, pass, later, transfer } = await world(['c1']);
    await pass();
    for (let i = 1; i <= 3; i++) {
      await transfer('c1', `t${i}`, true);
      balance('c1', i * counted);
      for (let again = 0; again < 2; again++) {
        later();
        expect((await pass()).divergent).toEqual([]);
      }
    }
    expect(await engine.ledger.total()).toEqual(pesos(45_000));
    await engine.stop();
  });

  test('is reported when its balance keeps what no credit explains, and never credited', async () => {
    const { engine, clock, warnings, balance, pass, later, transfer } = await world(['c1', 'c2']);
    await pass();
    await transfer('c1', 't1', true);
    await transfer('c1', 't2', false);
    balance('c1', 30_000);
    const since = new Date(clock.now());
    expect((await pass()).divergent).toEqual([]);
    later();
    const { divergent } = await pass();
    expect(divergent).toEqual([{ customerId: 'c1', change: '30000.00', credited: '15000.00', since }]);
    expect(warnings.some((message) => message.includes('1 balances'))).toBe(true);
    expect(await engine.ledger.total()).toEqual(pesos(15_000));
    expect((await engine.stats()).reconciled).toMatchObject({ divergent: 1, unmatched: 0 });

    // it stays until it is explained
    later();
    expect((await pass()).divergent).toHaveLength(1);
    await engine.receive(transferNotice('c1', 't2'));
    await engine.idle();
    later();
    expect((await pass()).divergent).toEqual([]);
    expect((await engine.stats()).reconciled).toMatchObject({ divergent: 0 });
    await engine.stop();
  });

  test('whose notification is under way, or whose balance comes late, is none', async () => {
    const { engine, balance, pass, later, transfer } = await world(['early', 'late']);
    await pass();
    balance('early', 15_000);
    await transfer('early', 't1', false);
    await transfer('late', 't2', true);
    expect((await pass()).divergent).toEqual([]);
    later(5 * MINUTE);
    await engine.receive(transferNotice('early', 't1'));
    await engine.idle();
    balance('late', 15_000);
    for (let i = 0; i < 3; i++) {
      later();
      expect((await pass()).divergent).toEqual([]);
    }
    await engine.stop();
  });

  test('is none after a payout, and is compared anew from there', async () => {
    const { engine, balance, pass, later, transfer } = await world(['c1']);
    await transfer('c1', 't0', true);
    balance('c1', 15_000);
    later();
    await pass();
    balance('c1', 0);
    for (let i = 0; i < 2; i++) {
      later();
      expect((await pass()).divergent).toEqual([]);
    }
    balance('c1', 500);
    for (let i = 0; i < 2; i++) {
      later();
      await pass();
    }
    expect((await pass()).divergent).toMatchObject([
      { customerId: 'c1', change: '500.00', credited: '0.00' },
    ]);
    await engine.stop();
  });

  test.each(['while its balance is asked for', 'and its balance comes late'])(
    'whose transfer comes at the first look, %s, is none',
    async (when) => {
      const { talo, engine, balance, pass, later, transfer } = await world(['c1']);
      if (when === 'and its balance comes late') await transfer('c1', 't1', true);
      else {
        talo.before = async (path) => {
          if (path !== '/customers/c1') return undefined;
          talo.before = () => undefined;
          await transfer('c1', 't1', true);
          return undefined;
        };
      }
      await pass();
      expect(await engine.ledger.entries()).toHaveLength(1);
      balance('c1', 15_000);
      for (let i = 0; i < 3; i++) {
        later();
        expect((await pass()).divergent).toEqual([]);
      }
      await engine.stop();
    },
  );

  test('with a credit whose amount nobody knows is compared anew from there', async () => {
    const { talo, engine, balance, pass, later } = await world(['c1']);
    await pass();
    talo.transfer('c1', 't1', { gross_amount: null, amount: null });
    await engine.receive(transferNotice('c1', 't1'));
    await engine.idle();
    balance('c1', 777);
    for (let i = 0; i < 3; i++) {
      later();
      expect((await pass()).divergent).toEqual([]);
    }
    await engine.stop();
  });

  test('whose balance fell is not reported while it waits for its turn', async () => {
    const names = ['c1', 'c2', 'c3'];
    const { engine, balance, pass, later } = await world(names, { customers: 3 });
    for (const name of names) balance(name, 100);
    await pass();
    for (const name of names) balance(name, 0);
    // to the end of the round, and once around
    await pass();
    await pass();
    later();
    expect((await pass()).divergent).toEqual([]);
    await engine.stop();
  });

  test('was there before: the first balance is where comparing begins', async () => {
    const { engine, balance, pass, later } = await world(['c1']);
    balance('c1', 99_000);
    for (let i = 0; i < 3; i++) {
      expect((await pass()).divergent).toEqual([]);
      later();
    }
    await engine.stop();
  });

  test('has no balance that could be read, or is not found: nothing is said of it', async () => {
    const { talo, engine, balance, pass, later } = await world(['c1', 'c2']);
    await pass();
    balance('c1', undefined);
    talo.resources.delete('/customers/c2');
    for (let i = 0; i < 3; i++) {
      later();
      const report = await pass();
      expect(report.divergent).toEqual([]);
      expect(report).not.toHaveProperty('unreachable');
    }
    await engine.stop();
  });
});

test('what was credited in another environment explains no balance of this one', async () => {
  const { talo, clock, inbox, engine, balance, pass, later } = await world(['c1']);
  await pass();
  // the same inbox, account and customer at another Talo, where money comes in
  const client = clientOf(talo, { clock, environment: { apiUrl: 'http://other.test' } });
  const other = engineOf(talo, { clock, client, inbox, reconcile: false });
  talo.transfer('c1', 'theirs');
  await other.receive(transferNotice('c1', 'theirs'));
  await other.idle();
  balance('c1', 15_000);
  later();
  await pass();
  later();
  expect((await pass()).divergent).toMatchObject([
    { customerId: 'c1', change: '15000.00', credited: '0.00' },
  ]);
  await engine.stop();
});

describe('many customers', () => {
  const many = Array.from({ length: 250 }, (_, i) => `c${i}`);

  test('are gone through in rounds, a bounded number in each pass', async () => {
    const { engine, asked, pass, later } = await world(many);
    for (const n of [100, 200, 250]) {
      await pass();
      expect(asked()).toHaveLength(n);
      later();
    }
    expect(new Set(asked()).size).toBe(250);
    await pass();
    expect(asked()).toHaveLength(350);
    await engine.stop();
  });

  test('one that cannot be read does not stand in the way of the others', async () => {
    const { talo, engine, asked, pass, later } = await world(many.slice(0, 20));
    talo.before = (path) => (path === '/customers/c7' ? 400 : undefined);
    const broken = await pass();
    expect(broken.unreachable).toContain('400');
    later();
    // it goes on behind the ledger, which it does not find again by that
    const rest = await pass();
    expect(rest).not.toHaveProperty('unreachable');
    expect(rest.complete).toBe(false);
    expect(new Set(asked()).size).toBe(20);
    talo.before = () => undefined;
    expect((await pass()).complete).toBe(true);
    await engine.stop();
  });

  test('those in doubt are asked for in each pass, and leave room for the others', async () => {
    const { engine, balance, asked, pass, later } = await world(many.slice(0, 40), { customers: 10 });
    for (let i = 0; i < 5; i++) await pass();
    for (const customerId of many.slice(0, 40)) balance(customerId, 100);
    const before = asked().length;
    for (let i = 0; i < 12; i++) {
      later();
      await pass();
    }
    expect(asked().length - before).toBeLessThanOrEqual(120);
    const { divergent } = await pass();
    expect(new Set(divergent.map(({ customerId }) => customerId)).size).toBe(40);
    await engine.stop();
  });

  test('none is asked for where that is turned off', async () => {
    const { engine, asked, pass } = await world(many, { customers: 0 });
    await pass();
    expect(asked()).toEqual([]);
    await engine.stop();
  });
});

test('a customer whose transfers the ledger shows needs no balance', async () => {
  const { talo, engine, asked, pass } = await world(['c1', 'c2']);
  const row = {
    transaction_id: 'TX#1',
    transactionType: 'INBOUND',
    transaction_status: 'PROCESSED',
    amount: '14818.50',
    gross_amount: '15000',
    address: 'cvu-c1',
    creation_timestamp: '2026-01-01T00:00:00.000Z',
  };
  talo.resources.set('/transactions/', { transactions: [row] });
  const { unmatched } = await pass();
  expect(unmatched).toMatchObject([{ reason: 'not-readable', cvu: 'cvu-c1' }]);
  expect(asked()).toEqual(['/customers/c2']);
  await engine.stop();
});
