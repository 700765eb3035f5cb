import { expect, test } from 'vitest';
import { aCustomer, aPayment, apiFor, call, login, start } from './support/api.ts';

const credentials = { client_id: 'sandbox', client_secret: 'sandbox' };

test('a token is TL- and a JWT that lives for an hour of the sandbox clock', async () => {
  const { sandbox, api } = await start();
  const [head = '', payload = ''] = api.token.replace('TL-', '').split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' });
  expect(claims.exp - claims.iat).toBe(3600);
  expect(claims.iat).toBe(Math.floor(sandbox.clock.now() / 1000));

  await sandbox.clock.advance({ minutes: 59 });
  expect((await api.get(`/users/${api.userId}/account`)).status).toBe(200);
  await sandbox.clock.advance({ minutes: 1 });
  const expired = await api.get(`/users/${api.userId}/account`);
  expect(expired.status).toBe(401);
  expect(expired.body).toEqual({ message: 'token expired', error: true, code: 'auth_error' });
});

test('several tokens of one account are valid at once', async () => {
  const { sandbox, api } = await start();
  const second = await login(sandbox);
  expect(second.token).not.toBe(api.token);
  expect((await api.get(`/users/${api.userId}/account`)).status).toBe(200);
  expect((await second.get(`/users/${api.userId}/account`)).status).toBe(200);
});

test('wrong credentials are 401 with an error envelope', async () => {
  const { sandbox, api } = await start();
  for (const [userId, body] of [
    [api.userId, { ...credentials, client_secret: 'wrong' }],
    [api.userId, { ...credentials, client_id: 'wrong' }],
    ['nobody', credentials],
  ]) {
    const answer = await call(sandbox, 'POST', `/users/${userId}/tokens`, body);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ message: 'invalid credentials', error: true, code: 'auth_error' });
  }
});

test.each([
  ['nothing', undefined],
  ['no scheme', (token: string) => token],
  ['the prefix twice', (token: string) => `Bearer TL-${token}`],
  ['no prefix', (token: string) => `Bearer ${token.slice(3)}`],
  ['the prefix of a partner', (token: string) => `Bearer ${token.replace('TL-', 'PAR-')}`],
  ['a changed signature', (token: string) => `Bearer ${token.slice(0, -2)}`],
])('a header with %s is 401', async (_, header) => {
  const { sandbox, api } = await start();
  const authorization = header?.(api.token);
  const answer = await call(
    sandbox,
    'GET',
    '/customers/x',
    undefined,
    authorization ? { authorization } : {},
  );
  expect(answer.status).toBe(401);
  expect(answer.body.code).toBe('auth_error');
});

test('a failed authentication can answer 200 and expired tokens 403', async () => {
  const { sandbox, api } = await start({ oddities: { authFailureWith200: true } });
  const answer = await call(sandbox, 'GET', '/customers/x');
  expect([answer.status, answer.body.error]).toEqual([200, true]);
  expect((await api.get('/customers/x')).status).toBe(404);

  const other = await start({ oddities: { expiredTokenStatus: 403 } });
  await other.sandbox.clock.advance({ hours: 1 });
  expect((await other.api.get('/customers/x')).status).toBe(403);
});

test('accounts do not see each other', async () => {
  const { sandbox, api } = await start();
  const stranger = await login(sandbox, sandbox.addMerchant());
  await api.post('/customers/', aCustomer(api.userId));
  const payment = await api.post('/payments/', aPayment(api.userId));
  await api.post('/cvu/0000630500008064475741/faucet', { amount: 100 });

  expect((await stranger.get('/customers/123456789')).status).toBe(404);
  expect((await stranger.get(`/payments/${payment.data.id}`)).status).toBe(404);
  expect((await stranger.put(`/payments/${payment.data.id}/metadata`, { motive: 'x' })).status).toBe(404);
  expect((await stranger.post('/cvu/0000630500008064475741/faucet', { amount: 1 })).status).toBe(404);
  expect((await stranger.get(`/users/${api.userId}/account`)).status).toBe(403);
  expect((await stranger.patch(`/users/${api.userId}`, { transfer_tolerance: 1 })).status).toBe(403);
  expect((await stranger.get(`/transactions/?user_id=${api.userId}`)).status).toBe(403);
  expect((await stranger.post('/customers/', aCustomer(api.userId, { customer_id: '2' }))).status).toBe(403);
  expect((await stranger.get(`/transactions/?user_id=${stranger.userId}`)).data.transactions).toEqual([]);
});

test('the same customer and order ids at two accounts are two things', async () => {
  const { sandbox, api } = await start();
  const other = await login(sandbox, sandbox.addMerchant({ aliasPrefix: 'otra' }));
  const one = await api.post('/customers/', aCustomer(api.userId));
  const two = await other.post('/customers/', aCustomer(other.userId));
  expect(two.data.bank_info.alias).toBe('otra.abcdabcd');
  sandbox.bank.transfer({ to: 'otra.abcdabcd', amount: 50 });
  expect((await api.get('/customers/123456789')).data.balance).toBe(0);
  expect((await other.get('/customers/123456789')).data.balance).toBe(50);
  expect(one.data.bank_info.cvu).not.toBe(two.data.bank_info.cvu);
});

test('tokens outlive a reset, since the same accounts exist again', async () => {
  const { sandbox, api } = await start();
  await api.post('/customers/', aCustomer(api.userId));
  sandbox.reset();
  expect((await api.get('/customers/123456789')).status).toBe(404);
  expect(sandbox.requests).toHaveLength(1);
  const again = await apiFor(sandbox, api.userId, api.token).post('/customers/', aCustomer(api.userId));
  expect(again.data.bank_info.cvu).toBe('0000630500008064475741');
});

test('a reset takes faults, merchants, history and changes of the partner away', async () => {
  const { sandbox } = await start({ partner: { webhookUrl: 'https://partner.example/' } });
  const extra = sandbox.addMerchant().credentials;
  sandbox.partner.webhookUrl = 'https://other.example/';
  sandbox.faults.add({ status: 503 });
  sandbox.reset();
  expect([sandbox.requests, sandbox.deliveries, sandbox.bank.transfers]).toEqual([[], [], []]);
  expect(sandbox.partner.webhookUrl).toBe('https://partner.example/');
  expect((await call(sandbox, 'POST', `/users/${extra.userId}/tokens`, credentials)).status).toBe(401);
  expect((await login(sandbox)).token).toMatch(/^TL-/);
});
