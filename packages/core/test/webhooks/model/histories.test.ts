import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ManualClock, manualClock } from '../../../src/testing/index.ts';
import { memoryInbox, type TaloEvent, type TaloEventType } from '../../../src/webhooks/index.ts';
import { engineOf, FakeTalo, paymentNotice, processed } from '../support.ts';

const PRICE = 300;
const PAYMENTS = ['p1', 'p2'] as const;
const TYPES: TaloEventType[] = ['payment.transfer', 'transfer.reversed', 'payment.paid', 'payment.updated'];

const settled = async () => {
  for (let i = 0; i < 12; i++) await new Promise((resolve) => setImmediate(resolve));
};

async function pass(clock: ManualClock, ms: number, step: number): Promise<void> {
  for (let left = ms; left > 0; left -= step) {
    clock.advance(Math.min(step, left));
    await settled();
  }
}

/** What happens at Talo: every version of every payment, of which a GET may show an older one. */
class Truth {
  readonly talo = new FakeTalo();
  readonly #versions = new Map<string, (readonly { readonly id: string; readonly status: string }[])[]>();
  /** How often each transfer came. */
  readonly came = new Map<string, number>();
  #transfers = 0;

  constructor() {
    for (const id of PAYMENTS) this.#versions.set(id, [[]]);
    for (const id of PAYMENTS) this.show(id, 0);
  }

  #of(id: string) {
    return this.#versions.get(id) ?? [];
  }

  arrive(id: string): void {
    const now = this.#of(id).at(-1) ?? [];
    const transfer = `t${++this.#transfers}`;
    this.came.set(transfer, 1);
    this.#of(id).push([...now, { id: transfer, status: 'PROCESSED' }]);
    this.show(id, 0);
  }

  /** Goes back, or comes again. */
  turn(id: string, which: number): void {
    const now = this.#of(id).at(-1) ?? [];
    const chosen = now[which % Math.max(1, now.length)];
    if (chosen === undefined) return;
    const status = chosen.status === 'PROCESSED' ? 'REVERSED' : 'PROCESSED';
    if (status === 'PROCESSED') this.came.set(chosen.id, (this.came.get(chosen.id) ?? 0) + 1);
    this.#of(id).push(now.map((transfer) => (transfer === chosen ? { ...transfer, status } : transfer)));
    this.show(id, 0);
  }

  /** Makes GETs show the version of so many changes ago. */
  show(id: string, ago: number): void {
    const versions = this.#of(id);
    const index = Math.max(0, versions.length - 1 - ago);
    const transfers = versions[index] ?? [];
    this.talo.payment(id, {
      payment_status: statusOf(this.#sum(transfers)),
      price: { amount: PRICE },
      transactions: transfers.map((each) => processed(each.id, '100', { transaction_status: each.status })),
      last_modified_timestamp: new Date(Date.UTC(2026, 0, 1) + index * 1_000).toISOString(),
    });
  }

  #sum(transfers: readonly { readonly status: string }[]): number {
    return transfers.filter(({ status }) => status === 'PROCESSED').length * 100;
  }

  get total(): number {
    return PAYMENTS.reduce((sum, id) => sum + this.#sum(this.#of(id).at(-1) ?? []), 0);
  }

  isPaid(id: string): boolean {
    return this.#sum(this.#of(id).at(-1) ?? []) >= PRICE;
  }
}

function statusOf(sum: number): string {
  if (sum === 0) return 'PENDING';
  return sum < PRICE ? 'UNDERPAID' : sum === PRICE ? 'SUCCESS' : 'OVERPAID';
}

const which = fc.constantFrom('p1', 'p1', 'p1', 'p2');
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('arrive' as const), id: which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const), id: which, n: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('notify' as const), id: which }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('look' as const), id: which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('lag' as const), id: which, n: fc.nat(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('fault' as const), n: fc.constantFrom(503, 404, 429) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), n: fc.constantFrom(1, 5, 40, 200) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('trip' as const), n: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);

test(
  'after any history the ledger holds what Talo holds, and handlers heard each movement once and in turn',
  () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const truth = new Truth();
        const { talo } = truth;
        const clock = manualClock();
        const inbox = memoryInbox();
        const heard: TaloEvent[] = [];
        let trips = 0;
        const begin = async () => {
          const engine = engineOf(talo, { clock, inbox, random: () => 1, reconcile: false });
          engine.on(
            TYPES,
            (event) => {
              if (trips-- > 0) throw new Error('the shop is down');
              heard.push(event);
            },
            { name: 'shop' },
          );
          await engine.start();
          return engine;
        };
        let engine = await begin();
        for (const each of steps) {
          if (each.do === 'arrive') truth.arrive(each.id);
          if (each.do === 'turn') truth.turn(each.id, each.n);
          if (each.do === 'lag') truth.show(each.id, each.n);
          if (each.do === 'notify' || each.do === 'look')
            await engine.receive(paymentNotice(each.id, `order-${each.id}`, PRICE * 100));
          if (each.do === 'look') await pass(clock, 40_000, 20_000);
          if (each.do === 'wait') await pass(clock, each.n * 1_000, 5_000);
          if (each.do === 'trip') trips = each.n;
          if (each.do === 'fault') {
            talo.before = () => {
              talo.before = () => undefined;
              return each.n;
            };
          }
          if (each.do === 'restart') {
            await engine.stop({ deadline: 0 });
            engine = await begin();
          }
          await settled();
        }
        trips = 0;
        talo.before = () => undefined;
        for (const id of PAYMENTS) {
          truth.show(id, 0);
          await engine.receive(paymentNotice(id, `order-${id}`, PRICE * 100));
        }
        await pass(clock, 3_600_000, 60_000);
        await engine.stop({ deadline: 0 });

        expect((await engine.ledger.total())?.centavos).toBe(truth.total * 100);
        expect(await engine.dead()).toEqual([]);
        expect(new Set(heard.map(({ id }) => id)).size).toBe(heard.length);
        const balance = new Map<string, number>();
        for (const event of heard) {
          if (event.type !== 'payment.transfer' && event.type !== 'transfer.reversed') continue;
          const { transactionId } = event.transaction;
          const now = (balance.get(transactionId) ?? 0) + (event.type === 'payment.transfer' ? 1 : -1);
          expect([0, 1], `${transactionId} comes and goes in turn`).toContain(now);
          balance.set(transactionId, now);
        }
        for (const [id, times] of truth.came) {
          const told = heard.filter(
            (event) => event.type === 'payment.transfer' && event.transaction.transactionId === id,
          );
          expect(told.length, `${id} came ${times} times`).toBeLessThanOrEqual(times);
        }
        const net = [...balance.values()].reduce((sum, each) => sum + each, 0);
        expect(net * 100).toBe(truth.total);
        for (const id of PAYMENTS) {
          const times = heard.filter(
            (event) => event.type === 'payment.paid' && event.payment.id === id,
          ).length;
          expect(times).toBeLessThanOrEqual(1);
          if (truth.isPaid(id)) expect(times, `${id} is paid`).toBe(1);
        }
      }),
      { numRuns: 300 },
    ),
  60_000,
);
