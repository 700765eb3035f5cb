import { describe, expect, test } from 'vitest';
import type { Shared } from './answers.ts';
import { expectAnswer } from './expectation.ts';

/** Where a notification comes to, and by which method. */
export function addressContract({ app, send, postOnly }: Shared): void {
  describe('another method is refused', () => {
    test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'])('%s', async (method) => {
      const { query, body } = await app().payment('method');
      const bodiless = { 'content-length': undefined, 'content-type': undefined };
      const sending =
        method === 'PUT' || method === 'PATCH' ? { method, body } : { method, headers: bodiless };
      const before = await app().answers();
      const answer = await send(query, sending);
      if (!postOnly) return expectAnswer(answer, 'wrong-method', method);
      expect(answer.body.toString()).not.toContain('received');
      expect(await app().answers()).toEqual(before);
    });
  });

  describe('the address authenticates', () => {
    test('with a slash at the end of the path, or more in the query', async () => {
      const { query, body } = await app().payment('address');
      expectAnswer(await send(`/${query}`, { body }), 'received');
      expectAnswer(await send(`${query}&from=elsewhere`, { body }), 'received');
      expectAnswer(await send(`?from=elsewhere&${query.slice(1)}`, { body }), 'received');
    });

    test('forged, of another object, or not signed at all: refused', async () => {
      const { query, body } = await app().payment('forged');
      const other = await app().payment('other');
      const another = (char: string) => (char === '1' ? '2' : '1');
      const forged = query.replace(/.$/, another);
      const guessed = query.replace(/(?<=^\?talo=1~[^~]+~)./, another);
      expect(guessed).not.toBe(query);
      const transfer = await app().transfer('123456789', 'transfer-3');
      const before = (await app().answers())['unauthenticated'] ?? 0;
      for (const wrong of [forged, guessed, transfer.query, '', '?talo=', '?talo=1~~~', `${query}&talo=1`]) {
        expectAnswer(await send(wrong, { body }), 'unauthenticated');
      }
      expect((await app().answers())['unauthenticated']).toBe(before + 7);
      // the body may lie about which order it speaks of: what is looked at is the payment
      expectAnswer(await send(other.query, { body }), 'received');
    });
  });
}
