import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { path } from '../../src/http/path.ts';
import { TaloConstraintError } from '../../src/index.ts';
import { testClock } from '../support/clock.ts';
import { FakeTalo, failureOf } from '../support/fake-talo.ts';

describe('an id in a path', () => {
  test.each([
    ['TX#1', '/payments/TX%231'],
    ['a/b?c', '/payments/a%2Fb%3Fc'],
    ['..\\..', '/payments/..%5C..'],
    ['%2e%2e', '/payments/%252e%252e'],
    ['ñandú é', '/payments/%C3%B1and%C3%BA%20%C3%A9'],
    ['...', '/payments/...'],
  ])('is percent-encoded: %j', (id, expected) => {
    expect(path`/payments/${id}`).toBe(expected);
  });

  test.each(['', '.', '..', 'x'.repeat(513), '\ud800', undefined, null, 7, {}])('is refused: %j', (id) => {
    expect(() => path`/payments/${id as string}`).toThrow(TaloConstraintError);
  });

  test('comes back as it was, as one segment, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), (id) => {
        fc.pre(id !== '.' && id !== '..');
        const { pathname } = new URL(`http://talo.test${path`/payments/${id}/refunds`}`);
        const segments = pathname.split('/');
        expect(segments).toHaveLength(4);
        expect(decodeURIComponent(segments[2] ?? '')).toBe(id);
      }),
    );
  });

  test('is refused by every method that takes one, before anything is sent', async () => {
    const talo = new FakeTalo(testClock());
    const { payments, customers, faucet } = talo.client();
    const money = { currency: 'ARS', centavos: 100 } as const;
    for (const id of ['', '.', '..', 'x'.repeat(600), undefined as never]) {
      for (const call of [
        () => payments.get(id),
        () => payments.updateMotive(id, 'm'),
        () => payments.updatePrice(id, money),
        () => payments.updateExpiration(id, new Date()),
        () => payments.refund(id, { type: 'FULL', blame: { teamId: 't', mail: 'a@b.c' } }),
        () => customers.get(id),
        () => customers.getTransaction(id, 'x'),
        () => customers.getTransaction('x', id),
        () => faucet.transfer(id, money),
      ]) {
        expect(await failureOf(call())).toBeInstanceOf(TaloConstraintError);
      }
    }
    expect(talo.sent).toHaveLength(0);
  });
});
