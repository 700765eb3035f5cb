import { describe, expect, test } from 'vitest';
import {
  asPesos,
  clockTime,
  dayAndTime,
  fromLocal,
  localOf,
  money,
  readPesos,
  shorten,
  stretch,
} from '../src/lib/format.ts';

const ars = (centavos: number) => ({ currency: 'ARS', centavos }) as const;

describe('amounts', () => {
  test.each([
    ['15000', '15000'],
    ['15.000', '15000'],
    ['15.000,5', '15000.5'],
    ['$ 172.029,37', '172029.37'],
    ['1500.50', '1500.50'],
    ['0,01', '0.01'],
    ['1.234.567', '1234567'],
  ])('reads %s as an amount', (typed, expected) => {
    expect(readPesos(typed)).toBe(expected);
  });

  test.each(['', 'mil', '1,234.50', '15.00,0', '-5', '1.2345', '10,555'])('does not guess at %j', (typed) => {
    expect(readPesos(typed)).toBeUndefined();
  });

  test('a point before three digits is a thousand, as people in Argentina write it', () => {
    expect(readPesos('1.500')).toBe('1500');
  });

  test('what is written for the API is what was shown', () => {
    expect(asPesos(ars(17_202_937))).toBe('172029.37');
    expect(asPesos(ars(1_500_000))).toBe('15000');
    expect(asPesos(ars(-105))).toBe('-1.05');
    expect(readPesos(money(ars(17_202_937)))).toBe('172029.37');
  });
});

describe('time', () => {
  test('is that of Argentina, three hours behind UTC', () => {
    expect(clockTime('2026-03-02T01:20:05.000Z')).toBe('22:20:05');
    expect(dayAndTime('2026-03-02T01:20:05.000Z', 'en')).toMatch(/^01\u00a0Mar, 22:20:05$/);
  });

  test('goes to a field and back, to the minute', () => {
    expect(localOf('2026-03-02T01:20:05.000Z')).toBe('2026-03-01T22:20');
    expect(fromLocal('2026-03-01T22:20')).toBe('2026-03-02T01:20:00.000Z');
  });

  test.each([
    [0, '0 ms'],
    [41.4, '41 ms'],
    [1000, '1 s'],
    [2540, '2.5 s'],
    [59_999, '60 s'],
    [60_000, '1 min'],
    [125_000, '2 min 5 s'],
    [108_000_000, '1 d 6 h'],
    [86_400_000, '1 d'],
    [86_405_000, '1 d'],
    [-65_000, '1 min 5 s'],
  ])('%d ms is %s', (ms, expected) => {
    expect(stretch(ms)).toBe(expected);
  });
});

test('a long id keeps its two ends', () => {
  expect(shorten('orden-1')).toBe('orden-1');
  expect(shorten('VAR-f61876b0-orden-1043', 18)).toBe('VAR-f61876b0…-1043');
});
