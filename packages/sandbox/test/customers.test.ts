import { pesos } from '@talo/core';
import { cvu as isCvu } from '@talo/core/constraints';
import { expect, test } from 'vitest';
import { aCustomer, start } from './support/api.ts';

test.each(['user_id', 'alias', 'customer_id', 'name', 'contact', 'webhook_url'])(
  '%s is required',
  async (field) => {
    const { api } = await start();
    const answer = await api.post('/customers/', aCustomer(api.userId, { [field]: undefined }));
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toMatchObject([{ path: field }]);
  },
);

test('the body of the published SDK is refused: it lacks what the documentation requires', async () => {
  const { api } = await start();
  const body = { user_id: api.userId, full_name: 'Carla Perez', document_id: '1', email: 'c@x.com' };
  expect((await api.post('/customers/', body)).status).toBe(400);
});

test('an alias over 20 characters is cut in silence, and two customers collide', async () => {
  const { api } = await start();
  const first = await api.post(
    '/customers/',
    aCustomer(api.userId, { customer_id: '1', alias: 'martinez.gonzalez.ana' }),
  );
  expect(first.data.bank_info.alias).toBe('bami.martinez.gonzal');
  const second = await api.post(
    '/customers/',
    aCustomer(api.userId, { customer_id: '2', alias: 'martinez.gonzalez.eva' }),
  );
  expect([second.status, second.body.code]).toEqual([409, 'alias_exists']);
  expect((await api.get('/customers/2')).status).toBe(404);
});

test('a long alias can be refused instead', async () => {
  const { api } = await start({ oddities: { aliasTruncation: false } });
  const long = await api.post('/customers/', aCustomer(api.userId, { alias: 'martinez.gonzalez.ana' }));
  expect(long.status).toBe(422);
});

test('an alias is unique whatever its case, and has the characters of aliases', async () => {
  const { api } = await start({ oddities: { duplicateAlias: 422 } });
  await api.post('/customers/', aCustomer(api.userId, { customer_id: '1' }));
  const upper = await api.post('/customers/', aCustomer(api.userId, { customer_id: '2', alias: 'ABCDABCD' }));
  expect(upper.status).toBe(422);
  expect((await api.post('/customers/', aCustomer(api.userId, { alias: 'muñoz abc' }))).status).toBe(422);
});

test('a second customer with the same id is a conflict, or can be the first one again', async () => {
  const { api } = await start();
  await api.post('/customers/', aCustomer(api.userId));
  const again = await api.post('/customers/', aCustomer(api.userId, { alias: 'otroalias' }));
  expect([again.status, again.body.code]).toEqual([409, 'customer_exists']);

  const lenient = await start({ oddities: { duplicateCustomerId: 'return-existing' } });
  const first = await lenient.api.post('/customers/', aCustomer(api.userId));
  const second = await lenient.api.post('/customers/', aCustomer(api.userId, { alias: 'otroalias' }));
  expect(second.data).toEqual(first.data);
});

test('every CVU is valid and its own', async () => {
  const { api } = await start();
  const cvus = new Set<string>();
  for (let index = 0; index < 50; index++) {
    const body = aCustomer(api.userId, { customer_id: `c${index}`, alias: `alias.${index}` });
    cvus.add((await api.post('/customers/', body)).data.bank_info.cvu);
  }
  expect(cvus.size).toBe(50);
  expect([...cvus].filter((cvu) => !isCvu.is(cvu))).toEqual([]);
});

test('the balance sums what was sent, or what was left of it', async () => {
  for (const [customerBalance, balance] of [
    ['gross', 100.5],
    ['net', 99.29],
  ] as const) {
    const { sandbox, api } = await start({ oddities: { customerBalance } });
    await api.post('/customers/', aCustomer(api.userId));
    sandbox.bank.transfer({ to: 'BAMI.abcdabcd', amount: '100.25' });
    sandbox.bank.transfer({ to: 'bami.abcdabcd', amount: 0.25 });
    expect((await api.get('/customers/123456789')).data.balance).toBe(balance);
    expect(sandbox.bank.received('bami.abcdabcd')).toEqual(pesos('100.50'));
  }
});

test('a Content-Type on the GET of a transaction fails, only there, and can be switched off', async () => {
  const path = '/customers/123456789/transactions/1b5a952a-8a79-4003-b06a-e4043d453456';
  const type = { 'content-type': 'application/json' };
  for (const contentTypeOnGetFails of [true, false]) {
    const { sandbox, api } = await start({ oddities: { contentTypeOnGetFails } });
    await api.post('/customers/', aCustomer(api.userId));
    sandbox.bank.transfer({ to: 'bami.abcdabcd', amount: 1 });
    expect((await api.get(path)).status).toBe(200);
    expect((await api.get(path, type)).status).toBe(contentTypeOnGetFails ? 500 : 200);
    expect((await api.get('/customers/123456789', type)).status).toBe(200);
  }
});

test('a transaction may not be readable yet when its webhook arrives', async () => {
  const { sandbox, api, notices } = await start({ oddities: { readDelayMs: 500 } });
  await api.post('/customers/', aCustomer(api.userId));
  sandbox.bank.transfer({ to: 'bami.abcdabcd', amount: 1 });
  await sandbox.idle();
  const path = `/customers/123456789/transactions/${notices[0]?.body['transactionId']}`;
  expect((await api.get(path)).status).toBe(404);
  expect((await api.get('/customers/123456789')).data.balance).toBe(0);
  await sandbox.clock.advance({ ms: 500 });
  expect((await api.get(path)).status).toBe(200);
  expect((await api.get('/customers/123456789')).data.balance).toBe(1);
});

test('one transfer has another id in the ledger than in the customer', async () => {
  const { sandbox, api, notices } = await start({ oddities: { ledgerCustomers: 'customer_id' } });
  await api.post('/customers/', aCustomer(api.userId));
  sandbox.bank.transfer({ to: 'bami.abcdabcd', amount: 1200 });
  await sandbox.idle();
  const { data } = await api.get(`/transactions/?user_id=${api.userId}`);
  expect(data.transactions).toMatchObject([
    { customer_id: '123456789', amount: '1185.48', commission_amount: '14.52' },
  ]);
  expect(data.transactions[0].id).not.toBe(notices[0]?.body['transactionId']);
  expect(data.transactions[0].transaction_id).toBe(`TX#${data.transactions[0].id}`);
});

test.each([
  ['a negative amount', { amount: -1 }, 422],
  ['nothing', {}, 422],
  ['half a centavo', { amount: 0.005 }, 422],
  ['a numeric string, as the SDK may send', { amount: '15000.50' }, 200],
])('the faucet given %s', async (_, body, status) => {
  const { api } = await start();
  await api.post('/customers/', aCustomer(api.userId));
  expect((await api.post('/cvu/0000630500008064475741/faucet', body)).status).toBe(status);
});

test('money to nobody is refused by the bank', async () => {
  const { sandbox, api } = await start();
  expect(() => sandbox.bank.transfer({ to: 'no.such.alias', amount: 1 })).toThrow(
    'No CVU or alias "no.such.alias"',
  );
  expect(() => sandbox.bank.received('no.such.alias')).toThrow('No CVU or alias');
  expect((await api.post('/cvu/0000630500008064475741/faucet', { amount: 1 })).status).toBe(404);
  await api.post('/customers/', aCustomer(api.userId));
  expect(() => sandbox.bank.transfer({ to: 'bami.abcdabcd', amount: 0 })).toThrow('above zero');
  expect(() => sandbox.bank.transfer({ to: 'bami.abcdabcd', amount: 0.001 })).toThrow('two decimals');
});
