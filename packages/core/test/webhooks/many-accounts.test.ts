import { expect, test } from 'vitest';
import type { Customer } from '../../src/index.ts';
import { manualClock } from '../../src/testing/index.ts';
import { memoryInbox, type ReconcileOptions, TaloWebhooks } from '../../src/webhooks/index.ts';
import { clientOf, FakeTalo, settled, silent } from './support.ts';

const SECOND = 1_000;

/** Merchants with customers whose balances are to be compared; each answer of Talo's takes 100 ms. */
async function merchants(count: number, customers: number, reconcile: ReconcileOptions) {
  const clock = manualClock();
  const began: { readonly account: string; readonly what: 'ledger' | 'balance'; readonly at: number }[] = [];
  const underWay = new Set<string>();
  let most = 0;
  const start = clock.now();
  const names = Array.from({ length: count }, (_, i) => `merchant-${i}`);
  const clients = new Map(
    names.map((account) => {
      const talo = new FakeTalo();
      talo.resources.set('/transactions/', { transactions: [] });
      talo.before = async (path) => {
        const what =
          path === '/transactions/' ? 'ledger' : path.startsWith('/customers/') ? 'balance' : undefined;
        if (what === undefined) return undefined;
        began.push({ account, what, at: clock.now() - start });
        underWay.add(account);
        most = Math.max(most, underWay.size);
        await new Promise<void>((resolve) => void clock.setTimeout(resolve, 100));
        underWay.delete(account);
        return undefined;
      };
      for (let i = 0; i < customers; i++) {
        talo.resources.set(`/customers/c${i}`, {
          customer_id: `c${i}`,
          bank_info: { cvu: `cvu-${i}` },
          balance: 0,
        });
      }
      const credentials = { userId: account, accessToken: 'TL-token' };
      return [account, clientOf(talo, { clock, credentials })];
    }),
  );
  const engine = new TaloWebhooks<never, never>({
    clientFor: (id) => clients.get(id),
    inbox: memoryInbox(),
    clock,
    logger: silent,
    reconcile: { accounts: () => clients.keys(), ...reconcile },
  });
  const own = Array.from(
    { length: customers },
    (_, i) => ({ customerId: `c${i}`, cvu: `cvu-${i}` }) as Customer,
  );
  for (const accountId of names) await engine.track(own, { accountId });
  await engine.start();
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100);
      await settled();
    }
  };
  return { engine, began, pass, names, most: () => most };
}

test('ledgers of all accounts are read before any balance, a few accounts at a time', async () => {
  const { engine, began, pass, names, most } = await merchants(10, 3, { every: 60 * SECOND, pace: 200 });
  await pass(75 * SECOND);
  const ledgers = began.filter(({ what }) => what === 'ledger');
  const balances = began.filter(({ what }) => what === 'balance');
  expect(new Set(ledgers.map(({ account }) => account))).toEqual(new Set(names));
  expect(balances).toHaveLength(30);
  expect(Math.max(...ledgers.map(({ at }) => at))).toBeLessThan(Math.min(...balances.map(({ at }) => at)));
  expect(Math.max(...ledgers.map(({ at }) => at)) - 60 * SECOND).toBeLessThan(1 * SECOND);
  expect(most()).toBeLessThanOrEqual(4);
  await engine.stop({ deadline: 0 });
}, 30_000);

test('balances that take longer than there is between two passes put off no ledger, and are gone on with', async () => {
  const every = 5 * SECOND;
  // 12 accounts, 10 balances of 300 ms each, four at a time: 9 s
  const { engine, began, pass, names } = await merchants(12, 10, { every, pace: 200, customers: 10 });
  await pass(21 * SECOND);
  const ledgers = began.filter(({ account, what }) => account === names[0] && what === 'ledger');
  const gaps = ledgers.slice(1).map(({ at }, i) => at - (ledgers[i]?.at ?? 0));
  expect(gaps.length).toBeGreaterThanOrEqual(2);
  expect(Math.max(...gaps), 'what was begun is ended').toBeLessThan(every + 4 * SECOND);
  const compared = new Set(began.flatMap(({ account, what }) => (what === 'balance' ? account : [])));
  expect(compared).toEqual(new Set(names));
  await engine.stop({ deadline: 0 });
}, 30_000);
