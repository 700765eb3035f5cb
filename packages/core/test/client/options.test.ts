import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { TaloClient, type TaloClientOptions, TaloConfigError } from '../../src/index.ts';
import { UrlSigner } from '../../src/signing/signed-url.ts';
import { settle, testClock } from '../support/clock.ts';
import {
  ACCOUNT,
  API,
  CREDENTIALS,
  FakeTalo,
  failureOf,
  ok,
  refused,
  WEBHOOKS,
} from '../support/fake-talo.ts';
import { asAsked, wirePayment } from '../support/wire.ts';

const fetch = async () => ({ status: 200, headers: new Headers(), text: async () => '{"data":{"id":"p"}}' });
const make = (options: unknown) => new TaloClient(options as TaloClientOptions);
const messageOf = (options: unknown): string => {
  try {
    make(options);
  } catch (error) {
    expect(error).toBeInstanceOf(TaloConfigError);
    expect(error).toMatchObject({ code: 'config' });
    return String(error);
  }
  throw new Error('It was accepted.');
};

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

describe('the environment', () => {
  test.each([
    [undefined, 'production', 'https://api.talo.com.ar', 'https://app.talo.com.ar'],
    ['production', 'production', 'https://api.talo.com.ar', 'https://app.talo.com.ar'],
    ['sandbox', 'sandbox', 'https://sandbox-api.talo.com.ar', 'https://sandbox.talo.com.ar'],
    [
      { apiUrl: 'http://127.0.0.1:4600/' },
      'http://127.0.0.1:4600',
      'http://127.0.0.1:4600',
      'http://127.0.0.1:4600',
    ],
    [
      { apiUrl: 'https://a.example/talo', appUrl: 'https://b.example' },
      'https://a.example/talo',
      'https://a.example/talo',
      'https://b.example',
    ],
  ])('%j is %s', async (environment, name, api, app) => {
    const spy = vi.fn(fetch);
    const client = make({ environment, credentials: { accessToken: 't' }, partner: { id: 'p' }, fetch: spy });
    expect(client.environment).toBe(name);
    await client.payments.get('p');
    expect(spy).toHaveBeenCalledWith(`${api}/payments/p`, expect.anything());
    expect(client.partners.authorizationUrl({ referredUserId: 'r' })).toBe(
      `${app}/authorize/p?referred_user_id=r`,
    );
  });

  test.each([
    'staging',
    '',
    'constructor',
    'toString',
    '__proto__',
    null,
    7,
    {},
    { apiUrl: 'talo.com.ar' },
    { apiUrl: 'ftp://x' },
    { apiUrl: 'http://a', appUrl: 'b' },
  ])('is not %j', (environment) => {
    expect(messageOf({ environment, credentials: CREDENTIALS, fetch })).toMatch(/production|http:\/\//);
  });
});

describe('a wrong option', () => {
  test.each<[string, unknown, RegExp]>([
    ['nothing at all', undefined, /credentials: \{ userId, clientId, clientSecret \}/],
    ['no credentials', {}, /credentials: \{ userId, clientId, clientSecret \}/],
    ['null as credentials', { credentials: null }, /credentials: \{ userId, clientId, clientSecret \}/],
    [
      'a text as credentials',
      { credentials: 'secret-canary' },
      /credentials: \{ userId, clientId, clientSecret \}/,
    ],
    ['no client secret', { credentials: { userId: 'u', clientId: 'c' } }, /clientSecret/],
    ['an empty user id', { credentials: { ...CREDENTIALS, userId: '' } }, /userId/],
    ['a number as client id', { credentials: { ...CREDENTIALS, clientId: 7 } }, /clientId/],
    ['an empty token', { credentials: { accessToken: '' } }, /accessToken/],
    ['a number as token', { credentials: { accessToken: 7 } }, /accessToken/],
    ['a partner without id', { partner: {} }, /partner: \{ id, secret \}/],
    [
      'a partner with a number as id',
      { credentials: CREDENTIALS, partner: { id: 7 } },
      /partner: \{ id, secret \}/,
    ],
    [
      'a partner with an empty secret',
      { credentials: CREDENTIALS, partner: { id: 'p', secret: '' } },
      /partner: \{ id, secret \}/,
    ],
    [
      'webhooks without url',
      { credentials: CREDENTIALS, webhooks: { secret: 'secret-canary-1234' } },
      /webhooks: \{ url: 'https/,
    ],
    [
      'a relative webhook url',
      { credentials: CREDENTIALS, webhooks: { url: '/hook' } },
      /webhooks: \{ url: 'https/,
    ],
    [
      'an empty webhook secret',
      { credentials: CREDENTIALS, webhooks: { url: WEBHOOKS.url, secret: '' } },
      /webhooks: \{ secret: .* openssl/,
    ],
    [
      'a list of no webhook secrets',
      { credentials: CREDENTIALS, webhooks: { url: WEBHOOKS.url, secret: [] } },
      /webhooks: \{ secret: .* openssl/,
    ],
    [
      'a list with an empty secret',
      { credentials: CREDENTIALS, webhooks: { url: WEBHOOKS.url, secret: [WEBHOOKS.secret, ''] } },
      /webhooks: \{ secret: .* openssl/,
    ],
    [
      'a number as webhook secret',
      { credentials: CREDENTIALS, webhooks: { url: WEBHOOKS.url, secret: 1234567890123456 } },
      /webhooks: \{ secret: .* openssl/,
    ],
    [
      'only demoted secrets',
      { credentials: CREDENTIALS, webhooks: { url: WEBHOOKS.url, demoted: [WEBHOOKS.secret] } },
      /webhooks: \{ secret: .* openssl/,
    ],
    [
      'a short secret in production',
      { credentials: CREDENTIALS, webhooks: { url: WEBHOOKS.url, secret: 'short-canary' } },
      /openssl/,
    ],
    ['a timeout of zero', { credentials: CREDENTIALS, timeout: 0 }, /timeout/],
    ['a timeout of text', { credentials: CREDENTIALS, timeout: '5000' }, /timeout/],
    ['no number of retries', { credentials: CREDENTIALS, maxRetries: Number.NaN }, /maxRetries/],
    ['fewer than no retries', { credentials: CREDENTIALS, maxRetries: -1 }, /maxRetries/],
    ['a fetch that is none', { credentials: CREDENTIALS, fetch: {} }, /fetch/],
    ['an application in Cyrillic', { credentials: CREDENTIALS, appInfo: { name: 'лавка' } }, /appInfo/],
    ['an application with a line break', { credentials: CREDENTIALS, appInfo: { name: 'a\nb' } }, /appInfo/],
  ])('is refused with what to write instead, and shows no secret: %s', (_, options, expected) => {
    const message = messageOf(options);
    expect(message).toMatch(expected);
    expect(message).not.toContain('canary');
  });

  test('is a missing fetch, where the platform has none', () => {
    vi.stubGlobal('fetch', undefined);
    expect(messageOf({ credentials: CREDENTIALS })).toContain('fetch');
  });
});

describe('options', () => {
  test('are resolved once: a later change of them changes nothing', async () => {
    const talo = new FakeTalo(testClock()).on('POST /payments/', asAsked);
    const credentials = { ...CREDENTIALS };
    const partner = { id: 'p' };
    const webhooks: { url: string; secret: string[] } = { url: WEBHOOKS.url, secret: [WEBHOOKS.secret] };
    const client = talo.client({ credentials, partner, webhooks });
    credentials.userId = 'x';
    credentials.clientSecret = 'x';
    partner.id = 'x';
    webhooks.url = 'https://evil.example';
    webhooks.secret[0] = 'another secret altogether';
    await client.payments.create({ externalId: 'a', price: { currency: 'ARS', centavos: 100 } });
    expect(talo.sent[0]).toMatchObject({
      path: `/users/${ACCOUNT}/tokens`,
      body: { client_secret: CREDENTIALS.clientSecret },
    });
    const { webhook_url, ...body } = talo.sent[1]?.body ?? {};
    expect(body).toMatchObject({ user_id: ACCOUNT, partner_id: 'p' });
    expect(new UrlSigner({ accepted: [WEBHOOKS.secret], demoted: [] }).verify(webhook_url)).toBeTypeOf(
      'object',
    );
  });

  test('cause no request and no timer', async () => {
    const clock = testClock();
    const talo = new FakeTalo(clock);
    talo.client();
    await settle();
    expect([talo.sent.length, clock.pending]).toEqual([0, 0]);
  });

  test('with secrets are not to be seen on the client', () => {
    const client = make({
      credentials: { ...CREDENTIALS, clientSecret: 'secret-canary' },
      partner: { id: 'p', secret: 'partner-canary' },
      webhooks: { url: WEBHOOKS.url, secret: 'webhook-canary-of-some-length' },
      fetch,
    });
    const printed = [
      inspect(client, { depth: 20, showHidden: true }),
      JSON.stringify(client),
      String(client),
    ];
    expect(printed.join()).not.toContain('canary');
  });

  test('of the platform’s fetch do not bind it to us', async () => {
    // a browser's fetch throws when it is called as a method of something else
    vi.stubGlobal('fetch', function (this: unknown) {
      if (this !== undefined && this !== globalThis) throw new TypeError('Illegal invocation');
      return fetch();
    });
    const client = make({ credentials: { accessToken: 't' } });
    expect(await client.payments.get('p')).toMatchObject({ id: 'p' });
  });
});

describe('fromEnv', () => {
  const set = (env: Record<string, string>) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  };
  const credentials = { TALO_USER_ID: 'u', TALO_CLIENT_ID: 'c', TALO_CLIENT_SECRET: 's' };
  const problem = () => {
    try {
      TaloClient.fromEnv({ fetch });
    } catch (error) {
      expect(error).toBeInstanceOf(TaloConfigError);
      return String(error);
    }
    return 'none';
  };

  test('reads every variable when it is called', async () => {
    const talo = new FakeTalo(testClock()).on('POST /payments/', asAsked);
    set({
      ...credentials,
      TALO_USER_ID: ` ${ACCOUNT}\n`,
      TALO_API_URL: `${API}/`,
      TALO_APP_URL: 'http://app.talo.test',
      TALO_PARTNER_ID: 'p',
      TALO_PARTNER_SECRET: 'ps',
      TALO_WEBHOOK_URL: WEBHOOKS.url,
      TALO_WEBHOOK_SECRET: 'the first secret of two, the second secret of two',
    });
    const client = TaloClient.fromEnv({ fetch: talo.fetch, clock: testClock() });
    vi.unstubAllEnvs();
    expect([client.accountId, client.environment]).toEqual([ACCOUNT, API]);
    const consent = client.partners.authorizationUrl({ referredUserId: 'r' });
    expect(consent).toBe('http://app.talo.test/authorize/p?referred_user_id=r');
    await client.payments.create({ externalId: 'a', price: { currency: 'ARS', centavos: 100 } });
    expect(talo.sent[0]?.body).toEqual({ client_id: 'c', client_secret: 's' });
    expect(talo.sent[1]?.body.partner_id).toBe('p');
    const signer = new UrlSigner({ accepted: ['the first secret of two'], demoted: [] });
    expect(signer.verify(talo.sent[1]?.body.webhook_url)).toBeTypeOf('object');
  });

  test('knows both of Talo’s environments', () => {
    set({ ...credentials, TALO_ENVIRONMENT: 'sandbox' });
    expect(TaloClient.fromEnv({ fetch }).environment).toBe('sandbox');
    set({ TALO_ENVIRONMENT: '' });
    expect(TaloClient.fromEnv({ fetch }).environment).toBe('production');
  });

  test.each([
    ['nothing', {}, /TALO_USER_ID=… TALO_CLIENT_ID=… TALO_CLIENT_SECRET=…$/],
    [
      'half of the credentials',
      { TALO_USER_ID: 'u', TALO_CLIENT_ID: ' ' },
      /: TALO_CLIENT_ID=… TALO_CLIENT_SECRET=…$/,
    ],
    [
      'a partner and half of the credentials',
      { TALO_PARTNER_ID: 'p', TALO_CLIENT_ID: 'c' },
      /: TALO_USER_ID=… TALO_CLIENT_SECRET=…$/,
    ],
    ['an environment that is none', { ...credentials, TALO_ENVIRONMENT: 'prod' }, /TALO_ENVIRONMENT/],
    ['another one', { ...credentials, TALO_ENVIRONMENT: 'constructor' }, /TALO_ENVIRONMENT/],
    [
      'a webhook secret without a URL',
      { ...credentials, TALO_WEBHOOK_SECRET: 'secret-canary-secret' },
      /TALO_WEBHOOK_URL/,
    ],
    [
      'a partner secret without an id',
      { ...credentials, TALO_PARTNER_SECRET: 'secret-canary' },
      /TALO_PARTNER_ID/,
    ],
  ])('names what is missing or wrong: %s', (_, env, expected) => {
    set(env);
    expect(problem()).toMatch(expected);
    expect(problem()).not.toContain('canary');
  });

  test('makes a partner that has no account', () => {
    set({ TALO_PARTNER_ID: 'p', TALO_PARTNER_SECRET: 's' });
    expect(TaloClient.fromEnv({ fetch }).accountId).toBeUndefined();
  });

  test('lets options win', () => {
    set({ TALO_ENVIRONMENT: 'production' });
    const client = TaloClient.fromEnv({
      fetch,
      environment: 'sandbox',
      credentials: { userId: 'mine', accessToken: 't' },
    });
    expect([client.environment, client.accountId]).toEqual(['sandbox', 'mine']);
  });

  test('works where there is no process', () => {
    vi.stubGlobal('process', undefined);
    expect(() => TaloClient.fromEnv()).toThrow(TaloConfigError);
  });
});

describe('forAccount', () => {
  test('shares transport, hooks and webhooks, and nothing of the account', async () => {
    const talo = new FakeTalo(testClock()).on('POST /payments/', asAsked);
    const onRequest = vi.fn();
    const client = talo.client({ webhooks: WEBHOOKS, hooks: { onRequest }, partner: { id: 'p' } });
    const merchant = client.forAccount({ userId: 'merchant', accessToken: talo.newToken() });
    expect([merchant.accountId, merchant.environment]).toEqual(['merchant', API]);
    await merchant.payments.create({ externalId: 'a', price: { currency: 'ARS', centavos: 100 } });
    expect(talo.tokenCalls).toHaveLength(0);
    expect(onRequest).toHaveBeenCalledTimes(1);
    expect(talo.sent[0]?.body).toMatchObject({ user_id: 'merchant', partner_id: 'p' });
    const signer = new UrlSigner({ accepted: [WEBHOOKS.secret], demoted: [] });
    expect(signer.verify(talo.sent[0]?.body.webhook_url)).toMatchObject({ scope: { account: 'merchant' } });
  });

  test('of two merchants with the same ids never mixes a token, a key or a result', async () => {
    const talo = new FakeTalo(testClock());
    const client = talo.client();
    const tokens = { a: talo.newToken({ of: 'a' }), b: talo.newToken({ of: 'b' }) };
    const answer = ({ token, body }: { token?: string | undefined; body?: { user_id?: string } }) => {
      const owner = token === tokens.a ? 'a' : 'b';
      if (body?.user_id !== undefined) expect(body.user_id).toBe(owner);
      return ok(wirePayment({ user_id: owner, motive: owner }));
    };
    talo.on('GET /payments/VAR-a-order-1', refused(404)).on('GET /payments/VAR-b-order-1', refused(404));
    talo.on('POST /payments/', async (sent) => {
      await settle();
      return answer(sent);
    });
    const order = { externalId: 'order-1', price: { currency: 'ARS', centavos: 150_000 } } as const;
    const of = (userId: 'a' | 'b') => client.forAccount({ userId, accessToken: tokens[userId] });
    const both = await Promise.all([of('a').payments.ensure(order), of('b').payments.ensure(order)]);
    expect(both.map(({ motive }) => motive)).toEqual(['a', 'b']);
    for (const { token, path } of talo.sent) {
      if (path.includes('VAR-')) expect(token).toBe(path.includes('VAR-a') ? tokens.a : tokens.b);
    }
  });

  test.each([
    undefined,
    {},
    { userId: 'u' },
    { userId: '', accessToken: 't' },
    { userId: 7, accessToken: 't' },
    { userId: 'u', accessToken: 7 },
  ])('is refused for %j', (account) => {
    const client = new FakeTalo(testClock()).client();
    expect(() => client.forAccount(account as never)).toThrow(TaloConfigError);
    expect(() => client.forAccount(account as never)).toThrow(/forAccount\(\{ userId, accessToken \}\)/);
  });
});

describe('webhookUrl', () => {
  const signer = new UrlSigner({ accepted: [WEBHOOKS.secret], demoted: [] });

  test('is for all merchants of a partner, or for one account', () => {
    const options = { credentials: CREDENTIALS, webhooks: WEBHOOKS, fetch };
    const ofPartner = make({ ...options, partner: { id: 'p' } });
    const partner = { kind: 'account', account: '', id: 'p' };
    expect(signer.verify(ofPartner.webhookUrl({ kind: 'account' }))).toMatchObject({ scope: partner });
    const merchant = ofPartner.forAccount({ userId: 'm', accessToken: 't' });
    expect(signer.verify(merchant.webhookUrl({ kind: 'account' }))).toMatchObject({ scope: partner });
    const own = { kind: 'account', account: ACCOUNT, id: ACCOUNT };
    expect(signer.verify(make(options).webhookUrl({ kind: 'account' }))).toMatchObject({ scope: own });
  });

  test('without an address, or for nobody, is a matter of configuration', () => {
    expect(() => make({ credentials: CREDENTIALS, fetch }).webhookUrl({ kind: 'account' })).toThrow(
      TaloConfigError,
    );
    const nobody = make({ credentials: { accessToken: 't' }, webhooks: WEBHOOKS, fetch });
    expect(() => nobody.webhookUrl({ kind: 'account' })).toThrow(TaloConfigError);
  });
});

test('a call that names the account needs a user id', async () => {
  const client = make({ credentials: { accessToken: 't' }, fetch });
  expect(await client.payments.get('p')).toMatchObject({ id: 'p' });
  expect(await failureOf(client.account.get())).toBeInstanceOf(TaloConfigError);
});
