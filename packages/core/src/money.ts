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
    const whole = typeof amount === 'number' && Math.trunc(amount) === amount;
    const expected = `whole centavos between ±${Number.MAX_SAFE_INTEGER}`;
    refuse(whole ? 'range' : 'type', expected, amount, whole ? '' : 'for pesos with decimals use pesos(…)');
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
  const text = typeof amount === 'string' ? amount : typeof amount === 'number' ? plain(amount) : '';
  const match = /^(-?)(\d{1,400})(?:\.(\d{1,40}))?$/.exec(text);
  const [, sign, whole = '', fraction = ''] = match ?? [];
  const refused = (code: string, advice: string) =>
    refuse(code, 'pesos with at most two decimals, such as 15000 or "172029.37"', amount, advice);
  if (!match) return refused('type', 'use a point for decimals and nothing for thousands');
  // from 2^46 on, two neighbouring amounts of centavos can be the same double
  if (typeof amount === 'number' && fraction && Math.abs(amount) >= 2 ** 46) {
    refused('range', 'so large a number does not hold centavos, give a string');
  }
  // "1.500" is fifteen hundred pesos to whoever wrote it in Argentina
  if (fraction.length > 2)
    refused('decimals', 'use a point for decimals alone, and round the way your business rounds');
  return centavos(Number(`${sign}${whole}${fraction.slice(0, 2).padEnd(2, '0')}`));
}

/** `1e21` prints with an exponent, but is an integer all the same; `1e-7` stays as it is and is refused. */
function plain(amount: number): string {
  return String(Number.isInteger(amount) ? BigInt(amount) : amount);
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

function refuse(code: string, expected: string, amount: unknown, advice: string): never {
  const text = typeof amount === 'string' && JSON.stringify(amount.slice(0, 50));
  const received = text || (typeof amount === 'number' ? `${amount}` : typeof amount);
  const message = `expected ${expected}, received ${received}${advice && `; ${advice}`}.`;
  const issue: Issue = { path: '', code, message, expected, received };
  throw new TaloConstraintError([issue], 'amount');
}
