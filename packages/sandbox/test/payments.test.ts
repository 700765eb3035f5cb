import { pesos } from '@talo/core';
import { cvu as isCvu } from '@talo/core/constraints';
import { expect, test } from 'vitest';
import type { SandboxOptions } from '../src/index.ts';
import { aPayment, call, login, type Started, start } from './support/api.ts';

async function withPayment(
  options: SandboxOptions = {},
  change: object = {},
): Promise<Started & { id: string; cvu: string; read: () => Promise<Record<string, never>> }> {
  const started = await start(options);
  const { data } = await started.api.post('/payments/', aPayment(started.api.userId, change));
  const read = async () => (await started.api.get(`/payments/${encodeURIComponent(data.id)}`)).data;
  return { ...started, id: data.id, cvu: data.quotes[0].address ?? data.quotes[0].cvu, read };
}

test('a new payment has the shape of real payloads', async () => {
  const { sandbox, read, id, cvu } = await withPayment(
    {},
    { motive: 'Pedido 124', price: { amount: 100, currency: 'ARS' } },
  );
  expect(id).toBe('VAR-f61876b0-FDF_124');
  expect(cvu).toBe('0000630500000060195375');
  expect(await read()).toMatchObject({
    payment_status: 'PENDING',
    status: 'PENDING',
    external_id: 'FDF_124',
    motive: 'Pedido 124',
    price: { amount: 100, currency: 'ARS' },
    quotes: [{ amount: '100', network: 'CRESIUM', address: cvu }],
    transaction_fields: { amount: '100', commission_amount: '0', currency: 'ARS' },
    transactions: [],
    webhook_url: 'https://tu-sitio.com/webhooks/talo',
  });
  expect(sandbox.deliveries).toEqual([]); // creating is no change
});

test('a token is not needed to create, but one that is sent must be valid and of that user', async () => {
  const { sandbox, api } = await start();
  const open = await call(sandbox, 'POST', '/payments/', aPayment(api.userId));
  expect(open.status).toBe(200);
  const body = aPayment(api.userId, { external_id: '2' });
  expect((await call(sandbox, 'POST', '/payments/', body, { authorization: 'Bearer TL-a.b.c' })).status).toBe(
    401,
  );
  const foreign = await api.post('/payments/', aPayment(sandbox.addMerchant().credentials.userId));
  expect(foreign.status).toBe(403);
  expect((await call(sandbox, 'POST', '/payments/', aPayment('nobody'))).status).toBe(404);

  const closed = await start({ oddities: { publicPayments: false } });
  expect((await call(closed.sandbox, 'POST', '/payments/', aPayment(closed.api.userId))).status).toBe(401);
});

test('an id is whatever the external_id is, so it has to be encoded in paths', async () => {
  const { api, id } = await withPayment({}, { external_id: 'a/b#1?%2F ñ.' });
  expect(id).toBe('VAR-f61876b0-a/b#1?%2F ñ.');
  const { data } = await api.get(`/payments/${encodeURIComponent(id)}`);
  expect(data).toMatchObject({ id });
});

test.each([
  ['missing payment_options', { payment_options: undefined }, 500],
  ['options without transfer', { payment_options: ['card'] }, 422],
  ['an amount in a string', { price: { amount: '1500.00', currency: 'ARS' } }, 400],
  ['three decimals', { price: { amount: 1.005, currency: 'ARS' } }, 422],
  ['nothing to pay', { price: { amount: 0, currency: 'ARS' } }, 422],
  ['more than money can hold', { price: { amount: 1e15, currency: 'ARS' } }, 422],
  ['another currency', { price: { amount: 1, currency: 'USD' } }, 422],
  ['no external_id', { external_id: undefined }, 400],
  ['a URL that is none', { webhook_url: 'tu-sitio' }, 422],
  ['an expiry in the past', { expiration_timestamp: '2020-01-01T00:00:00.000Z' }, 422],
  ['an unknown partner', { partner_id: 'x' }, 404],
])('refuses %s', async (_, change, status) => {
  const { api } = await start();
  const answer = await api.post('/payments/', aPayment(api.userId, change));
  expect([answer.status, answer.body.error]).toEqual([status, true]);
});

test('missing payment_options can be a plain 400', async () => {
  const { api } = await start({ oddities: { missingPaymentOptionsFails: false } });
  expect((await api.post('/payments/', aPayment(api.userId, { payment_options: undefined }))).status).toBe(
    400,
  );
});

test('quotes can be as documented', async () => {
  const { read, cvu } = await withPayment({ oddities: { quotesUseAddress: false } });
  expect(await read()).toMatchObject({
    quotes: [{ cvu, alias: expect.stringMatching(/^bami\.\d+\.talo$/) }],
  });
  expect(isCvu.is(cvu)).toBe(true);
});

test('several transfers settle one payment, each announced, each a transaction', async () => {
  const { sandbox, cvu, read, notices, id } = await withPayment();
  sandbox.bank.transfer({ to: cvu, amount: 400, from: { name: 'Ana Díaz', cuit: '20111111112' } });
  expect(await read()).toMatchObject({
    status: 'UNDERPAID',
    transaction_fields: { total_paid: { amount: '400', currency: 'ARS' } },
  });
  sandbox.bank.transfer({ to: cvu, amount: '600' });
  expect(await read()).toMatchObject({ status: 'SUCCESS', payment_status: 'SUCCESS' });
  sandbox.bank.transfer({ to: cvu, amount: pesos('0.01') });
  const paid = await read();
  expect(paid).toMatchObject({ status: 'OVERPAID' });
  expect(paid['transactions']).toMatchObject([
    {
      transaction_id: 'CRS-198-304855',
      amount: '400',
      transaction_status: 'PROCESSED',
      transaction_data: {
        PROCESSED: { amount: 400, netAmount: 395.16, senderTitular: 'Ana Díaz', senderCuit: '20111111112' },
      },
    },
    { transaction_id: 'CRS-198-304856', amount: '600' },
    { transaction_id: 'CRS-198-304857', amount: '0.01' },
  ]);
  await sandbox.idle();
  const notice = { message: 'Pago Actualizado', paymentId: id, externalId: 'FDF_124' };
  expect(notices.map(({ body }) => body)).toEqual([notice, notice, notice]);
  expect(sandbox.bank.received(cvu)).toEqual(pesos('1000.01'));
});

test('the externalId can be missing from the notice', async () => {
  const { sandbox, cvu, notices, id } = await withPayment({ oddities: { webhookOmitsExternalId: true } });
  sandbox.bank.transfer({ to: cvu, amount: 1 });
  await sandbox.idle();
  expect(notices[0]?.body).toEqual({ message: 'Pago Actualizado', paymentId: id });
});

test.each([
  ['exactly the tolerance below', '990', false, 'SUCCESS'],
  ['one centavo more below', '989.99', false, 'UNDERPAID'],
  ['above, which the tolerance does not absorb', '1000.01', false, 'OVERPAID'],
  ['above, which it can absorb', '1010', true, 'SUCCESS'],
  ['further above', '1010.01', true, 'OVERPAID'],
])('tolerance: %s', async (_, amount, toleranceAbsorbsOverpayment, status) => {
  const { sandbox, api, cvu, read } = await withPayment({ oddities: { toleranceAbsorbsOverpayment } });
  await api.patch(`/users/${api.userId}`, { transfer_tolerance: 10 });
  sandbox.bank.transfer({ to: cvu, amount });
  expect(await read()).toMatchObject({ status });
});

test('an unpaid payment expires after the cancellation period, and that is announced', async () => {
  const { sandbox, notices } = await withPayment();
  await sandbox.clock.advance({ hours: 29, minutes: 59 });
  expect(notices).toHaveLength(0);
  await sandbox.clock.advance({ minutes: 1 });
  expect(notices).toHaveLength(1);
  expect(sandbox.deliveries[0]?.at).toEqual(new Date('2025-02-20T01:57:26.674Z'));
  const api = await login(sandbox); // the token is older than an hour
  expect((await api.get('/payments/VAR-f61876b0-FDF_124')).data.status).toBe('EXPIRED');

  const quiet = await withPayment({ oddities: { webhookOnExpiry: false } });
  await quiet.sandbox.clock.advance({ days: 9 });
  expect(quiet.notices).toEqual([]);
});

test.each([
  ['credit', 'SUCCESS', 1, '1000'],
  ['keep-expired', 'EXPIRED', 1, '1000'],
  ['bounce', 'EXPIRED', 0, '0'],
] as const)('a late transfer can %s', async (lateTransfers, status, count, received) => {
  const { sandbox, cvu } = await withPayment({ oddities: { lateTransfers } });
  await sandbox.clock.advance({ days: 2 });
  const receipt = sandbox.bank.transfer({ to: cvu, amount: 1000 });
  expect(receipt.status).toBe(lateTransfers === 'bounce' ? 'bounced' : 'credited');
  const api = await login(sandbox);
  const { data } = await api.get('/payments/VAR-f61876b0-FDF_124');
  expect(data.status).toBe(status);
  expect(data.transactions).toHaveLength(count);
  expect(sandbox.bank.received(cvu)).toEqual(pesos(received));
  expect(sandbox.bank.transfers).toHaveLength(1);
});

test('an underpaid payment stays UNDERPAID, or can expire', async () => {
  for (const underpaidExpires of [false, true]) {
    const { sandbox, cvu } = await withPayment({ oddities: { underpaidExpires } });
    sandbox.bank.transfer({ to: cvu, amount: 1 });
    await sandbox.clock.advance({ days: 2 });
    const { data } = await (await login(sandbox)).get('/payments/VAR-f61876b0-FDF_124');
    expect(data.status).toBe(underpaidExpires ? 'EXPIRED' : 'UNDERPAID');
  }
});

test('the caller may set the expiry, and move it', async () => {
  const { sandbox, api, id } = await withPayment({}, { expiration_timestamp: '2025-02-18T20:00:00-03:00' });
  expect((await api.get(`/payments/${id}`)).data.expiration_timestamp).toBe('2025-02-18T23:00:00.000Z');
  const soon = new Date(sandbox.clock.now() + 60_000).toISOString();
  const moved = await api.put(`/payments/${id}/expiration`, { expiration_timestamp: soon });
  expect(moved.data.expiration_timestamp).toBe(soon);
  await sandbox.clock.advance({ seconds: 59 });
  expect((await api.get(`/payments/${id}`)).data.status).toBe('PENDING');
  await sandbox.clock.advance({ seconds: 1 });
  expect((await api.get(`/payments/${id}`)).data.status).toBe('EXPIRED');
  const late = await api.put(`/payments/${id}/expiration`, { expiration_timestamp: '2030-01-01T00:00:00Z' });
  expect(late.status).toBe(422);
});

test('moving the expiry back lets the payment live on', async () => {
  const { sandbox, api, id } = await withPayment();
  const later = new Date(sandbox.clock.now() + 40 * 3_600_000).toISOString();
  await api.put(`/payments/${id}/expiration`, { expiration_timestamp: later });
  await sandbox.clock.advance({ hours: 39 });
  expect((await (await login(sandbox)).get(`/payments/${id}`)).data.status).toBe('PENDING');
});

test('a new price settles what was already paid', async () => {
  const { sandbox, api, cvu, id } = await withPayment();
  sandbox.bank.transfer({ to: cvu, amount: 400 });
  const cheaper = await api.put(`/payments/${id}/price`, { currency: 'ARS', amount: 400 });
  expect(cheaper.data).toMatchObject({
    status: 'SUCCESS',
    price: { amount: 400 },
    quotes: [{ amount: '400' }],
  });
  expect((await api.put(`/payments/${id}/price`, { currency: 'ARS', amount: 500 })).status).toBe(422);
});

test('changes through the API are announced, unless switched off', async () => {
  for (const webhookOnApiChanges of [true, false]) {
    const { sandbox, api, id, notices } = await withPayment({ oddities: { webhookOnApiChanges } });
    expect((await api.put(`/payments/${id}/metadata`, { motive: 'sin stock' })).data).toMatchObject({
      motive: 'sin stock',
      metadata: { motive: 'sin stock' },
    });
    await sandbox.idle();
    expect(notices).toHaveLength(webhookOnApiChanges ? 1 : 0);
  }
});

test('a second payment with the same external_id never overwrites money', async () => {
  const conflict = await withPayment();
  const again = await conflict.api.post(
    '/payments/',
    aPayment(conflict.api.userId, { price: { amount: 5, currency: 'ARS' } }),
  );
  expect([again.status, again.body.code]).toEqual([409, 'payment_exists']);
  expect(await conflict.read()).toMatchObject({ price: { amount: 1000 } });

  const same = await withPayment({ oddities: { duplicateExternalId: 'return-existing' } });
  const returned = await same.api.post(
    '/payments/',
    aPayment(same.api.userId, { price: { amount: 5, currency: 'ARS' } }),
  );
  expect(returned.data).toEqual(await same.read());

  const replacing = await withPayment(
    { oddities: { duplicateExternalId: 'replace-unpaid' } },
    { external_id: 'twice' },
  );
  const { api, sandbox, cvu, notices } = replacing;
  const body = aPayment(api.userId, { external_id: 'twice', price: { amount: 5, currency: 'ARS' } });
  const replaced = await api.post('/payments/', body);
  expect(replaced.data.price.amount).toBe(5);
  expect(() => sandbox.bank.transfer({ to: cvu, amount: 1 })).toThrow('No CVU'); // closed with the first one
  sandbox.bank.transfer({ to: replaced.data.quotes[0].alias, amount: 5 });
  expect((await api.post('/payments/', body)).status).toBe(409);
  await sandbox.clock.advance({ days: 9 });
  expect(notices).toHaveLength(1); // of the transfer; the replaced one never expires
});

test('refunds: in full, in part, and never more than there is', async () => {
  const { sandbox, api, cvu, id, read, notices } = await withPayment();
  const base = { blame: { team_id: 't', mail: 'a@b.com' }, user_id: api.userId };
  const part = (amount: string) => ({ ...base, refund_type: 'PARTIAL', amount, currency: 'ARS' });
  const path = `/payments/${id}/refunds`;
  expect((await api.post(path, { ...base, refund_type: 'FULL' })).status).toBe(422);
  sandbox.bank.transfer({ to: cvu, amount: 1000 });
  await sandbox.idle();

  const first = await api.post(path, part('500.00'));
  expect(first.body).toMatchObject({ status: 'ok', code: 200, error: false });
  expect(first.data).toMatchObject({ payment_id: id, amount: '500.00', currency: 'ARS', status: 'CREATED' });
  expect((await api.post(path, part('500.01'))).status).toBe(422);
  expect((await api.post(path, { ...part('1'), refund_type: 'FULL' })).status).toBe(422);
  expect((await api.post(path, { ...base, refund_type: 'PARTIAL' })).status).toBe(400);
  expect((await api.post(path, { refund_type: 'FULL' })).status).toBe(400);
  expect((await api.post(path, { ...base, refund_type: 'FULL', user_id: 'other' })).status).toBe(403);
  expect((await api.post(path, { ...base, refund_type: 'FULL' })).data.amount).toBe('500.00');
  expect((await api.post(path, { ...base, refund_type: 'FULL' })).status).toBe(422);

  expect(await read()).toMatchObject({ status: 'SUCCESS' });
  expect(notices).toHaveLength(1);
  const { data } = await api.get(`/transactions/?user_id=${api.userId}`);
  expect(data.transactions[0]).toMatchObject({
    transactionType: 'REFUND',
    amount: '-500.00',
    gross_amount: '500',
    payment_id: id,
  });
});

test('a full refund can show in the payment', async () => {
  const { sandbox, api, cvu, id, read, notices } = await withPayment({
    oddities: { refundShows: 'payment-status' },
  });
  sandbox.bank.transfer({ to: cvu, amount: 1000 });
  const body = { refund_type: 'FULL', blame: { team_id: 't', mail: 'a@b.com' }, user_id: api.userId };
  await api.post(`/payments/${id}/refunds`, body);
  await sandbox.idle();
  expect(await read()).toMatchObject({ status: 'REFUNDED' });
  expect(notices).toHaveLength(2);
});

test('reads lag behind the webhook for as long as asked', async () => {
  const { sandbox, cvu, read, notices } = await withPayment({ oddities: { readDelayMs: 2000 } });
  sandbox.bank.transfer({ to: cvu, amount: 1000 });
  await sandbox.idle();
  expect(notices).toHaveLength(1);
  expect(await read()).toMatchObject({ status: 'PENDING', transactions: [] });
  await sandbox.clock.advance({ seconds: 2 });
  expect(await read()).toMatchObject({ status: 'SUCCESS', transactions: [{ amount: '1000' }] });
});

test('several changes show in their order, each after its own delay', async () => {
  const { sandbox, cvu, read } = await withPayment({ oddities: { readDelayMs: 2000 } });
  sandbox.bank.transfer({ to: cvu, amount: 400 });
  await sandbox.clock.advance({ seconds: 1 });
  sandbox.bank.transfer({ to: cvu, amount: 600 });
  expect(await read()).toMatchObject({ status: 'PENDING', transactions: [] });
  await sandbox.clock.advance({ seconds: 1 });
  expect(await read()).toMatchObject({ status: 'UNDERPAID', transactions: [{ amount: '400' }] });
  await sandbox.clock.advance({ seconds: 1 });
  expect(await read()).toMatchObject({ status: 'SUCCESS', transactions: [{}, { amount: '600' }] });
});

test('an operator can reject a payment, and a transfer can be taken back', async () => {
  const { sandbox, cvu, id, read, notices } = await withPayment();
  sandbox.operator.setPaymentStatus(id, 'UNDER_REVIEW');
  expect(await read()).toMatchObject({ status: 'UNDER_REVIEW' });
  const { id: transferId } = sandbox.bank.transfer({ to: cvu, amount: 1000 });
  expect(await read()).toMatchObject({ status: 'SUCCESS' });
  sandbox.bank.reverse(transferId);
  expect(await read()).toMatchObject({
    status: 'PENDING',
    transactions: [{ transaction_status: 'REVERSED' }],
  });
  sandbox.bank.reverse(transferId); // taken back once
  expect(sandbox.bank.total()).toEqual(pesos(0));
  await sandbox.idle();
  expect(notices).toHaveLength(3);
});

test('a browser without a token finds a checkout page, a client its JSON', async () => {
  const { sandbox, api, cvu, id } = await withPayment();
  expect((await api.get(`/payments/${id}`, { accept: 'text/html' })).data.id).toBe(id);
  const page = await sandbox.fetch(`http://talo.localhost/payments/${id}`, {
    headers: { accept: 'text/html' },
  });
  const text = await page.text();
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(text).toContain(cvu);
  expect(text).toContain('1.000,00');
});
