import { type Constraint, constraint, type Fail } from './constraint.ts';

/**
 * A string of `min` to `max` UTF-16 units, without the characters that `refused` finds, of the form `form`.
 * `expected` says all of that in words. `more` looks only at what has the right length and characters.
 */
export function text(
  expected: string,
  min = 0,
  max = Infinity,
  refused?: RegExp,
  form?: RegExp,
  more?: (value: string, fail: Fail) => void,
): Constraint<string> {
  return constraint(expected, (value, fail) => {
    if (typeof value !== 'string') return fail('type');
    const { length } = value;
    const bad = refused?.exec(value.slice(0, 999));
    if (length > max) fail('too_long', `it is ${length - max} too long`);
    if (length < min) fail(length ? 'too_short' : 'empty');
    if (bad) fail('charset', `${JSON.stringify(bad[0])} is not allowed`);
    if (bad || length > max || length < min) return;
    if (form && !form.test(value)) fail('format');
    more?.(value, fail);
  });
}

/** Any string. */
export const anyText: Constraint<string> = /* @__PURE__ */ text('a string');

/** A string that says something. */
export const someText: Constraint<string> = /* @__PURE__ */ text('a non-empty string', 1);

/**
 * An id of the merchant's own. The limits are ours, so that it travels in a URL path: 1 to 256 characters, no
 * control characters, no halves of surrogate pairs, and neither `.` nor `..`. Talo documents none (talo-api 9.4).
 */
export const id: Constraint<string> = /* @__PURE__ */ text(
  '1 to 256 printable characters, not . or ..',
  1,
  256,
  /[\p{Cc}\p{Cs}]/u,
  /^(?!\.\.?$)/,
);

/**
 * An e-mail address, as far as can be said without writing to it: something on both sides of one `@`, and no longer
 * than mail systems deliver to (RFC 5321).
 */
export const email: Constraint<string> = /* @__PURE__ */ text(
  'an e-mail address',
  1,
  254,
  undefined,
  /^[^\s@]+@[^\s@]+$/,
);

/**
 * An absolute http or https URL, of at most the 8000 characters that every server has to accept (RFC 9110, 4.1). It
 * is never shown: its query can carry a secret.
 */
export const url: Constraint<string> = /* @__PURE__ */ constraint(
  'an http or https URL string',
  (value, fail) => {
    if (typeof value !== 'string') return fail('type');
    const { length } = value;
    if (length > 8000 || !/^https?:\/\/\S+$/i.test(value) || !URL.canParse(value)) {
      fail('format', '', `a string of ${length}`);
    }
  },
);

/** One of these strings. */
export function oneOf<T extends string>(...allowed: readonly T[]): Constraint<T> {
  return constraint(`one of ${allowed.join(', ')}`, (value, fail) => {
    if (!allowed.some((one) => one === value)) fail('one_of');
  });
}
