import { expect, test } from 'vitest';
import { apiFor, start } from './support/api.ts';

// the requests of Talo's two documents, word for word but for the host

test('the customers page: create, faucet, balance, transaction', async () => {
  const { sandbox, api, notices } = await start();
  const created = await api.post(
    '/customers/',
    `{
"user_id": "f61876b0-10a5-4e39-8e2c-17343b3fa1b6",
"alias": "abcdabcd",
"customer_id": "123456789",
"name": "Carla Perez",
"contact": { "email": "carlaperez@gmail.com" },
"webhook_url": "https://tu-sitio.com/webhooks/talo"
}`,
  );
  expect(created.status).toBe(200);
  expect(created.data).toEqual({
    customer_id: '123456789',
    bank_info: { cvu: '0000630500008064475741', alias: 'bami.abcdabcd' },
    balance: 0,
    creation_timestamp: '2025-02-18T19:57:26.674Z',
  });

  const faucet = await api.post('/cvu/0000630500008064475741/faucet', '{ "amount": 15000 }');
  expect(faucet.body).toEqual({ message: 'ok', error: false });
  await sandbox.idle();
  expect(notices).toEqual([
    {
      url: 'https://tu-sitio.com/webhooks/talo',
      body: {
        message: 'Pago recibido',
        transactionId: '1b5a952a-8a79-4003-b06a-e4043d453456',
        customerId: '123456789',
      },
    },
  ]);

  expect((await api.get('/customers/123456789')).data).toMatchObject({
    customer_id: '123456789',
    balance: 15000,
  });
  const transaction = await api.get('/customers/123456789/transactions/1b5a952a-8a79-4003-b06a-e4043d453456');
  expect(transaction.data).toMatchObject({
    transaction_id: '1b5a952a-8a79-4003-b06a-e4043d453456',
    transaction_status: 'PROCESSED',
    gross_amount: '15000',
    amount: '14818.50',
    commission_amount: '181.50',
    currency: 'ARS',
  });
});

test('the account page: PATCH gives the documented account', async () => {
  const { api } = await start();
  const documented = {
    account_status: 'ACTIVE',
    alias_prefix: 'myapp',
    cancellation_period: 30,
    transfer_tolerance: 10,
    payout_schedule: { address: 'my.withdraw.alias', frequency: 'daily' },
    user_id: api.userId,
    partner_config: {
      commission: 2,
      partner_id: '75b4bf61-afac-453f-939e-181a2c1de579',
      partner_name: 'La mejor app',
      partner_slug: 'la_mejor_app',
    },
  };
  const before = await api.get(`/users/${api.userId}/account`);
  expect(before.data).toEqual({ ...documented, alias_prefix: 'bami', transfer_tolerance: 0 });

  const patched = await api.patch(
    `/users/${api.userId}`,
    `{
	"alias_prefix": "myapp",
	"cancellation_period": 30,
	"transfer_tolerance": 10,
	"payout_schedule": {
		"address": "my.withdraw.alias",
		"frequency": "daily"
	}
}`,
  );
  expect(patched.body).toEqual({ status: 'ok', error: false, data: documented });
  expect((await api.get(`/users/${api.userId}/account`)).body).toEqual(patched.body);
});

test('the account page: the activation notice', async () => {
  const { sandbox, notices } = await start({ partner: { webhookUrl: 'https://tu-sitio.com/partner' } });
  const consent = await sandbox.fetch(
    `http://talo.localhost/authorize/${sandbox.partner.id}?referred_user_id=userPrueba1234`,
    { method: 'POST' },
  );
  expect(consent.status).toBe(303);
  await sandbox.clock.advance({ hours: 36 });
  await sandbox.idle();
  expect(notices).toEqual([
    {
      url: 'https://tu-sitio.com/partner',
      body: {
        message: 'account_activated',
        user_id: '507d3c2ret-36g9-6f22-99ab-427d0sdfsdfff21',
        referred_user_id: 'userPrueba1234',
      },
    },
  ]);
});

test('another seed gives other values, the same ones each time', async () => {
  const cvus: string[] = [];
  for (const seed of ['one', 'one', 'two']) {
    const { sandbox, api } = await start({ seed });
    const own = apiFor(sandbox, api.userId, api.token);
    const { data } = await own.post('/customers/', {
      user_id: api.userId,
      alias: 'abcdabcd',
      customer_id: '123456789',
      name: 'Carla',
      contact: { email: 'c@x.com' },
      webhook_url: 'https://x.com',
    });
    cvus.push(data.bank_info.cvu);
  }
  expect(cvus[0]).toBe(cvus[1]);
  expect(cvus[0]).not.toBe(cvus[2]);
  expect(cvus).not.toContain('0000630500008064475741');
});
