import { beforeEach, describe, expect, test } from 'vitest';
import {
  centavos,
  pesos,
  TaloConfigError,
  TaloConstraintError,
  TaloTransportError,
} from '../../src/index.ts';
import { type TestClock, testClock } from '../support/clock.ts';
import { ACCOUNT, API, FakeTalo, failureOf, ok, refused } from '../support/fake-talo.ts';
import { asAsked } from '../support/wire.ts';

let clock: TestClock;
let talo: FakeTalo;

beforeEach(() => {
  clock = testClock();
  talo = new FakeTalo(clock);
});

describe('the account', () => {
  const wire = {
    account_status: 'ACTIVE',
    alias_prefix: 'myapp',
    cancellation_period: 30,
    transfer_tolerance: 10,
    user_id: ACCOUNT,
  };

  test('is read from its own path', async () => {
    talo.on(`GET /users/${ACCOUNT}/account`, { json: { status: 'ok', error: false, data: wire } });
    expect(await talo.client().account.get()).toMatchObject({ userId: ACCOUNT, aliasPrefix: 'myapp' });
  });

  test('is changed in the keys given and no others', async () => {
    talo.on(`PATCH /users/${ACCOUNT}`, ok(wire));
    const { account } = talo.client();
    await account.update({ aliasPrefix: 'myapp' });
    await account.update({
      cancellationPeriod: 30,
      transferTolerance: 0,
      payoutSchedule: { address: 'my.withdraw.alias', frequency: 'daily' },
    });
    expect(talo.to(`PATCH /users/${ACCOUNT}`).map(({ body }) => body)).toEqual([
      { alias_prefix: 'myapp' },
      {
        cancellation_period: 30,
        transfer_tolerance: 0,
        payout_schedule: { address: 'my.withdraw.alias', frequency: 'daily' },
      },
    ]);
  });

  test('is looked at where the change does not show it', async () => {
    talo.on(`PATCH /users/${ACCOUNT}`, { json: { status: 'ok', error: false } });
    talo.on(`GET /users/${ACCOUNT}/account`, ok(wire));
    expect(await talo.client().account.update({ transferTolerance: 10 })).toMatchObject({
      transferTolerance: 10,
    });
  });

  test.each([
    {},
    undefined,
    { aliasPrefix: 'waytoolong' },
    { cancellationPeriod: 201 },
    { transferTolerance: 1.5 },
    { payoutSchedule: { frequency: 'daily' } },
  ])('is not changed to %j', async (config) => {
    expect(await failureOf(talo.client().account.update(config as never))).toBeInstanceOf(
      TaloConstraintError,
    );
    expect(talo.sent).toEqual([]);
  });
});

describe('the ledger', () => {
  const LIST = 'GET /transactions/';
  const query = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-02T00:00:00Z') };
  const row = (n: number) => ({
    transaction_id: `TX#${n}`,
    transactionType: 'INBOUND',
    amount: '1',
    creation_timestamp: '2026-01-01T00:00:00.000Z',
  });
  const key = (n: number) => ({
    user_id: ACCOUNT,
    transaction_id: `TX#${n}`,
    creation_timestamp: '2026-01-01T00:00:00.000Z',
  });
  const all = async (listing: AsyncIterable<{ transactionId: string }>) => {
    const ids = [];
    for await (const { transactionId } of listing) ids.push(transactionId);
    return ids;
  };

  test('is asked for page by page, with the three parts of the cursor encoded', async () => {
    talo.on(
      LIST,
      ok({ transactions: [row(1), row(2)], lastEvaluatedKey: key(2) }),
      ok({ transactions: [row(3)], lastEvaluatedKey: null }),
    );
    expect(await all(talo.client().transactions.list({ ...query, limit: 2 }))).toEqual([
      'TX#1',
      'TX#2',
      'TX#3',
    ]);
    const [first = '', second = ''] = talo.to(LIST).map(({ path }) => path);
    expect(Object.fromEntries(new URL(API + first).searchParams)).toEqual({
      user_id: ACCOUNT,
      limit: '2',
      start_date: '2026-01-01T00:00:00.000Z',
      end_date: '2026-01-02T00:00:00.000Z',
    });
    expect(second).toContain('cursor_transaction_id=TX%232');
    expect(new URL(API + second).searchParams.get('cursor_user_id')).toBe(ACCOUNT);
    expect(new URL(API + second).searchParams.get('cursor_creation_timestamp')).toBe(
      '2026-01-01T00:00:00.000Z',
    );
  });

  test('can be gone through one page at a time', async () => {
    talo.on(LIST, ok({ transactions: [row(1)], lastEvaluatedKey: key(1) }), ok({ transactions: [] }));
    const listing = talo.client().transactions.list(query);
    const first = await listing.page();
    expect(first).toMatchObject({ entries: [{ transactionId: 'TX#1' }], next: { transaction_id: 'TX#1' } });
    const second = await listing.page(first.next);
    expect(second).toEqual({ entries: [] });
  });

  test('that goes round in circles is a bad response', async () => {
    talo.on(LIST, ok({ transactions: [row(1)], lastEvaluatedKey: key(1) }));
    const error = await failureOf(all(talo.client().transactions.list(query)));
    expect(error).toBeInstanceOf(TaloTransportError);
    expect(talo.to(LIST)).toHaveLength(2);
  });

  test.each([
    ['no list', { data: { rows: [] } }],
    ['a list of another kind', { data: { transactions: {} } }],
    ['a cursor that cannot be read', { data: { transactions: [], lastEvaluatedKey: 'opaque' } }],
    ['a cursor that is a list', { data: { transactions: [], lastEvaluatedKey: ['x'] } }],
  ])('is never taken for empty or for finished: %s', async (_, json) => {
    talo.on(LIST, { json });
    const error = await failureOf(clock.finish(all(talo.client().transactions.list(query))));
    expect(error).toMatchObject({ code: 'transport', reason: 'BAD_RESPONSE' });
  });

  test.each<[string, unknown]>([
    ['from', { to: query.to }],
    ['to', { from: query.from, to: new Date(Number.NaN) }],
    ['limit', { ...query, limit: 0 }],
    ['limit', { ...query, limit: 1.5 }],
    ['limit', { ...query, limit: '10' }],
    ['', undefined],
  ])('is not asked for with a wrong %s', (path, wrong) => {
    const { transactions } = talo.client();
    let error: unknown;
    try {
      transactions.list(wrong as never);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TaloConstraintError);
    expect((error as TaloConstraintError).issues.map((issue) => issue.path)).toEqual([path]);
  });
});

describe('a partner', () => {
  const partner = { id: 'partner 7', secret: 'the-partner-secret' };

  test('needs no credentials of its own', async () => {
    talo.on('POST /auth/tokens', ok({ token: 'PAR-token', user_id: 'merchant', referred_user_id: 'r' }));
    const client = talo.client({ credentials: undefined as never, partner });
    expect(client.accountId).toBeUndefined();
    const url = client.partners.authorizationUrl({ referredUserId: 'my user&1' });
    expect(url).toBe(`${API}/authorize/partner%207?referred_user_id=my+user%261`);
    const access = await client.partners.exchangeCode('the-code');
    expect(talo.sent).toMatchObject([
      {
        token: undefined,
        body: { code: 'the-code', client_id: 'partner 7', client_secret: 'the-partner-secret' },
      },
    ]);
    expect(access).toMatchObject({ userId: 'merchant', accessToken: 'PAR-token', referredUserId: 'r' });
    talo.valid.add('PAR-token').add('TL-x');
    talo.on('GET /users/merchant/account', ok({ account_status: 'PENDING' }));
    const merchant = client.forAccount(access);
    expect(await merchant.account.get()).toMatchObject({ userId: 'merchant', status: 'PENDING' });
    expect(talo.sent.at(-1)?.headers['authorization']).toBe('Bearer PAR-token');
    for (const call of [client.account.get(), client.payments.get('p'), client.customers.get('c')]) {
      expect(await failureOf(call)).toBeInstanceOf(TaloConfigError);
    }
  });

  test('sends its id with every payment of a merchant', async () => {
    talo.on('POST /payments/', asAsked);
    const client = talo.client({ partner }).forAccount({ userId: 'm', accessToken: talo.newToken() });
    await client.payments.create({ externalId: 'o', price: pesos(1) });
    expect(talo.sent.at(-1)?.body).toMatchObject({ user_id: 'm', partner_id: 'partner 7' });
  });

  test.each([
    ['lost in a 500', refused(500), { outcome: 'unknown' }],
    ['without a token', ok({ user_id: 'u' }), { reason: 'BAD_RESPONSE', outcome: 'unknown' }],
    ['without a user', ok({ token: 'PAR-x' }), { reason: 'BAD_RESPONSE', outcome: 'unknown' }],
    ['refused', refused(400), { status: 400 }],
  ])('exchanges a code once, also when the answer is %s', async (_, answer, expected) => {
    talo.on('POST /auth/tokens', answer);
    const error = await failureOf(talo.client({ partner }).partners.exchangeCode('code'));
    expect(error).toMatchObject(expected);
    expect(talo.sent).toHaveLength(1);
  });

  test('without id or secret is told what to configure', async () => {
    const { partners } = talo.client();
    expect(() => partners.authorizationUrl({ referredUserId: 'r' })).toThrow(TaloConfigError);
    expect(await failureOf(partners.exchangeCode('c'))).toBeInstanceOf(TaloConfigError);
    const { partners: halfway } = talo.client({ partner: { id: 'p' } });
    expect(String(await failureOf(halfway.exchangeCode('c')))).toContain('partner: { id, secret }');
  });

  test.each(['', undefined, 7])('refuses a code or a user of %j', async (value) => {
    const { partners } = talo.client({ partner });
    expect(await failureOf(partners.exchangeCode(value as never))).toBeInstanceOf(TaloConstraintError);
    expect(() => partners.authorizationUrl({ referredUserId: value as never })).toThrow(TaloConstraintError);
    expect(() => partners.authorizationUrl(value as never)).toThrow(TaloConstraintError);
    expect(talo.sent).toEqual([]);
  });
});

describe('the faucet', () => {
  test('sends pesos as a number', async () => {
    talo.on('POST /cvu/0000630500008064475741/faucet', { json: { message: 'ok', error: false } });
    await talo.client().faucet.transfer('0000630500008064475741', pesos('15000.50'));
    expect(talo.sent.at(-1)?.body).toEqual({ amount: 15000.5 });
  });

  test('does not exist in production', async () => {
    const { faucet } = talo.client({ environment: 'production' });
    expect(await failureOf(faucet.transfer('0', pesos(1)))).toBeInstanceOf(TaloConfigError);
    expect(talo.sent).toEqual([]);
  });

  test.each([undefined, 100, centavos(0), centavos(-1)])('does not give %j', async (amount) => {
    expect(await failureOf(talo.client().faucet.transfer('1', amount as never))).toBeInstanceOf(
      TaloConstraintError,
    );
  });
});
