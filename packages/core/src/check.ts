import { TaloConfigError } from './errors/errors.ts';

/**
 * @param corrected the call as it should have been written
 * @throws TaloConfigError unless `ok`
 */
export function need(ok: unknown, corrected: string, why = 'Missing or wrong'): asserts ok {
  if (!ok) throw new TaloConfigError(`${why}, write: ${corrected}`);
}

/** @throws TaloConfigError unless `value` is a number from `least` */
export function atLeast(least: number, name: string, value: number): number {
  need(Number.isFinite(value) && value >= least, `{ ${name}: ${least} } or more`);
  return value;
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function isHttpUrl(value: unknown): value is string {
  return isText(value) && /^https?:\/\//i.test(value) && URL.canParse(value);
}
