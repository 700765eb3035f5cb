import { describe, expect, test } from 'vitest';
import type { Shared } from './answers.ts';
import type { Notification } from './application.ts';
import { expectAnswer } from './expectation.ts';
import { LIMIT, padded } from './padded.ts';

/** What Talo sends is stored, however it comes. */
export function storedContract({ app, send, parser }: Shared): void {
  describe('every documented notification is stored', () => {
    test.each<[string, () => Promise<Notification>]>([
      ['payment', () => app().payment('documented')],
      ['transfer of a customer', () => app().transfer('123456789', '1b5a952a-8a79-4003-b06a-e4043d453456')],
      ['account', () => app().account()],
      ['customer whose id is not ASCII', () => app().transfer('señor muñoz', 'transfer-1')],
    ])('%s', async (_name, notification) => {
      const { query, body } = await notification();
      const before = (await app().answers())['stored'] ?? 0;
      expectAnswer(await send(query, { body }), 'received');
      expectAnswer(await send(query, { body }), 'received');
      expect((await app().answers())['stored']).toBeGreaterThan(before);
    });

    test('payment without an externalId', async () => {
      const { query } = await app().payment('bare');
      expectAnswer(
        await send(query, { body: '{"message":"Pago Actualizado","paymentId":"VAR-bare"}' }),
        'received',
      );
    });

    test('one that is not documented, and well formed', async () => {
      const { query } = await app().payment('new');
      expectAnswer(await send(query, { body: '{"message":"Pago Devuelto","refundId":"1"}' }), 'received');
      expect((await app().answers())['unknown-notification']).toBe(1);
    });
  });

  describe('it does not matter how a body comes', () => {
    test('in chunks', async () => {
      const { query, body } = await app().payment('chunks');
      expectAnswer(await send(query, { body: [body.slice(0, 9), body.slice(9)], chunked: true }), 'received');
    });

    test('byte by byte, cut within characters', async () => {
      const { query, body } = await app().transfer('señor muñoz', 'transfer-2');
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
      const { query, body } = await app().payment(`type ${name}`);
      const sending = { body, headers: { 'content-type': type } };
      expectAnswer(await send(query, sending), 'received');
      expectAnswer(await send(query, { ...sending, chunked: true }), 'received');
    });

    test('exactly as long as may be', async () => {
      const { query, body } = await app().payment('long');
      expectAnswer(await send(query, { body: padded(body, LIMIT) }), 'received');
      expectAnswer(await send(query, { body: padded(body, LIMIT), chunked: true }), 'received');
    });
  });
}
