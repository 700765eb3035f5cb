import fc from 'fast-check';
import { expect, test } from 'vitest';
import { refundRequest } from '../../src/constraints/index.ts';
import { centavos, pesos } from '../../src/index.ts';
import { found } from './issues.ts';

const blame = { teamId: 'team-1', mail: 'support@shop.example' };

test('a full refund has no amount', () => {
  expect(refundRequest.check({ type: 'FULL', blame })).toEqual([]);
  expect(refundRequest.check({ type: 'FULL', amount: undefined, blame })).toEqual([]);
  expect(found(refundRequest, { type: 'FULL', amount: pesos(500), blame })).toEqual(['amount forbidden']);
});

test('a partial refund has an amount above zero', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (amount) => {
      expect(refundRequest.is({ type: 'PARTIAL', amount: centavos(amount), blame })).toBe(amount > 0);
    }),
  );
  expect(found(refundRequest, { type: 'PARTIAL', blame })).toEqual(['amount required']);
  expect(found(refundRequest, { type: 'PARTIAL', amount: 500, blame })).toEqual(['amount type']);
});

test('both say who asked', () => {
  expect(found(refundRequest, { type: 'FULL' })).toEqual(['blame required']);
  expect(found(refundRequest, { type: 'FULL', blame: 'CLIENT' })).toEqual(['blame type']);
  expect(found(refundRequest, { type: 'FULL', blame: { teamId: '', mail: 'x', user: 'y' } })).toEqual([
    'blame.teamId empty',
    'blame.mail format',
    'blame.user unknown_key',
  ]);
});

test('there is no third kind', () => {
  expect(found(refundRequest, { type: 'partial', blame })).toEqual(['type one_of']);
  expect(found(refundRequest, { refund_type: 'FULL', blame })).toEqual([
    'type required',
    'refund_type unknown_key',
  ]);
  for (const value of [null, 'FULL', 7, Symbol('x'), []])
    expect(found(refundRequest, value)).toEqual(['type']);
});
