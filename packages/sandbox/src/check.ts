import { TaloConfigError } from '@talo/core';
import { z } from 'zod';

/** A schema for each property of `T`, whether optional there or not. */
type ShapeOf<T> = { readonly [Name in keyof T]-?: z.ZodType<Exclude<T[Name], undefined>> };

/**
 * Options of which everything may be left out and nothing made up. The error texts of the schemas in `shape` say what
 * is expected, such as `'true or false'`.
 * @param expected what the whole is
 */
export function optionsOf<T extends object>(
  shape: ShapeOf<T>,
  expected = 'an object',
): z.ZodType<Partial<T>> {
  const known = `there is no such option, only { ${Object.keys(shape).join(', ')} }`;
  const schema: z.ZodType<unknown> = z
    .strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? known : expected) })
    .partial();
  return schema as z.ZodType<Partial<T>>; // ShapeOf says so, and inference cannot follow it
}

/** One of these values and no other. */
export function oneOf<const T extends string | number>(...values: T[]): z.ZodType<T> {
  return z.literal(values, choices(values));
}

/** `'credit', 'keep-expired' or 'bounce'` */
export function choices(values: readonly (string | number)[]): string {
  const shown = values.map(show);
  return [shown.slice(0, -1).join(', '), ...shown.slice(-1)].filter((part) => part !== '').join(' or ');
}

/**
 * Refuses what a call does not understand, so that no switch is off because of a typo.
 * @param call what `given` was passed to, such as `createSandbox`
 * @throws TaloConfigError that names each wrong option, what it takes and what came
 */
export function check(call: string, schema: z.ZodType<unknown>, given: unknown): void {
  const { error } = schema.safeParse(given, { reportInput: true });
  if (error !== undefined)
    throw new TaloConfigError(error.issues.flatMap((issue) => tell(call, issue)).join('\n'));
}

function tell(call: string, issue: z.core.$ZodIssue): string[] {
  const { code, path, message, input } = issue;
  if (code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${place(call, [...path, key])}: ${message}.`);
  }
  // what is no URL may be half of one, with a secret in it
  const came = code === 'invalid_format' ? 'another text' : show(input);
  return [`${place(call, path)}: expected ${message}; got ${came}.`];
}

/** `createSandbox({ oddities: { lateTransfers } })` */
function place(call: string, path: readonly PropertyKey[]): string {
  const [last, ...outer] = path.map(String).reverse();
  if (last === undefined) return `${call}()`;
  return `${call}(${outer.reduce((inside, name) => `{ ${name}: ${inside} }`, `{ ${last} }`)})`;
}

const LONGEST = 40;

function show(value: unknown): string {
  if (typeof value === 'string') {
    return `'${value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value}'`;
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}
