import { describe, expect, test } from 'vitest';
import { createSandbox, type Fault, type Sandbox } from '../src/index.ts';
import { aCustomer, aPayment, login, start } from './support/api.ts';

/** The statuses of so many requests to a route that is 401 without a token. */
async function statuses(sandbox: Sandbox, times: number, path = '/payments/VAR-1'): Promise<number[]> {
  const answers: number[] = [];
  for (let index = 0; index < times; index++) answers.push((await sandbox.fetch(`http://x${path}`)).status);
  return answers;
}

describe('which requests a fault meets', () => {
  test('by chance, the same ones for the same seed', async () => {
    const run = async (seed: string): Promise<number[]> => {
      const sandbox = createSandbox({ seed, faults: [{ status: 503, match: { probability: 0.3 } }] });
      return await statuses(sandbox, 200);
    };
    const first = await run('a');
    const met = first.filter((status) => status === 503).length;
    expect(met).toBeGreaterThan(30);
    expect(met).toBeLessThan(90);
    expect(await run('a')).toEqual(first);
    expect(await run('b')).not.toEqual(first);
    expect(
      await statuses(createSandbox({ faults: [{ status: 503, match: { probability: 0 } }] }), 20),
    ).not.toContain(503);
  });

  test.each(['VAR-f61876b0-order-1', 'order-1'])(
    'by the resource %s, in the path or in the body',
    async (resource) => {
      const { sandbox, api } = await start();
      sandbox.faults.add({ status: 503, match: { resource } });
      expect((await api.get('/payments/VAR-f61876b0-order-2')).status).toBe(404);
      expect((await api.get('/payments/VAR-f61876b0-order-1')).status).toBe(503);
      expect((await api.get('/payments/VAR-f61876b0-order-11')).status).toBe(404);
      const created = await api.post('/payments/', aPayment(api.userId, { external_id: 'order-1' }));
      expect(created.status).toBe(resource === 'order-1' ? 503 : 200);
      expect((await api.post('/payments/', aPayment(api.userId, { external_id: 'order-12' }))).status).toBe(
        200,
      );
    },
  );

  test('a fault that is not met leaves the request whole', async () => {
    const { sandbox, api } = await start();
    sandbox.faults.add({ status: 503, match: { resource: 'somebody else' } });
    const created = await api.post('/customers/', aCustomer(api.userId));
    expect(created.status).toBe(200);
  });
});

describe('what happens to them', () => {
  test('jitter waits up to so much longer, on the sandbox clock', async () => {
    const sandbox = createSandbox({ clock: 'virtual', faults: [{ delayMs: 100, jitterMs: 400 }] });
    const waits: number[] = [];
    for (let index = 0; index < 20; index++) {
      const begun = sandbox.clock.now();
      let answeredAt = 0;
      const answer = sandbox.fetch('http://x/').then(() => {
        answeredAt = sandbox.clock.now();
      });
      await sandbox.clock.advance({ ms: 500 });
      await answer;
      waits.push(answeredAt - begun);
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...waits)).toBeLessThanOrEqual(500);
    expect(new Set(waits).size).toBeGreaterThan(5);
  });

  test('an expired token is refused as Talo would, and what needs none is not', async () => {
    const { sandbox, api } = await start();
    sandbox.faults.add({ effect: 'expire-token', times: 2 });
    const refused = await api.get(`/users/${api.userId}/account`);
    expect([refused.status, refused.body.message]).toEqual([401, 'token expired']);
    const again = await login(sandbox);
    expect((await again.get(`/users/${api.userId}/account`)).status).toBe(200);
  });

  test('a stale read does not show the last transfer yet, and the next one does', async () => {
    const { sandbox, api } = await start();
    const { data: payment } = await api.post('/payments/', aPayment(api.userId));
    const { data: customer } = await api.post('/customers/', aCustomer(api.userId));
    const cvu = payment.quotes[0].address;
    sandbox.bank.transfer({ to: cvu, amount: 400 });
    sandbox.bank.transfer({ to: cvu, amount: 600 });
    sandbox.bank.transfer({ to: customer.bank_info.cvu, amount: 50 });
    const remove = sandbox.faults.add({ effect: 'stale-read' });
    const stale = await api.get(`/payments/${payment.id}`);
    expect([stale.data.payment_status, stale.data.transactions.length]).toEqual(['UNDERPAID', 1]);
    expect((await api.get('/customers/123456789')).data.balance).toBe(0);
    const transaction = '/customers/123456789/transactions/1b5a952a-8a79-4003-b06a-e4043d453456';
    expect((await api.get(transaction)).status).toBe(404);
    remove();
    const fresh = await api.get(`/payments/${payment.id}`);
    expect([fresh.data.payment_status, fresh.data.transactions.length]).toEqual(['SUCCESS', 2]);
    expect((await api.get(transaction)).status).toBe(200);
  });

  test('what is not readable yet is 404 to a GET, and can be created meanwhile', async () => {
    const { sandbox, api } = await start();
    sandbox.faults.add({ effect: 'not-readable' });
    const { data, status } = await api.post('/payments/', aPayment(api.userId));
    expect(status).toBe(200);
    expect((await api.get(`/payments/${data.id}`)).status).toBe(404);
  });
});

describe('webhooks', () => {
  async function pay(fault: Fault, options = {}): Promise<{ sandbox: Sandbox; notices: readonly string[] }> {
    const { sandbox, api, notices } = await start(options);
    const one = await api.post('/payments/', aPayment(api.userId, { external_id: 'one' }));
    const two = await api.post('/payments/', aPayment(api.userId, { external_id: 'two' }));
    sandbox.faults.add(fault);
    for (const { data } of [one, two]) sandbox.bank.transfer({ to: data.quotes[0].address, amount: 1000 });
    await sandbox.idle();
    return {
      sandbox,
      get notices() {
        return notices.map(({ body }) => body['externalId'] ?? '');
      },
    };
  }

  test('are lost', async () => {
    const { sandbox, notices } = await pay({ side: 'webhook', effect: 'drop', match: { resource: 'one' } });
    expect(notices).toEqual(['two']);
    expect(sandbox.deliveries).toMatchObject([
      { outcome: 'dropped', reason: 'fault fault-1' },
      { outcome: 'delivered' },
    ]);
  });

  test('come several times, but only so often', async () => {
    const { notices } = await pay({ side: 'webhook', effect: 'duplicate', copies: 2, times: 1 });
    expect(notices).toEqual(['one', 'one', 'one', 'two']);
  });

  test('are overtaken', async () => {
    const { sandbox, ...more } = await pay({
      side: 'webhook',
      effect: 'reorder',
      match: { resource: 'one' },
    });
    expect(more.notices).toEqual(['two']);
    await sandbox.clock.advance({ seconds: 1 });
    expect(sandbox.deliveries.map(({ body }) => body['externalId'])).toEqual(['two', 'one']);
  });

  test('are late, by kind', async () => {
    const { sandbox } = await pay({ side: 'webhook', delayMs: 5000, match: { kind: 'payment' } });
    expect(sandbox.deliveries).toEqual([]);
    await sandbox.clock.advance({ seconds: 5 });
    expect(sandbox.deliveries).toHaveLength(2);
    const other = await pay({ side: 'webhook', delayMs: 5000, match: { kind: 'customer' } });
    expect(other.sandbox.deliveries).toHaveLength(2);
  });

  test('are answered, but the answer is slow: a timeout, and sent again although it was accepted', async () => {
    const { sandbox, ...more } = await pay(
      { side: 'webhook', effect: 'slow-answer', delayMs: 4000, match: { resource: 'one' }, retry: [1000] },
      { delivery: { retry: 'none' } },
    );
    expect(sandbox.deliveries).toMatchObject([
      { outcome: 'timeout', status: 200, durationMs: 4000 },
      { outcome: 'delivered' },
    ]);
    await sandbox.clock.advance({ seconds: 1 });
    expect(more.notices).toEqual(['one', 'two']);
    expect(sandbox.deliveries.at(-1)).toMatchObject({ attempt: 2, outcome: 'timeout' });
  });

  test('a fault of webhooks meets no request, and one of requests no webhook', async () => {
    const sandbox = createSandbox({ faults: [{ side: 'webhook', effect: 'drop' }] });
    expect(await statuses(sandbox, 1)).toEqual([401]);
    const { notices } = await pay({ status: 503 });
    expect(notices).toEqual(['one', 'two']);
  });
});
