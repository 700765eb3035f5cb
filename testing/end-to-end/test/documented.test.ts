import { TaloClient } from '@talo/core';
import { createSandbox, type Sandbox } from '@talo/sandbox';
import { expect, onTestFinished, test } from 'vitest';

// the requests of Talo's documentation as they are written there, but for the host, and beside each what the client
// makes of the same

const CREATE_CUSTOMER = `curl -X POST https://sandbox-api.talo.com.ar/customers/ \\
-H "Authorization: Bearer $TALO_TOKEN" \\
-H "Content-Type: application/json" \\
-d '{
"user_id": "f61876b0-10a5-4e39-8e2c-17343b3fa1b6",
"alias": "abcdabcd",
"customer_id": "123456789",
"name": "Carla Perez",
"contact": { "email": "carlaperez@gmail.com" },
"webhook_url": "https://tu-sitio.com/webhooks/talo"
}'`;

const GET_TRANSACTION = `curl -H "Authorization: Bearer $TALO_TOKEN" \\
https://sandbox-api.talo.com.ar/customers/123456789/transactions/1b5a952a-8a79-4003-b06a-e4043d453456`;

const FAUCET = `curl -X POST \\
"https://sandbox-api.talo.com.ar/cvu/0000630500008064475741/faucet" \\
-H "Authorization: Bearer $TALO_TOKEN" \\
-H "Content-Type: application/json" \\
-d '{ "amount": 15000 }'`;

const PATCH_ACCOUNT = `{
	"alias_prefix": "myapp",
	"cancellation_period": 30,
	"transfer_tolerance": 10,
	"payout_schedule": {
		"address": "my.withdraw.alias",
		"frequency": "daily"
	}
}`;

const USER_ID = 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6';

async function listening(): Promise<{ sandbox: Sandbox; url: string; token: string; talo: TaloClient }> {
  const sandbox = createSandbox({ receiver: () => new Response() });
  const { url, close } = await sandbox.listen();
  onTestFinished(close);
  const body = JSON.stringify({ client_id: 'sandbox', client_secret: 'sandbox' });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/users/${USER_ID}/tokens`, { method: 'POST', headers, body });
  const { data } = (await response.json()) as { data: { token: string } };
  return { sandbox, url, token: data.token, talo: new TaloClient(sandbox.merchant) };
}

/** Runs a curl command. Knows the options that the documentation uses, and no others. */
async function curl(command: string, url: string, token: string) {
  const words = command
    .replaceAll('\\\n', ' ')
    .replaceAll('https://sandbox-api.talo.com.ar', url)
    .replaceAll('$TALO_TOKEN', token)
    .match(/"[^"]*"|'[^']*'|\S+/g);
  const [, ...args] = (words ?? []).map((word) => word.replace(/^(["'])(.*)\1$/s, '$2'));
  const request = { url: '', method: 'GET', headers: new Headers(), body: null as string | null };
  for (let word = args.shift(); word !== undefined; word = args.shift()) {
    if (word === '-X') request.method = args.shift() ?? '';
    else if (word === '-d') request.body = args.shift() ?? '';
    else if (word === '-H') {
      const [name = '', value = ''] = (args.shift() ?? '').split(': ');
      request.headers.set(name, value);
    } else request.url = word;
  }
  const response = await fetch(request.url, request);
  const answer = (await response.json()) as { data: Record<string, unknown> };
  return { status: response.status, data: answer.data };
}

test('the customers page', async () => {
  const { url, token, talo } = await listening();
  expect(await curl(CREATE_CUSTOMER, url, token)).toMatchObject({
    status: 200,
    data: {
      customer_id: '123456789',
      bank_info: { cvu: '0000630500008064475741', alias: 'bami.abcdabcd' },
      balance: 0,
    },
  });
  expect((await curl(FAUCET, url, token)).status).toBe(200);
  const { data } = await curl(GET_TRANSACTION, url, token);
  expect(data).toMatchObject({ gross_amount: '15000', transaction_status: 'PROCESSED' });
  const transaction = await talo.customers.getTransaction(
    '123456789',
    '1b5a952a-8a79-4003-b06a-e4043d453456',
  );
  expect(transaction.raw).toEqual(data);
  expect(await talo.customers.get('123456789')).toMatchObject({ balance: { centavos: 1_500_000 } });
});

test('the client sends the documented body', async () => {
  const { sandbox } = await listening();
  const sent: unknown[] = [];
  const talo = new TaloClient({
    ...sandbox.merchant,
    fetch: (url, init) => {
      sent.push({ method: init.method, path: new URL(url).pathname, body: JSON.parse(init.body ?? 'null') });
      return fetch(url, init);
    },
  });
  await talo.customers.create({
    customerId: '123456789',
    alias: 'abcdabcd',
    name: 'Carla Perez',
    email: 'carlaperez@gmail.com',
    webhookUrl: 'https://tu-sitio.com/webhooks/talo',
  });
  await talo.faucet.transfer('0000630500008064475741', { currency: 'ARS', centavos: 1_500_000 });
  const body = (command: string) => JSON.parse(/-d '(.*)'$/s.exec(command)?.[1] ?? '');
  expect(sent.slice(1)).toEqual([
    { method: 'POST', path: '/customers/', body: body(CREATE_CUSTOMER) },
    { method: 'POST', path: '/cvu/0000630500008064475741/faucet', body: body(FAUCET) },
  ]);
});

test('the account page', async () => {
  const { url, token, talo } = await listening();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/users/${USER_ID}`, { method: 'PATCH', headers, body: PATCH_ACCOUNT });
  expect(await response.json()).toMatchObject({
    status: 'ok',
    error: false,
    data: JSON.parse(PATCH_ACCOUNT),
  });
  expect(await talo.account.get()).toMatchObject({
    status: 'ACTIVE',
    aliasPrefix: 'myapp',
    cancellationPeriod: 30,
    transferTolerance: 10,
    payoutSchedule: { address: 'my.withdraw.alias', frequency: 'daily' },
  });
});
