import { expect, test } from 'vitest';
import { type Api, aCustomer, aPayment, apiFor, call, type Started, start } from './support/api.ts';

async function consent({ sandbox }: Started, referred = 'user-1'): Promise<string> {
  const url = `http://talo.localhost/authorize/${sandbox.partner.id}?referred_user_id=${referred}`;
  const page = await sandbox.fetch(url);
  const text = await page.text();
  expect(text).toContain('La mejor app');
  expect(text).toContain('<form method="post">');
  const back = await sandbox.fetch(url, { method: 'POST' });
  expect(back.status).toBe(303);
  const location = new URL(back.headers.get('location') ?? '');
  expect(`${location.origin}${location.pathname}`).toBe('http://localhost:3000/talo/callback');
  return location.searchParams.get('code') ?? '';
}

async function exchange({ sandbox }: Started, code: string, change: object = {}) {
  const { id, secret } = sandbox.partner;
  return call(sandbox, 'POST', '/auth/tokens', { code, client_id: id, client_secret: secret, ...change });
}

async function onboard(started: Started): Promise<Api> {
  const { data } = await exchange(started, await consent(started));
  return apiFor(started.sandbox, data.user_id, data.token);
}

test('a code is exchanged once, in time, with the right secret', async () => {
  const started = await start();
  const code = await consent(started);
  expect((await exchange(started, code, { client_secret: 'wrong' })).status).toBe(401);
  const done = await exchange(started, code);
  expect(done.data).toMatchObject({ token: expect.stringMatching(/^PAR-/), referred_user_id: 'user-1' });
  expect((await exchange(started, code)).status).toBe(400);
  expect((await exchange(started, 'made-up')).status).toBe(400);

  const slow = await consent(started, 'user-2');
  await started.sandbox.clock.advance({ minutes: 10 });
  expect((await exchange(started, slow)).status).toBe(400);
});

test('the same referred user comes back to the same account', async () => {
  const started = await start();
  const first = await exchange(started, await consent(started));
  const second = await exchange(started, await consent(started));
  expect(second.data.user_id).toBe(first.data.user_id);
});

test('an account is configured before it is active, and operates only afterwards', async () => {
  const started = await start({ partner: { webhookUrl: 'https://partner.example/hook' } });
  const { sandbox, notices } = started;
  const account = await onboard(started);
  const read = async () => (await account.get(`/users/${account.userId}/account`)).data;
  expect(await read()).toMatchObject({ account_status: 'PENDING', partner_config: { commission: 2 } });
  expect((await account.patch(`/users/${account.userId}`, { alias_prefix: 'tienda' })).data).toMatchObject({
    alias_prefix: 'tienda',
    account_status: 'PENDING',
  });
  const customer = aCustomer(account.userId);
  expect((await account.post('/customers/', customer)).status).toBe(403);

  await sandbox.clock.advance({ hours: 24 });
  expect(await read()).toMatchObject({ account_status: 'ACTIVE' });
  expect(notices).toMatchObject([
    { body: { message: 'account_activated', user_id: account.userId, referred_user_id: 'user-1' } },
  ]);
  expect((await account.post('/customers/', customer)).data.bank_info.alias).toBe('tienda.abcdabcd');
});

test('a partner names itself on each payment', async () => {
  const started = await start({ activationDelayMs: 1 });
  const account = await onboard(started);
  await started.sandbox.clock.advance({ ms: 1 });
  expect((await account.post('/payments/', aPayment(account.userId))).status).toBe(422);
  const { id } = started.sandbox.partner;
  const payment = await account.post('/payments/', aPayment(account.userId, { partner_id: id }));
  expect(payment.data).toMatchObject({ partner_id: id });
  expect((await account.get(`/payments/${payment.data.id}`)).status).toBe(200);
});

test('partner tokens live on, unless given hours', async () => {
  const started = await start();
  const account = await onboard(started);
  await started.sandbox.clock.advance({ days: 300 });
  expect((await account.get(`/users/${account.userId}/account`)).status).toBe(200);

  const short = await start({ oddities: { partnerTokenHours: 2 } });
  const other = await onboard(short);
  await short.sandbox.clock.advance({ hours: 2 });
  expect((await other.get(`/users/${other.userId}/account`)).status).toBe(401);
});

test('only an activation is announced, where a URL is on file', async () => {
  const started = await start();
  const { sandbox, notices } = started;
  const account = await onboard(started);
  sandbox.operator.setAccountStatus(account.userId, 'REJECTED');
  await sandbox.clock.advance({ days: 3 });
  expect((await account.get(`/users/${account.userId}/account`)).data.account_status).toBe('REJECTED');
  expect(sandbox.deliveries).toEqual([]);

  sandbox.operator.setAccountStatus(account.userId, 'ACTIVE');
  await sandbox.idle();
  expect(sandbox.deliveries).toMatchObject([{ outcome: 'refused', reason: 'no webhook URL is configured' }]);

  sandbox.partner.webhookUrl = 'https://partner.example/hook';
  sandbox.operator.setAccountStatus(account.userId, 'SUSPENDED');
  sandbox.operator.setAccountStatus(account.userId, 'ACTIVE');
  await sandbox.idle();
  expect(notices).toHaveLength(1);

  const own = sandbox.addMerchant({ status: 'PENDING' }).credentials.userId;
  sandbox.operator.setAccountStatus(own, 'ACTIVE'); // not the partner's business
  await sandbox.idle();
  expect(notices).toHaveLength(1);
});

test('the consent page is safe from what is in its address, and knows one partner', async () => {
  const { sandbox } = await start();
  const evil = encodeURIComponent('<script>alert(1)</script>');
  const page = await sandbox.fetch(
    `http://talo.localhost/authorize/${sandbox.partner.id}?referred_user_id=${evil}`,
  );
  expect(await page.text()).not.toContain('<script>');
  expect((await sandbox.fetch('http://talo.localhost/authorize/other')).status).toBe(404);
});
