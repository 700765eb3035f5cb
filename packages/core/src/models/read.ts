import type { Issue } from '../errors/errors.ts';
import { centavos, type Money, pesos } from '../money.ts';

/** An object as Talo sent it, before anything is believed about it. */
export type Wire = Readonly<Record<string, unknown>>;

export function object(value: unknown): Wire | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Wire) : undefined;
}

/** The object, or an empty one: a missing part of an answer reads as missing fields, never as an exception. */
export function record(value: unknown): Wire {
  return object(value) ?? {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? [...value] : [];
}

/** Text that says something: `null`, `''` and anything but text and numbers is `undefined`. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function number(value: unknown): number | undefined {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined;
}

export function date(value: unknown): Date | undefined {
  const read = typeof value === 'string' || typeof value === 'number' ? new Date(value) : undefined;
  return read === undefined || Number.isNaN(read.getTime()) ? undefined : read;
}

/**
 * Collects what could not be read exactly while a model is made. An amount that is missing is `undefined`; one that
 * is there and unreadable is `undefined` and an issue, so that nobody mistakes it for zero.
 */
export class Reading {
  /** `undefined` when all could be read. */
  issues: Issue[] | undefined;

  money(path: string, value: unknown, currency: unknown): Money | undefined {
    if ((value ?? '') === '') return undefined;
    const foreign = (currency ?? 'ARS') !== 'ARS';
    try {
      // of a machine's text, zeros at the end are no other amount
      const written = typeof value === 'string' ? value.replace(/(\.\d\d)0+$/, '$1') : value;
      if (!foreign) return pesos(written as number | string);
    } catch {
      // reported below
    }
    const shown = `${typeof value} ${text(value)?.slice(0, 40)}${foreign ? ` ${text(currency)?.slice(0, 12)}` : ''}`;
    this.report(path, 'unreadable', 'an amount of ARS in whole centavos', shown);
    return undefined;
  }

  report(path: string, code: string, expected: string, received: string): void {
    const message = `Talo sent ${received} where ${expected} was expected.`;
    this.add({ path, code, message, expected, received });
  }

  add(issue: Issue): void {
    this.issues ??= [];
    this.issues.push(issue);
  }
}

/** The exact sum, or `undefined` where it is beyond what Money holds: a read never throws. */
export function sum(...amounts: readonly number[]): Money | undefined {
  const total = amounts.reduce((a, b) => a + b, 0);
  return Number.isSafeInteger(total) ? centavos(total) : undefined;
}

/** The fields that have a value, to spread into a model: a missing one is left out, not `undefined`. */
export function defined<Fields extends object>(
  fields: Fields,
): { readonly [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };
}

/** The object, unless nothing is in it. */
export function some<Fields extends object>(fields: Fields): Fields | undefined {
  return Object.keys(fields).length > 0 ? fields : undefined;
}

/** The object exactly as Talo sent it, hidden from JSON, spreads and logs. */
export interface Raw {
  /**
   * What Talo sent, for fields we do not know yet. Not enumerable, because applications send models to browsers and
   * the wire object can hold the signed `webhook_url`.
   */
  readonly raw: Wire;
}

/** Adds what must not travel with a model when it is printed, spread or sent as JSON. */
export function withHidden<Model extends object, Hidden extends object>(
  model: Model,
  hidden: Hidden,
): Model & Hidden {
  for (const [key, value] of Object.entries(hidden)) Object.defineProperty(model, key, { value });
  return model as Model & Hidden;
}
