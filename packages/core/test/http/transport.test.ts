import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  centavos,
  type FetchPort,
  type Hooks,
  pesos,
  TaloApiError,
  TaloConfigError,
  TaloTransportError,
} from '../../src/index.ts';
import { settle, type TestClock, testClock } from '../support/clock.ts';
import {
  ACCOUNT,
  type Answer,
  FakeTalo,
  failureOf,
  hangs,
  lost,
  ok,
  refused,
  WEBHOOKS,
} from '../support/fake-talo.ts';
import { wirePayment } from '../support/wire.ts';

let clock: TestClock;
let talo: FakeTalo;

const order = { externalId: 'order-1', price: pesos(1500) };

beforeEach(() => {
  clock = testClock();
  talo = new FakeTalo(clock);
});

/** One call of each kind of safety, with the answers given. */
const get = (...answers: Answer[]) =>
  talo
    .on('GET /payments/p', ...answers)
    .client()
    .payments.get('p');
const create = (...answers: Answer[]) =>
  talo
    .on('POST /payments/', ...answers)
    .client()
    .payments.create(order);
const put = (...answers: Answer[]) =>
  talo
    .on('PUT /payments/p/metadata', ...answers)
    .client()
    .payments.updateMotive('p', 'motive');

describe('a request', () => {
  test('has no Content-Type without a body, not even one that the caller adds', async () => {
    talo.on('GET /payments/p', ok(wirePayment()));
    await talo.client().payments.get('p', { headers: { 'Content-Type': 'text/plain', 'X-Own': '1' } });
    const [token, sent] = talo.sent;
    expect(token?.headers['content-type']).toBe('application/json');
    expect(Object.keys(sent?.headers ?? {}).sort()).toEqual([
      'accept',
      'authorization',
      'user-agent',
      'x-own',
    ]);
  });

  test('carries our headers where the caller sets the same ones', async () => {
    talo.on('POST /payments/', ok(wirePayment()));
    const headers = { Authorization: 'Bearer other', ACCEPT: 'text/html', 'Content-Type': 'text/plain' };
    await talo.client({ appInfo: { name: 'shop', version: '2' } }).payments.create(order, { headers });
    expect(talo.sent.at(-1)?.headers).toMatchObject({
      authorization: `Bearer ${[...talo.valid][0]}`,
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^talo-node\/\S+ shop\/2$/),
    });
  });

  test('follows no redirect', async () => {
    const fetch = vi.fn<FetchPort>(async () => ({
      status: 302,
      headers: new Headers({ location: 'https://evil.example' }),
      text: async () => '',
    }));
    const client = talo.client({ fetch, credentials: { accessToken: 'TL-a' } });
    await expect(client.payments.get('p')).rejects.toMatchObject({ code: 'api', status: 302 });
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(fetch.mock.calls[0]?.[1].redirect).toBe('manual');
  });
});

describe('what is repeated', () => {
  test.each<[string, Answer]>([
    ['a lost connection', lost('ECONNRESET')],
    ['a connection that was never made', lost('ECONNREFUSED')],
    ['a body that breaks off', { breaks: new TypeError('terminated') }],
    ['408', refused(408)],
    ['429', refused(429)],
    ['500', refused(500)],
    ['502 with a page of HTML', { status: 502, text: '<html>Bad gateway</html>' }],
    ['200 with a page of HTML', { text: '<html>Maintenance</html>' }],
    ['200 with half an object', { text: '{"data":{"id":' }],
  ])('of GET and PUT: %s', async (_, answer) => {
    await clock.finish(get(answer, answer, ok(wirePayment())));
    await clock.finish(put(answer, answer, ok(wirePayment())));
    expect(talo.to('GET /payments/p')).toHaveLength(3);
    expect(talo.to('PUT /payments/p/metadata')).toHaveLength(3);
  });

  test.each<[string, Answer]>([
    ['429', refused(429)],
    ['a connection that was never made', lost('ECONNREFUSED')],
    ['a host that is not known', lost('ENOTFOUND')],
    ['a certificate that is refused', lost('CERT_HAS_EXPIRED')],
    [
      'several addresses that are all dead',
      {
        error: Object.assign(new TypeError('fetch failed'), {
          cause: new AggregateError([{ code: 'ECONNREFUSED' }, { code: 'EHOSTUNREACH' }]),
        }),
      },
    ],
  ])('of a create, because it was not processed: %s', async (_, answer) => {
    await clock.finish(create(answer, ok(wirePayment())));
    expect(talo.to('POST /payments/')).toHaveLength(2);
  });

  test.each<[string, Answer, object]>([
    ['a lost connection', lost('ECONNRESET'), { reason: 'NETWORK' }],
    ['a failure that nothing is known of', { error: new Error('?') }, { reason: 'NETWORK' }],
    [
      'addresses of which one was reached',
      {
        error: Object.assign(new TypeError(), {
          cause: new AggregateError([{ code: 'ECONNREFUSED' }, { code: 'ECONNRESET' }]),
        }),
      },
      { reason: 'NETWORK' },
    ],
    ['a body that breaks off', { breaks: new TypeError('terminated') }, { reason: 'NETWORK' }],
    ['500', refused(500), { status: 500 }],
    ['503 with Retry-After', { ...refused(503), headers: { 'retry-after': '1' } }, { status: 503 }],
    ['408', refused(408), { status: 408 }],
    ['200 with a page of HTML', { text: '<html>' }, { reason: 'BAD_RESPONSE' }],
    ['200 with an empty body', { text: '' }, { reason: 'BAD_RESPONSE' }],
    [
      '200 with an envelope and no data',
      { json: { message: 'ok', error: false } },
      { reason: 'BAD_RESPONSE' },
    ],
    ['200 with data of another kind', ok(['x']), { reason: 'BAD_RESPONSE' }],
    ['200 with data that has no id', ok({}), { reason: 'BAD_RESPONSE' }],
  ])('is no create that may have been processed; its outcome is unknown: %s', async (_, answer, expected) => {
    const error = await failureOf(create(answer));
    expect(error).toMatchObject({ ...expected, outcome: 'unknown' });
    expect(talo.to('POST /payments/')).toHaveLength(1);
  });

  test.each([400, 401, 403, 404, 409, 422])('is no refusal: %i', async (status) => {
    talo.on('GET /payments/p', refused(status)).on('POST /payments/', refused(status));
    const client = talo.client({ credentials: { userId: ACCOUNT, accessToken: talo.newToken() } });
    for (const call of [client.payments.get('p'), client.payments.create(order)]) {
      const error = await failureOf(call);
      expect(error).toBeInstanceOf(TaloApiError);
      expect(error).toMatchObject({ status, apiCode: `code_${status}`, outcome: undefined });
    }
    expect(talo.sent).toHaveLength(2);
  });

  test('ends after maxRetries, of the client or of the call', async () => {
    talo.on('GET /payments/p', refused(500));
    const counts = async (call: Promise<unknown>) => {
      const before = talo.sent.length;
      await failureOf(clock.finish(call));
      return talo.sent.length - before;
    };
    const credentials = { userId: ACCOUNT, accessToken: talo.newToken() };
    expect(await counts(talo.client({ credentials }).payments.get('p'))).toBe(3);
    expect(await counts(talo.client({ credentials, maxRetries: 0 }).payments.get('p'))).toBe(1);
    expect(await counts(talo.client({ credentials }).payments.get('p', { maxRetries: 4 }))).toBe(5);
  });

  test('of two attempts remembers that the first may have arrived', async () => {
    const answers = [refused(429), lost('ECONNRESET')];
    expect(await failureOf(clock.finish(create(...answers)))).toMatchObject({ outcome: 'unknown' });
    const put1 = await failureOf(
      clock.finish(put(lost('ECONNRESET'), lost('ECONNREFUSED'), lost('ECONNREFUSED'))),
    );
    expect(put1).toMatchObject({ outcome: 'unknown' });
    const refusedTwice = await failureOf(clock.finish(create(lost('ECONNREFUSED'))));
    expect(refusedTwice).toMatchObject({ outcome: 'not-sent' });
  });
});

describe('the pause', () => {
  const pauses = (path: string) => {
    const times = talo.to(path).map(({ at }) => at);
    return times.slice(1).map((at, i) => at - (times[i] ?? 0));
  };

  test('is anything up to a bound that doubles', async () => {
    talo.on('GET /payments/p', refused(500));
    await failureOf(clock.finish(talo.client({ random: () => 0.999 }).payments.get('p', { maxRetries: 8 })));
    const longest = pauses('GET /payments/p').map(Math.round);
    for (const pause of longest) expect(pause).toBeLessThanOrEqual(8_000);
    expect(longest.slice(0, 3).every((pause, i, all) => i === 0 || pause >= (all[i - 1] ?? 0) * 1.9)).toBe(
      true,
    );
    talo.sent.length = 0;
    await failureOf(clock.finish(talo.client({ random: () => 0 }).payments.get('p')));
    expect(pauses('GET /payments/p')).toEqual([0, 0]);
  });

  test('is what Talo asks for, in seconds or as a date', async () => {
    const at = new Date(clock.now() + 5_000).toUTCString();
    await clock.finish(
      get(
        { ...refused(429), headers: { 'retry-after': '3' } },
        { ...refused(503), headers: { 'retry-after': at } },
        ok(wirePayment()),
      ),
    );
    const [first = 0, second = 0] = pauses('GET /payments/p');
    expect(first).toBe(3_000);
    expect(second).toBeLessThanOrEqual(2_000);
  });

  test.each(['', ' ', 'soon', 'NaN', '-1', '1e400'])('ignores a Retry-After of %j', async (header) => {
    await clock.finish(get({ ...refused(429), headers: { 'retry-after': header } }, ok(wirePayment())));
    expect(pauses('GET /payments/p')[0]).toBeLessThan(1_000);
  });

  test('that would outlast the deadline is not begun: the error comes at once and says when', async () => {
    const error = await failureOf(get({ ...refused(429), headers: { 'retry-after': '3600' } }));
    expect(error).toMatchObject({ status: 429, retryAfter: 3_600_000 });
    expect(clock.monotonic()).toBe(1_000);
  });
});

describe('the deadline', () => {
  test.each<[string, () => void]>([
    ['an answer that never comes', () => talo.on('GET /payments/p', hangs)],
    ['a body that never ends', () => talo.on('GET /payments/p', { hangs: 'body' })],
    [
      'a token that never comes',
      () => {
        talo.issue = () => hangs;
      },
    ],
    ['pauses between attempts', () => talo.on('GET /payments/p', lost('ECONNRESET'))],
  ])('ends %s', async (_, prepare) => {
    prepare();
    const options = { timeout: 1_234, maxRetries: 99 };
    const error = await failureOf(clock.finish(talo.client().payments.get('p', options)));
    expect(error).toBeInstanceOf(TaloTransportError);
    expect(clock.monotonic() - 1_000).toBeLessThanOrEqual(1_234);
  });

  test('tells of a create that was under way that its outcome is unknown, and aborts the request', async () => {
    const error = await failureOf(clock.finish(create(hangs)));
    expect(error).toMatchObject({ reason: 'TIMEOUT', outcome: 'unknown' });
    expect(talo.sent.at(-1)?.signal.aborted).toBe(true);
    expect(clock.monotonic()).toBe(31_000);
  });

  test('spans both requests of an update that has to look afterwards', async () => {
    talo.on('PUT /payments/p/metadata', async () => {
      clock.advance(900);
      return { json: { message: 'ok', error: false } };
    });
    talo.on('GET /payments/p', hangs);
    const error = await failureOf(
      clock.finish(talo.client().payments.updateMotive('p', 'm', { timeout: 1_000 })),
    );
    expect(error).toMatchObject({ reason: 'TIMEOUT' });
    expect(clock.monotonic()).toBe(2_000);
  });

  test('leaves no timer and no listener behind', async () => {
    talo.on('GET /payments/p', ok(wirePayment()));
    const controller = new AbortController();
    const add = vi.spyOn(controller.signal, 'addEventListener');
    const remove = vi.spyOn(controller.signal, 'removeEventListener');
    await talo.client().payments.get('p', { signal: controller.signal });
    expect(clock.pending).toBe(0);
    expect(remove).toHaveBeenCalledTimes(add.mock.calls.length);
    await failureOf(clock.finish(get(hangs)));
    expect(clock.pending).toBe(0);
  });

  test.each([0, -1, Number.NaN, '5' as never])('is refused as %j', async (timeout) => {
    expect(await failureOf(talo.client().payments.get('p', { timeout }))).toBeInstanceOf(TaloConfigError);
  });

  test.each([-1, Number.NaN, '5' as never])(
    'goes with maxRetries, which is refused as %j',
    async (maxRetries) => {
      expect(await failureOf(talo.client().payments.get('p', { maxRetries }))).toBeInstanceOf(
        TaloConfigError,
      );
    },
  );

  test('beyond what a timer can hold does not fire at once', async () => {
    talo.on('GET /payments/p', ok(wirePayment()));
    const { setTimeout: set, clearTimeout: clear } = globalThis;
    const real = {
      ...clock,
      setTimeout: (run: () => void, ms: number) => set(run, ms),
      clearTimeout: (h: never) => clear(h),
    };
    const client = talo.client({ clock: real, timeout: 2 ** 40 });
    await client.payments.get('p');
    const slow: FetchPort = async (...args) => {
      await new Promise((resolve) => set(resolve, 50));
      return talo.fetch(...args);
    };
    await talo.client({ clock: real, timeout: 2 ** 40, fetch: slow }).payments.get('p');
  });
});

describe('the caller’s signal', () => {
  const abortAfter = async (answer: Answer) => {
    talo.on('POST /payments/', answer);
    const controller = new AbortController();
    const call = failureOf(talo.client().payments.create(order, { signal: controller.signal }));
    await settle();
    controller.abort(new Error('a reason with a secret'));
    return call;
  };

  test('ends a call that is under way', async () => {
    expect(await abortAfter(hangs)).toMatchObject({
      code: 'transport',
      reason: 'ABORTED',
      outcome: 'unknown',
    });
    expect(talo.sent.at(-1)?.signal.aborted).toBe(true);
  });

  test('ends the reading of a body', async () => {
    expect(await abortAfter({ hangs: 'body' })).toMatchObject({ reason: 'ABORTED', outcome: 'unknown' });
  });

  test('ends a pause, in which nothing is under way', async () => {
    expect(await abortAfter(refused(429))).toMatchObject({ reason: 'ABORTED', outcome: 'not-sent' });
    expect(talo.to('POST /payments/')).toHaveLength(1);
  });
});

describe('hooks', () => {
  test('hear of every attempt, in order, and of the end', async () => {
    const heard: [string, object][] = [];
    const hooks = Object.fromEntries(
      ['onRequest', 'onResponse', 'onRetry', 'onError'].map((name) => [
        name,
        (info: object) => heard.push([name, info]),
      ]),
    ) as Hooks;
    const credentials = { userId: ACCOUNT, accessToken: talo.newToken() };
    const answer = { ...refused(500), headers: { 'x-request-id': 'req-7' } };
    talo.on('GET /payments/p', lost('ECONNRESET'), answer);
    const error = await failureOf(
      clock.finish(talo.client({ credentials, hooks }).payments.get('p', { maxRetries: 1 })),
    );
    const about = { method: 'GET', path: '/payments/p' };
    expect(heard).toEqual([
      ['onRequest', { ...about, attempt: 1 }],
      [
        'onRetry',
        { ...about, attempt: 1, delayMs: expect.any(Number), error: expect.any(TaloTransportError) },
      ],
      ['onRequest', { ...about, attempt: 2 }],
      [
        'onResponse',
        { ...about, attempt: 2, status: 500, requestId: 'req-7', durationMs: expect.any(Number) },
      ],
      ['onError', { ...about, attempt: 2, error }],
    ]);
    expect(error).toMatchObject({ status: 500, requestId: 'req-7' });
  });

  test('cannot break a call, not even asynchronously', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const throws = () => {
      throw new Error('hook');
    };
    const hooks: Hooks = {
      onRequest: throws,
      onResponse: async () => throws(),
      onError: async () => throws(),
    };
    talo.on('GET /payments/p', ok(wirePayment()));
    await talo.client({ hooks }).payments.get('p');
    await failureOf(talo.client({ hooks }).payments.get('q'));
    await settle();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('a fetch of one’s own', () => {
  test.each<[string, FetchPort]>([
    [
      'throws at once',
      () => {
        throw new Error('x');
      },
    ],
    ['returns nothing', async () => undefined as never],
    ['returns no headers', async () => ({ status: 200 }) as never],
    ['returns no text', async () => ({ status: 200, headers: new Headers() }) as never],
    [
      'returns a text that is none',
      async () => ({ status: 200, headers: new Headers(), text: async () => undefined as never }),
    ],
  ])('that %s is a typed error', async (_, fetch) => {
    const client = talo.client({
      fetch,
      credentials: { userId: ACCOUNT, accessToken: 'TL-a' },
      webhooks: WEBHOOKS,
    });
    const error = await failureOf(
      clock.finish(client.customers.create({ customerId: '1', alias: 'abcdef', name: 'n', email: 'a@b.c' })),
    );
    expect(error).toBeInstanceOf(TaloTransportError);
    expect(error).toMatchObject({ outcome: 'unknown' });
  });
});

test('an amount that JSON cannot hold exactly is refused before anything is sent', async () => {
  const price = centavos(Number.MAX_SAFE_INTEGER);
  await expect(talo.client().payments.create({ ...order, price })).rejects.toMatchObject({
    code: 'constraint',
  });
  expect(talo.sent).toHaveLength(0);
});
