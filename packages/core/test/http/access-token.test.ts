import { beforeEach, describe, expect, test } from 'vitest';
import { type StoredToken, TaloApiError, TaloTransportError, type TokenStore } from '../../src/index.ts';
import { settle, type TestClock, testClock } from '../support/clock.ts';
import {
  ACCOUNT,
  CREDENTIALS,
  FakeTalo,
  failureOf,
  hangs,
  lost,
  ok,
  refused,
  tokenOf,
} from '../support/fake-talo.ts';
import { wirePayment } from '../support/wire.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let clock: TestClock;
let talo: FakeTalo;

beforeEach(() => {
  clock = testClock();
  talo = new FakeTalo(clock).on('GET /payments/p', ok(wirePayment()));
});

describe('the token', () => {
  test('is asked for with the credentials and sent as it was received', async () => {
    await talo.client().payments.get('p');
    expect(talo.sent).toMatchObject([
      {
        method: 'POST',
        path: `/users/${ACCOUNT}/tokens`,
        body: { client_id: CREDENTIALS.clientId, client_secret: CREDENTIALS.clientSecret },
        token: undefined,
      },
      { path: '/payments/p', headers: { authorization: `Bearer ${[...talo.valid][0]}` } },
    ]);
    expect([...talo.valid][0]).toMatch(/^TL-/);
  });

  test('is asked for once, however many calls begin together', async () => {
    const client = talo.client();
    await Promise.all(Array.from({ length: 50 }, () => client.payments.get('p')));
    expect(talo.tokenCalls).toHaveLength(1);
  });

  test('lives for exp - iat from its receipt, whatever the clocks of Talo and of this machine say', async () => {
    const client = talo.client();
    talo.issue = () => ok({ token: talo.newToken({ iat: 1_000, exp: 1_000 + 7200 }) });
    await client.payments.get('p');
    clock.shiftWall(-5 * HOUR);
    clock.advance(2 * HOUR - 5 * MINUTE - 1);
    await client.payments.get('p');
    clock.shiftWall(9 * HOUR);
    await client.payments.get('p');
    expect(talo.tokenCalls).toHaveLength(1);
    clock.advance(2);
    await client.payments.get('p');
    expect(talo.tokenCalls).toHaveLength(2);
  });

  test.each([
    ['without exp', { exp: undefined }],
    ['with an exp that is no number', { exp: '2026' }],
    ['that is no JWT', undefined],
  ])('lives for an hour where it does not say: %s', async (_, claims) => {
    const token = claims ? undefined : 'TL-opaque';
    if (token) talo.valid.add(token);
    talo.issue = () => ok({ token: token ?? talo.newToken(claims) });
    const client = talo.client();
    await client.payments.get('p');
    clock.advance(55 * MINUTE - 1);
    await client.payments.get('p');
    expect(talo.tokenCalls).toHaveLength(1);
    clock.advance(1);
    await client.payments.get('p');
    expect(talo.tokenCalls).toHaveLength(2);
  });

  test('of a short life is replaced in its last quarter', async () => {
    talo.issue = () => ok({ token: talo.newToken({ iat: 0, exp: 120 }) });
    const client = talo.client();
    await client.payments.get('p');
    clock.advance(89_999);
    await client.payments.get('p');
    expect(talo.tokenCalls).toHaveLength(1);
    clock.advance(1);
    await client.payments.get('p');
    expect(talo.tokenCalls).toHaveLength(2);
  });

  test('that seems to be born expired is used all the same, not fetched for every call', async () => {
    talo.issue = () => ok({ token: talo.newToken({ iat: 5000, exp: 100 }) });
    const client = talo.client();
    for (let i = 0; i < 5; i++) await client.payments.get('p');
    expect(talo.tokenCalls).toHaveLength(1);
  });

  test('is replaced before it expires, by one call however many ask', async () => {
    const client = talo.client();
    await client.payments.get('p');
    clock.advance(56 * MINUTE);
    await Promise.all(Array.from({ length: 20 }, () => client.payments.get('p')));
    expect(talo.tokenCalls).toHaveLength(2);
    expect(talo.sent.at(-1)?.token).toBe([...talo.valid][1]);
  });

  test('goes on being used while a replacement fails, as long as it is good', async () => {
    const client = talo.client();
    await client.payments.get('p');
    clock.advance(56 * MINUTE);
    talo.issue = () => refused(503);
    await clock.finish(client.payments.get('p'));
    expect(talo.sent.at(-1)?.token).toBe([...talo.valid][0]);
  });

  test('that is still good is sent although the call for the next one hangs', async () => {
    const client = talo.client();
    await client.payments.get('p');
    clock.advance(56 * MINUTE);
    talo.issue = () => hangs;
    const before = clock.monotonic();
    await clock.finish(client.payments.get('p', { timeout: 10_000 }));
    expect(clock.monotonic() - before).toBeLessThan(5_000);
  });
});

describe('a refused token', () => {
  test('costs one token call, however many calls meet the 401 together', async () => {
    const client = talo.client();
    await client.payments.get('p');
    talo.valid.clear();
    await Promise.all(Array.from({ length: 50 }, () => client.payments.get('p')));
    expect(talo.tokenCalls).toHaveLength(2);
  });

  test('costs one token call when the 401s arrive late, one after the other', async () => {
    const client = talo.client();
    await client.payments.get('p');
    const old = talo.sent.at(-1)?.token;
    const answers: (() => void)[] = [];
    talo.on('GET /payments/late', async ({ token }) => {
      if (token !== old) return ok(wirePayment());
      await new Promise<void>((resolve) => answers.push(resolve));
      return refused(401);
    });
    const calls = Array.from({ length: 50 }, () => client.payments.get('late'));
    await settle();
    expect(answers).toHaveLength(50);
    for (const answer of answers) {
      answer();
      await settle();
    }
    await Promise.all(calls);
    expect(talo.tokenCalls).toHaveLength(2);
  });

  test('is replaced after a refusal that is only in the body', async () => {
    const client = talo.client();
    await client.payments.get('p');
    const old = talo.sent.at(-1)?.token;
    talo.on('GET /payments/q', ({ token }) =>
      token === old ? refused(401, { error: 'Unauthorized' }) : ok(wirePayment()),
    );
    await client.payments.get('q');
    expect(talo.tokenCalls).toHaveLength(2);
  });

  test('of a 403 is replaced only when it is older than five minutes', async () => {
    const client = talo.client();
    talo.on('GET /payments/forbidden', refused(403));
    await expect(client.payments.get('forbidden')).rejects.toMatchObject({ status: 403 });
    clock.advance(5 * MINUTE);
    await expect(client.payments.get('forbidden')).rejects.toMatchObject({ status: 403 });
    expect(talo.tokenCalls).toHaveLength(1);
    clock.advance(1);
    await expect(client.payments.get('forbidden')).rejects.toMatchObject({ status: 403 });
    expect(talo.tokenCalls).toHaveLength(2);
    await expect(client.payments.get('forbidden')).rejects.toMatchObject({ status: 403 });
    expect(talo.tokenCalls).toHaveLength(2);
  });

  test('three times in a minute ends in an error that names the trouble', async () => {
    const client = talo.client();
    talo.on('GET /payments/never', refused(401));
    const failures = [];
    for (let i = 0; i < 4; i++) failures.push(await failureOf(client.payments.get('never')));
    expect(failures.at(-1)).toBeInstanceOf(TaloApiError);
    expect(failures.at(-1)).toMatchObject({ code: 'token_refused', status: 401 });
    expect(String(failures.at(-1))).toMatch(/environment|user id/);
    expect(talo.tokenCalls).toHaveLength(4);
  });

  test('is tried again a minute later, also when calls never cease', async () => {
    const client = talo.client();
    talo.on('GET /payments/p', ({ at }) => (at < 120_000 ? refused(401) : ok(wirePayment())));
    let old = '';
    for (let i = 0; i < 40; i++) {
      clock.advance(5_000);
      await client.payments.get('p').catch(() => undefined);
      if (clock.monotonic() < 120_000) old = talo.sent.at(-1)?.token ?? '';
      // what was issued during the trouble stays bad
      if (clock.monotonic() < 120_000) talo.valid.clear();
    }
    expect(talo.sent.at(-1)?.token).not.toBe(old);
    await client.payments.get('p');
    // and the token endpoint was not hammered meanwhile
    expect(talo.tokenCalls.length).toBeLessThan(16);
  });
});

describe('the token call', () => {
  test.each([
    ['wrong credentials', () => refused(401), { status: 401 }],
    ['a failure that is only in the body', () => refused(200), { status: 200 }],
  ])('that fails is told as it is: %s', async (_, issue, expected) => {
    talo.issue = issue;
    const error = await failureOf(talo.client().payments.get('p'));
    expect(error).toBeInstanceOf(TaloApiError);
    expect(error).toMatchObject(expected);
    expect(talo.sent).toHaveLength(1);
  });

  test.each([
    ['no data', {}],
    ['an empty token', { data: { token: '' } }],
    ['a token that is an object', { data: { token: { a: 1 } } }],
  ])('without a token in the answer is a bad response: %s', async (_, json) => {
    talo.issue = () => ({ json: { message: 'ok', error: false, ...json } });
    const error = await failureOf(
      clock.finish(
        talo.client().payments.create({ externalId: 'a', price: { currency: 'ARS', centavos: 100 } }),
      ),
    );
    expect(error).toBeInstanceOf(TaloTransportError);
    expect(error).toMatchObject({ reason: 'BAD_RESPONSE', outcome: 'not-sent' });
  });

  test('is repeated after a failure that passes', async () => {
    const answers = [lost('ECONNRESET'), refused(500)];
    talo.issue = () => answers.shift() ?? ok({ token: talo.newToken() });
    await clock.finish(talo.client().payments.get('p'));
    expect(talo.tokenCalls).toHaveLength(3);
  });

  test('that hangs ends with the call, and the next call begins anew', async () => {
    talo.issue = () => hangs;
    const client = talo.client();
    const error = await failureOf(clock.finish(client.payments.get('p', { timeout: 500 })));
    expect(error).toMatchObject({ reason: 'TIMEOUT', outcome: 'not-sent' });
    expect(clock.monotonic()).toBe(1_500);
    talo.issue = () => ok({ token: talo.newToken() });
    clock.advance(60_000);
    await settle();
    await client.payments.get('p');
  });

  test('is not made for a call that was aborted before it began', async () => {
    const error = await failureOf(talo.client().payments.get('p', { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ reason: 'ABORTED', outcome: 'not-sent' });
    expect(talo.sent).toHaveLength(0);
  });

  test('goes on for the others when one caller aborts', async () => {
    let answer = () => {};
    talo.issue = async () => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return ok({ token: talo.newToken() });
    };
    const client = talo.client();
    const controller = new AbortController();
    const aborted = failureOf(client.payments.get('p', { signal: controller.signal }));
    const other = client.payments.get('p');
    await settle();
    controller.abort();
    await expect(aborted).resolves.toMatchObject({ reason: 'ABORTED' });
    answer();
    await other;
    expect(talo.tokenCalls).toHaveLength(1);
  });
});

/** A store in memory; the methods of a test may replace its own. */
function storeWith(
  methods: Partial<TokenStore> = {},
): TokenStore & { readonly kept: Map<string, StoredToken> } {
  const kept = new Map<string, StoredToken>();
  return {
    kept,
    get: async (key) => kept.get(key),
    async swap(key, expected, next) {
      if (kept.get(key)?.token === expected?.token) kept.set(key, next);
      return kept.get(key) ?? next;
    },
    ...methods,
  };
}

describe('a token store', () => {
  test('gives a token to several processes', async () => {
    const tokenStore = storeWith();
    for (let i = 0; i < 3; i++) await talo.client({ tokenStore }).payments.get('p');
    expect(talo.tokenCalls).toHaveLength(1);
    const [stored] = tokenStore.kept.values();
    expect(stored).toEqual({
      token: [...talo.valid][0],
      obtainedAt: clock.now(),
      lifetimeMs: HOUR,
    });
  });

  test('is read again on a 401, and a newer token in it is used', async () => {
    const tokenStore = storeWith();
    const first = talo.client({ tokenStore });
    const second = talo.client({ tokenStore });
    await first.payments.get('p');
    await second.payments.get('p');
    talo.valid.clear();
    await second.payments.get('p');
    await first.payments.get('p');
    expect(talo.tokenCalls).toHaveLength(2);
  });

  test('whose token is at its end is passed over, and gets the new one', async () => {
    const tokenStore = storeWith();
    await talo.client({ tokenStore }).payments.get('p');
    clock.advance(56 * MINUTE);
    await talo.client({ tokenStore }).payments.get('p');
    expect(talo.tokenCalls).toHaveLength(2);
    expect([...tokenStore.kept.values()][0]?.token).toBe([...talo.valid][1]);
  });

  test('where another process was faster gives the token of that one', async () => {
    const other = talo.newToken();
    const tokenStore = storeWith({
      swap: async () => ({ token: other, obtainedAt: clock.now(), lifetimeMs: HOUR }),
    });
    await talo.client({ tokenStore }).payments.get('p');
    expect(talo.sent.at(-1)?.token).toBe(other);
  });

  test('that returns the refused token from swap is not followed', async () => {
    const stale = { token: tokenOf({ stale: true }), obtainedAt: clock.now(), lifetimeMs: HOUR };
    let reads = 0;
    const tokenStore = storeWith({
      get: async () => (reads++ === 0 ? stale : Promise.reject(new Error('store is down'))),
      swap: async () => stale,
    });
    await talo.client({ tokenStore }).payments.get('p');
    expect(talo.tokenCalls).toHaveLength(1);
  });

  test('with a token of the future is believed no longer than that token lives from now', async () => {
    const tokenStore = storeWith();
    await talo.client({ tokenStore }).payments.get('p');
    clock.shiftWall(-12 * HOUR);
    const client = talo.client({ tokenStore });
    await client.payments.get('p');
    clock.advance(56 * MINUTE);
    await client.payments.get('p');
    expect(talo.tokenCalls).toHaveLength(2);
  });

  const fails = () => Promise.reject(new Error('store is down'));
  const throws = () => {
    throw new Error('store is down');
  };
  const never = () => new Promise<never>(() => {});
  test.each<[string, Partial<TokenStore>]>([
    ['rejects', { get: fails, swap: fails }],
    ['throws', { get: throws, swap: throws }],
    ['hangs', { get: never, swap: never }],
    ['answers null', { get: async () => null as never, swap: async () => null as never }],
    ['answers garbage', { get: async () => ({}) as never, swap: async () => ({ token: 7 }) as never }],
    [
      'is synchronous',
      { get: (() => undefined) as never, swap: ((_: string, __: unknown, next: unknown) => next) as never },
    ],
  ])('that %s is passed over', async (_, methods) => {
    const client = talo.client({ tokenStore: storeWith(methods) });
    await clock.finish(client.payments.get('p', { timeout: 10_000 }));
    talo.valid.clear();
    await clock.finish(client.payments.get('p', { timeout: 10_000 }));
    expect(talo.tokenCalls).toHaveLength(2);
  });

  test('keeps the tokens of two accounts, environments and client ids apart', async () => {
    const tokenStore = storeWith();
    const text = async () => '{"data":{"token":"TL-x","id":"p"}}';
    const fetch = async () => ({ status: 200, headers: new Headers(), text });
    for (const environment of ['production', 'sandbox'] as const) {
      for (const userId of ['a', 'a|b']) {
        for (const clientId of ['c', 'b|c']) {
          const credentials = { userId, clientId, clientSecret: 'secret-canary' };
          await talo.client({ tokenStore, fetch, environment, credentials }).payments.get('p');
        }
      }
    }
    expect(tokenStore.kept.size).toBe(8);
    expect([...tokenStore.kept.keys()].join()).not.toContain('secret-canary');
  });
});

describe('an access token from elsewhere', () => {
  test('is used as it is and not replaced', async () => {
    const token = talo.newToken();
    const client = talo.client({ credentials: { userId: ACCOUNT, accessToken: token } });
    await client.payments.get('p');
    talo.valid.clear();
    await expect(client.payments.get('p')).rejects.toMatchObject({ code: 'api', status: 401 });
    expect(talo.sent.map((sent) => sent.token)).toEqual([token, token]);
  });

  test('from a function is fetched once, and again when it is refused', async () => {
    let calls = 0;
    const accessToken = async () => {
      calls++;
      return talo.newToken();
    };
    const client = talo.client({ credentials: { userId: ACCOUNT, accessToken } });
    await Promise.all([client.payments.get('p'), client.payments.get('p')]);
    expect(calls).toBe(1);
    talo.valid.clear();
    await client.payments.get('p');
    expect(calls).toBe(2);
  });

  test('from a function that hangs ends with the call and is asked for again later', async () => {
    let calls = 0;
    const accessToken = () =>
      calls++ === 0 ? new Promise<string>(() => {}) : Promise.resolve(talo.newToken());
    const client = talo.client({ credentials: { userId: ACCOUNT, accessToken } });
    const error = await failureOf(clock.finish(client.payments.get('p', { timeout: 2_000 })));
    expect(error).toMatchObject({ reason: 'TIMEOUT', outcome: 'not-sent' });
    clock.advance(60_000);
    await settle();
    await client.payments.get('p');
  });

  test.each([
    ['throws', () => Promise.reject(new Error('no'))],
    ['returns nothing', async () => undefined as never],
    ['returns an empty text', async () => ''],
  ])('from a function that %s is a failure before anything was sent', async (_, accessToken) => {
    const client = talo.client({ credentials: { userId: ACCOUNT, accessToken } });
    const error = await failureOf(client.payments.get('p'));
    expect(error).toBeInstanceOf(TaloTransportError);
    expect(error).toMatchObject({ outcome: 'not-sent' });
    expect(talo.sent).toHaveLength(0);
  });
});
