import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aliasPrefix, bankAlias, customerAlias } from '../../src/constraints/index.ts';
import { TaloConstraintError } from '../../src/index.ts';
import { found, message } from './issues.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const IN_PREFIX = `${LOWER}${DIGITS}_`;
const IN_ALIAS = `${LOWER}${LOWER.toUpperCase()}${DIGITS}-.`;

/** The rules once more, character by character. */
function made(value: string, of: string, min: number, max: number): boolean {
  let count = 0;
  for (let i = 0; i < value.length; i++) {
    if (!of.includes(value.charAt(i))) return false;
    count++;
  }
  return count >= min && count <= max;
}

/** Strings of mostly good characters, about as long as the limits. */
const near = fc.oneof(
  fc.string({ unit: fc.constantFrom(...IN_ALIAS, '_'), maxLength: 22 }),
  fc.string({ unit: fc.constantFrom(...IN_PREFIX), maxLength: 10 }),
  fc.string({ unit: 'grapheme', maxLength: 22 }),
  fc.string({ unit: fc.constantFrom('a', 'ñ', 'á', ' ', 'K', 'ſ', '\n', '\u0000'), maxLength: 20 }),
);

test('a bank alias has 6 to 20 letters, digits, hyphens and dots', () => {
  fc.assert(
    fc.property(near, (value) => {
      expect(bankAlias.is(value)).toBe(made(value, IN_ALIAS, 6, 20));
    }),
    { numRuns: 1000 },
  );
  for (const alias of ['talo.ago.1468', 'kamrot.8881.talo', 'BAMI.ABCDABCD', 'a-b-c-']) {
    expect(bankAlias.is(alias)).toBe(true);
  }
});

describe('aliasPrefix', () => {
  test('has 1 to 8 lowercase letters, digits and underscores, for customers up to 18', () => {
    fc.assert(
      fc.property(near, (value) => {
        expect(aliasPrefix.is(value)).toBe(made(value, IN_PREFIX, 1, 8));
        expect(aliasPrefix.forCustomers.is(value)).toBe(made(value, IN_PREFIX, 1, 18));
      }),
      { numRuns: 1000 },
    );
  });

  test('says which character is wrong and by how much it is too long', () => {
    expect(found(aliasPrefix, '')).toEqual(['empty']);
    expect(aliasPrefix.check('My Application').map((issue) => issue.message)).toEqual([
      'expected 1 to 8 lowercase letters, digits and underscores, received "My Application"; it is 6 too long.',
      'expected 1 to 8 lowercase letters, digits and underscores, received "My Application"; "M" is not allowed.',
    ]);
  });

  test('counts to the limit', () => {
    const lengths = [1, 8, 9, 18, 19];
    const accepted = (constraint: typeof bankAlias): number[] =>
      lengths.filter((length) => constraint.is('x'.repeat(length)));
    expect(accepted(aliasPrefix)).toEqual([1, 8]);
    expect(accepted(aliasPrefix.forCustomers)).toEqual([1, 8, 9, 18]);
  });

  test('any prefix for customers leaves room for a suffix', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z\d_]{1,18}$/), (prefix) => {
        expect(aliasPrefix.forCustomers.is(prefix)).toBe(true);
        expect(customerAlias(prefix).is('x'.repeat(19 - prefix.length))).toBe(true);
      }),
    );
  });
});

describe('customerAlias', () => {
  test('accepts a suffix when the whole alias has 6 to 20 characters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z\d]{1,22}$/), near, (prefix, suffix) => {
        const whole = `${prefix}.${suffix}`;
        expect(customerAlias(prefix).is(suffix)).toBe(suffix !== '' && made(whole, IN_ALIAS, 6, 20));
      }),
      { numRuns: 1000 },
    );
  });

  test('says how many characters are left', () => {
    // an account with this prefix lost customers to the silent cut (talo-api 6)
    expect(message(customerAlias('halley27'), 'gonzalezgutierrez')).toBe(
      'expected a suffix of 1 to 11 letters, digits, hyphens and dots, what "halley27." leaves of 20, received "gonzalezgutierrez"; it is 6 too long.',
    );
    expect(message(customerAlias('a'), 'bc')).toContain('a suffix of 4 to 18 letters');
  });

  test('refuses every suffix behind a prefix that leaves no room', () => {
    expect(customerAlias('x'.repeat(19)).is('a')).toBe(false);
    expect(customerAlias('x'.repeat(25)).is('')).toBe(false);
  });

  test('takes an account’s prefix with an underscore, which Talo allows, but not such a suffix', () => {
    expect(customerAlias('my_app').is('carla')).toBe(true);
    expect(found(customerAlias('my_app'), 'car_la')).toEqual(['charset']);
  });

  test('needs a prefix', () => {
    expect(() => customerAlias('')).toThrow(TaloConstraintError);
    const missing: string = JSON.parse('null');
    expect(() => customerAlias(missing)).toThrow(TaloConstraintError);
  });
});
