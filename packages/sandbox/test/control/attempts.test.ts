import { expect, test } from 'vitest';
import type { PaymentDetail } from '../../src/control/contract.ts';
import { createSandbox } from '../../src/index.ts';
import { type ControlCall, controlOf, start } from './support.ts';

const TOOK_MS = 8;

/** An application that works for so long, in real time. */
function busy(): Response {
  const until = performance.now() + TOOK_MS;
  while (performance.now() < until);
  return new Response();
}

async function payment(control: ControlCall, more: object = {}): Promise<PaymentDetail> {
  const webhookUrl = 'http://127.0.0.1:3000/webhooks/talo';
  return (await control('POST /payments', { body: { price: 1000, webhookUrl, ...more } })).body;
}

test('an answer is measured in real time, whatever the clock does', async () => {
  const { sandbox, control } = start({ receiver: busy });
  const { cvu, userId, id } = await payment(control);
  sandbox.bank.transfer({ to: cvu, amount: 1000 });
  await sandbox.idle();
  const { items } = (await control('GET /notices')).body;
  const took = items[0]?.attempts[0]?.durationMs ?? 0;
  expect(took).toBeGreaterThanOrEqual(TOOK_MS);
  const { timeline } = (await control('GET /payments/:userId/:id', { params: { userId, id } })).body;
  expect(timeline.find(({ type }) => type === 'webhook.attempt')).toMatchObject({
    durationMs: took,
    late: false,
  });
});

test('what is promised to be the same in two runs has no real time in it', async () => {
  const run = async (): Promise<unknown> => {
    const { sandbox, control } = start({
      receiver: busy,
      seed: 7,
      startAt: new Date('2026-03-02T17:20:00Z'),
    });
    const { cvu } = await payment(control, { externalId: 'order-1' });
    sandbox.bank.transfer({ to: cvu, amount: 1000 });
    await sandbox.clock.advance({ hours: 1 });
    return structuredClone(sandbox.deliveries);
  };
  const first = await run();
  expect(first).toHaveLength(1);
  expect(first).toMatchObject([{ durationMs: 0 }]);
  expect(await run()).toEqual(first);
});

test('a notice that was not sent has no attempt with a number', async () => {
  const sandbox = createSandbox({ clock: 'virtual' });
  const control = controlOf(sandbox);
  const { cvu, userId, id } = await payment(control, { webhookUrl: 'https://shop.example/webhooks/talo' });
  sandbox.bank.transfer({ to: cvu, amount: 1000 });
  await sandbox.idle();
  const { items } = (await control('GET /notices')).body;
  expect(items[0]?.attempts).toMatchObject([{ number: 0, outcome: 'refused' }]);
  const { timeline } = (await control('GET /payments/:userId/:id', { params: { userId, id } })).body;
  expect(timeline.find(({ type }) => type === 'webhook.attempt')).toMatchObject({
    attempt: 0,
    outcome: 'refused',
    reason: items[0]?.attempts[0]?.reason,
  });
});

test('what a timeline knows from before has an order, too', async () => {
  const { sandbox } = start();
  const before = await payment(controlOf(sandbox));
  for (const amount of [100, 200, 300]) sandbox.bank.transfer({ to: before.cvu, amount });
  const other = createSandbox({ clock: 'virtual' });
  other.restore(sandbox.snapshot());
  other.bank.transfer({ to: before.cvu, amount: 400 });
  const { userId, id } = before;
  const { body } = await controlOf(other)('GET /payments/:userId/:id', { params: { userId, id } });
  const numbers = body.timeline.map(({ seq }) => seq);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  expect(body.timeline.filter(({ type }) => type === 'transfer')).toHaveLength(4);
});
