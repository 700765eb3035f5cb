import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addMoney,
  centavos,
  formatMoney,
  isMoney,
  type Money,
  pesos,
  subtractMoney,
  TaloConstraintError,
  toDecimal,
} from '../src/index.ts';

const MAX = Number.MAX_SAFE_INTEGER;
const amounts = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -200_000, max: 200_000 }),
  fc.constantFrom(0, 1, -1, 99, 100, -99, MAX, -MAX, MAX - 1),
);
const money = amounts.map(centavos);

/** Decimal pesos of a number of centavos, by division of big integers. */
function decimal(amount: number): string {
  const big = BigInt(amount);
  const size = big < 0n ? -big : big;
  return `${big < 0n ? '-' : ''}${size / 100n}.${String(size % 100n).padStart(2, '0')}`;
}

function refusal(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    if (!(error instanceof TaloConstraintError) || error.issues.length !== 1) throw error;
    const [issue] = error.issues;
    return { code: issue?.code ?? '', message: error.message };
  }
  throw new Error('it was not refused');
}

/** The exact result, or a refusal where it does not fit. */
function expectExact(run: () => Money, exact: bigint): void {
  if (exact >= -BigInt(MAX) && exact <= BigInt(MAX)) expect(BigInt(run().centavos)).toBe(exact);
  else expect(refusal(run).code).toBe('range');
}

describe('centavos', () => {
  test('takes exactly the safe integers', () => {
    fc.assert(
      fc.property(fc.oneof(amounts, fc.double()), (amount) => {
        if (Number.isSafeInteger(amount)) expect(centavos(amount).centavos).toBe(amount + 0);
        else expect(() => centavos(amount)).toThrow(TaloConstraintError);
      }),
    );
  });

  test('is frozen, in pesos, and never minus zero', () => {
    expect(Object.isFrozen(centavos(1))).toBe(true);
    expect(centavos(-0)).toStrictEqual({ currency: 'ARS', centavos: 0 });
    expect(Object.is(centavos(-0).centavos, 0)).toBe(true);
  });

  test('points to pesos when given a fraction', () => {
    expect(refusal(() => centavos(150.5))).toEqual({
      code: 'type',
      message: expect.stringContaining('for pesos with decimals use pesos'),
    });
    expect(refusal(() => centavos(2 ** 53)).code).toBe('range');
    expect(refusal(() => centavos(Number.NaN)).code).toBe('type');
  });
});

describe('pesos from a string', () => {
  test('is exact for every number of centavos', () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        expect(pesos(decimal(amount)).centavos).toBe(amount + 0);
        if (amount % 10 === 0) expect(pesos(decimal(amount).slice(0, -1)).centavos).toBe(amount + 0);
        if (amount % 100 === 0) expect(pesos(decimal(amount).slice(0, -3)).centavos).toBe(amount + 0);
      }),
      { numRuns: 1000 },
    );
  });

  test('agrees with big integers on any plain decimal', () => {
    const parts = fc.tuple(
      fc.boolean(),
      fc.stringMatching(/^\d{1,20}$/),
      fc.option(fc.stringMatching(/^\d{1,5}$/)),
    );
    fc.assert(
      fc.property(parts, ([negative, whole, fraction]) => {
        const text = `${negative ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}`;
        const millis = BigInt(whole) * 100_000n + BigInt((fraction ?? '').padEnd(5, '0'));
        if ((fraction ?? '').length > 2) expect(refusal(() => pesos(text)).code).toBe('decimals');
        else expectExact(() => pesos(text), (negative ? -millis : millis) / 1000n);
      }),
      { numRuns: 1000 },
    );
  });

  test('is exact to the edges of the safe range and refuses beyond', () => {
    expect(pesos('90071992547409.91').centavos).toBe(MAX);
    expect(pesos('-90071992547409.91').centavos).toBe(-MAX);
    expect(refusal(() => pesos('90071992547409.92')).code).toBe('range');
    expect(refusal(() => pesos('-90071992547410')).code).toBe('range');
    expect(refusal(() => pesos('9'.repeat(400))).code).toBe('range');
  });

  test('takes noughts before, and no minus zero', () => {
    expect(pesos('007.50').centavos).toBe(750);
    expect(Object.is(pesos('-0.00').centavos, 0)).toBe(true);
  });

  test('refuses a third decimal even where it is zero: "15.000" is fifteen thousand to who wrote it', () => {
    for (const text of ['1.500', '15.000', '0.000']) expect(refusal(() => pesos(text)).code).toBe('decimals');
  });

  test('takes nothing but a plain decimal', () => {
    const wrong = ['', ' ', '1 ', ' 1', '1.', '.5', '+1', '--1', '1e3', '0x10', '١', '1.2.3', '$ 1', 'NaN'];
    for (const text of [...wrong, 'Infinity', '1\n', '−1', '9'.repeat(401), `1.${'0'.repeat(41)}`]) {
      expect(refusal(() => pesos(text)).code).toBe('type');
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (!/^-?\d+(\.\d+)?$/.test(text)) expect(refusal(() => pesos(text)).code).toBe('type');
      }),
    );
  });

  test('says what to do about a comma', () => {
    expect(refusal(() => pesos('172.029,37'))).toEqual({
      code: 'type',
      message: expect.stringContaining('use a point for decimals and nothing for thousands'),
    });
  });

  test('is quick with a long text', () => {
    const start = performance.now();
    expect(refusal(() => pesos('1'.repeat(5_000_000))).message.length).toBeLessThan(300);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('pesos from a number', () => {
  // up to here a double tells every centavo from the next, and prints it with two decimals
  const HELD = 2 ** 46 * 100 - 100;

  test('is the decimal that the number prints as, for every number of centavos that a double holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: -HELD, max: HELD }), fc.integer()), (amount) => {
        expect(pesos(Number(decimal(amount))).centavos).toBe(amount + 0);
      }),
      { numRuns: 2000 },
    );
  });

  test('never means another amount than the digits it was written with', () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        const number = Number(decimal(amount));
        try {
          expect(pesos(number).centavos).toBe(amount + 0);
        } catch (error) {
          // beyond 2^46 it is refused rather than guessed, unless it is whole
          if (!(error instanceof TaloConstraintError)) throw error;
          expect(Math.abs(number)).toBeGreaterThanOrEqual(2 ** 46);
          expect(error.issues[0]?.code).toBe('range');
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('takes whole pesos in the safe range', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (whole) => {
        expectExact(() => pesos(whole), BigInt(whole) * 100n);
      }),
    );
    expect(refusal(() => pesos(1e21)).code).toBe('range');
    expect(refusal(() => pesos(Number.MAX_VALUE)).code).toBe('range');
  });

  test('refuses more than two decimals and what floating point left behind', () => {
    expect(refusal(() => pesos(0.1 + 0.2)).code).toBe('decimals');
    expect(refusal(() => pesos(1.005)).code).toBe('decimals');
    expect(pesos(0.3).centavos).toBe(30);
    expect(pesos(1.1 + 2.2 - 2.2).centavos).toBe(110);
  });

  test('refuses what is no decimal', () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-7, 5e-324]) {
      expect(refusal(() => pesos(wrong)).code).toBe('type');
    }
    expect(Object.is(pesos(-0).centavos, 0)).toBe(true);
  });

  test('refuses other kinds', () => {
    for (const other of ['null', 'true', '{}', '[1]']) {
      const amount: number = JSON.parse(other);
      expect(refusal(() => pesos(amount)).code).toBe('type');
    }
  });
});

describe('arithmetic', () => {
  test('adds any number of amounts exactly or refuses', () => {
    fc.assert(
      fc.property(fc.array(money, { maxLength: 6 }), (all) => {
        let sum = 0n;
        let fits = true;
        for (const { centavos: amount } of all) {
          sum += BigInt(amount);
          fits &&= sum >= -BigInt(MAX) && sum <= BigInt(MAX);
        }
        if (fits) expect(BigInt(addMoney(...all).centavos)).toBe(sum);
        else expect(refusal(() => addMoney(...all)).code).toBe('range');
      }),
      { numRuns: 1000 },
    );
    expect(addMoney().centavos).toBe(0);
  });

  test('subtracts exactly or refuses', () => {
    fc.assert(
      fc.property(money, money, (a, b) => {
        expectExact(() => subtractMoney(a, b), BigInt(a.centavos) - BigInt(b.centavos));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('text', () => {
  test('toDecimal writes what pesos reads', () => {
    fc.assert(
      fc.property(money, (amount) => {
        expect(toDecimal(amount)).toBe(decimal(amount.centavos));
        expect(pesos(toDecimal(amount))).toEqual(amount);
      }),
      { numRuns: 1000 },
    );
    expect(toDecimal(centavos(-105))).toBe('-1.05');
  });

  test('formatMoney prints as Intl does for Argentina', () => {
    const intl = new Intl.NumberFormat('es-AR', { style: 'currency', currency: 'ARS' });
    fc.assert(
      fc.property(money, (amount) => {
        // a string of digits is formatted exactly, a number would be rounded
        const digits: Intl.StringNumericLiteral = `${Number(decimal(amount.centavos))}`;
        const exact = decimal(amount.centavos) as typeof digits;
        expect(formatMoney(amount)).toBe(intl.format(exact));
      }),
      { numRuns: 1000 },
    );
    expect(formatMoney(pesos('172029.37'))).toBe('$\u00a0172.029,37');
  });
});

test('isMoney knows Money, also after JSON, and nothing else', () => {
  fc.assert(
    fc.property(money, (amount) => {
      expect(isMoney(amount)).toBe(true);
      expect(isMoney(JSON.parse(JSON.stringify(amount)))).toBe(true);
    }),
  );
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(isMoney(value)).toBe(false);
    }),
  );
  for (const centavosLike of ['1', 1.5, 2 ** 53, Number.NaN, null, undefined, 1n]) {
    expect(isMoney({ currency: 'ARS', centavos: centavosLike })).toBe(false);
  }
  expect(isMoney({ currency: 'USD', centavos: 1 })).toBe(false);
});
