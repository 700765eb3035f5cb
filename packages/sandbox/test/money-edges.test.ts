import { pesos } from '@talo/core';
import { expect, test } from 'vitest';
import { createSandbox, type SandboxOptions } from '../src/index.ts';
import { type Answer, aCustomer, aPayment, type Started, start } from './support/api.ts';

/** Two transfers to a payment of 1000 and one to a customer, as the API shows them. */
async function moved(oddities: NonNullable<SandboxOptions['oddities']>): Promise<
  Started & {
    payment: () => Promise<Answer['data']>;
    transfer: () => Promise<Answer['data']>;
  }
> {
  const started = await start({ oddities });
  const { sandbox, api, notices } = started;
  const { data: payment } = await api.post('/payments/', aPayment(api.userId));
  const { data: customer } = await api.post('/customers/', aCustomer(api.userId));
  sandbox.bank.transfer({ to: payment.quotes[0].address, amount: pesos(400) });
  sandbox.bank.transfer({ to: payment.quotes[0].address, amount: pesos(600) });
  sandbox.bank.transfer({ to: customer.bank_info.cvu, amount: pesos('70.50') });
  await sandbox.idle();
  const id = notices.flatMap(({ body }) => body['transactionId'] ?? [])[0];
  const read = async (path: string) => (await api.get(path)).data;
  return {
    ...started,
    payment: () => read(`/payments/${payment.id}`),
    transfer: () => read(`/customers/${customer.customer_id}/transactions/${id}`),
  };
}

test('what was sent can be missing, from every transfer or every nth', async () => {
  const all = await moved({ grossMissingEvery: 1 });
  expect(await all.transfer()).not.toHaveProperty('gross_amount');
  const second = await moved({ grossMissingEvery: 2 });
  const { transactions } = await second.payment();
  expect(transactions).toMatchObject([
    { amount: '400', transaction_data: { PROCESSED: { amount: 400 } } },
    {},
  ]);
  expect(transactions[1]).not.toHaveProperty('amount');
  expect(transactions[1]).not.toHaveProperty('transaction_data.PROCESSED.amount');
  expect(await second.transfer()).toMatchObject({ gross_amount: '70.50' });
});

test('what was sent can have a third decimal', async () => {
  const { payment, transfer } = await moved({ threeDecimalsEvery: 3 });
  expect(await transfer()).toMatchObject({ gross_amount: '70.505' });
  expect(await payment()).toMatchObject({ transactions: [{ amount: '400' }, { amount: '600' }] });
});

test('a settled payment can show no transfers', async () => {
  const { sandbox, payment } = await moved({ settledHidesTransfers: true });
  expect(await payment()).toMatchObject({ status: 'SUCCESS', transactions: [] });
  const [first] = sandbox.bank.transfers;
  sandbox.bank.reverse(first?.id ?? '');
  expect(await payment()).toMatchObject({ status: 'UNDERPAID', transactions: [{ amount: '400' }, {}] });
});

test('a transfer can have an unknown status for a while', async () => {
  const { sandbox, notices, payment, transfer } = await moved({ unknownStatusMs: 60_000 });
  expect(await transfer()).toMatchObject({ transaction_status: 'IN_REVIEW' });
  const told = notices.length;
  await sandbox.clock.advance({ minutes: 1 });
  expect(await transfer()).toMatchObject({ transaction_status: 'PROCESSED' });
  expect(await payment()).toMatchObject({ transactions: [{ transaction_status: 'PROCESSED' }, {}] });
  expect(notices).toHaveLength(told);
});

test('payments and transfers can come without timestamps', async () => {
  const { payment, transfer } = await moved({ timestampsMissing: true });
  for (const shown of [await payment(), await transfer()])
    expect(JSON.stringify(shown)).not.toContain('_timestamp');
});

test('a sum that could not be exact is refused before anything is moved, and all goes on', async () => {
  const { sandbox, api, notices } = await start();
  const { data: payment } = await api.post('/payments/', aPayment(api.userId));
  const { address: to } = payment.quotes[0];
  const largest = pesos('100000000000');
  for (let times = 0; times < 900; times++) sandbox.bank.transfer({ to, amount: largest });
  await sandbox.idle();
  const { rows } = sandbox.snapshot();
  const told = notices.length;

  expect(() => sandbox.bank.transfer({ to, amount: largest })).toThrow('could not be counted exactly');
  const faucet = await api.post(`/cvu/${to}/faucet`, { amount: '100000000000' });
  expect([faucet.status, faucet.body.error]).toEqual([422, true]);
  await sandbox.idle();
  expect(sandbox.snapshot().rows).toEqual(rows);
  expect(notices.length).toBe(told);

  expect(sandbox.bank.total().centavos).toBe(largest.centavos * 900);
  expect(sandbox.bank.transfer({ to, amount: 1 }).status).toBe('credited'); // there is room for less
  expect((await api.get(`/payments/${payment.id}`)).data.payment_status).toBe('OVERPAID');
  const { id = '' } = sandbox.bank.transfers[0] ?? {};
  sandbox.bank.reverse(id);
  expect(sandbox.bank.transfer({ to, amount: largest }).status).toBe('credited');

  const fresh = createSandbox();
  fresh.restore(sandbox.snapshot());
  expect(() => fresh.bank.transfer({ to, amount: largest })).toThrow('could not be counted exactly');
});

test('a state in which more was moved than can be counted is none, and nobody is paid out that much', async () => {
  const { sandbox, api } = await start();
  const { data: payment } = await api.post('/payments/', aPayment(api.userId));
  sandbox.bank.transfer({ to: payment.alias ?? payment.quotes[0].alias, amount: 1 });
  const state = sandbox.snapshot();
  const [transfer] = state.rows.filter(({ kind }) => kind === 'transfer');
  const more = [1, 2].map((id) => ({
    kind: 'transfer' as const,
    key: String(id),
    value: {
      ...Object(transfer?.value),
      id: String(id),
      amount: { currency: 'ARS', centavos: Number.MAX_SAFE_INTEGER },
    },
  }));
  expect(() => sandbox.restore({ ...state, rows: [...state.rows, ...more] })).toThrow(
    'more than can be counted exactly',
  );
  for (let times = 0; times < 800; times++) sandbox.operator.payOut(api.userId, 100_000_000_000);
  const before = sandbox.snapshot().rows.length;
  const all = (): void => {
    for (let times = 0; times < 200; times++) sandbox.operator.payOut(api.userId, 100_000_000_000);
  };
  expect(all).toThrow('can be counted exactly');
  const last = sandbox.snapshot();
  expect(last.rows.length).toBeLessThan(before + 200);
  sandbox.restore(last); // what was refused left nothing that cannot be read
});
