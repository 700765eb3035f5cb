import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cuit } from '../../src/constraints/index.ts';
import { found, message } from './issues.ts';

const TYPES = ['20', '23', '24', '25', '26', '27', '30', '33', '34', '50', '51', '55'];

/** The definition of talo-api 10.3: the rest of the weighted sum by 11, taken from 11; 10 is no digit. */
function checkDigit(ten: string): number | undefined {
  const weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
  const rest = weights.map((weight, i) => weight * Number(ten.charAt(i))).reduce((a, b) => a + b) % 11;
  if (rest === 0) return 0;
  return rest === 1 ? undefined : 11 - rest;
}

const digits = (n: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: n, maxLength: n });

test('accepts exactly the numbers whose check digit follows from the others', () => {
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), digits(8), (type, number) => {
      const right = checkDigit(type + number);
      for (let digit = 0; digit < 10; digit++) {
        expect(cuit.is(`${type}${number}${digit}`)).toBe(digit === right);
        expect(cuit.is(`${type}-${number}-${digit}`)).toBe(digit === right);
      }
    }),
    { numRuns: 300 },
  );
});

test('accepts no type that is not issued', () => {
  fc.assert(
    fc.property(digits(2), digits(8), (type, number) => {
      const digit = checkDigit(type + number);
      expect(cuit.is(`${type}${number}${digit ?? 0}`)).toBe(TYPES.includes(type) && digit !== undefined);
    }),
  );
});

test('notices any single wrong digit of the number', () => {
  const right = fc
    .tuple(fc.constantFrom(...TYPES), digits(8))
    .map(([type, number]) => `${type}${number}${checkDigit(type + number) ?? 'x'}`)
    .filter((number) => !number.endsWith('x'));
  fc.assert(
    fc.property(right, fc.integer({ min: 2, max: 10 }), fc.integer({ min: 1, max: 9 }), (number, at, by) => {
      const wrong = `${number.slice(0, at)}${(Number(number[at]) + by) % 10}${number.slice(at + 1)}`;
      expect(found(cuit, wrong)).toEqual(['check_digit']);
    }),
  );
});

test('says what is wrong', () => {
  expect(cuit.is('20-12345678-6')).toBe(true);
  expect(message(cuit, '20-12345678-9')).toBe(
    'expected a CUIT such as 20-12345678-6, received "20-12345678-9"; one of digits 1 to 11 is mistyped.',
  );
  expect(found(cuit, '20123456')).toEqual(['too_short']);
  expect(found(cuit, '20.12345678.6')).toEqual(['charset']);
  expect(found(cuit, '-20-12345678-6')).toEqual(['too_long']);
  expect(found(cuit, '201-2345678-6')).toEqual(['format']);
  expect(found(cuit, 20123456786)).toEqual(['type']);
});
