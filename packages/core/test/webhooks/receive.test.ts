import { describe, expect, test, vi } from 'vitest';
import { pesos, TaloConfigError } from '../../src/index.ts';
import { UrlSigner } from '../../src/signing/signed-url.ts';
import { manualClock } from '../../src/testing/index.ts';
import { memoryInbox, TaloWebhooks } from '../../src/webhooks/index.ts';
import { keyOf } from '../../src/webhooks/resource.ts';
import {
  ACCOUNT,
  clientOf,
  engineOf,
  FakeTalo,
  fastClock,
  paymentNotice,
  post,
  processed,
  SECRET,
  settled,
  signer,
  silent,
  transferNotice,
  URL_BASE,
} from './support.ts';

const signed = signer.sign(URL_BASE, { kind: 'payment', account: ACCOUNT, id: 'order-1', price: 3_000_000 });

describe('what a notification is answered', () => {
  test('a signed one is stored, a second for the same resource coalesces, both get 200', async () => {
    const engine = engineOf(new FakeTalo());
    expect(await engine.receive(paymentNotice('1'))).toMatchObject({ status: 200, reason: 'stored' });
    expect(await engine.receive(paymentNotice('1'))).toMatchObject({ status: 200, reason: 'coalesced' });
    expect((await engine.stats()).hints).toBe(1);
  });

  test.each([
    ['not JSON', '{"paymentId":', 400, 'malformed'],
    ['an array', '[]', 400, 'malformed'],
    ['no known ids', '{"hello":1}', 400, 'malformed'],
    ['an empty body', '', 400, 'malformed'],
    ['invalid UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), 400, 'malformed'],
    ['a traversal id', '{"message":"x","paymentId":".."}', 400, 'malformed'],
    ['a control character', '{"message":"x","paymentId":"a\\u0000b"}', 400, 'malformed'],
    ['half a surrogate pair', '{"message":"x","paymentId":"\\ud800"}', 400, 'malformed'],
    ['an id as an object', '{"message":"x","paymentId":{}}', 400, 'malformed'],
    ['an over-long id', JSON.stringify({ message: 'x', paymentId: 'x'.repeat(600) }), 400, 'malformed'],
    ['a customer without a transaction', '{"message":"x","customerId":"1"}', 400, 'malformed'],
    ['ids on the prototype', '{"__proto__":{"paymentId":"1"}}', 400, 'malformed'],
    ['a documented one without its ids', '{"message":"Pago Actualizado"}', 400, 'malformed'],
    ['a message that is no text', '{"message":5}', 400, 'malformed'],
    ['more than 16 KiB', `{"message":"${'x'.repeat(17_000)}"}`, 413, 'too-large'],
    ['an unknown but well-formed one', '{"message":"store_opened"}', 200, 'unknown-notification'],
  ])('%s', async (_name, body, status, reason) => {
    const engine = engineOf(new FakeTalo());
    const outcome = await engine.receive({ method: 'POST', url: signed, headers: {}, body });
    expect(outcome).toMatchObject({ status, reason });
    expect(outcome.body).not.toContain('paymentId');
    expect((await engine.stats()).hints).toBe(0);
  });

  test.each(['GET', 'HEAD', 'PUT', 'OPTIONS'])('%s is 405 and names POST', async (method) => {
    const outcome = await engineOf(new FakeTalo()).receive({ method, url: signed, headers: {} });
    expect(outcome).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  });

  test('a stated length over the limit is refused before a byte is read', async () => {
    const engine = engineOf(new FakeTalo());
    const body = (async function* () {
      yield await Promise.reject(new Error('was read'));
    })();
    const request = { method: 'POST', url: signed, headers: { 'Content-Length': '20000' }, body };
    expect((await engine.receive(request)).status).toBe(413);
  });

  test('an endless stream is answered at the limit, and left alone after 1 MiB thrown away', async () => {
    let chunks = 0;
    let left = false;
    const body = (async function* () {
      try {
        for (;;) {
          chunks++;
          yield new Uint8Array(1024);
        }
      } finally {
        left = true;
      }
    })();
    const outcome = await engineOf(new FakeTalo()).receive({
      method: 'POST',
      url: signed,
      headers: {},
      body,
    });
    expect(outcome.status).toBe(413);
    await vi.waitUntil(() => left);
    expect(chunks).toBeLessThan(1100);
  });

  test('a sender that dawdles gets 408 before Talo would hang up, and nothing is logged', async () => {
    const logger = { warn: vi.fn(), error: vi.fn() };
    const clock = manualClock();
    const engine = engineOf(new FakeTalo(), { clock, logger });
    const body = (async function* () {
      yield '{"message":';
      await new Promise(() => {});
    })();
    const outcome = engine.receive({ method: 'POST', url: signed, headers: {}, body });
    await settled();
    clock.advance(1_500);
    expect(await outcome).toMatchObject({ status: 408, reason: 'slow-body' });
    expect(logger.error).not.toHaveBeenCalled();
  });

  test('a clientFor that hangs is 503, and the log says who was waited for', async () => {
    const logger = { warn: vi.fn(), error: vi.fn() };
    const engine = new TaloWebhooks({
      clientFor: () => new Promise<undefined>(() => {}),
      inbox: memoryInbox(),
      clock: fastClock(),
      logger,
    });
    expect((await engine.receive(paymentNotice('1'))).reason).toBe('unavailable');
    expect(logger.error.mock.calls.flat().join()).toContain('clientFor took longer than 1500 ms');
  });

  test('a body that something else has read is 503, and the log says what to change, once', async () => {
    const logger = { warn: vi.fn(), error: vi.fn() };
    const engine = engineOf(new FakeTalo(), { logger });
    const request = { method: 'POST', url: signed, headers: { 'Content-Length': '80' }, body: undefined };
    for (let i = 0; i < 3; i++) {
      expect(await engine.receive(request)).toMatchObject({ status: 503, reason: 'body-consumed' });
    }
    expect(logger.error.mock.calls).toEqual([[expect.stringContaining('request.rawBody')]]);
  });

  test('a compressed body is not guessed at', async () => {
    const notice = { ...paymentNotice('1'), headers: { 'Content-Encoding': 'gzip' } };
    expect((await engineOf(new FakeTalo()).receive(notice)).reason).toBe('malformed');
  });

  test('an object that a parser made of too many chunks is too large as well', async () => {
    const body = { message: 'x', paymentId: '1', more: 'x'.repeat(17_000) };
    const outcome = await engineOf(new FakeTalo()).receive({ ...paymentNotice('1'), headers: {}, body });
    expect(outcome.reason).toBe('too-large');
  });

  test('an object that is nested more deeply than can be written is malformed, and nothing is logged', async () => {
    const logger = { warn: vi.fn(), error: vi.fn() };
    const body = {
      message: 'x',
      paymentId: '1',
      more: JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`),
    };
    const engine = engineOf(new FakeTalo(), { logger });
    const outcome = await engine.receive({ ...paymentNotice('1'), headers: {}, body });
    expect(outcome).toMatchObject({ status: 400, reason: 'malformed' });
    expect(logger.error).not.toHaveBeenCalled();
  });

  test('the id of a payment holds an order number of the greatest length that we send', async () => {
    const externalId = 'x'.repeat(256);
    const talo = new FakeTalo();
    const payment = await clientOf(talo).payments.create({
      externalId,
      price: pesos(30_000),
      redirectUrl: URL_BASE,
    });
    const id = `VAR-f61876b0-${payment.externalId}`;
    expect(await engineOf(talo).receive(paymentNotice(id, externalId))).toMatchObject({ status: 200 });
  });

  test.each([
    ['a string', (text: string) => text],
    ['a Buffer', (text: string) => Buffer.from(text)],
    ['a parsed object', (text: string) => JSON.parse(text)],
    ['a web stream', (text: string) => new Blob([text]).stream()],
  ])('the body may come as %s', async (_name, form) => {
    const notice = paymentNotice('1');
    const outcome = await engineOf(new FakeTalo()).receive({ ...notice, body: form(notice.body) });
    expect(outcome.reason).toBe('stored');
  });

  test('an inbox that fails or hangs is 503, never a rejection and never 200', async () => {
    const broken = { ...memoryInbox(), put: () => Promise.reject(new Error('disk full')) };
    const inbox = Object.setPrototypeOf(broken, Object.getPrototypeOf(memoryInbox()));
    const outcome = await engineOf(new FakeTalo(), { inbox }).receive(paymentNotice('1'));
    expect(outcome).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });

  test('a memory inbox at its bound refuses new resources and still takes hints for known ones', async () => {
    const engine = engineOf(new FakeTalo(), { inbox: memoryInbox({ bound: 2 }) });
    for (const id of ['1', '2']) expect((await engine.receive(paymentNotice(id))).status).toBe(200);
    expect((await engine.receive(paymentNotice('3'))).status).toBe(503);
    expect((await engine.receive(paymentNotice('1'))).status).toBe(200);
  });
});

describe('who is let in', () => {
  test.each([
    ['no signature', URL_BASE],
    ['a wrong one', signed.replace(/~[^~]+~payment/, '~AAAAAAAAAAAAAAAAAAAAAA~payment')],
    ['one for another order', signed.replace('order-1', 'order-2')],
    ['one for another price', signed.replace('3000000', '100')],
    [
      'one of another secret',
      new UrlSigner({ accepted: ['other'], demoted: [] }).sign(URL_BASE, {
        kind: 'payment',
        account: ACCOUNT,
        id: 'order-1',
        price: 3_000_000,
      }),
    ],
    ['one of another kind', signer.sign(URL_BASE, { kind: 'customer', account: ACCOUNT, id: 'order-1' })],
    [
      'one for another account',
      signer.sign(URL_BASE, { kind: 'payment', account: 'somebody-else', id: 'order-1', price: 3_000_000 }),
    ],
    ['the parameter twice', `${signed}&${signed.split('?')[1]}`],
  ])('%s is 401 and leaves nothing', async (_name, url) => {
    const engine = engineOf(new FakeTalo());
    const outcome = await engine.receive(post(url, { message: 'x', paymentId: '1', externalId: 'order-1' }));
    expect(outcome).toMatchObject({ status: 401, reason: 'unauthenticated' });
    expect((await engine.stats()).hints).toBe(0);
  });

  test("a customer's URL does not open another customer", async () => {
    const engine = engineOf(new FakeTalo());
    const { url } = transferNotice('1', 't');
    expect(
      (await engine.receive(post(url, { message: 'x', transactionId: 't', customerId: '2' }))).status,
    ).toBe(401);
  });

  test('a wrong externalId in the body is counted and neither forges nor suppresses', async () => {
    const engine = engineOf(new FakeTalo());
    const { url } = paymentNotice('1');
    const outcome = await engine.receive(
      post(url, { message: 'x', paymentId: '1', externalId: 'order-999' }),
    );
    expect(outcome.reason).toBe('stored');
    expect((await engine.stats()).mismatched).toBe(1);
  });

  test('externalId may be missing', async () => {
    const { url } = paymentNotice('1');
    expect((await engineOf(new FakeTalo()).receive(post(url, { message: 'x', paymentId: '1' }))).status).toBe(
      200,
    );
  });

  test('a demoted secret is still a hint', async () => {
    const client = clientOf(new FakeTalo(), {
      webhooks: { url: URL_BASE, secret: 'the new secret, also long', demoted: [SECRET] },
    });
    const engine = new TaloWebhooks({ client, inbox: memoryInbox(), logger: silent });
    expect((await engine.receive(paymentNotice('1'))).status).toBe(200);
  });

  test("unsigned: 'accept' and a function of the hint let unsigned ones in, wrong signatures never", async () => {
    const body = { message: 'x', transactionId: 't', customerId: 'old-1' };
    const open = engineOf(new FakeTalo(), { unsigned: 'accept' });
    expect((await open.receive(post(URL_BASE, body))).status).toBe(200);
    expect((await open.receive(post(`${URL_BASE}?talo=1~a~b~customer~c~d~`, body))).status).toBe(401);
    const some = engineOf(new FakeTalo(), {
      unsigned: (hint) => hint.customerId?.startsWith('old-') === true,
    });
    expect((await some.receive(post(URL_BASE, body))).status).toBe(200);
    expect((await some.receive(post(URL_BASE, { ...body, customerId: 'new-1' }))).status).toBe(401);
  });

  test('what is no plain yes lets nobody in: a promise of a decision is none', async () => {
    const promised = (answer: unknown) => (async () => answer) as never;
    const notice = post(URL_BASE, { message: 'x', paymentId: '1' });
    const unsigned = engineOf(new FakeTalo(), { unsigned: promised(false) });
    expect((await unsigned.receive(notice)).status).toBe(401);
    const verified = engineOf(new FakeTalo(), { unsigned: 'accept', verifier: promised('refuse') });
    expect((await verified.receive(notice)).status).toBe(401);
  });

  test('a verifier is never asked about an object that a parser made: 503, and the log says how to keep the bytes', async () => {
    const logger = { warn: vi.fn(), error: vi.fn() };
    const verifier = vi.fn(() => 'accept' as const);
    const engine = engineOf(new FakeTalo(), { logger, verifier });
    const notice = paymentNotice('1');
    const outcome = await engine.receive({ ...notice, body: JSON.parse(notice.body) });
    expect(outcome).toMatchObject({ status: 503, reason: 'raw-body-missing' });
    expect(verifier).not.toHaveBeenCalled();
    expect(logger.error.mock.calls).toEqual([[expect.stringContaining('rawBody: true')]]);
  });

  test('a verifier sees the raw bytes and can accept or refuse', async () => {
    const seen: unknown[] = [];
    const engine = engineOf(new FakeTalo(), {
      verifier: ({ bytes, headers }) => {
        seen.push(bytes && new TextDecoder().decode(bytes));
        return headers['x-talo-signature'] === 'good' ? 'accept' : 'refuse';
      },
    });
    const notice = { ...post(URL_BASE, { message: 'x', paymentId: '1' }) };
    expect((await engine.receive({ ...notice, headers: { 'X-Talo-Signature': 'good' } })).status).toBe(200);
    expect(
      (await engine.receive({ ...paymentNotice('2'), headers: { 'X-Talo-Signature': 'bad' } })).status,
    ).toBe(401);
    expect(seen[0]).toBe(notice.body);
  });

  test('production without a secret must be wanted in so many words', () => {
    const options = { environment: 'production', webhooks: { url: URL_BASE } } as const;
    const client = clientOf(new FakeTalo(), options);
    expect(() => new TaloWebhooks({ client, inbox: memoryInbox() })).toThrow(TaloConfigError);
    expect(() => new TaloWebhooks({ client, inbox: memoryInbox(), unsigned: 'accept' })).not.toThrow();
  });

  test('many merchants at one endpoint: each URL is verified with its own secret and finds its own account', async () => {
    const other = 'another-account';
    const clients = new Map([
      [ACCOUNT, clientOf(new FakeTalo())],
      [
        other,
        clientOf(new FakeTalo(), {
          credentials: { userId: other, accessToken: 'TL-b' },
          webhooks: { url: URL_BASE, secret: 'another secret that is long' },
        }),
      ],
    ]);
    const engine = new TaloWebhooks({
      clientFor: (id) => clients.get(id),
      inbox: memoryInbox(),
      logger: silent,
    });
    const theirs = new UrlSigner({ accepted: ['another secret that is long'], demoted: [] });
    const scope = { kind: 'customer', account: other, id: '1' } as const;
    const body = { message: 'x', transactionId: 't', customerId: '1' };
    expect((await engine.receive(transferNotice('1', 't'))).reason).toBe('stored');
    expect((await engine.receive(post(theirs.sign(URL_BASE, scope), body))).reason).toBe('stored');
    expect((await engine.receive(post(signer.sign(URL_BASE, scope), body))).status).toBe(401);
    expect(
      (await engine.receive(post(theirs.sign(URL_BASE, { ...scope, account: 'unknown' }), body))).status,
    ).toBe(401);
    expect((await engine.stats()).hints).toBe(2);
  });
});

describe('where the route is', () => {
  test.each([
    ['/webhooks/talo?talo=1', 0],
    ['/webhooks/talo/', 0],
    ['https://shop.example/webhooks/talo', 0],
    ['/hooks', 1],
    ['//[', 1],
  ])('%s: %i warnings', (path, warnings) => {
    const logger = { warn: vi.fn(), error: vi.fn() };
    engineOf(new FakeTalo(), { logger }).mountedAt(path);
    expect(logger.warn).toHaveBeenCalledTimes(warnings);
  });

  test.each([
    ['never', 1],
    ['once', 0],
  ])('money that is found again and again, and notified %s: %i warnings', async (notified, warnings) => {
    const [talo, inbox] = [new FakeTalo(), memoryInbox()];
    const logger = { warn: vi.fn(), error: vi.fn() };
    const engine = engineOf(talo, { inbox, logger, reconcile: { since: new Date('2025-12-01') } });
    engine.on('payment.transfer', () => {});
    if (notified === 'once') await engine.receive(paymentNotice('notified'));
    for (const id of ['a', 'b', 'c', 'd']) {
      talo.payment(id, { payment_status: 'SUCCESS', transactions: [processed(id, '30000')] });
      const resource = { kind: 'payment', id } as const;
      await inbox.watch(keyOf({ environment: 'http://talo.test', accountId: ACCOUNT, resource }), 0);
    }
    await engine.idle();
    expect(await engine.ledger.total()).toEqual(pesos(120_000));
    const said = logger.warn.mock.calls.flat().filter((text) => text.includes('no notification of it'));
    expect(said).toHaveLength(warnings);
    if (warnings > 0) expect(said[0]).toContain('is its route mounted at /webhooks/talo,');
  });

  test('the first notification at another path than Talo is told is said once, without its query', async () => {
    const logger = { warn: vi.fn(), error: vi.fn() };
    const engine = engineOf(new FakeTalo(), { logger });
    const notice = paymentNotice('1');
    const url = notice.url.replace('/webhooks/talo', '/hooks');
    for (let i = 0; i < 2; i++) expect((await engine.receive({ ...notice, url })).status).toBe(200);
    expect(logger.warn.mock.calls.flat()).toEqual([expect.stringContaining('but this route is /hooks.')]);
    expect(logger.warn.mock.calls.flat().join()).not.toContain('talo=');
  });
});

describe('fetch', () => {
  const request = () => {
    const { url, ...init } = paymentNotice('1');
    return new Request(url, init);
  };

  test('answers 503 rather than acknowledge what nobody will process', async () => {
    const talo = new FakeTalo();
    talo.payment('1');
    const engine = engineOf(talo);
    expect((await engine.fetch(request())).status).toBe(503);
    await engine.start();
    expect((await engine.fetch(request())).status).toBe(200);
    await engine.stop();
    expect((await engine.fetch(request())).status).toBe(503);
  });

  test('with waitUntil the work is done in the invocation', async () => {
    const talo = new FakeTalo();
    talo.payment('1', { payment_status: 'SUCCESS', transactions: [] });
    const engine = engineOf(talo);
    const types: string[] = [];
    engine.on(['payment.paid', 'payment.succeeded'], (event) => types.push(event.type));
    const work: Promise<unknown>[] = [];
    expect((await engine.fetch(request(), { waitUntil: (promise) => work.push(promise) })).status).toBe(200);
    await Promise.all(work);
    expect(types).toEqual(['payment.succeeded', 'payment.paid']);
  });
});

test('stats say how notifications were answered and how long that took', async () => {
  const engine = engineOf(new FakeTalo());
  await engine.receive(paymentNotice('1'));
  await engine.receive(paymentNotice('1'));
  await engine.receive({ method: 'GET', url: signed, headers: {} });
  const { answers, answered, hints, oldest } = await engine.stats();
  expect(answers).toEqual({ stored: 1, coalesced: 1, 'wrong-method': 1 });
  expect(answered.reduce((sum, { count }) => sum + count, 0)).toBe(3);
  expect(answered.at(-1)).toEqual({ count: 0 });
  expect(hints).toBe(1);
  expect(oldest).toBeDefined();
});

test('options that cannot be worked with are named, with the call to write instead', () => {
  const make = (options: unknown) => () => new TaloWebhooks(options as never);
  const client = clientOf(new FakeTalo());
  expect(make(undefined)).toThrow(TaloConfigError);
  expect(make({ inbox: memoryInbox() })).toThrow('Give a client');
  expect(make({ client })).toThrow('Give an inbox');
  expect(make({ client, inbox: memoryInbox(), unsigned: 'maybe' })).toThrow("'refuse', 'accept'");
  const nameless = clientOf(new FakeTalo(), { credentials: { accessToken: 'TL-token' } });
  expect(make({ client: nameless, inbox: memoryInbox() })).toThrow('credentials.userId');
});

test("a partner's address tells an engine of one account of that account alone", async () => {
  const talo = new FakeTalo();
  const client = clientOf(talo, { partner: { id: 'partner-1' } });
  const said: string[] = [];
  const logger = { warn: () => {}, error: (line: string) => said.push(line) };
  const engine = engineOf(talo, { client, logger });
  const url = client.webhookUrl({ kind: 'account' });
  const notice = (user_id: string) => post(url, { message: 'account_activated', user_id });
  for (let i = 0; i < 100; i++) expect((await engine.receive(notice(`u${i}`))).status).toBe(401);
  expect((await engine.receive(notice(ACCOUNT))).status).toBe(200);
  await engine.idle();
  expect(await engine.dead()).toEqual([]);
  expect([...new Set(talo.gets)]).toEqual([`/users/${ACCOUNT}/account`]);
  expect(said).toEqual([expect.stringContaining('new TaloWebhooks({ clientFor')]);
  await engine.stop({ deadline: 0 });
});

test('unknown notifications are given to onUnhandled, whose failure is only logged', async () => {
  const seen: string[] = [];
  const errors: string[] = [];
  const engine = engineOf(new FakeTalo(), { logger: { warn: () => {}, error: (line) => errors.push(line) } });
  engine.onUnhandled(({ message }) => seen.push(message));
  engine.onUnhandled(() => {
    throw new Error('mine');
  });
  await engine.receive(post(signed, { message: 'store_opened', store: 1 }));
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual(['store_opened']);
  expect(errors).toHaveLength(1);
});
