import type { Constraint } from './constraint.ts';
import { text } from './text.ts';
import { weightedSum } from './weighted-sum.ts';

/**
 * A CUIT or CUIL as a string, `20-12345678-6` or without hyphens: one of the types that are issued, and the check digit by
 * the strict rule, by which one number in eleven does not exist (talo-api 10.3, which leaves out the rarer types 25
 * and 26 of people and 50, 51 and 55 of foreigners).
 */
export const cuit: Constraint<string> = /* @__PURE__ */ text(
  'a CUIT such as 20-12345678-6',
  11,
  13,
  /[^\d-]/,
  /^(2[03-7]|3[034]|5[015])-?\d{8}-?\d$/,
  (value, fail) => {
    // with the check digit weighing 1 the whole sum is a multiple of 11
    if (weightedSum(value.replaceAll('-', ''), '54327654321') % 11) {
      fail('check_digit', 'one of digits 1 to 11 is mistyped');
    }
  },
);
