import { expect, test } from 'vitest';
import { type Api, aCustomer, aPayment, login, start } from './support/api.ts';

async function pages(
  api: Api,
  limit: number,
  filter = '',
): Promise<{ id: string; gross_amount: string }[][]> {
  const all = [];
  let cursor = '';
  for (;;) {
    const { data } = await api.get(`/transactions/?user_id=${api.userId}&limit=${limit}${filter}${cursor}`);
    all.push(data.transactions);
    const last = data.lastEvaluatedKey;
    if (last === undefined) return all;
    cursor = Object.entries<string>(last)
      .map(([name, value]) => `&cursor_${name}=${encodeURIComponent(value)}`)
      .join('');
  }
}

test('the cursor walks through everything once, also through equal moments and while money comes in', async () => {
  const { sandbox, api } = await start();
  const { data } = await api.post('/payments/', aPayment(api.userId));
  for (let amount = 1; amount <= 5; amount++) sandbox.bank.transfer({ to: data.quotes[0].alias, amount });
  const found = await pages(api, 2);
  expect(found.map((page) => page.map((row) => row.gross_amount))).toEqual([['5', '4'], ['3', '2'], ['1']]);
  expect((await pages(api, 5)).length).toBe(1);
  expect((await pages(api, 100)).flat()).toHaveLength(5);
});

test('rows have the documented fields and another id than the payment shows', async () => {
  const { sandbox, api } = await start();
  const { data: payment } = await api.post('/payments/', aPayment(api.userId));
  sandbox.bank.transfer({ to: payment.quotes[0].alias, amount: 1200 });
  const { data } = await api.get(`/transactions/?user_id=${api.userId}`);
  expect(data.transactions).toEqual([
    {
      transaction_id: expect.stringMatching(/^TX#[0-9a-f-]{36}$/),
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      user_id: api.userId,
      transactionType: 'INBOUND',
      amount: '1185.48',
      gross_amount: '1200',
      address: '0000630500000060195375',
      address_alias: payment.quotes[0].alias,
      currency: 'ARS',
      network: 'POLLUX',
      commission: 1.21,
      commission_amount: '14.52',
      taxes: [],
      transaction_status: 'PROCESSED',
      payment_id: payment.id,
      creation_timestamp: '2025-02-18T19:57:26.674Z',
    },
  ]);
});

test('a cursor of another user is refused', async () => {
  const { sandbox, api } = await start();
  const { data } = await api.post('/payments/', aPayment(api.userId));
  for (const amount of [1, 2]) sandbox.bank.transfer({ to: data.quotes[0].alias, amount });
  const { transaction_id, creation_timestamp } = (
    await api.get(`/transactions/?user_id=${api.userId}&limit=1`)
  ).data.lastEvaluatedKey;
  const cursor = new URLSearchParams({
    user_id: api.userId,
    cursor_user_id: 'other',
    cursor_transaction_id: transaction_id,
    cursor_creation_timestamp: creation_timestamp,
  });
  expect((await api.get(`/transactions/?${cursor}`)).status).toBe(400);
});

test('dates select, both ends included', async () => {
  const { sandbox, api } = await start();
  const { data } = await api.post('/payments/', aPayment(api.userId));
  for (const minute of [0, 1, 2]) {
    sandbox.bank.transfer({ to: data.quotes[0].alias, amount: minute + 1 });
    await sandbox.clock.advance({ minutes: 1 });
  }
  const at = (minute: number): string =>
    new Date(Date.parse('2025-02-18T19:57:26.674Z') + minute * 60_000).toISOString();
  const found = await pages(api, 100, `&start_date=${at(1)}&end_date=${at(2)}`);
  expect(found.flat().map((row) => row.gross_amount)).toEqual(['3', '2']);
});

test.each([
  ['user_id missing', '', 400],
  ['a limit of nothing', '&limit=0', 422],
  ['a limit that is no number', '&limit=many', 400],
  ['a date that is none', '&start_date=yesterday', 422],
  ['a cursor alone', '&cursor_transaction_id=TX%23x', 400],
  [
    'a cursor to nowhere',
    '&cursor_user_id=f61876b0-10a5-4e39-8e2c-17343b3fa1b6&cursor_transaction_id=TX%23x&cursor_creation_timestamp=2025-01-01T00:00:00.000Z',
    400,
  ],
])('refuses %s', async (_, query, status) => {
  const { api } = await start();
  const user = status === 400 && query === '' ? '' : `user_id=${api.userId}`;
  expect((await api.get(`/transactions/?${user}${query}`)).status).toBe(status);
});

test('how customers show, and the order, are switches', async () => {
  for (const [ledgerCustomers, shown] of [
    ['cvu', [undefined]],
    ['customer_id', ['123456789']],
    ['none', []],
  ] as const) {
    const { sandbox, api } = await start({ oddities: { ledgerCustomers, ledgerOrder: 'oldest-first' } });
    await api.post('/customers/', aCustomer(api.userId));
    sandbox.bank.transfer({ to: 'bami.abcdabcd', amount: 1 });
    const { data } = await api.get(`/transactions/?user_id=${api.userId}`);
    expect(data.transactions.map((row: { customer_id?: string }) => row.customer_id)).toEqual(shown);
  }
});

test('another commission is exact to the centavo', async () => {
  const { sandbox } = await start();
  const api = await login(sandbox, sandbox.addMerchant({ commissionPercent: 0.605 }));
  const { data: payment } = await api.post('/payments/', aPayment(api.userId));
  sandbox.bank.transfer({ to: payment.quotes[0].alias, amount: 74_950 });
  const { data } = await api.get(`/transactions/?user_id=${api.userId}`);
  expect(data.transactions[0]).toMatchObject({
    commission: 0.605,
    commission_amount: '453.45',
    amount: '74496.55',
  });
});

test('a payout is money that left, with its commission on top', async () => {
  const { sandbox, api } = await start();
  sandbox.operator.payOut(api.userId, 1);
  const { data } = await api.get(`/transactions/?user_id=${api.userId}`);
  expect(data.transactions).toMatchObject([
    {
      transactionType: 'OUTBOUND',
      amount: '-1.00',
      gross_amount: '1.01',
      address_alias: 'my.withdraw.alias',
    },
  ]);
  expect(() => sandbox.operator.payOut(api.userId, 0)).toThrow('above zero');
});

test('rows can be late, at the moment of their transfer all the same', async () => {
  const { sandbox, api } = await start({ oddities: { ledgerLateRowsMs: 60_000 } });
  const { data: payment } = await api.post('/payments/', aPayment(api.userId));
  sandbox.bank.transfer({ to: payment.quotes[0].alias, amount: 1 });
  sandbox.operator.payOut(api.userId, 1);
  const types = async (): Promise<string[]> =>
    (await pages(api, 100)).flat().map((row) => Reflect.get(row, 'transactionType'));
  expect((await api.get(`/payments/${payment.id}`)).data.transactions).toHaveLength(1);
  await sandbox.clock.advance({ ms: 59_999 });
  expect(await types()).toEqual(['OUTBOUND']);
  await sandbox.clock.advance({ ms: 1 });
  expect(await types()).toEqual(['OUTBOUND', 'INBOUND']);
  const { data } = await api.get(`/transactions/?user_id=${api.userId}`);
  expect(data.transactions[1].creation_timestamp).toBe('2025-02-18T19:57:26.674Z');
});

test("a customer's transaction has another id in the ledger, by which it can be read only with the switch", async () => {
  for (const ledgerIdsReadable of [false, true]) {
    const { sandbox, api } = await start({ oddities: { ledgerIdsReadable } });
    await api.post('/customers/', aCustomer(api.userId));
    await api.post('/customers/', aCustomer(api.userId, { customer_id: 'other', alias: 'other' }));
    sandbox.bank.transfer({ to: 'bami.abcdabcd', amount: 15 });
    sandbox.bank.transfer({ to: 'bami.other', amount: 16 });
    sandbox.operator.payOut(api.userId, 1);
    const { data } = await api.get(`/transactions/?user_id=${api.userId}`);
    const [payout, others, row] = data.transactions;
    const own = await api.get('/customers/123456789/transactions/1b5a952a-8a79-4003-b06a-e4043d453456');
    for (const id of [row.id, row.transaction_id]) {
      const answer = await api.get(`/customers/123456789/transactions/${encodeURIComponent(id)}`);
      expect(answer.status).toBe(ledgerIdsReadable ? 200 : 404);
      if (ledgerIdsReadable) expect(answer.data).toEqual(own.data);
    }
    for (const { id } of [payout, others]) {
      expect((await api.get(`/customers/123456789/transactions/${id}`)).status).toBe(404);
    }
  }
});
