import { expect, test } from 'vitest';
import { login, start } from './support/api.ts';

const payout = { address: 'my.withdraw.alias', frequency: 'daily' };

test.each([
  [{ alias_prefix: 'abc_1234' }, 200],
  [{ alias_prefix: 'abcd12345' }, 422],
  [{ alias_prefix: 'Abc' }, 422],
  [{ alias_prefix: 'a.b' }, 422],
  [{ alias_prefix: '' }, 422],
  [{ cancellation_period: 1 }, 200],
  [{ cancellation_period: 200 }, 200],
  [{ cancellation_period: 0 }, 422],
  [{ cancellation_period: 201 }, 422],
  [{ cancellation_period: 1.5 }, 400],
  [{ cancellation_period: '30' }, 400],
  [{ transfer_tolerance: 0 }, 200],
  [{ transfer_tolerance: 10_000 }, 200],
  [{ transfer_tolerance: -1 }, 422],
  [{ transfer_tolerance: 10_001 }, 422],
  [{ payout_schedule: { ...payout, frequency: 'bi_daily' } }, 200],
  [{ payout_schedule: { ...payout, frequency: 'hourly' } }, 422],
  [{ payout_schedule: { address: payout.address } }, 422],
  [{ payout_schedule: { frequency: 'daily' } }, 400],
  [{ payout_schedule: { ...payout, address: 'ñandú' } }, 422],
  [{}, 200],
])('PATCH %j answers %i', async (change, status) => {
  const { api } = await start();
  const before = (await api.get(`/users/${api.userId}/account`)).data;
  const answer = await api.patch(`/users/${api.userId}`, change);
  expect(answer.status).toBe(status);
  expect(answer.body.error).toBe(status !== 200);
  const after = (await api.get(`/users/${api.userId}/account`)).data;
  expect(after).toEqual(status === 200 ? { ...before, ...change } : before);
});

test('a prefix belongs to one user', async () => {
  const { sandbox, api } = await start();
  const other = await login(sandbox, sandbox.addMerchant());
  expect((await other.patch(`/users/${other.userId}`, { alias_prefix: 'bami' })).status).toBe(409);
  expect((await api.patch(`/users/${api.userId}`, { alias_prefix: 'bami' })).status).toBe(200);
});

test("an added merchant can have anything, and may not be a partner's", async () => {
  const { sandbox } = await start();
  const merchant = sandbox.addMerchant({
    aliasPrefix: 'a_long_prefix',
    transferTolerance: 5,
    status: 'SUSPENDED',
  });
  const api = await login(sandbox, merchant);
  const { data } = await api.get(`/users/${api.userId}/account`);
  expect(data).toEqual({
    account_status: 'SUSPENDED',
    alias_prefix: 'a_long_prefix',
    cancellation_period: 120,
    transfer_tolerance: 5,
    user_id: api.userId,
  });
});

test('a shop of a plugin is registered', async () => {
  const { api } = await start();
  const store = {
    store_id: 'shop.example_1',
    app_id: 'magento_talopay_transfer',
    store_name: 'Shop',
    store_type: 'magento',
    store_url: 'https://shop.example',
  };
  const answer = await api.post(`/users/${api.userId}/stores`, store);
  expect(answer.data).toEqual({ store_id: 'shop.example_1', app_id: 'magento_talopay_transfer' });
});
