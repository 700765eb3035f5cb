import { expect, test } from 'vitest';
import { start } from './support.ts';

const url = 'https://shop.example/hooks?sig=abcA';

test('from an empty page to a credited transfer, and its timeline tells all of it', async () => {
  const { sandbox, control, received } = start();
  const before = await control('GET /status');
  expect(before.body).toMatchObject({
    counts: { merchants: 1, payments: 0, transfers: 0 },
    total: { centavos: 0 },
    clock: { mode: 'frozen' },
    merchant: { clientId: 'sandbox', clientSecret: 'sandbox' },
  });

  const { body: payment } = await control('POST /payments', {
    body: { price: 1500.5, externalId: 'order-1', webhookUrl: url },
  });
  expect(payment).toMatchObject({ status: 'PENDING', price: { centavos: 150_050 }, externalId: 'order-1' });
  const { body: paid } = await control('POST /transfers', { body: { to: payment.alias } });
  expect(paid.transfers).toMatchObject([{ amount: { centavos: 150_050 }, status: 'credited' }]);
  await sandbox.idle();
  expect(received).toEqual([
    {
      url,
      body: JSON.stringify({ message: 'Pago Actualizado', paymentId: payment.id, externalId: 'order-1' }),
    },
  ]);

  // the application confirms
  const { userId, clientId, clientSecret } = sandbox.merchant.credentials;
  const token = await sandbox.fetch(`http://x/users/${userId}/tokens`, {
    method: 'POST',
    body: JSON.stringify({ client_id: clientId, client_secret: clientSecret }),
  });
  const { data } = (await token.json()) as { data: { token: string } };
  await sandbox.fetch(`http://x/payments/${payment.id}`, {
    headers: { authorization: `Bearer ${data.token}` },
  });
  await control('POST /credits', { body: { kind: 'payment', id: payment.id, amount: '1500.50' } });

  const { body: seen } = await control('GET /payments/:userId/:id', { params: { userId, id: payment.id } });
  expect(seen.status).toBe('SUCCESS');
  expect(seen.webhookUrl).toBe('https://shop.example/hooks');
  expect(seen.timeline.map(({ type }) => type)).toEqual([
    'created',
    'transfer',
    'status',
    'webhook.queued',
    'webhook.attempt',
    'request',
    'credited',
  ]);
  expect(seen.timeline).toMatchObject([
    {},
    { amount: { centavos: 150_050 }, outcome: 'credited' },
    { from: 'PENDING', to: 'SUCCESS', cause: 'money' },
    { target: 'https://shop.example/hooks' },
    { attempt: 1, outcome: 'delivered', status: 200, late: false },
    { method: 'GET', status: 200 },
    { amount: { centavos: 150_050 } },
  ]);
  expect(seen.wire).toMatchObject({ id: payment.id, payment_status: 'SUCCESS' });
});

test.each([
  ['exact', {}, [100_000], 'SUCCESS'],
  ['under', {}, [50_000], 'UNDERPAID'],
  ['over', {}, [150_000], 'OVERPAID'],
  ['split', { parts: 3 }, [33_333, 33_333, 33_334], 'SUCCESS'],
  ['twice', {}, [100_000, 100_000], 'OVERPAID'],
  ['late', {}, [100_000], 'SUCCESS'],
] as const)('a transfer %s', async (kind, more, amounts, status) => {
  const { control } = start();
  const { body: payment } = await control('POST /payments', { body: { price: 1000 } });
  const { body } = await control('POST /transfers', { body: { to: payment.cvu, kind, ...more } });
  expect(body.transfers.map(({ amount }) => amount.centavos)).toEqual(amounts);
  const { body: list } = await control('GET /payments');
  expect(list.items).toMatchObject([{ status, transactions: amounts.length }]);
  if (kind === 'late') {
    const { body: clock } = await control('GET /clock');
    expect(Date.parse(clock.now)).toBeGreaterThan(Date.parse(payment.expiresAt));
  }
});

test('a payer can be chosen, a transfer taken back, and what is owed follows', async () => {
  const { control } = start();
  const { body: payment } = await control('POST /payments', { body: { price: 1000 } });
  const from = { name: 'Ana Díaz', cuit: '27301234561', account: '0000003100012345678901' };
  const { body } = await control('POST /transfers', { body: { to: payment.cvu, amount: 400, from } });
  expect(body.transfers[0]?.from).toEqual(from);
  expect((await control('GET /accounts')).body.items).toMatchObject([
    { kind: 'payment', received: { centavos: 40_000 }, expected: { centavos: 60_000 } },
  ]);
  const id = body.transfers[0]?.id ?? '';
  expect((await control('POST /transfers/:id/reverse', { params: { id } })).body.status).toBe('reversed');
  expect((await control('GET /accounts')).body.items).toMatchObject([{ expected: { centavos: 100_000 } }]);
  expect((await control('POST /transfers', { body: { to: 'nobody', amount: 1 } })).status).toBe(404);
});

test('accounts: added, configured, refused, revoked, paid out', async () => {
  const { sandbox, control } = start();
  const { body: merchant } = await control('POST /merchants', {
    body: { name: 'Otra SA', aliasPrefix: 'otra' },
  });
  const params = { userId: merchant.userId };
  const changed = await control('PATCH /merchants/:userId', {
    params,
    body: { transferTolerance: 50, cancellationPeriod: 10, aliasPrefix: 'otra2', status: 'SUSPENDED' },
  });
  expect(changed.body).toMatchObject({ transferTolerance: 50, cancellationPeriod: 10, status: 'SUSPENDED' });
  expect((await control('POST /payments', { body: { ...params, price: 1 } })).status).toBe(403);
  await control('PATCH /merchants/:userId', { params, body: { status: 'ACTIVE', revoked: true } });
  const login = await sandbox.fetch(`http://x/users/${merchant.userId}/tokens`, {
    method: 'POST',
    body: JSON.stringify({ client_id: merchant.clientId, client_secret: merchant.clientSecret }),
  });
  expect(login.status).toBe(401);
  const { body: payment } = await control('POST /payments', { body: { ...params, price: 1000 } });
  await control('POST /transfers', { body: { to: payment.cvu } });
  expect((await control('GET /merchants/:userId', { params })).body.balance.centavos).toBe(98_790);
  const paidOut = await control('POST /merchants/:userId/payouts', { params, body: {} });
  expect(Math.abs(paidOut.body.balance.centavos)).toBeLessThanOrEqual(1);
});

test("a partner's merchant is onboarded without a browser", async () => {
  const { sandbox, control, received } = start();
  await control('PATCH /partner', { body: { webhookUrl: 'https://partner.example/talo' } });
  const { body } = await control('POST /partner/onboard', {
    body: { referredUserId: 'u-1', activate: true },
  });
  expect(body.redirectTo).toContain(`code=${body.code}`);
  expect(body.merchant).toMatchObject({ status: 'ACTIVE', referredUserId: 'u-1', ofPartner: true });
  await sandbox.idle();
  expect(received.map((notice) => notice.body)).toEqual([
    JSON.stringify({ message: 'account_activated', user_id: body.merchant.userId, referred_user_id: 'u-1' }),
  ]);
});

test('webhooks: every attempt with request and answer, replayed, reordered, forged, wrongly signed', async () => {
  const { sandbox, control, received } = start();
  const create = async (id: string) => {
    const { body } = await control('POST /customers', {
      body: { customerId: id, alias: `${id}.xyz`, webhookUrl: url },
    });
    await control('POST /transfers', { body: { to: body.cvu, amount: 10 } });
  };
  await create('one');
  await create('two');
  await sandbox.idle();
  const { body: list } = await control('GET /notices');
  expect(list.items).toMatchObject([{ outcome: 'delivered' }, { outcome: 'delivered' }]);
  const [two, one] = list.items;
  expect(one?.attempts).toMatchObject([
    {
      number: 1,
      status: 200,
      request: { headers: { 'content-type': 'application/json' }, body: JSON.stringify(one?.body) },
      answer: { headers: { 'x-app': 'yes' }, body: 'taken' },
    },
  ]);

  received.length = 0;
  const params = { id: one?.id ?? '' };
  await control('POST /notices/:id/replay', { params, body: { times: 50 } });
  await sandbox.idle();
  expect(received).toHaveLength(50);

  received.length = 0;
  await control('POST /notices/:id/replay', { params, body: { signature: 'wrong' } });
  await control('POST /notices/:id/replay', { params, body: { signature: 'none' } });
  await control('POST /notices/:id/replay', { params, body: { url: 'https://other.example/x' } });
  await sandbox.idle();
  expect(received.map((notice) => notice.url)).toEqual([
    'https://shop.example/hooks?sig=abcB',
    'https://shop.example/hooks',
    'https://other.example/x',
  ]);

  received.length = 0;
  await control('POST /notices/reorder', { body: { ids: [one?.id, two?.id], order: 'reversed' } });
  await sandbox.idle();
  expect(received.map((notice) => JSON.parse(notice.body).customerId)).toEqual(['two', 'one']);

  received.length = 0;
  const forged = await control('POST /notices/forge', { body: { kind: 'payment', id: 'never', url } });
  expect(forged.body.notices).toMatchObject([
    { origin: 'forged', resource: { kind: 'payment', id: 'never' } },
  ]);
  await control('POST /notices/forge', { body: { body: { any: [1] }, headers: { 'x-mark': '1' } } });
  await sandbox.idle();
  expect(received.map((notice) => notice.body)).toEqual([
    JSON.stringify({ message: 'Pago Actualizado', paymentId: 'VAR-f61876b0-never', externalId: 'never' }),
    '{"any":[1]}',
  ]);
  // what was sent by hand is not taken for what Talo sent
  expect(sandbox.deliveries.filter(({ body }) => body['message'] === 'Pago Actualizado')).toEqual([]);
});

test('the request log is searched, and shows no secret', async () => {
  const { sandbox, control } = start();
  const { userId } = sandbox.merchant.credentials;
  const body = JSON.stringify({ client_id: 'sandbox', client_secret: 'hush-hush' });
  await sandbox.fetch(`http://x/users/${userId}/tokens`, { method: 'POST', body });
  await sandbox.fetch('http://x/payments/VAR-1?token=hush-hush', {
    headers: { authorization: 'Bearer TL-aaa.hush.ccc', 'x-api-key': 'hush-hush' },
  });
  const { body: all } = await control('GET /requests');
  expect(all.total).toBe(2);
  const { body: one } = await control('GET /requests', { query: { q: 'VAR-1', method: 'get', status: 401 } });
  expect(one.items).toMatchObject([{ method: 'GET', path: '/payments/VAR-1', status: 401 }]);
  expect((await control('GET /requests', { query: { status: 200 } })).body.total).toBe(0);
  for (const { id } of all.items) {
    const { body: detail } = await control('GET /requests/:id', { params: { id } });
    expect(JSON.stringify(detail)).not.toContain('hush');
  }
  const detail = await control('GET /requests/:id', { params: { id: one.items[0]?.id ?? '' } });
  expect(detail.body.requestHeaders).toMatchObject({ authorization: 'Bearer TL-…' });
  await control('DELETE /requests');
  expect((await control('GET /requests')).body.total).toBe(0);
});

test('of what is very long the beginning is kept, without secrets', async () => {
  const { sandbox, control } = start();
  const { userId } = sandbox.merchant.credentials;
  const body = `{"client_id":"${'x'.repeat(16_000)}","client_secret":"${'hush'.repeat(1000)}"}`;
  await sandbox.fetch(`http://x/users/${userId}/tokens`, { method: 'POST', body });
  const { items } = (await control('GET /requests')).body;
  const { body: detail } = await control('GET /requests/:id', { params: { id: items[0]?.id ?? '' } });
  expect(detail.requestBody?.length).toBeLessThan(17_000);
  expect(detail.requestBody).not.toContain('hush');
});

test('lists are paged from the newest, and stay put while more come', async () => {
  const { control } = start();
  for (let index = 0; index < 7; index++) {
    await control('POST /payments', { body: { price: 1, externalId: `o-${index}` } });
  }
  const first = await control('GET /payments', { query: { limit: 3 } });
  expect(first.body.items.map(({ externalId }) => externalId)).toEqual(['o-6', 'o-5', 'o-4']);
  await control('POST /payments', { body: { price: 1, externalId: 'o-7' } });
  const second = await control('GET /payments', { query: { limit: 3, cursor: first.body.next ?? '' } });
  expect(second.body.items.map(({ externalId }) => externalId)).toEqual(['o-3', 'o-2', 'o-1']);
  const last = await control('GET /payments', { query: { limit: 3, cursor: second.body.next ?? '' } });
  expect(last.body).toMatchObject({ items: [{ externalId: 'o-0' }], total: 8 });
  expect(last.body.next).toBeUndefined();
  expect((await control('GET /payments', { query: { q: 'O-3' } })).body.items).toHaveLength(1);
  expect((await control('GET /payments', { query: { cursor: 'nonsense' } })).status).toBe(404);
});

test('faults are added, met, counted and taken away', async () => {
  const { sandbox, control } = start();
  const { body: fault } = await control('POST /faults', { body: { status: 503, times: 2 } });
  expect((await sandbox.fetch('http://x/anything')).status).toBe(503);
  expect((await control('GET /faults')).body.faults).toMatchObject([{ id: fault.id, met: 1, left: 1 }]);
  expect((await control('GET /requests')).body.items).toMatchObject([{ fault: fault.id }]);
  expect((await control('GET /status')).body.counts.faults).toBe(1);
  expect((await sandbox.fetch('http://x/anything')).status).toBe(503);
  // used up it is still listed, and strikes no more
  expect((await control('GET /faults')).body.faults).toMatchObject([{ id: fault.id, met: 2, left: 0 }]);
  expect((await control('GET /status')).body.counts.faults).toBe(0);
  await control('DELETE /faults/:id', { params: { id: fault.id } });
  expect((await control('GET /faults')).body.faults).toEqual([]);
  expect((await control('POST /faults', { body: { effect: 'nothing' } })).status).toBe(422);
  // the control API itself always answers
  await control('POST /faults', { body: { effect: 'reset' } });
  expect((await control('DELETE /faults')).status).toBe(200);
});

test('time is frozen, advanced and let go', async () => {
  const { sandbox, control } = start({ clock: 'real' });
  expect((await control('GET /clock')).body.mode).toBe('real');
  const { body: payment } = await control('POST /payments', { body: { price: 1 } });
  const { body: later } = await control('POST /clock/advance', { body: { hours: 31 } });
  expect(later).toMatchObject({ mode: 'real' });
  expect(later.aheadMs).toBeGreaterThan(31 * 3_600_000 - 1000);
  const params = { userId: payment.userId, id: payment.id };
  expect((await control('GET /payments/:userId/:id', { params })).body.status).toBe('EXPIRED');
  await control('POST /clock/freeze');
  const frozen = sandbox.clock.now();
  expect((await control('GET /clock')).body).toMatchObject({
    mode: 'frozen',
    now: new Date(frozen).toISOString(),
  });
  await control('POST /clock/run');
  expect(sandbox.clock.kind).toBe('real');
  expect((await control('POST /clock/advance', { body: { hours: -1 } })).status).toBe(422);
  await sandbox.close();
});

test('switches and the sender are changed while it runs, and back with a reset', async () => {
  const { sandbox, control } = start();
  const { body: settings } = await control('GET /settings');
  expect(settings.oddities.find(({ name }) => name === 'lateTransfers')).toMatchObject({
    type: 'choice',
    choices: ['credit', 'keep-expired', 'bounce'],
    default: 'credit',
    current: 'credit',
  });
  await control('PATCH /settings', {
    body: { oddities: { collectionsNeedSlash: false }, delivery: { duplicate: 1 } },
  });
  expect((await sandbox.fetch('http://x/payments', { method: 'POST' })).status).toBe(400);
  const { body: customer } = await control('POST /customers', { body: { webhookUrl: url } });
  await control('POST /transfers', { body: { to: customer.cvu, amount: 5 } });
  await sandbox.idle();
  expect(sandbox.deliveries).toHaveLength(2);
  expect((await control('PATCH /settings', { body: { oddities: { nonsense: 1 } } })).status).toBe(422);
  const leave = await control('PATCH /settings', { body: { delivery: { allowRemote: true } } });
  expect(leave.status).toBe(422);
  await control('POST /reset');
  expect((await sandbox.fetch('http://x/payments', { method: 'POST' })).status).toBe(404);
  expect((await control('GET /status')).body.counts).toMatchObject({ customers: 0, transfers: 0 });
});

test('a snapshot is gone back to, and everything is exported and imported', async () => {
  const { sandbox, control } = start();
  const { body: payment } = await control('POST /payments', { body: { price: 100, webhookUrl: url } });
  await control('POST /snapshots', { body: { name: 'before' } });
  await control('POST /transfers', { body: { to: payment.cvu } });
  const { body: exported } = await control('GET /export');
  await control('POST /snapshots/:name/restore', { params: { name: 'before' } });
  expect(sandbox.bank.total().centavos).toBe(0);
  expect((await control('GET /payments')).body.items).toMatchObject([{ status: 'PENDING' }]);
  await control('POST /import', { body: exported });
  expect(sandbox.bank.total().centavos).toBe(10_000);
  expect((await control('GET /payments')).body.items).toMatchObject([{ status: 'SUCCESS' }]);
  expect((await control('POST /import', { body: { format: 'other' } })).status).toBe(422);
  expect((await control('POST /snapshots/:name/restore', { params: { name: 'none' } })).status).toBe(404);
  expect((await control('GET /snapshots')).body.snapshots).toMatchObject([{ name: 'before' }]);
});

test('what is wrong is said, with where', async () => {
  const { control } = start();
  const wrong = await control('POST /payments', { body: { price: 1, prise: 2 } });
  expect(wrong.status).toBe(422);
  expect(JSON.stringify(wrong.body)).toContain('prise');
  expect((await control('POST /payments', { body: { price: '1.234' } })).status).toBe(422);
  expect((await control('GET /payments/:userId/:id', { params: { userId: 'x', id: 'y' } })).status).toBe(404);
});

test.each([
  ['an expiry in the past', { price: 55, expiresAt: '2001-01-01T00:00:00.000Z' }],
  ['a price of nothing', { expiresAt: '2031-01-01T00:00:00.000Z', price: 0 }],
  ['a price that closes it', { price: 40, expiresAt: '2001-01-01T00:00:00.000Z', status: 'REJECTED' }],
])('a change with %s is refused as a whole', async (_what, body) => {
  const { sandbox, control, received } = start();
  const { body: payment } = await control('POST /payments', {
    body: { price: 100, webhookUrl: 'https://a.example/' },
  });
  await control('POST /transfers', { body: { to: payment.cvu, amount: 40 } });
  await sandbox.idle();
  const params = { userId: payment.userId, id: payment.id };
  const { body: before } = await control('GET /payments/:userId/:id', { params });
  received.length = 0;
  expect((await control('PATCH /payments/:userId/:id', { params, body })).status).toBe(422);
  expect((await control('GET /payments/:userId/:id', { params })).body).toEqual(before);
  await sandbox.idle();
  expect(received).toEqual([]);
});

test('an expiry and a price that closes the payment can be changed together', async () => {
  const { control } = start();
  const { body: payment } = await control('POST /payments', { body: { price: 100 } });
  await control('POST /transfers', { body: { to: payment.cvu, amount: 40 } });
  const { status, body } = await control('PATCH /payments/:userId/:id', {
    params: { userId: payment.userId, id: payment.id },
    body: { price: 40, expiresAt: '2031-01-01T00:00:00.000Z' },
  });
  expect([status, body.status, body.expiresAt]).toEqual([200, 'SUCCESS', '2031-01-01T00:00:00.000Z']);
});

test('a merchant is changed as a whole or not at all', async () => {
  const { control } = start();
  const { body: taken } = await control('POST /merchants', { body: { aliasPrefix: 'taken' } });
  const { body: merchant } = await control('POST /merchants', { body: { aliasPrefix: 'mine' } });
  const params = { userId: merchant.userId };
  const { body: before } = await control('GET /merchants/:userId', { params });
  const answer = await control('PATCH /merchants/:userId', {
    params,
    body: {
      status: 'SUSPENDED',
      revoked: true,
      transferTolerance: 50,
      cancellationPeriod: 7,
      aliasPrefix: taken.aliasPrefix,
    },
  });
  expect(answer.status).toBe(409);
  expect((await control('GET /merchants/:userId', { params })).body).toEqual(before);
});
