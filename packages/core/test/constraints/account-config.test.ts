import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accountConfig,
  type Constraint,
  cancellationPeriod,
  payoutFrequency,
  payoutSchedule,
  transferTolerance,
} from '../../src/constraints/index.ts';
import { found, message } from './issues.ts';

const CVU = '0000630500008064475741';
const CBU = '2850590940090418135201';

describe.each<[string, Constraint<number>, number, number]>([
  ['cancellationPeriod', cancellationPeriod, 1, 200],
  ['transferTolerance', transferTolerance, 0, 10_000],
])('%s', (_name, constraint, min, max) => {
  test('accepts exactly the whole numbers within its bounds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.double(), fc.integer({ min: min - 2, max: max + 2 })), (n) => {
        expect(constraint.is(n)).toBe(n % 1 === 0 && n >= min && n <= max);
      }),
    );
    expect([min, max, min - 1, max + 1].map((n) => constraint.is(n))).toEqual([true, true, false, false]);
  });

  test('tells a wrong kind from a wrong size', () => {
    expect(found(constraint, max + 1)).toEqual(['range']);
    for (const other of [`${min}`, 1.5, Number.NaN, Number.POSITIVE_INFINITY, null, true, 1n]) {
      expect(found(constraint, other)).toEqual(['type']);
    }
    expect(found(constraint, undefined)).toEqual(['required']);
  });
});

test('payoutFrequency is one of the four words', () => {
  for (const word of ['bi_daily', 'daily', 'weekly', 'monthly']) expect(payoutFrequency.is(word)).toBe(true);
  expect(found(payoutFrequency, 'Daily')).toEqual(['one_of']);
  expect(message(payoutFrequency, 'hourly')).toBe(
    'expected one of bi_daily, daily, weekly, monthly, received "hourly".',
  );
});

describe('payoutSchedule', () => {
  test.each([CVU, CBU, 'my.withdraw.alias'])('pays out to %s', (address) => {
    expect(payoutSchedule.check({ address, frequency: 'daily' })).toEqual([]);
  });

  test('needs both keys', () => {
    expect(found(payoutSchedule, {})).toEqual(['address required', 'frequency required']);
    expect(found(payoutSchedule, { frequency: 'daily' })).toEqual(['address required']);
    expect(found(payoutSchedule, { address: CVU, frequency: undefined })).toEqual(['frequency required']);
  });

  test('reads 21 digits and more as an account number, mistyped or not', () => {
    const address = (value: unknown): string[] =>
      found(payoutSchedule, { address: value, frequency: 'daily' });
    expect(address(CVU.slice(0, 21))).toEqual(['address too_short']);
    expect(address(`${CBU}0`)).toEqual(['address too_long']);
    expect(address(CVU.replace('47', '74'))).toEqual(['address check_digit']);
    expect(address(CBU.replace('28', '82'))).toEqual(['address check_digit']);
    expect(address('my withdraw alias')).toEqual(['address charset']);
    expect(address(Number(CBU))).toEqual(['address type']);
  });
});

describe('accountConfig', () => {
  test('takes any of its settings', () => {
    const whole = {
      aliasPrefix: 'myapp',
      cancellationPeriod: 30,
      transferTolerance: 10,
      payoutSchedule: { address: 'my.withdraw.alias', frequency: 'daily' },
    };
    fc.assert(
      fc.property(fc.subarray(Object.entries(whole), { minLength: 1 }), (entries) => {
        expect(accountConfig.check(Object.fromEntries(entries))).toEqual([]);
      }),
    );
  });

  test('takes at least one', () => {
    expect(found(accountConfig, {})).toEqual(['empty']);
    expect(found(accountConfig, { aliasPrefix: undefined })).toEqual(['empty']);
  });

  test('reports everything at once', () => {
    const config = {
      aliasPrefix: 'MyApplication',
      alias_prefix: 'myapp',
      cancellationPeriod: 201,
      transferTolerance: '10',
      payoutSchedule: { address: CVU, frecuency: 'daily' },
    };
    expect(found(accountConfig, config).sort()).toEqual([
      'aliasPrefix charset',
      'aliasPrefix too_long',
      'alias_prefix unknown_key',
      'cancellationPeriod range',
      'payoutSchedule.frecuency unknown_key',
      'payoutSchedule.frequency required',
      'transferTolerance type',
    ]);
  });

  test('refuses null where a key should be left out', () => {
    expect(found(accountConfig, { aliasPrefix: null, payoutSchedule: null })).toEqual([
      'aliasPrefix type',
      'payoutSchedule type',
    ]);
  });

  test('lists what it knows when asked for something else', () => {
    expect(message(accountConfig, [])).toBe(
      'expected an object of aliasPrefix, cancellationPeriod, transferTolerance, payoutSchedule, received array.',
    );
  });

  test('refuses keys of every object, such as constructor and __proto__', () => {
    const config = JSON.parse('{ "aliasPrefix": "bami", "__proto__": { "a": 1 }, "constructor": "x" }');
    expect(found(accountConfig, config).sort()).toEqual(['__proto__ unknown_key', 'constructor unknown_key']);
  });
});
