import { centavos, type Payment, TaloClient } from '@talo/core';
import { type Inbox, memoryInbox, type TaloEvent, TaloWebhooks } from '@talo/core/webhooks';
import { createSandbox, type Fault } from '@talo/sandbox';
import fc from 'fast-check';

/** One step of a history. Plain data, so that a failing history shrinks and can be replayed. */
export type Step =
  | { readonly do: 'order'; readonly order: number; readonly centavos: number }
  | { readonly do: 'pay'; readonly order: number; readonly centavos: number }
  | { readonly do: 'transfer'; readonly customer: number; readonly centavos: number }
  | { readonly do: 'take-back'; readonly transfer: number }
  | { readonly do: 'reprice'; readonly order: number; readonly centavos: number }
  | { readonly do: 'pass'; readonly seconds: number }
  | { readonly do: 'fault'; readonly fault: Fault }
  | { readonly do: 'handler-fails'; readonly times: number }
  | { readonly do: 'app-refuses'; readonly times: number }
  | { readonly do: 'echo'; readonly notice: number; readonly times: number }
  | { readonly do: 'forge'; readonly order: number; readonly centavos: number }
  | { readonly do: 'crash' };

const order = fc.nat(2);
const amount = fc.integer({ min: 1, max: 5_000_000 });
const times = fc.integer({ min: 1, max: 4 });

const faults: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ status: fc.constantFrom(401, 408, 429, 500, 502, 503), times }),
  fc.record({ effect: fc.constantFrom('reset', 'lose-response', 'truncate', 'html'), times }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('order'), order, centavos: amount }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pay'), order, centavos: amount }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('transfer'), customer: fc.nat(1), centavos: amount }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take-back'), transfer: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reprice'), order, centavos: amount }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass'), seconds: fc.oneof(fc.nat(5), fc.nat(20_000)) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fault'), fault: faults }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('handler-fails'), times }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('app-refuses'), times }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('echo'), notice: fc.nat(9), times }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forge'), order, centavos: amount }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash') }) },
) as fc.Arbitrary<Step>;

export interface History {
  readonly steps: readonly Step[];
  readonly delivery: { readonly duplicate: number; readonly reverse: boolean; readonly delayMs: number };
  readonly lateTransfers: 'credit' | 'keep-expired' | 'bounce';
  readonly readDelayMs: number;
  readonly webhookOmitsExternalId: boolean;
}

export const history: fc.Arbitrary<History> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 25 }),
  delivery: fc.record({
    duplicate: fc.nat(2),
    reverse: fc.boolean(),
    delayMs: fc.constantFrom(0, 0, 40, 5_000),
  }),
  lateTransfers: fc.constantFrom('credit', 'keep-expired', 'bounce'),
  readDelayMs: fc.constantFrom(0, 0, 500, 60_000),
  webhookOmitsExternalId: fc.boolean(),
});

const SECRET = 'a secret of more than sixteen characters';
const silent = { warn() {}, error() {} };
/** Talo keeps trying for days: what is never notified at all is the subject of reconcile's own tests. */
const RETRY = [60_000, 600_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000];

export interface Ending {
  readonly bank: number;
  readonly credited: number | undefined;
  readonly told: number;
  readonly transferIds: number;
  readonly repeatedWithOtherContent: number;
  readonly paidTold: readonly string[];
  readonly paidAtTalo: readonly string[];
  readonly foreign: number;
  readonly forged: number;
  readonly dead: readonly string[];
}

/** Plays a history on a clock of its own, heals everything, lets time pass, and says how the books stand. */
export async function play({ steps, delivery, ...oddities }: History): Promise<Ending> {
  let refusals = 0;
  let engine: { webhooks: TaloWebhooks<never, never>; alive: { now: boolean } } | undefined;
  const sandbox = createSandbox({
    clock: 'virtual',
    delivery: { ...delivery, retry: RETRY },
    oddities,
    receiver: async (request) => {
      if (refusals > 0) {
        refusals--;
        return new Response(null, { status: 503 });
      }
      return (await engine?.webhooks.fetch(request)) ?? new Response(null, { status: 503 });
    },
  });
  const talo = new TaloClient({
    ...sandbox.merchant,
    fetch: sandbox.fetch,
    clock: sandbox.clock,
    random: () => 0.5,
    webhooks: { url: 'https://shop.example/webhooks/talo', secret: SECRET },
  });

  const inbox = memoryInbox();
  const events = new Map<string, TaloEvent>();
  let failures = 0;
  let repeatedWithOtherContent = 0;
  const begin = async () => {
    const alive = { now: true };
    const webhooks = new TaloWebhooks<never, never>({
      client: talo,
      inbox: mortal(inbox, alive),
      logger: silent,
      random: () => 0.5,
      limits: { poll: 10 ** 9 },
      reconcile: { every: 10 ** 10 },
    });
    webhooks.on(
      ['customer.transfer', 'payment.transfer', 'payment.paid', 'transfer.reversed', 'payment.foreign'],
      (event) => {
        if (failures > 0) {
          failures--;
          throw new Error('the handler fails');
        }
        const before = events.get(event.id);
        if (before !== undefined && before.type !== event.type) repeatedWithOtherContent++;
        events.set(event.id, event);
      },
    );
    await webhooks.start();
    engine = { webhooks, alive };
  };
  await begin();

  const orders = new Map<number, Payment>();
  const forgeries = new Set<string>();
  const customers = await Promise.all(
    [0, 1].map((i) =>
      talo.customers.create({
        customerId: `c${i}`,
        alias: `cliente${i}`,
        name: 'Carla',
        email: 'c@example.com',
      }),
    ),
  );
  const rest = () => sandbox.clock.advance({ ms: 1 });
  /** Calls of the application go on while the history does: a slow one must not hold it up. */
  const calls: Promise<unknown>[] = [];

  for (const step of steps) {
    switch (step.do) {
      case 'order': {
        if (orders.has(step.order)) break;
        const wanted = { externalId: `order-${step.order}`, price: centavos(step.centavos) };
        const call = talo.payments.ensure(wanted).then((payment) => orders.set(step.order, payment));
        calls.push(call.catch(() => undefined));
        break;
      }
      case 'pay':
        sandbox.bank.transfer({
          to: cvuOf(orders.get(step.order)) ?? customers[0]?.cvu,
          amount: centavos(step.centavos),
        });
        break;
      case 'transfer':
        sandbox.bank.transfer({ to: customers[step.customer]?.cvu, amount: centavos(step.centavos) });
        break;
      case 'take-back': {
        const transfer = sandbox.bank.transfers[step.transfer];
        if (transfer?.status === 'credited') sandbox.bank.reverse(transfer.id);
        break;
      }
      case 'reprice': {
        const payment = orders.get(step.order);
        if (payment)
          calls.push(talo.payments.updatePrice(payment.id, centavos(step.centavos)).catch(() => undefined));
        break;
      }
      case 'pass':
        await sandbox.clock.advance({ seconds: step.seconds });
        break;
      case 'fault':
        sandbox.faults.add(step.fault);
        break;
      case 'handler-fails':
        failures += step.times;
        break;
      case 'app-refuses':
        refusals += step.times;
        break;
      case 'echo': {
        const notice = sandbox.deliveries[step.notice];
        for (let i = 0; notice && i < step.times; i++)
          await engine?.webhooks.fetch(requestOf(notice.url, notice.body));
        break;
      }
      case 'forge': {
        const externalId = `order-${step.order}`;
        const cvu = await forge(sandbox, talo.accountId ?? '', externalId, step.centavos);
        if (cvu === undefined) break;
        forgeries.add(cvu);
        sandbox.bank.transfer({ to: cvu, amount: centavos(step.centavos) });
        break;
      }
      case 'crash':
        if (engine) {
          engine.alive.now = false;
          // its loop ends; nothing of it reaches the store any more
          void engine.webhooks.stop({ deadline: 0 });
        }
        await begin();
        break;
    }
    await rest();
  }

  // everything works again, and time does its part
  sandbox.faults.clear();
  failures = 0;
  refusals = 0;
  await sandbox.clock.advance({ days: 3 });
  await Promise.all(calls);
  await sandbox.clock.advance({ hours: 7 });

  const webhooks = engine?.webhooks;
  const stolen = [...forgeries].reduce((sum, cvu) => sum + sandbox.bank.received(cvu).centavos, 0);
  const all = [...events.values()];
  const transfers = all.filter(
    (event) => event.type === 'customer.transfer' || event.type === 'payment.transfer',
  );
  const reversals = all.filter((event) => event.type === 'transfer.reversed');
  const sum = (list: readonly { transaction: { gross?: { centavos: number } } }[]) =>
    list.reduce((total, { transaction }) => total + (transaction.gross?.centavos ?? 0), 0);
  const ours = [...orders.values()];
  const final = await Promise.all(ours.map(({ id }) => talo.payments.get(id)));
  const ending: Ending = {
    bank: sandbox.bank.total().centavos - stolen,
    credited: (await webhooks?.ledger.total())?.centavos,
    told: sum(transfers) - sum(reversals),
    transferIds: transfers.length,
    repeatedWithOtherContent,
    paidTold: all.flatMap((event) => (event.type === 'payment.paid' ? [event.payment.id] : [])).sort(),
    paidAtTalo: final
      .flatMap(({ id, status }) => (['SUCCESS', 'OVERPAID'].includes(status) ? [id] : []))
      .sort(),
    foreign: all.filter((event) => event.type === 'payment.foreign').length,
    forged: forgeries.size,
    dead: ((await webhooks?.dead()) ?? []).map(({ reason }) => reason),
  };
  await webhooks?.stop({ deadline: 0 });
  sandbox.reset();
  return ending;
}

function cvuOf(payment: Payment | undefined): string | undefined {
  return payment?.cvu;
}

/** An inbox whose process dies with `alive`: from then on nothing of it reaches the store. */
function mortal<T extends Inbox<never, never>>(inbox: T, alive: { readonly now: boolean }): T {
  return new Proxy(inbox, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function' || name === 'close')
        return typeof value === 'function' ? async () => {} : value;
      return async (...args: unknown[]) => {
        if (!alive.now) throw new Error('this process is dead');
        const result = await Reflect.apply(value, target, args);
        // it may die between the write and whoever waits for it
        if (!alive.now) throw new Error('this process is dead');
        return result;
      };
    },
  });
}

function requestOf(url: string, body: object): Request {
  return new Request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** A stranger's payment in our name, at an order number of ours. */
async function forge(
  sandbox: ReturnType<typeof createSandbox>,
  userId: string,
  externalId: string,
  price: number,
): Promise<string | undefined> {
  const response = await sandbox
    .fetch('http://talo.localhost/payments/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        user_id: userId,
        price: { amount: price / 100, currency: 'ARS' },
        payment_options: ['transfer'],
        external_id: externalId,
        webhook_url: 'https://shop.example/webhooks/talo',
      }),
    })
    .catch(() => undefined);
  if (response === undefined || response.status !== 200) return undefined;
  const body = (await response.json().catch(() => undefined)) as
    | { data?: { quotes?: readonly { address?: string }[] } }
    | undefined;
  return body?.data?.quotes?.[0]?.address;
}
