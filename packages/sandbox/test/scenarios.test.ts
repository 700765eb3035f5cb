import { expect, test } from 'vitest';
import { createSandbox, type Sandbox } from '../src/index.ts';
import { plays } from '../src/scenarios/plays.ts';
import { testSandbox } from '../src/testing/index.ts';
import { controlOf } from './control/support.ts';

const names = Object.keys(plays) as (keyof typeof plays)[];

function begin(): { sandbox: Sandbox; received: string[] } {
  const received: string[] = [];
  const sandbox = createSandbox({
    clock: 'virtual',
    receiver: async (request) => {
      received.push(await request.text());
      return new Response();
    },
  });
  return { sandbox, received };
}

test.each(names)(
  '%s happens with time, does the same in each run, and takes its faults away',
  async (name) => {
    const run = async (): Promise<{ report: unknown; transfers: unknown; faults: number }> => {
      const { sandbox } = begin();
      const begun = sandbox.scenarios.run(
        name,
        name === 'one-revoked' ? { merchants: 5 } : { transfers: 12 },
      );
      expect(begun.running).toBe(true);
      await sandbox.clock.advance({ minutes: 11 });
      const ended = sandbox.scenarios.list.find((scenario) => scenario.name === name);
      expect(ended?.running).toBe(false);
      // nothing in the way any more
      const { status } = await sandbox.fetch('http://x/payments/VAR-1');
      const transfers = sandbox.bank.transfers.map(({ cvu, amount, at }) => [
        cvu,
        amount.centavos,
        at.getTime(),
      ]);
      return { report: ended?.report, transfers, faults: status };
    };
    const first = await run();
    expect(first.faults).toBe(401);
    expect(first.transfers).not.toEqual([]);
    expect(await run()).toEqual(first);
  },
);

test.each(names)(
  '%s is played again and again in one sandbox, and goes on as a new one each time',
  async (name) => {
    const errors: unknown[] = [];
    const sandbox = createSandbox({
      clock: 'virtual',
      receiver: () => new Response(),
      onError: (error) => errors.push(error),
    });
    const parameters = name === 'one-revoked' ? { merchants: 5 } : { transfers: 12 };
    for (let turn = 1; turn <= 3; turn++) {
      const before = sandbox.bank.transfers.length;
      sandbox.scenarios.run(name, parameters);
      await sandbox.clock.advance({ minutes: 11 });
      expect(sandbox.scenarios.list.find((scenario) => scenario.name === name)?.running).toBe(false);
      expect(sandbox.bank.transfers.length).toBeGreaterThan(before);
      // a state that is gone back to knows how far its scenarios were
      if (turn === 2) sandbox.restore(sandbox.snapshot());
    }
    expect(errors).toEqual([]);
  },
);

/** Its only account that collects has a prefix with which no customer can be given an alias. */
function withBrokenAccount(seed: number): { sandbox: Sandbox; errors: unknown[] } {
  const errors: unknown[] = [];
  const sandbox = createSandbox({
    clock: 'virtual',
    seed,
    receiver: () => new Response(),
    onError: (error) => errors.push(error),
  });
  sandbox.operator.setAccountStatus(sandbox.merchant.credentials.userId, 'SUSPENDED');
  sandbox.addMerchant({ aliasPrefix: 'no good' });
  return { sandbox, errors };
}

test('a scenario that cannot begin does not run, and leaves no fault behind', async () => {
  const { sandbox } = withBrokenAccount(2); // whose first payer wants a customer
  expect(() => sandbox.scenarios.run('friday-night', { transfers: 20 })).toThrow(/alias/);
  expect(sandbox.scenarios.list.filter(({ running }) => running)).toEqual([]);
  const { body } = await controlOf(sandbox)('GET /faults');
  expect(body.faults).toEqual([]);
});

test('a step that fails is said, and time and the scenario go on', async () => {
  const { sandbox, errors } = withBrokenAccount(1); // whose first payer wants a payment
  sandbox.scenarios.run('friday-night', { transfers: 20 });
  await sandbox.clock.advance({ minutes: 11 });
  expect(errors.length).toBeGreaterThan(0);
  for (const error of errors) expect(String(error)).toMatch(/alias/);
  expect(sandbox.bank.transfers.length).toBeGreaterThan(0);
  expect(sandbox.scenarios.list.filter(({ running }) => running)).toEqual([]);
});

test('friday night pays in every way', async () => {
  const { sandbox } = begin();
  sandbox.scenarios.run('friday-night', { transfers: 150, minutes: 1 });
  await sandbox.clock.advance({ minutes: 2 });
  const statuses = sandbox
    .snapshot()
    .rows.filter(({ kind }) => kind === 'payment')
    .map(({ value }) => Reflect.get(value as object, 'status'));
  expect(new Set(statuses)).toEqual(new Set(['SUCCESS', 'OVERPAID', 'UNDERPAID']));
  expect(sandbox.deliveries.length).toBeGreaterThan(150);
});

test('in a black-out money comes in, and nobody hears of it', async () => {
  const { sandbox, received } = begin();
  sandbox.scenarios.run('black-out', { minutes: 5, transfers: 10 });
  await sandbox.clock.advance({ minutes: 4 });
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => sandbox.fetch('http://x/')));
  const kinds = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.status : 'lost'));
  expect(new Set(kinds)).toEqual(new Set([503, 'lost']));
  await sandbox.clock.advance({ minutes: 2 });
  expect(sandbox.bank.transfers.length).toBeGreaterThanOrEqual(10);
  expect(received).toEqual([]);
  expect((await sandbox.fetch('http://x/openapi.json')).status).toBe(200);
});

test('one of many is revoked, and the others go on', async () => {
  const { sandbox } = begin();
  const { report } = sandbox.scenarios.run('one-revoked');
  expect(report).toMatchObject({ merchants: 200, customers: 200, transfers: 200, revoked: 1 });
  const merchants = sandbox.snapshot().rows.filter(({ kind }) => kind === 'merchant');
  expect(merchants).toHaveLength(201);
  expect(merchants.filter(({ value }) => Reflect.get(value as object, 'revoked') === true)).toHaveLength(1);
  await sandbox.clock.advance({ seconds: 2 });
  expect(sandbox.bank.transfers).toHaveLength(400);
});

test('strangers send what Talo never sent, and it is not taken for a delivery', async () => {
  const { sandbox, received } = begin();
  sandbox.scenarios.run('hostile-internet', { transfers: 0, forgeries: 20, minutes: 1 });
  await sandbox.clock.advance({ minutes: 2 });
  expect(received).toHaveLength(20);
  expect(sandbox.deliveries).toEqual([]);
});

test('a scenario is stopped, begun again and ended by a reset; a wrong one is refused with those there are', () => {
  const { sandbox } = begin();
  sandbox.scenarios.run('friday-night');
  expect(sandbox.scenarios.stop('friday-night').running).toBe(false);
  sandbox.scenarios.run('friday-night');
  sandbox.reset();
  expect(sandbox.scenarios.list.map(({ running }) => running)).toEqual(names.map(() => false));
  expect(() => sandbox.scenarios.run('monday' as never)).toThrow(/only friday-night, black-out/);
  expect(() => sandbox.scenarios.run('black-out', { hours: 1 })).toThrow(
    /no 'hours', only minutes, transfers/,
  );
  expect(() => sandbox.scenarios.run('black-out', { minutes: -1 })).toThrow(/minutes is a number/);
  expect(() => sandbox.scenarios.run('black-out', { webhookUrl: 'nowhere' })).toThrow(/webhookUrl is a URL/);
});

test('without anybody to tell a scenario is refused, and nothing is made', async () => {
  const sandbox = createSandbox({ clock: 'virtual' });
  const control = controlOf(sandbox);
  for (const name of names) {
    expect(() => sandbox.scenarios.run(name)).toThrow(/give webhookUrl, such as 'http:\/\/localhost:3000/);
  }
  await control('POST /payments', { body: { price: 1 } }); // says nothing of webhooks
  expect((await control('POST /scenarios/:name', { params: { name: 'black-out' }, body: {} })).status).toBe(
    422,
  );
  const { body } = await control('GET /status');
  expect(body).toMatchObject({ scenarios: [], counts: { customers: 0, payments: 1, faults: 0 } });

  // where it was told, or where the application's go
  sandbox.scenarios.run('one-revoked', { merchants: 2, webhookUrl: 'http://localhost:9/told' });
  const urls = (): unknown[] =>
    sandbox
      .snapshot()
      .rows.filter(({ kind }) => kind === 'customer')
      .map(({ value }) => Reflect.get(value as object, 'webhookUrl'));
  expect(new Set(urls())).toEqual(new Set(['http://localhost:9/told']));
  sandbox.reset();
  await control('POST /payments', { body: { price: 1, webhookUrl: 'http://localhost:9/own' } });
  sandbox.scenarios.run('one-revoked', { merchants: 2 });
  expect(new Set(urls())).toEqual(new Set(['http://localhost:9/own']));
});

test('an application under friday night is told of everything in the end', async () => {
  const t = testSandbox({ delivery: { retry: [1_000, 1_000, 1_000] } });
  const heard = new Set<string>();
  t.receive(async (request) => {
    heard.add(await request.text());
    return new Response();
  });
  t.sandbox.scenarios.run('friday-night', { transfers: 30, minutes: 1 });
  await t.sandbox.clock.advance({ minutes: 2 });
  await t.idle();
  expect(heard.size).toBe(new Set(t.sandbox.deliveries.map(({ body }) => JSON.stringify(body))).size);
});
