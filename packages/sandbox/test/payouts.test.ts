import { describe, expect, test } from 'vitest';
import { nextPayout } from '../src/state/payouts.ts';
import { aCustomer, login, start } from './support/api.ts';

describe('the next payout', () => {
  test.each<[string, string, string | undefined]>([
    ['daily', '2025-02-18T11:59:59.999Z', '2025-02-18T12:00:00.000Z'],
    ['daily', '2025-02-18T12:00:00.000Z', '2025-02-19T12:00:00.000Z'],
    ['weekly', '2025-02-18T12:00:00.000Z', '2025-02-24T12:00:00.000Z'],
    ['monthly', '2025-02-18T12:00:00.000Z', '2025-03-01T12:00:00.000Z'],
    ['monthly', '2025-12-31T12:00:00.000Z', '2026-01-01T12:00:00.000Z'],
    ['monthly', '2025-03-01T11:00:00.000Z', '2025-03-01T12:00:00.000Z'],
    ['never', '2025-03-01T11:00:00.000Z', undefined],
  ])('%s, after %s, is at %s', (frequency, now, wanted) => {
    const at = nextPayout(frequency, Date.parse(now));
    expect(at === undefined ? undefined : new Date(at).toISOString()).toBe(wanted);
  });

  test('every other day is two days after the last one', () => {
    const first = nextPayout('bi_daily', Date.parse('2025-02-18T00:00:00Z')) ?? 0;
    expect(nextPayout('bi_daily', first)).toBe(first + 2 * 86_400_000);
  });
});

test('a schedule pays out what is there, its commission included, and nothing twice', async () => {
  const { sandbox, api } = await start({ startAt: new Date('2025-02-18T11:00:00Z') });
  const { data } = await api.post('/customers/', aCustomer(api.userId));
  sandbox.bank.transfer({ to: data.bank_info.cvu, amount: 1000 });
  const rows = async (): Promise<{ transactionType: string; gross_amount: string; amount: string }[]> => {
    const fresh = await login(sandbox); // tokens live for an hour
    return (await fresh.get(`/transactions/?user_id=${api.userId}`)).data.transactions;
  };
  await sandbox.clock.advance({ minutes: 59 });
  expect(await rows()).toHaveLength(1);
  await sandbox.clock.advance({ minutes: 1 });
  // 1000 less 1.21 % on the way in: 987.90, of which 976.09 and its commission of 11.81 leave
  expect((await rows())[0]).toMatchObject({
    transactionType: 'OUTBOUND',
    gross_amount: '987.90',
    amount: '-976.09',
  });
  await sandbox.clock.advance({ hours: 20 });
  expect(await rows()).toHaveLength(2);
});

test('a suspended account is not paid out, and the switch stops them all', async () => {
  const { sandbox, api } = await start({
    startAt: new Date('2025-02-18T11:00:00Z'),
    oddities: { payoutsRun: false },
  });
  const { data } = await api.post('/customers/', aCustomer(api.userId));
  sandbox.bank.transfer({ to: data.bank_info.cvu, amount: 1000 });
  await sandbox.clock.advance({ days: 3 });
  const outbound = (): number =>
    sandbox.snapshot().rows.filter(({ value }) => Reflect.get(value as object, 'type') === 'OUTBOUND').length;
  expect(outbound()).toBe(0);

  const other = await start({ startAt: new Date('2025-02-18T11:00:00Z') });
  const customer = await other.api.post('/customers/', aCustomer(other.api.userId));
  other.sandbox.bank.transfer({ to: customer.data.bank_info.cvu, amount: 1000 });
  other.sandbox.operator.setAccountStatus(other.api.userId, 'SUSPENDED');
  await other.sandbox.clock.advance({ days: 3 });
  expect(other.sandbox.snapshot().rows.filter(({ kind }) => kind === 'ledger')).toHaveLength(1);
  other.sandbox.operator.setAccountStatus(other.api.userId, 'ACTIVE');
  await other.sandbox.clock.advance({ days: 1 });
  expect(other.sandbox.snapshot().rows.filter(({ kind }) => kind === 'ledger')).toHaveLength(2);
});
