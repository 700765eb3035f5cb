import { describe, expect, test } from 'vitest';
import { dayOf, type Month, monthsFor, oneMonthAfter } from '../src/months.ts';

test('a day begins at midnight in Argentina', () => {
  expect(dayOf(new Date('2026-03-01T02:59:59Z'))).toBe('2026-02-28');
  expect(dayOf(new Date('2026-03-01T03:00:00Z'))).toBe('2026-03-01');
});

test.each([
  ['2026-01-15', 15, '2026-02-15'],
  ['2026-01-31', 31, '2026-02-28'],
  ['2028-01-31', 31, '2028-02-29'],
  ['2026-02-28', 31, '2026-03-31'],
  ['2026-12-31', 31, '2027-01-31'],
])('one month after %s, of the %i, is %s', (day, anchor, expected) => {
  expect(oneMonthAfter(day, anchor)).toBe(expected);
});

describe('credit pays whole months', () => {
  const january: Month = { from: '2026-01-31', until: '2026-02-28', anchor: 31 };

  test('none, as long as it is less than the price', () => {
    expect(monthsFor(1_499_999, 1_500_000, undefined, '2026-01-31')).toEqual([]);
    expect(monthsFor(-1, 1_500_000, january, '2026-01-31')).toEqual([]);
  });

  test('from the day of the transfer, where nothing is paid', () => {
    expect(monthsFor(1_500_000, 1_500_000, undefined, '2026-01-31')).toEqual([january]);
  });

  test('several at once, and back to the day it began on', () => {
    expect(monthsFor(4_999_999, 1_500_000, undefined, '2026-01-31')).toEqual([
      january,
      { from: '2026-02-28', until: '2026-03-31', anchor: 31 },
      { from: '2026-03-31', until: '2026-04-30', anchor: 31 },
    ]);
  });

  test('from the end of what is paid, up to its last day', () => {
    for (const today of ['2026-02-01', '2026-02-28']) {
      expect(monthsFor(1_500_000, 1_500_000, january, today)).toEqual([
        { from: '2026-02-28', until: '2026-03-31', anchor: 31 },
      ]);
    }
  });

  test('anew, where a day was missed', () => {
    expect(monthsFor(1_500_000, 1_500_000, january, '2026-03-01')).toEqual([
      { from: '2026-03-01', until: '2026-04-01', anchor: 1 },
    ]);
  });
});
