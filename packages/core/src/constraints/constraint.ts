import { type Issue, TaloConstraintError } from '../errors/errors.ts';
import type { FoundIssue, StandardSchema } from './standard-schema.ts';

/**
 * Every `code` that an issue of a constraint can have:
 *
 * | code          | the value                                                                         |
 * | ------------- | --------------------------------------------------------------------------------- |
 * | `required`    | is missing                                                                        |
 * | `type`        | is of another kind: a string for a number, a fraction, an invalid Date            |
 * | `empty`       | is `''`, or an object with none of the keys of which it needs at least one        |
 * | `too_short`   | has too few characters                                                            |
 * | `too_long`    | has too many characters                                                           |
 * | `charset`     | has a character that is not allowed                                               |
 * | `format`      | is put together wrongly: no URL, no e-mail address, a CVU that does not begin 000  |
 * | `check_digit` | fails its check digit: it is mistyped                                             |
 * | `range`       | is a number or an amount beyond the limits                                        |
 * | `one_of`      | is none of the values listed                                                      |
 * | `unknown_key` | is under a key that does not exist                                                |
 * | `forbidden`   | is under a key that exists, but not together with the others                      |
 */
export type IssueCode =
  | 'required'
  | 'type'
  | 'empty'
  | 'too_short'
  | 'too_long'
  | 'charset'
  | 'format'
  | 'check_digit'
  | 'range'
  | 'one_of'
  | 'unknown_key'
  | 'forbidden';

/**
 * A rule about values of type `T`. It is pure: it changes nothing, knows no clock and no network, and never throws
 * because of what a value is. It is a Standard Schema v1 too, so it drops into any library that takes one.
 */
export interface Constraint<T> extends StandardSchema<T> {
  /** Every reason to refuse `value`, at once (the first 100 if there are more); none if it is accepted. */
  check(value: unknown): Issue[];
  /** Whether `value` is accepted. */
  is(value: unknown): value is T;
  /**
   * `value` itself, if it is accepted.
   * @throws TaloConstraintError with every issue
   */
  parse(value: unknown): T;
}

/**
 * Reports an issue of the value at hand. `advice` is what to do; `received` is given only where the value must not
 * be shown, or a part of it says more.
 */
export type Fail = (code: IssueCode, advice?: string, received?: string) => void;

/** Adds what another constraint finds, of the value at hand (no keys) or of a member of it. */
export type Also = (
  keys: readonly (string | number)[],
  constraint: Constraint<unknown>,
  value: unknown,
) => void;

const MAX_ISSUES = 100;

/**
 * A constraint from a function that looks at a value and reports what is wrong with it. `expected` says in words all
 * that is accepted.
 */
export function constraint<T>(
  expected: string,
  look: (value: unknown, fail: Fail, also: Also) => void,
): Constraint<T> {
  const find = (value: unknown): FoundIssue[] => {
    const found: FoundIssue[] = [];
    look(
      value,
      (code, advice, received = show(value)) => {
        const message = `expected ${expected}, received ${received}${advice ? `; ${advice}` : ''}.`;
        found.push({ path: [], code: value === undefined ? 'required' : code, message, expected, received });
      },
      (keys, other, member) => {
        for (const issue of other['~standard'].validate(member).issues ?? []) {
          // a long list from outside must not become a huge error
          if (found.length < MAX_ISSUES) found.push({ ...issue, path: [...keys, ...issue.path] });
        }
      },
    );
    return found;
  };
  const check = (value: unknown): Issue[] =>
    find(value).map((issue) => ({ ...issue, path: issue.path.join('.') }));
  const is = (value: unknown): value is T => !find(value).length;
  return {
    check,
    is,
    parse(value) {
      if (is(value)) return value;
      throw new TaloConstraintError(check(value));
    },
    '~standard': {
      version: 1,
      vendor: '@talo/core',
      validate: (value) => (is(value) ? { value } : { issues: find(value) }),
    },
  };
}

/**
 * A short rendering. Of objects only the kind: what is inside may be secret, cyclic or huge, and a `toJSON` is
 * foreign code.
 */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60)).slice(0, 60);
  if (typeof value === 'number' || value === null) return `${value}`;
  return Array.isArray(value) ? 'array' : typeof value;
}
