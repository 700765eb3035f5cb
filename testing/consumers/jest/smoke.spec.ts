import { type Money, pesos, TaloConstraintError, TaloError } from '@talo/core';
import * as constraints from '@talo/core/constraints';
import * as testing from '@talo/core/testing';
import * as webhooks from '@talo/core/webhooks';

test('the root entry works and is typed', () => {
  const price: Money = pesos('172029.37');
  expect(price.centavos).toBe(17_202_937);
  // @ts-expect-error: money is not a number
  expect(() => pesos({})).toThrow();
  const error: TaloError = new TaloConstraintError([]);
  expect(error).toBeInstanceOf(TaloError);
});

test('every subpath resolves, types included', () => {
  for (const entry of [constraints, testing, webhooks]) expect(typeof entry).toBe('object');
});
