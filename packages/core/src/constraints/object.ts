import { type Constraint, constraint } from './constraint.ts';

type Shape = Readonly<Record<string, Constraint<unknown>>>;

/**
 * An object with all the keys of `required`, any of those of `optional`, and no other; with at least one in all if
 * `some`. A key that holds `undefined` counts as missing.
 */
export function object<T>(required: Shape, optional: Shape = {}, some = false): Constraint<T> {
  // without a prototype: "constructor" is no key of ours
  const shape: Partial<Shape> = Object.assign(Object.create(null), required, optional);
  const expected = `an object of ${Object.keys(shape).join(', ')}`;
  // only the kind is shown: what is under a wrong key may well be a token
  const unknown = constraint(expected, (value, fail) => fail('unknown_key', 'remove it', typeof value));
  return constraint(expected, (value, fail, also) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail('type');
    let empty = some;
    for (const key of Object.keys({ ...shape, ...value })) {
      const member: unknown = Reflect.get(value, key);
      const rule = shape[key];
      if (member === undefined && (!rule || optional[key])) continue;
      also([key.slice(0, 60)], rule ?? unknown, member);
      empty = false;
    }
    if (empty) fail('empty');
  });
}

/** An array, each element by the constraint. */
export function list<T>(of: Constraint<T>): Constraint<readonly T[]> {
  return constraint('an array', (value, fail, also) => {
    if (!Array.isArray(value)) return fail('type');
    for (const [index, element] of value.entries()) also([index], of, element);
  });
}
