import { beforeEach, describe, expect, test } from 'vitest';
import { type CustomerRequest, TaloConflictError, TaloConstraintError } from '../../src/index.ts';
import { UrlSigner } from '../../src/signing/signed-url.ts';
import { settle, testClock } from '../support/clock.ts';
import { ACCOUNT, FakeTalo, failureOf, lost, ok, refused, WEBHOOKS } from '../support/fake-talo.ts';
import { wireCustomer } from '../support/wire.ts';

let talo: FakeTalo;

const wanted: CustomerRequest = {
  customerId: '123456789',
  alias: 'abcdabcd',
  name: 'Carla Perez',
  email: 'carlaperez@gmail.com',
};
const webhookUrl = 'https://tu-sitio.com/webhooks/talo';
const FIND = 'GET /customers/123456789';
const CREATE = 'POST /customers/';

beforeEach(() => {
  talo = new FakeTalo(testClock());
});

describe('create', () => {
  test('sends the documented body', async () => {
    talo.on(CREATE, ok(wireCustomer()));
    const customer = await talo.client().customers.create({ ...wanted, webhookUrl });
    expect(talo.sent.at(-1)?.body).toEqual({
      user_id: 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6',
      alias: 'abcdabcd',
      customer_id: '123456789',
      name: 'Carla Perez',
      contact: { email: 'carlaperez@gmail.com' },
      webhook_url: 'https://tu-sitio.com/webhooks/talo',
    });
    expect(customer).toMatchObject({ cvu: '0000630500008064475741', alias: 'bami.abcdabcd' });
    expect(customer.issues).toBeUndefined();
  });

  test('signs the webhook URL for this customer', async () => {
    talo.on(CREATE, ok(wireCustomer()));
    await talo.client({ webhooks: WEBHOOKS }).customers.create(wanted);
    const signer = new UrlSigner({ accepted: [WEBHOOKS.secret], demoted: [] });
    expect(signer.verify(talo.sent.at(-1)?.body.webhook_url)).toEqual({
      scope: { kind: 'customer', account: ACCOUNT, id: '123456789' },
      demoted: false,
    });
  });

  test('reports an alias that Talo cut or changed', async () => {
    const bank_info = { cvu: '0000630500008064475741', alias: 'halley27.maria-del-c' };
    talo.on(CREATE, ok(wireCustomer({ bank_info })));
    const { customers } = talo.client();
    const customer = await customers.create({ ...wanted, alias: 'maria-del-carmen', webhookUrl });
    expect(customer.alias).toBe('halley27.maria-del-c');
    expect(customer.issues).toMatchObject([{ path: 'alias', code: 'alias_differs' }]);
  });

  test('refuses with every issue at once, the missing webhook URL too', async () => {
    const error = await failureOf(
      talo.client().customers.create({ customerId: '', alias: 'ñ', name: '', email: 'x' }),
    );
    expect(error).toBeInstanceOf(TaloConstraintError);
    const { issues } = error as TaloConstraintError;
    expect(issues.map(({ path }) => path).sort()).toEqual([
      'alias',
      'customerId',
      'email',
      'name',
      'webhookUrl',
    ]);
    expect(talo.sent).toEqual([]);
  });

  test.each([undefined, null, 7, 'x', [], {}])('refuses %j', async (value) => {
    for (const call of ['create', 'ensure'] as const) {
      expect(await failureOf(talo.client().customers[call](value as never))).toBeInstanceOf(
        TaloConstraintError,
      );
    }
  });
});

describe('ensure', () => {
  test('creates what does not exist yet', async () => {
    talo.on(CREATE, ok(wireCustomer()));
    await talo.client().customers.ensure({ ...wanted, webhookUrl });
    expect(talo.calls).toEqual([FIND, CREATE]);
  });

  test.each([
    ['all that Talo documents', {}],
    [
      'everything shown',
      { name: 'Carla Perez', contact: { email: 'carlaperez@gmail.com' }, webhook_url: webhookUrl },
    ],
    ['an alias in capitals', { bank_info: { alias: 'BAMI.ABCDABCD' } }],
    ['no alias shown', { bank_info: null }],
  ])('returns what exists and agrees: %s', async (_, fields) => {
    talo.on(FIND, ok(wireCustomer(fields)));
    await talo.client().customers.ensure({ ...wanted, webhookUrl });
    expect(talo.calls).toEqual([FIND]);
  });

  test.each([
    ['customerId', { customer_id: '9' }],
    ['name', { name: 'Somebody Else' }],
    ['email', { contact: { email: 'other@x.com' } }],
    ['alias', { bank_info: { alias: 'bami.other' } }],
    ['alias', { bank_info: { alias: 'bami.x.abcdabcd' } }],
    ['webhookUrl', { webhook_url: 'https://evil.example' }],
  ])('reports what exists and disagrees as a conflict: %s', async (path, fields) => {
    talo.on(FIND, ok(wireCustomer(fields)));
    const error = await failureOf(talo.client().customers.ensure({ ...wanted, webhookUrl }));
    expect(error).toBeInstanceOf(TaloConflictError);
    expect(error).toMatchObject({ differences: [{ path }] });
    expect(talo.calls).toEqual([FIND]);
  });

  test('returns a customer whose alias Talo had cut, and says so', async () => {
    talo.on(FIND, ok(wireCustomer({ bank_info: { alias: 'halley27.maria-del-c' } })));
    const found = await talo.client().customers.ensure({ ...wanted, alias: 'maria-del-carmen', webhookUrl });
    expect(found.issues).toMatchObject([{ code: 'alias_differs' }]);
  });

  test('returns a customer whose URL a demoted key signed: it keeps it for ever', async () => {
    const scope = { kind: 'customer', account: ACCOUNT, id: '123456789' } as const;
    const old = new UrlSigner({ accepted: ['the secret of last year'], demoted: [] });
    talo.on(FIND, ok(wireCustomer({ webhook_url: old.sign('https://old.example', scope) })));
    const webhooks = { ...WEBHOOKS, demoted: ['the secret of last year'] };
    expect(await talo.client({ webhooks }).customers.ensure(wanted)).toMatchObject({
      customerId: '123456789',
    });
  });

  test.each([
    ['a lost response', lost('ECONNRESET')],
    ['a 500', refused(500)],
    ['a conflict', refused(409)],
    ['a refusal in the body', refused(200)],
  ])('finds what was created in spite of %s', async (_, answer) => {
    talo.on(FIND, refused(404), ok(wireCustomer())).on(CREATE, answer);
    expect(await talo.client().customers.ensure({ ...wanted, webhookUrl })).toMatchObject({
      alias: 'bami.abcdabcd',
    });
    expect(talo.calls).toEqual([FIND, CREATE, FIND]);
  });

  test('fails as the create did when its alias belongs to another customer', async () => {
    talo.on(CREATE, refused(409, { message: 'alias is taken' }));
    const error = await failureOf(talo.client().customers.ensure({ ...wanted, webhookUrl }));
    expect(error).toMatchObject({ status: 409, message: expect.stringContaining('alias is taken') });
  });

  test('creates once on a double click', async () => {
    let made = false;
    talo.on(FIND, () => (made ? ok(wireCustomer()) : refused(404)));
    talo.on(CREATE, async () => {
      await settle();
      made = true;
      return ok(wireCustomer());
    });
    const { customers } = talo.client();
    await Promise.all([1, 2, 3].map(() => customers.ensure({ ...wanted, webhookUrl })));
    expect(talo.to(CREATE)).toHaveLength(1);
  });
});

test('get and getTransaction encode their ids and read what Talo sends', async () => {
  talo.on('GET /customers/a%2Fb', ok(wireCustomer({ customer_id: 'a/b', balance: '12.5' })));
  talo.on('GET /customers/a%2Fb/transactions/TX%231', ok({ gross_amount: '100', amount: '98.79' }));
  const { customers } = talo.client();
  expect(await customers.get('a/b')).toMatchObject({ customerId: 'a/b', balance: { centavos: 1250 } });
  expect(await customers.getTransaction('a/b', 'TX#1')).toMatchObject({
    transactionId: 'TX#1',
    gross: { centavos: 10000 },
    commission: { centavos: 121 },
  });
  expect(await failureOf(customers.get('unknown'))).toMatchObject({
    code: 'api',
    status: 404,
    apiCode: 'not_found',
  });
});
