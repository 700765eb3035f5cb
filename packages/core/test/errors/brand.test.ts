import { describe, expect, test, vi } from 'vitest';
import * as here from '../../src/index.ts';
import { TaloApiError, TaloConflictError, TaloConstraintError, TaloError } from '../../src/index.ts';

vi.resetModules();
/** The same package a second time, as the CommonJS copy beside the ESM one would be. */
const copy: typeof here = await import('../../src/index.ts');

const issue = { path: 'a', code: 'type', message: 'm.', expected: 'e', received: 'r' };
const make = (of: typeof here) => [
  new of.TaloConfigError('m'),
  new of.TaloConstraintError([issue]),
  new of.TaloTransportError('TIMEOUT', 'unknown', 'm'),
  new of.TaloApiError({ status: 404 }, 'm'),
  new of.TaloConflictError('m', [{ path: 'a', expected: 'e', received: 'r' }]),
  new of.TaloWebhookError('stopped', 'm'),
];
const CODES = ['config', 'constraint', 'transport', 'api', 'conflict', 'webhook'];
const classes = (of: typeof here) => [
  of.TaloConfigError,
  of.TaloConstraintError,
  of.TaloTransportError,
  of.TaloApiError,
  of.TaloConflictError,
  of.TaloWebhookError,
];
const NAMES = classes(here).map(({ name }) => name);

test('the second copy is another one', () => {
  expect(copy.TaloError).not.toBe(TaloError);
});

describe('instanceof', () => {
  test('holds across copies, for each error its own class and TaloError', () => {
    for (const [i, error] of make(copy).entries()) {
      expect(error).toBeInstanceOf(TaloError);
      expect(TaloError.is(error)).toBe(true);
      expect(classes(here).map((type) => error instanceof type)).toEqual(
        classes(here).map((_, j) => i === j),
      );
    }
  });

  test('does not hold for what only looks like one', () => {
    for (const value of [
      new Error('x'),
      { code: 'api' },
      null,
      undefined,
      'TaloError',
      () => {},
      { name: 'TaloError' },
    ]) {
      expect(TaloError.is(value)).toBe(false);
      expect(value instanceof TaloApiError).toBe(false);
    }
  });

  test('is the ordinary one for a subclass of an application', () => {
    class OutOfMoney extends TaloConflictError {
      readonly till = 7;
    }
    class Other extends TaloConflictError {}
    const error = new OutOfMoney('m');
    for (const type of [OutOfMoney, TaloConflictError, TaloError, copy.TaloConflictError, copy.TaloError]) {
      expect(error).toBeInstanceOf(type);
    }
    expect(error).not.toBeInstanceOf(Other);
    expect(error).not.toBeInstanceOf(TaloApiError);
    expect(new TaloConflictError('m')).not.toBeInstanceOf(OutOfMoney);
    expect(new copy.TaloConflictError('m')).not.toBeInstanceOf(OutOfMoney);
  });

  test('every exported error is branded', () => {
    const exported = Object.entries(here).filter(([name]) => name.endsWith('Error'));
    expect(exported.map(([name]) => name).sort()).toEqual([...NAMES, 'TaloError'].sort());
    for (const [, type] of exported)
      expect(Object.hasOwn(type, Symbol.hasInstance) || Object.hasOwn(type, 'brand')).toBe(true);
  });
});

describe('an error', () => {
  test('has its name, a code that never changes, and a stack', () => {
    for (const [i, error] of make(here).entries()) {
      expect([error.name, error.code]).toEqual([NAMES[i], CODES[i]]);
      expect(String(error)).toMatch(new RegExp(`^${NAMES[i]}: `));
      expect(error.stack).toContain('brand.test.ts');
    }
  });

  test('as JSON is everything that a log needs', () => {
    const error = new TaloApiError({ status: 429, retryAfter: 1000, requestId: 'r' }, 'm');
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'TaloApiError',
      message: 'm',
      code: 'api',
      status: 429,
      retryAfter: 1000,
      requestId: 'r',
    });
    expect(JSON.parse(JSON.stringify(new TaloConstraintError([issue])))).toMatchObject({ issues: [issue] });
  });

  test('survives structuredClone with its message', () => {
    for (const error of make(here)) expect(structuredClone(error)).toMatchObject({ message: error.message });
  });

  test('tells every issue and every difference in its message', () => {
    const two = new TaloConstraintError([issue, { ...issue, path: '', message: 'whole.' }], 'payment');
    expect(two.message).toBe('Invalid payment, nothing was sent:\n  - a: m.\n  - whole.');
  });

  test('brands do not show', () => {
    for (const error of make(here)) {
      expect(Object.keys(error).every((key) => typeof key === 'string' && key !== 'brand')).toBe(true);
      expect(Object.getOwnPropertySymbols({ ...error })).toEqual([]);
    }
  });
});
