import { centavos } from '@talo/core';
import type { TaloEventType } from '@talo/core/webhooks';
import type { SandboxOptions } from '@talo/sandbox';
import { forge } from './outside.ts';
import type { Stage } from './stage.ts';

/** What happens at Talo, and what an application must have heard of it. */
export interface Shape {
  readonly name: string;
  readonly oddities?: NonNullable<SandboxOptions['oddities']>;
  readonly delivery?: SandboxOptions['delivery'];
  /** Whole pesos. */
  readonly tolerance?: number;
  play(stage: Stage): Promise<void>;
  /** How often each of these is told; what is not named here may be told or, being a state in between, be skipped. */
  readonly told: Readonly<Partial<Record<TaloEventType, number>>>;
  /** Hints that are given up, because Talo never knew what they were about. */
  readonly buried?: number;
}

const PRICE = 10_000;
const MINUTE_MS = 60_000;

function pay(stage: Stage, to: string | undefined, ...amounts: readonly number[]): readonly string[] {
  return amounts.map((amount) => stage.sandbox.bank.transfer({ to, amount: centavos(amount) }).id);
}

async function customer(stage: Stage): Promise<string | undefined> {
  const wanted = { customerId: 'c0', alias: 'cliente', name: 'Carla', email: 'c@example.com' };
  return (await stage.talo.customers.create(wanted)).cvu;
}

/** A payment of 100 pesos, and transfers to it: those of one list at once, the next when all has come to rest. */
function payment(...steps: readonly (readonly number[])[]): Shape['play'] {
  return async (stage) => {
    const { cvu } = await stage.order(PRICE);
    for (const amounts of steps) {
      pay(stage, cvu, ...amounts);
      await stage.rest();
    }
  };
}

/** Money for a payment whose time is over. */
async function late(stage: Stage): Promise<void> {
  const { id, cvu } = await stage.order(PRICE);
  const soon = new Date(stage.sandbox.clock.now() + MINUTE_MS);
  await stage.talo.payments.updateExpiration(id, soon);
  await stage.pass(2 * MINUTE_MS);
  pay(stage, cvu, PRICE);
}

async function refunded(stage: Stage): Promise<void> {
  const { id, cvu } = await stage.order(PRICE);
  pay(stage, cvu, PRICE);
  await stage.rest();
  await stage.talo.payments.refund(id, {
    type: 'FULL',
    blame: { teamId: 'team', mail: 'team@shop.example' },
  });
}

/** Talo's people put a payment through these states, each seen before the next. */
function reviewed(
  ...statuses: readonly ('UNDER_REVIEW' | 'UNDERPAID' | 'REJECTED' | 'CANCELLED')[]
): Shape['play'] {
  return async (stage) => {
    const { id, cvu } = await stage.order(PRICE);
    pay(stage, cvu, 4_000);
    for (const status of statuses) {
      await stage.rest();
      stage.sandbox.operator.setPaymentStatus(id, status);
    }
  };
}

const paid = { 'payment.transfer': 1, 'payment.paid': 1 } as const;

export const SHAPES: readonly Shape[] = [
  {
    name: 'four transfers to a customer',
    async play(stage) {
      pay(stage, await customer(stage), 100, 200, 300, 400);
    },
    told: { 'customer.transfer': 4 },
  },
  { name: 'paid exactly', play: payment([PRICE]), told: { ...paid, 'payment.succeeded': 1 } },
  {
    name: 'paid too little',
    play: payment([4_000]),
    told: { 'payment.transfer': 1, 'payment.underpaid': 1, 'payment.paid': 0 },
  },
  { name: 'paid too much', play: payment([15_000]), told: { ...paid, 'payment.overpaid': 1 } },
  {
    name: 'paid in four transfers',
    play: payment([2_500, 2_500], [2_500, 2_500]),
    told: { 'payment.transfer': 4, 'payment.paid': 1, 'payment.succeeded': 1 },
  },
  {
    name: 'too much after SUCCESS',
    play: payment([PRICE], [1_000]),
    told: { 'payment.transfer': 2, 'payment.paid': 1, 'payment.succeeded': 1, 'payment.overpaid': 1 },
  },
  {
    name: 'within the tolerance',
    tolerance: 50,
    play: payment([6_000]),
    told: { ...paid, 'payment.succeeded': 1 },
  },
  {
    name: 'late, and counted',
    play: late,
    told: { ...paid, 'payment.expired': 1, 'payment.succeeded': 1 },
  },
  {
    name: 'late, and still expired',
    oddities: { lateTransfers: 'keep-expired' },
    play: late,
    told: { 'payment.transfer': 1, 'payment.expired': 1, 'payment.paid': 0 },
  },
  {
    name: 'late, and sent back',
    oddities: { lateTransfers: 'bounce' },
    play: late,
    told: { 'payment.transfer': 0, 'payment.expired': 1 },
  },
  {
    name: 'refunded',
    oddities: { refundShows: 'payment-status' },
    play: refunded,
    told: { ...paid, 'payment.refunded': 1, 'transfer.reversed': 0 },
  },
  {
    name: 'refunded, in the ledger alone',
    play: refunded,
    told: { ...paid, 'payment.refunded': 0, 'transfer.reversed': 0 },
  },
  {
    name: 'a payment taken back',
    async play(stage) {
      const { cvu } = await stage.order(PRICE);
      const [transfer = ''] = pay(stage, cvu, PRICE);
      await stage.rest();
      stage.sandbox.bank.reverse(transfer);
    },
    told: { ...paid, 'transfer.reversed': 1 },
  },
  {
    name: 'transfers to a customer taken back',
    async play(stage) {
      const [first = '', second = ''] = pay(stage, await customer(stage), 100, 200, 300, 400);
      await stage.rest();
      stage.sandbox.bank.reverse(first);
      stage.sandbox.bank.reverse(second);
    },
    told: { 'customer.transfer': 4, 'transfer.reversed': 2 },
  },
  {
    name: 'a payment by a stranger',
    async play(stage) {
      const { id } = await stage.order(PRICE);
      pay(stage, await forge(stage, id, PRICE), PRICE);
    },
    told: { 'payment.foreign': 1, 'payment.transfer': 0, 'payment.paid': 0 },
  },
  {
    name: 're-priced',
    async play(stage) {
      const { id, cvu } = await stage.order(PRICE);
      pay(stage, cvu, 4_000);
      await stage.rest();
      await stage.reprice(id, 12_000);
      pay(stage, cvu, 8_000);
    },
    told: { 'payment.transfer': 2, 'payment.paid': 1, 'payment.foreign': 0 },
  },
  {
    name: 're-priced before any money',
    async play(stage) {
      const { id, cvu } = await stage.order(PRICE);
      await stage.reprice(id, 12_000);
      pay(stage, cvu, 12_000);
    },
    told: { ...paid, 'payment.succeeded': 1, 'payment.foreign': 0 },
  },
  {
    name: 'an account activated',
    async play(stage) {
      const { operator, partner } = stage.sandbox;
      const { accountId = '' } = stage.talo;
      partner.webhookUrl = stage.talo.webhookUrl({ kind: 'account' });
      operator.setAccountStatus(accountId, 'PENDING');
      operator.setAccountStatus(accountId, 'ACTIVE');
    },
    told: { 'account.activated': 1 },
  },
  {
    name: 'a state that nobody knows, and back, twice',
    play: reviewed('UNDER_REVIEW', 'UNDERPAID', 'UNDER_REVIEW', 'UNDERPAID'),
    told: { 'payment.transfer': 1, 'payment.underpaid': 3, 'payment.updated': 5 },
  },
  { name: 'rejected', play: reviewed('REJECTED'), told: { 'payment.transfer': 1, 'payment.rejected': 1 } },
  { name: 'cancelled', play: reviewed('CANCELLED'), told: { 'payment.transfer': 1, 'payment.cancelled': 1 } },
  {
    name: 'a transfer in a state that nobody knows',
    oddities: { unknownStatusMs: 2 * MINUTE_MS },
    async play(stage) {
      const { cvu } = await stage.order(PRICE);
      pay(stage, cvu, 4_000, 6_000);
      await stage.rest();
      await stage.pass(11 * MINUTE_MS);
    },
    told: { 'payment.transfer': 2, 'payment.paid': 1 },
  },
  {
    name: 'amounts that are missing',
    oddities: { grossMissingEvery: 2 },
    async play(stage) {
      pay(stage, await customer(stage), 100, 200);
      const { cvu } = await stage.order(PRICE);
      pay(stage, cvu, 4_000, 6_000);
    },
    told: { 'customer.transfer': 2, 'payment.transfer': 2, 'payment.paid': 1 },
  },
  {
    name: 'amounts with three decimals',
    oddities: { threeDecimalsEvery: 2 },
    async play(stage) {
      pay(stage, await customer(stage), 100, 200);
      const { cvu } = await stage.order(PRICE);
      pay(stage, cvu, 4_000, 6_000);
    },
    told: { 'customer.transfer': 2, 'payment.transfer': 2, 'payment.paid': 1 },
  },
  {
    name: 'SUCCESS without its transfers',
    oddities: { settledHidesTransfers: true },
    play: payment([4_000], [6_000]),
    told: { 'payment.transfer': 1, 'payment.underpaid': 1, 'payment.succeeded': 1, 'payment.paid': 1 },
  },
  {
    name: 'no timestamps',
    oddities: { timestampsMissing: true },
    play: payment([4_000], [6_000]),
    told: { 'payment.transfer': 2, 'payment.paid': 1 },
  },
  {
    name: 'told three times, last first',
    delivery: { duplicate: 2, reverse: true },
    async play(stage) {
      pay(stage, await customer(stage), 100, 200);
      const { cvu } = await stage.order(PRICE);
      pay(stage, cvu, 4_000, 6_000);
    },
    told: { 'customer.transfer': 2, 'payment.transfer': 2, 'payment.paid': 1 },
  },
  {
    name: 'told before it can be read',
    oddities: { readDelayMs: 5_000 },
    async play(stage) {
      pay(stage, await customer(stage), 100, 200, 300, 400);
    },
    told: { 'customer.transfer': 4 },
  },
  {
    name: 'told of what Talo does not know',
    async play(stage) {
      pay(stage, await customer(stage), 100);
      await stage.rest();
      const url = stage.sandbox.deliveries.at(-1)?.url ?? '';
      await stage.tell(url, { message: 'Pago recibido', transactionId: 'made-up', customerId: 'c0' });
      await stage.pass(25 * 60 * MINUTE_MS);
    },
    told: { 'customer.transfer': 1 },
    buried: 1,
  },
];
