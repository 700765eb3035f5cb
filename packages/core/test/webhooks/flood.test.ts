import { describe, expect, test, vi } from 'vitest';
import type { Customer } from '../../src/index.ts';
import { manualClock } from '../../src/testing/index.ts';
import type { ReconcileOptions } from '../../src/webhooks/index.ts';
import { clientOf, engineOf, FakeTalo, settled, transferNotice } from './support.ts';

// tens of thousands of notifications take their time on a busy machine
vi.setConfig({ testTimeout: 60_000 });

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const CVU = '0000630500008064475741';
/** Rows of a page. */
const PAGE = 100;
/** What a leaked URL of a customer may cost. */
const BUDGET = { burst: 30, perSecond: 2 };

/** What the ledger shows of a customer's transfer. */
interface Ledger {
  readonly owner: { readonly customer_id: string } | { readonly address: string };
  /** What it calls a transfer. Default: what the notification calls it. */
  readonly nameOf?: (id: string) => string;
  /** Whether a transfer can be read by that name. Default `true`. */
  readonly leads?: boolean;
  /** How far Talo's clock is ahead of ours, in milliseconds. */
  readonly aheadMs?: number;
}

const usual: ReconcileOptions = { every: 24 * 60 * MINUTE };

/** A customer whose URL leaked, and a Talo with a ledger. */
async function leaked(
  { owner, nameOf = (id) => id, leads = true, aheadMs = 0 }: Ledger,
  reconcile: ReconcileOptions | false = usual,
) {
  const [talo, clock] = [new FakeTalo(), manualClock()];
  const talosTime = () => clock.now() + aheadMs;
  const rows: { readonly at: number; readonly row: object }[] = [];
  /** From when on the ledger was asked for, and when. */
  const read: { readonly from: number; readonly at: number }[] = [];
  const page = (query: URLSearchParams) => {
    const from = Date.parse(query.get('start_date') ?? '');
    const to = Date.parse(query.get('end_date') ?? '');
    read.push({ from, at: talosTime() });
    const start = Number(query.get('cursor_transaction_id') ?? 0);
    const end = start + PAGE;
    const found = rows.filter(({ at }) => at >= from && at <= to).map(({ row }) => row);
    const next = end < found.length && { lastEvaluatedKey: { transaction_id: String(end) } };
    return { transactions: found.slice(start, end), ...(next || {}) };
  };
  const client = clientOf(talo, {
    clock,
    fetch: async (url, init) => {
      const { pathname, searchParams } = new URL(url);
      const headers = new Headers({ date: new Date(talosTime()).toUTCString() });
      if (pathname !== '/transactions/') return { ...(await talo.fetch(url, init)), headers };
      const body = JSON.stringify({ message: 'ok', error: false, data: page(searchParams) });
      return { status: 200, headers, text: async () => body };
    },
  });
  const engine = engineOf(talo, { clock, client, reconcile });
  const paidAt = new Map<string, number>();
  const heard: { readonly id: string; readonly afterMs: number }[] = [];
  engine.on('customer.transfer', ({ transaction: { transactionId: id } }) => {
    heard.push({ id, afterMs: clock.now() - (paidAt.get(id) ?? 0) });
  });
  await engine.track([{ customerId: 'leaked', cvu: CVU } as Customer]);
  await engine.start();

  const date = () => ({ creation_timestamp: new Date(talosTime()).toISOString() });
  const show = (id: string, of: object) => {
    const row = { transaction_id: `TX#${id}`, transactionType: 'INBOUND', transaction_status: 'PROCESSED' };
    rows.push({ at: talosTime(), row: { ...row, ...date(), ...of } });
  };
  const pay = async (id: string) => {
    talo.transfer('leaked', id, date());
    if (leads) talo.transfer('leaked', nameOf(id), { ...date(), transaction_id: id });
    show(nameOf(id), owner);
    paidAt.set(id, clock.now());
    await engine.receive(transferNotice('leaked', id));
  };
  let invented = 0;
  /** 10,000 invented ids in 20 s, among them four transfers of hers and what others are paid. */
  const besiege = async () => {
    for (let quarter = 0; quarter < 80; quarter++) {
      for (let i = 0; i < 125; i++) {
        await engine.receive(transferNotice('leaked', `invented-${invented++}`));
      }
      show(`order-${quarter}`, { payment_id: `VAR-${quarter}` });
      show(`calm-${quarter}`, { customer_id: 'calm' });
      if (quarter % 20 === 13) await pay(`hers-${quarter}`);
      await settled();
      clock.advance(SECOND / 4);
    }
    for (let second = 0; second < 5; second++) {
      await settled();
      clock.advance(SECOND);
    }
    await settled();
  };
  const gets = (part: string) => talo.gets.filter((path) => path.includes(part)).length;
  return { talo, engine, clock, heard, paidAt, read, gets, besiege };
}

describe("10,000 invented ids at one customer's URL", () => {
  test.each<[string, Ledger]>([
    ['by the id that the notification has', { owner: { customer_id: 'leaked' } }],
    ['by an id that leads to it', { owner: { customer_id: 'leaked' }, nameOf: (id) => `row-of-${id}` }],
    ['by the CVU alone', { owner: { address: CVU } }],
    ['by the time of another clock', { owner: { address: CVU }, aheadMs: 10 * MINUTE }],
    ['by the time of a clock behind ours', { owner: { address: CVU }, aheadMs: -10 * MINUTE }],
  ])('do not keep her money waiting for 5 s where the ledger shows it: %s', async (_, ledger) => {
    const { engine, heard, read, gets, besiege } = await leaked(ledger);
    await besiege();
    expect(heard.map(({ id }) => id)).toEqual(['hers-13', 'hers-33', 'hers-53', 'hers-73']);
    expect(Math.max(...heard.map(({ afterMs }) => afterMs))).toBeLessThan(5 * SECOND);
    const { burst, perSecond } = BUDGET;
    expect(gets('invented'), 'guesses cost what they did').toBeLessThanOrEqual(burst + perSecond * 25);
    expect(gets('VAR-') + gets('calm'), 'of others nothing is asked').toBe(0);
    expect(read.length, 'a page or two every other second').toBeLessThanOrEqual(13 * 2);
    expect(Math.max(...read.map(({ from, at }) => at - from))).toBeLessThan(MINUTE);
    await engine.stop({ deadline: 0 });
  });

  test('cost little where what the ledger shows leads nowhere', async () => {
    const owner = { customer_id: 'leaked' };
    const { engine, paidAt, gets, besiege } = await leaked({
      owner,
      nameOf: (id) => `row-of-${id}`,
      leads: false,
    });
    await besiege();
    expect(gets('row-of'), 'GETs of each').toBeLessThanOrEqual(paidAt.size * 2 * 4);
    await engine.stop({ deadline: 0 });
  });

  test('do not have the ledger read where reconciling is off', async () => {
    const { engine, read, besiege } = await leaked({ owner: { address: CVU } }, false);
    await besiege();
    expect(read).toEqual([]);
    await engine.stop({ deadline: 0 });
  });

  test('and a ledger that cannot be read: the looks go on', async () => {
    const { talo, engine, gets, besiege } = await leaked({
      owner: { address: CVU },
      nameOf: (id) => `row-of-${id}`,
    });
    talo.before = (path) => (path.includes('row-of') ? 500 : undefined);
    await besiege();
    expect(gets('invented')).toBeGreaterThan(BUDGET.burst + BUDGET.perSecond * 15);
    await engine.stop({ deadline: 0 });
  });
});

test('a transfer that can be read only after its notification is told within 5 s of that, though its lane is crowded', async () => {
  const { talo, engine, clock, heard, besiege } = await leaked({ owner: { address: CVU } });
  talo.before = (path) => (path.includes('hers-33') && clock.now() % MINUTE < 11 * SECOND ? 404 : undefined);
  await besiege();
  // paid at 8.25 s, to be read from 11 s on
  expect(heard.find(({ id }) => id === 'hers-33')?.afterMs).toBeLessThan(8 * SECOND);
  await engine.stop({ deadline: 0 });
});
