import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Application, application, PATH } from './application.ts';
import type { Driver, Left, Served } from './driver.ts';
import { type Answer, exchange, type Sending } from './exchange.ts';
import { type Expected, expectAnswer } from './expectation.ts';

/** What the engine takes at most. */
const LIMIT = 16 * 1024;

export interface Given {
  readonly driver: Driver;
  readonly mount: string;
  readonly leaves: Left;
  readonly parser: RegExp | undefined;
  readonly postOnly: boolean;
}

/** One notification, one answer. */
export function answersContract({ driver, mount, leaves, parser, postOnly }: Given): void {
  let app: Application;
  let served: Served;

  beforeAll(async () => {
    app = application();
    served = await driver.start({ webhooks: app.webhooks, path: PATH, mount });
  });
  afterAll(() => served?.close());

  const send = (query: string, sending: Sending): Promise<Answer> =>
    exchange(`${served.url}${query}`, sending);

  if (leaves === 'nothing') {
    test('a notification that somebody read and dropped is refused by name, and explained', async () => {
      const { query, body } = await app.payment('1');
      expectAnswer(await send(query, { body }), 'body-consumed');
      expectAnswer(await send(query, { body, chunked: true }), 'body-consumed');
      expect(app.log.join('\n')).toContain('rawBody');
      expect(await app.answers()).toEqual({ 'body-consumed': 2 });
    });
    return;
  }

  describe('every documented notification is stored', () => {
    test.each<[string, () => ReturnType<Application['payment']>]>([
      ['payment', () => app.payment('documented')],
      ['transfer of a customer', () => app.transfer('123456789', '1b5a952a-8a79-4003-b06a-e4043d453456')],
      ['account', () => app.account()],
      ['customer whose id is not ASCII', () => app.transfer('señor muñoz', 'transfer-1')],
    ])('%s', async (_name, notification) => {
      const { query, body } = await notification();
      const before = (await app.answers())['stored'] ?? 0;
      expectAnswer(await send(query, { body }), 'received');
      expectAnswer(await send(query, { body }), 'received');
      expect((await app.answers())['stored']).toBeGreaterThan(before);
    });

    test('payment without an externalId', async () => {
      const { query } = await app.payment('bare');
      expectAnswer(
        await send(query, { body: '{"message":"Pago Actualizado","paymentId":"VAR-bare"}' }),
        'received',
      );
    });

    test('one that is not documented, and well formed', async () => {
      const { query } = await app.payment('new');
      expectAnswer(await send(query, { body: '{"message":"Pago Devuelto","refundId":"1"}' }), 'received');
      expect((await app.answers())['unknown-notification']).toBe(1);
    });
  });

  describe('it does not matter how a body comes', () => {
    test('in chunks', async () => {
      const { query, body } = await app.payment('chunks');
      expectAnswer(await send(query, { body: [body.slice(0, 9), body.slice(9)], chunked: true }), 'received');
    });

    test('byte by byte, cut within characters', async () => {
      const { query, body } = await app.transfer('señor muñoz', 'transfer-2');
      const pieces = [...Buffer.from(body)].map((byte) => Uint8Array.of(byte));
      expectAnswer(await send(query, { body: pieces, chunked: true }), 'received');
      expectAnswer(await send(query, { body: pieces }), 'received');
    });

    const types: readonly (readonly [string, string | undefined])[] = [
      ['none', undefined],
      ['text', 'text/plain'],
      ['a form', 'application/x-www-form-urlencoded'],
      ['a form of parts without a boundary', 'multipart/form-data'],
      ['bytes', 'application/octet-stream'],
      ['a dialect of JSON', 'application/vnd.talo+json'],
      ['JSON in capitals', 'APPLICATION/JSON; CHARSET=UTF-8'],
      ['what is none', 'json'],
    ];
    const understood = ([, type = '']: readonly [string, string | undefined]) =>
      type.startsWith('APPLICATION/JSON') || !parser?.test(type);
    test.each(types.filter(understood))('with a wrong content type: %s', async (name, type) => {
      const { query, body } = await app.payment(`type ${name}`);
      const sending = { body, headers: { 'content-type': type } };
      expectAnswer(await send(query, sending), 'received');
      expectAnswer(await send(query, { ...sending, chunked: true }), 'received');
    });

    test('exactly as long as may be', async () => {
      const { query, body } = await app.payment('long');
      expectAnswer(await send(query, { body: padded(body, LIMIT) }), 'received');
      expectAnswer(await send(query, { body: padded(body, LIMIT), chunked: true }), 'received');
    });
  });

  describe('what is no notification is refused', () => {
    const refused = async (sending: Sending, expected: Expected) => {
      const { query } = await app.payment('refused');
      expectAnswer(await send(query, sending), expected);
    };

    test('empty', async () => {
      await refused({ body: '' }, 'malformed');
      await refused({ body: '', chunked: true }, 'malformed');
      await refused({ headers: { 'content-length': undefined, 'content-type': undefined } }, 'malformed');
    });

    // whoever reads before us may well uncompress it
    test.skipIf(leaves !== 'stream')('compressed', async () => {
      const { body } = await app.payment('compressed');
      await refused(
        { body, headers: { 'content-encoding': 'gzip', 'content-type': 'text/plain' } },
        'malformed',
      );
    });

    test.each([
      ['an object without ids', '{"message":"Pago Actualizado"}'],
      ['an object with nothing', '{}'],
      ['a list', '[]'],
    ])('%s', (_name, body) => refused({ body }, 'malformed'));

    // a parser before us answers these itself
    test.skipIf(parser?.test('application/json')).each([
      ['no JSON', '{"message":'],
      ['a text', '"Pago Actualizado"'],
      ['nothing but null', 'null'],
      ['no UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)],
    ])('%s', (_name, body) => refused({ body }, 'malformed'));

    test('one byte too long, whether it says so or not', async () => {
      const { body } = await app.payment('refused');
      await refused({ body: padded(body, LIMIT + 1) }, 'too-large');
      await refused({ body: padded(body, LIMIT + 1), chunked: true }, 'too-large');
    });

    // whoever reads before us waits for all of it
    test.skipIf(leaves !== 'stream')('far too long, before it has come', async () => {
      const headers = { 'content-length': String(50 * 1024 * 1024) };
      await refused({ body: '{"message":"Pago', headers }, 'too-large');
    });

    test.skipIf(leaves !== 'stream').each([
      ['with a length', {}],
      ['in chunks', { 'content-length': undefined, 'transfer-encoding': 'chunked' }],
    ])('one that stops half-way, %s', async (_name, headers: Record<string, string | undefined>) => {
      const { query, body } = await app.payment('slow');
      const half = headers['transfer-encoding'] ? `10\r\n${body.slice(0, 16)}\r\n` : body.slice(0, 16);
      const length = { 'content-length': String(body.length) };
      expectAnswer(await send(query, { body: half, headers: { ...length, ...headers } }), 'slow-body');
    });
  });

  describe('another method is refused', () => {
    test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'])('%s', async (method) => {
      const { query, body } = await app.payment('method');
      const bodiless = { 'content-length': undefined, 'content-type': undefined };
      const sending =
        method === 'PUT' || method === 'PATCH' ? { method, body } : { method, headers: bodiless };
      const before = await app.answers();
      const answer = await send(query, sending);
      if (!postOnly) return expectAnswer(answer, 'wrong-method', method);
      expect(answer.body.toString()).not.toContain('received');
      expect(await app.answers()).toEqual(before);
    });
  });

  describe('the address authenticates', () => {
    test('with a slash at the end of the path, or more in the query', async () => {
      const { query, body } = await app.payment('address');
      expectAnswer(await send(`/${query}`, { body }), 'received');
      expectAnswer(await send(`${query}&from=elsewhere`, { body }), 'received');
      expectAnswer(await send(`?from=elsewhere&${query.slice(1)}`, { body }), 'received');
    });

    test('forged, of another object, or not signed at all: refused', async () => {
      const { query, body } = await app.payment('forged');
      const other = await app.payment('other');
      const forged = query.replace(/.$/, (last) => (last === '1' ? '2' : '1'));
      const transfer = await app.transfer('123456789', 'transfer-3');
      const before = (await app.answers())['unauthenticated'] ?? 0;
      for (const wrong of [forged, transfer.query, '', '?talo=', '?talo=1~~~', `${query}&talo=1`]) {
        expectAnswer(await send(wrong, { body }), 'unauthenticated');
      }
      expect((await app.answers())['unauthenticated']).toBe(before + 6);
      // the body may lie about which order it speaks of: what is looked at is the payment
      expectAnswer(await send(other.query, { body }), 'received');
    });
  });

  test('nothing of the address gets into the log', async () => {
    expect(app.log.join('\n')).not.toMatch(/talo=|~/);
  });
}

/** The same notification, `length` bytes long: by a field, because blanks do not survive a parser. */
function padded(body: string, length: number): string {
  const frame = `${body.slice(0, -1)},"pad":""}`;
  return frame.replace('"pad":""', `"pad":"${'x'.repeat(length - Buffer.byteLength(frame))}"`);
}
