import { describe, expect, test } from 'vitest';
import { pesos, TaloClient, TaloConfigError } from '../../src/index.ts';
import { manualClock } from '../../src/testing/index.ts';
import { type Inbox, memoryInbox, type ReconcileOptions, TaloWebhooks } from '../../src/webhooks/index.ts';
import { ACCOUNT, clientOf, FakeTalo, SECRET, settled, silent, URL_BASE } from './support.ts';

const CVU = '0000630500008064475741';
const OTHER = '11111111-2222-4333-8444-555555555555';

/** Whose customers and payments an inbox is told of. */
function remembering() {
  const memory = memoryInbox();
  const entries = new Map<string, string>();
  const watched: string[] = [];
  const inbox: Inbox<never, never> = {
    ...memory,
    async remember(added) {
      for (const { key, value } of added) entries.set(key, value);
      await memory.remember(added);
    },
    async watch(key, at) {
      watched.push(key);
      await memory.watch(key, at);
    },
  };
  const of = (accountId: string, kind: string) =>
    [...entries]
      .filter(([key]) => key.includes(JSON.stringify([accountId, kind]).slice(1, -1)))
      .map(([, value]) => value);
  return { inbox, of, watched };
}

/** A platform whose merchants are made with `forAccount`; Talo makes the customers and payments asked for. */
function platform() {
  const talo = new FakeTalo();
  const client = new TaloClient({
    environment: { apiUrl: 'http://talo.test' },
    credentials: { userId: ACCOUNT, accessToken: 'TL-token' },
    partner: { id: 'partner' },
    webhooks: { url: URL_BASE, secret: SECRET },
    async fetch(url, init) {
      const path = new URL(url).pathname;
      if (init.method !== 'POST') return talo.fetch(url, init);
      const body = JSON.parse(init.body ?? '{}');
      const data =
        path === '/customers/'
          ? { ...body, cvu: CVU, alias: `bami.${body.alias}` }
          : {
              ...talo.payment(`VAR-${body.external_id}`, body),
              user_id: body.user_id,
              webhook_url: body.webhook_url,
            };
      return {
        status: 200,
        headers: new Headers(),
        text: async () => JSON.stringify({ error: false, data }),
      };
    },
  });
  const merchant = (userId: string) => client.forAccount({ userId, accessToken: 'PAR-token' });
  return { talo, client, merchant };
}

const carla = { customerId: 'carla', alias: 'carlax', name: 'Carla Pérez', email: 'carla@example.com' };
const order = { externalId: 'order-1', price: pesos(30000) };

describe('with clientFor', () => {
  const engineFor = (inbox: Inbox<never, never>, reconcile: ReconcileOptions = {}) => {
    const { client, merchant } = platform();
    const merchants = new Map([ACCOUNT, OTHER].map((id) => [id, merchant(id)]));
    const accounts = () => merchants.keys();
    const engine = new TaloWebhooks<never, never>({
      clientFor: (id) => merchants.get(id),
      inbox,
      clock: manualClock(),
      logger: silent,
      reconcile: { accounts, ...reconcile },
    });
    return { engine, client, merchant };
  };

  test('what a merchant creates before any notification is tracked, as its own', async () => {
    const { inbox, of, watched } = remembering();
    const { engine, merchant } = engineFor(inbox);
    await engine.start();
    await merchant(OTHER).customers.create(carla);
    await merchant(OTHER).payments.create(order);
    expect(of(OTHER, 'cvu')).toEqual(['carla']);
    expect(of(OTHER, 'order')).toEqual(['VAR-order-1']);
    expect(watched).toHaveLength(1);
    expect([...of(ACCOUNT, 'cvu'), ...of(ACCOUNT, 'order')]).toEqual([]);
    await engine.stop({ deadline: 0 });
  });

  test('money counts as news from the start on, of every account named', async () => {
    const { inbox, of } = remembering();
    const { engine } = engineFor(inbox);
    await engine.start();
    expect([of(ACCOUNT, 'since').length, of(OTHER, 'since').length]).toEqual([1, 1]);
    await engine.stop({ deadline: 0 });
  });

  test('a customer is tracked where it is said whose, and otherwise refused, with nothing tracked', async () => {
    const { inbox, of } = remembering();
    const { engine, merchant } = engineFor(inbox);
    const customer = await merchant(OTHER).customers.create(carla);
    const payment = await merchant(OTHER).payments.create(order);
    const refused = await engine.track([payment, customer]).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TaloConfigError);
    expect(String(refused)).toContain('webhooks.track([customer], { accountId })');
    expect([...of(OTHER, 'cvu'), ...of(OTHER, 'order')]).toEqual([]);
    await engine.track([payment, customer], { accountId: OTHER });
    expect(of(OTHER, 'cvu')).toEqual(['carla']);
    expect(of(OTHER, 'order')).toEqual(['VAR-order-1']);
    await engine.stop({ deadline: 0 });
  });

  test('accounts that cannot be listed are said, and keep nothing from starting', async () => {
    const { inbox } = remembering();
    const { client } = platform();
    const said: string[] = [];
    const engine = new TaloWebhooks<never, never>({
      clientFor: () => client,
      inbox,
      clock: manualClock(),
      logger: { warn: (line) => said.push(line), error: (line) => said.push(line) },
      reconcile: { accounts: () => Promise.reject(new Error('the database is down')) },
    });
    await engine.start();
    expect(said.filter((line) => line.includes('reconcile.accounts'))).toHaveLength(1);
    await engine.stop({ deadline: 0 });
  });

  test('an account whose client fails keeps no other from being met', async () => {
    const { inbox, of } = remembering();
    const { client } = platform();
    const engine = new TaloWebhooks<never, never>({
      clientFor: (id) => (id === ACCOUNT ? client : Promise.reject(new Error('no such row'))),
      inbox,
      clock: manualClock(),
      logger: silent,
      reconcile: { accounts: () => ['a', 'b', 'c', 'd', 'e', ACCOUNT] },
    });
    await engine.start();
    expect(of(ACCOUNT, 'since')).toHaveLength(1);
    await engine.stop({ deadline: 0 });
  });

  test('a clientFor that hangs keeps nothing from starting', async () => {
    const { inbox } = remembering();
    const clock = manualClock();
    const engine = new TaloWebhooks<never, never>({
      clientFor: () => new Promise<undefined>(() => {}),
      inbox,
      clock,
      logger: silent,
      reconcile: { accounts: () => [ACCOUNT, OTHER] },
    });
    const started = engine.start();
    await settled();
    clock.advance(10_000);
    await started;
    await engine.stop({ deadline: 0 });
  });
});

test("of an engine of one account, a merchant's customers are not taken for its own", async () => {
  const { inbox, of } = remembering();
  const { client, merchant } = platform();
  const engine = new TaloWebhooks<never, never>({ client, inbox, clock: manualClock(), logger: silent });
  await engine.start();
  await merchant(OTHER).customers.create(carla);
  expect([...of(ACCOUNT, 'cvu'), ...of(OTHER, 'cvu')]).toEqual([]);
  await client.customers.create(carla);
  expect(of(ACCOUNT, 'cvu')).toEqual(['carla']);
  await engine.stop({ deadline: 0 });
});

test('what no client is found for is refused', async () => {
  const { inbox } = remembering();
  const engine = new TaloWebhooks<never, never>({
    client: clientOf(new FakeTalo()),
    inbox,
    clock: manualClock(),
    logger: silent,
  });
  const theirs = platform().merchant(OTHER);
  const payment = await theirs.payments.create(order);
  await expect(engine.track([payment])).rejects.toThrow(TaloConfigError);
  await engine.stop({ deadline: 0 });
});
