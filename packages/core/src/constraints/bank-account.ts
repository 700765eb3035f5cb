import type { Constraint } from './constraint.ts';
import { text } from './text.ts';
import { weightedSum } from './weighted-sum.ts';

/**
 * The check digit of a block of a CBU or CVU: of the first 7 digits (entity and branch) or of the 13 of the account
 * (talo-api 10.1). `NaN` if there is anything but digits.
 */
export function bankCheckDigit(digits: string): number {
  // the weights of the shorter block are the last ones of the longer
  return (10 - (weightedSum(digits, '3971397139713'.slice(-digits.length)) % 10)) % 10;
}

/** 22 digits of the form `form`, and both check digits. */
function accountNumber(expected: string, form: RegExp): Constraint<string> {
  return text(expected, 22, 22, /\D/, form, (value, fail) => {
    const block = (from: number, to: number): void => {
      if (Number(value[to]) !== bankCheckDigit(value.slice(from, to))) {
        fail('check_digit', `one of digits ${from + 1} to ${to + 1} is mistyped`);
      }
    };
    block(0, 7);
    block(8, 21);
  });
}

/**
 * The 22 digits of a virtual account, as a string: starts with 000, both check digits right (talo-api 10.1). Meant
 * for what people type. Samples in Talo's documentation can be scrambled: do not refuse what Talo answers by it.
 */
export const cvu: Constraint<string> = /* @__PURE__ */ accountNumber(
  'a CVU: 22 digits that start with 000',
  /^000/,
);

/** The 22 digits of a bank account, as a string: does not start with 000, both check digits right (talo-api 10.1). */
export const cbu: Constraint<string> = /* @__PURE__ */ accountNumber(
  'a CBU: 22 digits that do not start with 000',
  /^(?!000)/,
);
