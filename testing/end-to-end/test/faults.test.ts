import { pesos, TaloClient, TaloError } from '@talo/core';
import { createSandbox, type Fault } from '@talo/sandbox';
import { describe, expect, onTestFinished, test } from 'vitest';
import { failureOf, inProcess } from './support/world.ts';

// over HTTP and without the OpenAPI check, which would stumble over half an answer before the client does

const TIMEOUT_MS = 300;
const order = { externalId: 'order-1', price: pesos(1500) };

async function broken(fault: Fault): Promise<TaloClient> {
  const sandbox = createSandbox();
  const { close } = await sandbox.listen();
  onTestFinished(close);
  const client = new TaloClient({ ...sandbox.merchant, timeout: TIMEOUT_MS, random: () => 0 });
  await client.account.get();
  sandbox.faults.add(fault);
  return client;
}

describe.each<[string, Fault, object, object]>([
  [
    'resets the connection',
    { effect: 'reset' },
    { reason: 'NETWORK' },
    { reason: 'NETWORK', outcome: 'unknown' },
  ],
  [
    'loses the answer',
    { effect: 'lose-response' },
    { reason: 'NETWORK' },
    { reason: 'NETWORK', outcome: 'unknown' },
  ],
  [
    'stalls in the middle',
    { effect: 'stall-body' },
    { reason: 'TIMEOUT' },
    { reason: 'TIMEOUT', outcome: 'unknown' },
  ],
  [
    'breaks off in the middle',
    { effect: 'truncate' },
    { reason: 'NETWORK' },
    { reason: 'NETWORK', outcome: 'unknown' },
  ],
  ['sends a gateway’s HTML', { effect: 'html' }, { status: 502 }, { status: 502, outcome: 'unknown' }],
  [
    'sends HTML with 200',
    { effect: 'html', status: 200 },
    { reason: 'BAD_RESPONSE' },
    { reason: 'BAD_RESPONSE', outcome: 'unknown' },
  ],
  [
    'sends half an object',
    { status: 200, body: '{"message":"ok","data":{' },
    { reason: 'BAD_RESPONSE' },
    { reason: 'BAD_RESPONSE', outcome: 'unknown' },
  ],
  [
    'sends another shape',
    { status: 200, body: { message: 'ok', data: [1, 2] } },
    { reason: 'BAD_RESPONSE' },
    { reason: 'BAD_RESPONSE', outcome: 'unknown' },
  ],
  ['fails', { status: 500 }, { status: 500 }, { status: 500, outcome: 'unknown' }],
  ['refuses everything', { status: 403 }, { status: 403 }, { status: 403, outcome: undefined }],
  [
    'has too much to do',
    { status: 429, headers: { 'retry-after': '60' } },
    { status: 429, retryAfter: 60_000 },
    { status: 429, outcome: undefined },
  ],
  ['takes too long', { delayMs: 5_000 }, { reason: 'TIMEOUT' }, { reason: 'TIMEOUT', outcome: 'unknown' }],
])('when Talo %s', (_, fault, ofGet, ofCreate) => {
  test('a call is a typed error within its deadline', async () => {
    const client = await broken(fault);
    for (const [call, expected] of [
      [() => client.payments.get('VAR-1'), ofGet],
      [() => client.payments.create(order), ofCreate],
    ] as const) {
      const began = performance.now();
      const error = await failureOf(call());
      expect(performance.now() - began).toBeLessThan(TIMEOUT_MS + 200);
      expect(TaloError.is(error)).toBe(true);
      expect(error).toMatchObject(expected);
    }
  });
});

test('a failure that passes is not noticed', async () => {
  const { sandbox, client } = inProcess();
  const talo = client();
  for (const fault of [{ effect: 'reset' }, { status: 503 }, { status: 429 }, { status: 408 }] as const) {
    sandbox.faults.add({ ...fault, times: 1, match: { method: 'GET' } });
    expect(await talo.account.get()).toMatchObject({ status: 'ACTIVE' });
    sandbox.faults.add({ ...fault, times: 1, match: { method: 'PATCH' } });
    expect(await talo.account.update({ transferTolerance: 1 })).toMatchObject({ transferTolerance: 1 });
  }
});

test('a refund whose answer is lost is not sent again unasked', async () => {
  const { sandbox, client } = inProcess();
  const talo = client();
  const payment = await talo.payments.create(order);
  sandbox.bank.transfer({ to: payment.cvu, amount: 1500 });
  const match = { method: 'POST', route: '/payments/:id/refunds' };
  sandbox.faults.add({ match, effect: 'lose-response', times: 1 });
  const refund = { type: 'PARTIAL', amount: pesos(100), blame: { teamId: 't', mail: 'a@b.co' } } as const;
  expect(await failureOf(talo.payments.refund(payment.id, refund))).toMatchObject({ outcome: 'unknown' });
  expect(await failureOf(talo.payments.refund(payment.id, refund))).toMatchObject({ code: 'refund_unknown' });
  const sent = sandbox.requests.filter(({ path }) => path.endsWith('/refunds'));
  expect(sent).toHaveLength(1);
  await talo.payments.refund(payment.id, refund, { repeat: true });
});
