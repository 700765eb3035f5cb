import type { Constraint } from './constraint.ts';
import { someText, text } from './text.ts';

// talo-api 10.2; Talo cuts a longer alias without a word, and two customers then collide
const MAX_ALIAS = 20;
const MIN_ALIAS = 6;
const CHARACTERS = 'letters, digits, hyphens and dots';
const NOT_IN_ALIAS = /[^a-z\d.-]/i;

/** A bank alias such as `my.withdraw.alias`: 6 to 20 letters, digits, hyphens and dots, no ñ or accents (talo-api 10.2). */
export const bankAlias: Constraint<string> = /* @__PURE__ */ text(
  `an alias of 6 to 20 ${CHARACTERS}`,
  MIN_ALIAS,
  MAX_ALIAS,
  NOT_IN_ALIAS,
);

function prefix(max: number): Constraint<string> {
  return text(`1 to ${max} lowercase letters, digits and underscores`, 1, max, /[^a-z\d_]/);
}

/**
 * The account's alias prefix: at most 8 lowercase letters, digits and underscores (talo-api 7). Better without an
 * underscore, which bank aliases do not have. `aliasPrefix.forCustomers` allows up to 18, for an account that uses
 * the Customers API only: as long as a suffix of one character still fits into an alias of 20.
 */
export const aliasPrefix: Constraint<string> & { readonly forCustomers: Constraint<string> } =
  /* @__PURE__ */ Object.assign(/* @__PURE__ */ prefix(8), {
    forCustomers: /* @__PURE__ */ prefix(MAX_ALIAS - 2),
  });

/** A suffix behind a prefix that is not known: what one of a single character leaves. */
export const anySuffix: Constraint<string> = /* @__PURE__ */ text(
  `a suffix of 1 to 18 ${CHARACTERS}`,
  1,
  18,
  NOT_IN_ALIAS,
);

/**
 * The suffix of a customer's alias: Talo makes the alias `prefix + "." + suffix`, which must come to 6 to 20
 * characters and is silently cut beyond that (talo-api 6, 10.2). The issues say how many characters are left.
 * `prefix` is the account's `aliasPrefix`, of which only the length matters here.
 * @throws TaloConstraintError if the prefix is empty or no string
 */
export function customerAlias(prefix: string): Constraint<string> {
  const used = someText.parse(prefix).length + 1;
  const left = MAX_ALIAS - used;
  const min = Math.max(1, MIN_ALIAS - used);
  return text(
    `a suffix of ${min} to ${left} ${CHARACTERS}, what "${prefix}." leaves of ${MAX_ALIAS}`,
    min,
    left,
    NOT_IN_ALIAS,
  );
}
