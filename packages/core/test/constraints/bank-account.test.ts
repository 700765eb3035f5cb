import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bankCheckDigit, cbu, cvu } from '../../src/constraints/index.ts';
import { found, message } from './issues.ts';

/** The check digit by the tables that banks publish, adding up until the sum ends in zero. */
function published(digits: string): number {
  const weights = digits.length === 7 ? [7, 1, 3, 9, 7, 1, 3] : [3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3];
  let total = 0n;
  weights.forEach((weight, i) => {
    total += BigInt(weight) * BigInt(digits.charAt(i));
  });
  let digit = 0;
  while ((total + BigInt(digit)) % 10n !== 0n) digit++;
  return digit;
}

const digits = (n: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: n, maxLength: n });

function account(bank: string, holder: string): string {
  return `${bank}${published(bank)}${holder}${published(holder)}`;
}
const cvus = fc.tuple(digits(4), digits(13)).map(([psp, holder]) => account(`000${psp}`, holder));
const cbus = fc
  .tuple(
    digits(7).filter((bank) => !bank.startsWith('000')),
    digits(13),
  )
  .map(([bank, holder]) => account(bank, holder));

describe('bankCheckDigit', () => {
  test('is the digit that banks compute, of either block', () => {
    fc.assert(
      fc.property(fc.oneof(digits(7), digits(13)), (block) => {
        expect(bankCheckDigit(block)).toBe(published(block));
      }),
      { numRuns: 2000 },
    );
  });

  test('is no number for what is no block', () => {
    expect(bankCheckDigit('28505x9')).toBeNaN();
    expect(bankCheckDigit('')).toBeNaN();
  });
});

// talo-api 10.1
test.each([
  '0000630500008064475741',
  '0000630500000060195375',
  '0000335100000000004774',
  '0000630500009929799271',
])('the CVU %s of Talo’s is one', (sample) => {
  expect(cvu.check(sample)).toEqual([]);
});

test('a scrambled CVU fails in both blocks, and the issues say which', () => {
  expect(cvu.check('0000716149000693369021').map((issue) => issue.message)).toEqual([
    'expected a CVU: 22 digits that start with 000, received "0000716149000693369021"; one of digits 1 to 8 is mistyped.',
    'expected a CVU: 22 digits that start with 000, received "0000716149000693369021"; one of digits 9 to 22 is mistyped.',
  ]);
});

test('every CVU with right check digits is accepted as such and never as a CBU', () => {
  fc.assert(
    fc.property(cvus, (number) => {
      expect(cvu.is(number)).toBe(true);
      expect(found(cbu, number)).toEqual(['format']);
    }),
  );
});

test('every CBU with right check digits is accepted as such and never as a CVU', () => {
  fc.assert(
    fc.property(cbus, (number) => {
      expect(cbu.is(number)).toBe(true);
      expect(found(cvu, number)).toEqual(['format']);
    }),
  );
});

test('any single wrong digit is noticed', () => {
  fc.assert(
    fc.property(
      fc.oneof(cvus, cbus),
      fc.integer({ min: 0, max: 21 }),
      fc.integer({ min: 1, max: 9 }),
      (number, at, by) => {
        const wrong = `${number.slice(0, at)}${(Number(number[at]) + by) % 10}${number.slice(at + 1)}`;
        for (const constraint of [cvu, cbu]) {
          const advice = at < 8 ? 'digits 1 to 8' : 'digits 9 to 22';
          const issues = constraint.check(wrong).filter((issue) => issue.code === 'check_digit');
          expect(issues.map((issue) => issue.message.includes(advice))).toEqual([true]);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('agrees with the published rule on any 22 digits', () => {
  fc.assert(
    fc.property(digits(22), fc.boolean(), (random, zeros) => {
      const number = zeros ? `000${random.slice(3)}` : random;
      const right = account(number.slice(0, 7), number.slice(8, 21)) === number;
      expect(cvu.is(number)).toBe(right && number.startsWith('000'));
      expect(cbu.is(number)).toBe(right && !number.startsWith('000'));
    }),
  );
});

test('asks for 22 digits as a string and nothing else', () => {
  const number = '0000630500008064475741';
  expect(found(cvu, number.slice(1))).toEqual(['too_short']);
  expect(found(cvu, `${number} `)).toEqual(['too_long', 'charset']);
  expect(found(cvu, number.replace('6', 'O'))).toEqual(['charset']);
  expect(found(cvu, number.replace('6', '٦'))).toEqual(['charset']);
  expect(found(cvu, '')).toEqual(['empty']);
  expect(found(cvu, Number(number))).toEqual(['type']);
  expect(message(cvu, `${number}1`)).toContain('it is 1 too long');
});
