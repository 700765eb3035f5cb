import { type Issue, TaloConstraintError } from './errors/errors.ts';

/** The one currency in which Talo moves transfers (talo-api 3.1). */
export type Currency = 'ARS';

/**
 * An exact amount: a whole number of centavos, negative for money that leaves. Plain frozen data: compare
 * `centavos`, send it as JSON, store it as an integer. Make one with {@link pesos} or {@link centavos}.
 */
export interface Money {
  readonly currency: Currency;
  /** Safe integer, from -9007199254740991 to 9007199254740991. */
  readonly centavos: number;
}

/**
 * Money from whole centavos: `centavos(1500050)` is $ 15.000,50.
 * @throws TaloConstraintError if not a safe integer
 */
export function centavos(amount: number): Money {
  if (!Number.isSafeInteger(amount)) {
    const integer = Number.isInteger(amount);
    refuse(
      integer ? 'range' : 'type',
      `a whole number of centavos between ±${Number.MAX_SAFE_INTEGER}`,
      amount,
      integer ? 'it is beyond what a number holds exactly' : 'for pesos with decimals use pesos(…)',
    );
  }
  // `+ 0`: there is no negative zero of money
  return Object.freeze({ currency: 'ARS', centavos: amount + 0 });
}

/**
 * Money from pesos: `pesos(15000)`, `pesos('172029.37')`. A number is taken as the decimal that it prints as,
 * which is exact up to 70 trillion pesos (2^46) with centavos; beyond that give a string.
 * @throws TaloConstraintError on more than two decimals, on what is no plain decimal, and beyond the safe range
 */
export function pesos(amount: number | string): Money {
  const expected = 'pesos with at most two decimals and a point, such as 15000 or "172029.37"';
  const text = typeof amount === 'number' ? plain(amount) : amount;
  if (typeof text !== 'string') return refuse('type', expected, amount, hint(amount));
  // from 2^46 on, two neighbouring amounts of centavos can be the same double
  if (Number.isFinite(amount) && !Number.isInteger(amount) && Math.abs(Number(amount)) >= 2 ** 46) {
    refuse(
      'range',
      expected,
      amount,
      'a number this large does not hold centavos exactly, give it as a string',
    );
  }
  const match = /^(-?)(\d{1,400})(?:\.(\d{1,40}))?$/.exec(text);
  if (match === null) return refuse('type', expected, amount, hint(amount));
  const [, sign, whole = '', fraction = ''] = match;
  if (/[^0]/.test(fraction.slice(2))) {
    refuse('decimals', expected, amount, 'round it first, the way your business rounds');
  }
  const value = Number(`${sign}${whole}${fraction.slice(0, 2).padEnd(2, '0')}`);
  if (!Number.isSafeInteger(value)) {
    refuse(
      'range',
      `between ±${Number.MAX_SAFE_INTEGER} centavos`,
      amount,
      'it is beyond what a number holds exactly',
    );
  }
  return centavos(value);
}

/** `1e21` prints with an exponent, but is an integer all the same; `1e-7` stays as it is and is refused. */
function plain(amount: number): string {
  return Number.isInteger(amount) ? BigInt(amount).toString() : String(amount);
}

function hint(amount: unknown): string {
  return typeof amount === 'string' && amount.includes(',')
    ? 'use a point for decimals and nothing for thousands'
    : 'give a number or a string of digits';
}

/** The sum, exactly. @throws TaloConstraintError beyond the safe range */
export function addMoney(...amounts: readonly Money[]): Money {
  return centavos(amounts.reduce((sum, amount) => centavos(sum + amount.centavos).centavos, 0));
}

/** `a - b`, exactly. @throws TaloConstraintError beyond the safe range */
export function subtractMoney(a: Money, b: Money): Money {
  return centavos(a.centavos - b.centavos);
}

/** Whether `value` is Money: right currency, whole centavos in the safe range. */
export function isMoney(value: unknown): value is Money {
  return (
    typeof value === 'object' &&
    value !== null &&
    Reflect.get(value, 'currency') === 'ARS' &&
    Number.isSafeInteger(Reflect.get(value, 'centavos'))
  );
}

/** Decimal pesos with two decimals and a point, as Talo writes amounts in strings: `"-1.05"`. Exact. */
export function toDecimal(amount: Money): string {
  const digits = String(Math.abs(amount.centavos)).padStart(3, '0');
  return `${amount.centavos < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** For people, as Argentina writes it: `$ 172.029,37` (the space is a no-break one, as `Intl` prints es-AR). */
export function formatMoney(amount: Money): string {
  const [whole = '', fraction = ''] = toDecimal(amount).replace('-', '').split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, '.');
  return `${amount.centavos < 0 ? '-' : ''}$\u00a0${grouped},${fraction}`;
}

function refuse(code: string, expected: string, amount: unknown, advice?: string): never {
  const shown =
    typeof amount === 'string' ? JSON.stringify(amount) : typeof amount === 'number' ? amount : '';
  const received = `${amount === null ? 'null' : typeof amount} ${shown}`.trim().slice(0, 60);
  const message = `expected ${expected}, received ${received}${advice ? `; ${advice}` : ''}.`;
  const issue: Issue = { path: '', code, message, expected, received };
  throw new TaloConstraintError([issue], 'amount');
}
