import { pesos, subtractMoney, TaloClient } from '@talo/core';
import { type TaloEvent, TaloWebhooks } from '@talo/core/webhooks';
import { createSandbox, type SandboxOptions } from '@talo/sandbox';
import { describe, expect, test } from 'vitest';
import { type SqliteTx, sqliteInbox } from '../src/index.ts';
import { file } from './support.ts';

const silent = { warn: () => {}, error: () => {} };

/** An application that can be started over on the same files, beside a Talo in the same time. */
async function world(options: SandboxOptions) {
  const path = file();
  const app: { webhooks?: TaloWebhooks<SqliteTx, 'sync'> } = {};
  const unavailable = async () => new Response(null, { status: 503 });
  const sandbox = createSandbox({
    clock: 'virtual',
    receiver: (request: Request) => app.webhooks?.fetch(request) ?? unavailable(),
    ...options,
  });
  const { clock, fetch, merchant } = sandbox;
  const webhooks = {
    url: 'https://shop.example/webhooks/talo',
    secret: 'a secret of more than sixteen characters',
  };
  const client = new TaloClient({ ...merchant, fetch, clock, webhooks });
  const events: TaloEvent[] = [];
  type Engine = TaloWebhooks<SqliteTx, 'sync'>;
  const start = async (register: (engine: Engine) => void = () => {}): Promise<Engine> => {
    const engine = new TaloWebhooks({
      client,
      inbox: sqliteInbox({ path }),
      logger: silent,
      clock,
      reconcile: { pace: 0, every: 10 ** 9 },
    });
    engine.on(['payment.transfer', 'payment.updated', 'payment.refunded', 'customer.transfer'], (event) => {
      events.push(event);
    });
    register(engine);
    await engine.start();
    app.webhooks = engine;
    return engine;
  };
  const rest = async (minutes: number) => {
    await sandbox.idle();
    await clock.advance({ minutes });
    await app.webhooks?.idle();
  };
  return { path, sandbox, client, events, start, rest };
}

describe.each(['ledger', 'payment-status'] as const)('refunds that Talo shows in the %s', (refundShows) => {
  test('are entries of their own, once, over restarts, and leave the credits as they are', async () => {
    const { sandbox, client, start, rest } = await world({ oddities: { refundShows } });
    let webhooks = await start();
    const payment = await client.payments.create({ externalId: 'order-1', price: pesos(1_000) });
    sandbox.bank.transfer({ to: payment.cvu ?? '', amount: pesos(1_000) });
    await rest(15);
    const blame = { teamId: 'team', mail: 'ana@shop.example' };
    await client.payments.refund(payment.id, { type: 'PARTIAL', amount: pesos(300), blame });
    for (let i = 0; i < 3; i++) {
      await rest(15);
      await webhooks.reconcile();
      await webhooks.stop();
      webhooks = await start();
    }
    const filter = { paymentId: payment.id };
    expect(await webhooks.ledger.total(filter)).toEqual(pesos(1_000));
    expect(await webhooks.ledger.refunded(filter)).toEqual(pesos(300));

    await client.payments.refund(payment.id, { type: 'FULL', blame }, { repeat: true });
    await rest(15);
    const [report] = (await webhooks.reconcile()).accounts;
    expect(report?.unmatched).toEqual([]);
    await rest(15);
    expect(await webhooks.ledger.total(filter)).toEqual(pesos(1_000));
    expect(await webhooks.ledger.refunded(filter)).toEqual(pesos(1_000));
    const kinds = (await webhooks.ledger.entries(filter)).map(({ kind }) => kind);
    const refunds = kinds.filter((kind) => kind === 'refund');
    // the status is one more statement of the same money
    expect(refunds).toHaveLength(refundShows === 'ledger' ? 2 : 3);
    expect(kinds.filter((kind) => kind === 'credit')).toHaveLength(1);
    await webhooks.stop();
  });
});

describe.each(['gross', 'net'] as const)(
  "customers that Talo's ledger hides, balances %s",
  (customerBalance) => {
    test('whose notification was lost are reported, over restarts, and no others', async () => {
      const { sandbox, client, start, rest } = await world({
        oddities: { ledgerCustomers: 'none', customerBalance },
        delivery: { dropEvery: 3 },
      });
      let webhooks = await start();
      const customers = [];
      for (let i = 0; i < 9; i++) {
        const alias = `socio.${i}abcde`;
        const who = { customerId: `${i}`, alias, name: 'Carla', email: 'carla@shop.example' };
        customers.push(await client.customers.create(who));
      }
      await webhooks.reconcile();
      for (const { cvu } of customers) {
        sandbox.bank.transfer({ to: cvu ?? '', amount: pesos(150) });
        await rest(1);
      }
      await webhooks.reconcile();
      await webhooks.stop();
      webhooks = await start();
      await rest(15);
      const [report] = (await webhooks.reconcile()).accounts;
      const credited = await webhooks.ledger.entries();
      const heard = new Set(credited.map(({ customerId }) => customerId));
      const lost = customers.map(({ customerId }) => customerId).filter((id) => !heard.has(id));
      expect(lost).toHaveLength(3);
      expect(report?.divergent.map(({ customerId }) => customerId).sort()).toEqual(lost);
      const missing = subtractMoney(sandbox.bank.total(), (await webhooks.ledger.total()) ?? pesos(0));
      expect(missing).toEqual(pesos(450));
      expect((await webhooks.stats()).reconciled).toMatchObject({ divergent: 3, unmatched: 0 });
      await webhooks.stop();
    });
  },
);

test('what a stopping process had under way is the next one’s at once', async () => {
  const { sandbox, client, start, rest, events } = await world({});
  let began = () => {};
  const running = new Promise<void>((resolve) => {
    began = resolve;
  });
  const hangs = () => {
    began();
    return new Promise(() => {});
  };
  const first = await start((engine) => engine.on('payment.paid', hangs));
  const payment = await client.payments.create({ externalId: 'order-1', price: pesos(1_000) });
  sandbox.bank.transfer({ to: payment.cvu ?? '', amount: pesos(1_000) });
  await sandbox.idle();
  await running;
  await first.stop({ deadline: 0 });

  const attempts: number[] = [];
  const second = await start((engine) =>
    engine.on('payment.paid', (_, { attempt }) => void attempts.push(attempt)),
  );
  await rest(0);
  expect(attempts).toEqual([1]);
  expect(events.filter(({ type }) => type === 'payment.transfer')).toHaveLength(1);
  await second.stop();
});

test('a pass can be made by a process that only reconciles, and its result read by another', async () => {
  const { path, sandbox, client, start, rest } = await world({ delivery: { dropEvery: 1 } });
  const server = await start();
  const payment = await client.payments.create({ externalId: 'order-1', price: pesos(1_000) });
  sandbox.bank.transfer({ to: payment.cvu ?? '', amount: pesos(1_000) });
  await rest(30);
  await server.stop();

  const engine = (): TaloWebhooks<SqliteTx, 'sync'> =>
    new TaloWebhooks({ client, inbox: sqliteInbox({ path }), logger: silent, clock: sandbox.clock });
  const cron = engine();
  const [report] = (await cron.reconcile()).accounts;
  expect(report).toMatchObject({ checked: 1, unmatched: [] });
  await cron.stop();
  const other = engine();
  expect((await other.stats()).reconciled).toMatchObject({ unmatched: 0, divergent: 0 });
  expect(await other.ledger.total()).toEqual(sandbox.bank.total());
  await other.stop();
});
