import { pesos, TaloClient } from '@talo/core';
import { memoryInbox, TaloWebhooks } from '@talo/core/webhooks';
import { expect, test } from 'vitest';
import {
  SandboxAssertionError,
  type TestSandbox,
  testSandbox,
  withSandbox,
} from '../../src/testing/index.ts';

function application(t: TestSandbox): { talo: TaloClient; webhooks: TaloWebhooks; told: string[] } {
  const talo = new TaloClient({
    ...t.client,
    webhooks: { url: 'https://shop.example/webhooks/talo', secret: 'x'.repeat(32) },
  });
  const told: string[] = [];
  const webhooks = new TaloWebhooks({
    client: talo,
    inbox: memoryInbox(),
    clock: t.client.clock,
    reconcile: false,
    logger: { warn() {}, error: console.error },
  });
  webhooks.on(['payment.transfer', 'customer.transfer', 'payment.paid'], ({ type }) => {
    told.push(type);
  });
  return { talo, webhooks: t.connect(webhooks), told };
}

test('idle waits for the sender and for an engine that nobody started', async () => {
  const t = testSandbox();
  const { talo, told } = application(t);
  const payment = await talo.payments.create({ externalId: 'order-1', price: pesos(1000) });
  t.sandbox.bank.transfer({ to: payment.alias, amount: 1000 });
  await t.idle();
  expect(told.sort()).toEqual(['payment.paid', 'payment.transfer']);
  expect(t.expectDelivered({ about: 'order-1' })).toHaveLength(1);
  t.expectDelivered({ about: payment.id, times: 1 });
  await t.expectCreditsEqualTransfers();
});

test('what is missing in the ledger is said, resource by resource, with the journal', async () => {
  const t = testSandbox({ delivery: { dropEvery: 2 } });
  const { talo } = application(t);
  const one = await talo.payments.create({ externalId: 'one', price: pesos(10) });
  const two = await talo.payments.create({ externalId: 'two', price: pesos(20) });
  t.sandbox.bank.transfer({ to: one.alias, amount: 10 });
  t.sandbox.bank.transfer({ to: two.alias, amount: 20 });
  await t.idle();
  const error = await t.expectCreditsEqualTransfers().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SandboxAssertionError);
  expect(String(error)).toMatch(
    /payment VAR-f61876b0-two of .*: the bank moved \$\s20,00, the ledger holds \$\s0,00/,
  );
  expect(String(error)).not.toMatch(/VAR-f61876b0-one of .*the ledger holds/);
  expect(String(error)).toContain('notice-2 attempt 0: dropped (delivery.dropEvery is 2)');
  expect(String(error)).not.toContain('?'); // no query, so no signature
});

test('one transfer credited twice and another of the same amount lost is seen', async () => {
  const t = testSandbox();
  const { talo, webhooks } = application(t);
  const payment = await talo.payments.create({ externalId: 'order-1', price: pesos(20) });
  for (let times = 0; times < 2; times++) t.sandbox.bank.transfer({ to: payment.alias, amount: 10 });
  await t.idle();
  await t.expectCreditsEqualTransfers();
  const [first, second] = await webhooks.ledger.entries();
  const twice = { entries: async () => (first === undefined ? [] : [first, first]) };
  const error = String(await t.expectCreditsEqualTransfers(twice).catch((thrown: unknown) => thrown));
  expect(error).toMatch(
    new RegExp(`${first?.transactionId}: .*moved \\$\\s10,00, the ledger holds \\$\\s20,00`),
  );
  expect(error).toMatch(
    new RegExp(`${second?.transactionId}: .*moved \\$\\s10,00, the ledger holds \\$\\s0,00`),
  );
  // a ledger without the ids of transactions is compared by its sums
  const accountId = first?.accountId ?? '';
  const sums = {
    entries: async () => [{ kind: 'credit', accountId, paymentId: payment.id, gross: pesos(20) }],
  };
  await t.expectCreditsEqualTransfers(sums);
});

test('one entry without a transaction makes sums of its own resource only', async () => {
  const t = testSandbox();
  const { talo, webhooks } = application(t);
  const [one, other] = [
    await talo.payments.create({ externalId: 'one', price: pesos(20) }),
    await talo.payments.create({ externalId: 'other', price: pesos(20) }),
  ];
  for (const { alias: to } of [one, one, other, other]) t.sandbox.bank.transfer({ to, amount: 10 });
  await t.idle();
  const entries = await webhooks.ledger.entries();
  const [kept, lost] = entries.filter(({ paymentId }) => paymentId === one.id);
  const accountId = kept?.accountId ?? '';
  const unnamed = { kind: 'credit', accountId, paymentId: other.id, gross: pesos(20) };
  const held = [...(kept === undefined ? [] : [kept, kept]), unnamed];
  const failure = t.expectCreditsEqualTransfers({ entries: async () => held });
  await expect(failure).rejects.toThrow(`transaction ${lost?.transactionId}: the bank moved`);
  await expect(failure).rejects.not.toThrow(`${other.id} of`);
});

test('a reversed transfer is not in the ledger either', async () => {
  const t = testSandbox();
  const { talo } = application(t);
  const payment = await talo.payments.create({ externalId: 'order-1', price: pesos(10) });
  const { id } = t.sandbox.bank.transfer({ to: payment.alias, amount: 10 });
  await t.idle();
  t.sandbox.bank.reverse(id);
  await t.idle();
  await t.expectCreditsEqualTransfers();
});

test('more is counted than a sandbox keeps that runs for days', async () => {
  const t = testSandbox();
  t.receive(() => new Response());
  const talo = new TaloClient({ ...t.client });
  const payment = await talo.payments.create({
    externalId: 'order-1',
    price: pesos(1),
    webhookUrl: 'https://shop.example/hook',
  });
  for (let times = 0; times < 1500; times++) t.sandbox.bank.transfer({ to: payment.alias, amount: 1 });
  await t.idle();
  t.expectDelivered({ about: 'order-1', times: 1500 });
});

test('expectDelivered and expectNoRequests say what came instead', async () => {
  const t = testSandbox();
  const { talo } = application(t);
  t.expectNoRequests();
  expect(() => t.expectDelivered()).toThrow('none was');
  await talo.account.get();
  expect(() => t.expectNoRequests()).toThrow(/there were 2:\n {2}POST \/users\/.*\/tokens {2}200\n {2}GET/);
  t.expectNoRequests({ path: '/payments/' });
  t.forget();
  t.expectNoRequests();
  await talo.account.get();
  expect(() => t.expectNoRequests({ method: 'get' })).toThrow('there were 1');
  expect(() => t.expectDelivered({ about: 'x', times: 2 })).toThrow(
    'about x to be delivered 2 times; it was 0',
  );
});

test('an application without our engine', async () => {
  const t = testSandbox();
  const bodies: unknown[] = [];
  t.receive(async (request) => {
    bodies.push(await request.json());
    return new Response();
  });
  const talo = new TaloClient({ ...t.client });
  const customer = await talo.customers.create({
    customerId: 'c-1',
    alias: 'abcdef',
    name: 'C',
    email: 'c@example.com',
    webhookUrl: 'https://shop.example/hook',
  });
  t.sandbox.bank.transfer({ to: customer.alias, amount: 5 });
  await t.idle();
  expect(bodies).toMatchObject([{ customerId: 'c-1' }]);
  await expect(t.expectCreditsEqualTransfers()).rejects.toThrow('Connect an engine first');
});

test('withSandbox adds the journal to whatever fails', async () => {
  const failing = withSandbox({}, async (t) => {
    await new TaloClient({ ...t.client }).account.get();
    expect(1).toBe(2);
  });
  await expect(failing).rejects.toThrow(
    /expected 1 to be 2[\s\S]*What happened in the sandbox:[\s\S]*\/account {2}200/,
  );
  // jest and node:test show the stack
  const error: unknown = await failing.catch((thrown: unknown) => thrown);
  expect(error instanceof Error && error.stack).toMatch(
    /expected 1 to be 2[\s\S]*\/account {2}200[\s\S]*\n {4}at /,
  );
  expect(await withSandbox({}, () => 'fine')).toBe('fine');
});

test('a fresh one costs less than five milliseconds', () => {
  testSandbox();
  const times = Array.from({ length: 50 }, () => {
    const begun = performance.now();
    testSandbox();
    return performance.now() - begun;
  });
  // the median: what a neighbour on the same machine does is not ours
  expect(times.sort((a, b) => a - b)[25]).toBeLessThan(5);
});
