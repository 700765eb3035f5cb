import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openEnvelope } from '../../src/http/envelope.ts';

const open = (status: number, body: unknown) =>
  openEnvelope(status, typeof body === 'string' ? body : JSON.stringify(body));

describe('an envelope', () => {
  test.each([
    ['message', { message: 'ok', error: false, code: 200, data: { a: 1 } }],
    ['status', { status: 'ok', error: false, data: { a: 1 } }],
    ['status and code', { status: 'ok', code: 200, data: { a: 1 } }],
    ['data alone', { data: { a: 1 } }],
    ['no envelope at all', { a: 1 }],
    ['an error of null', { error: null, data: { a: 1 } }],
    ['an empty error', { error: '', data: { a: 1 } }],
  ])('of a success: %s', (_, body) => {
    expect(open(200, body)).toEqual({ ok: true, data: { a: 1 } });
    expect(open(201, body)).toEqual({ ok: true, data: { a: 1 } });
  });

  test.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['only an envelope', { message: 'ok', error: false }],
    ['only a status', { status: 'ok' }],
    ['null', { message: 'ok', data: null }],
    ['a list', { message: 'ok', data: [1] }],
    ['a text', { message: 'ok', data: 'x' }],
  ])('of a success without data: %s', (_, body) => {
    expect(open(200, body)).toEqual({ ok: true, data: undefined });
  });

  test.each([
    ['error true', { message: 'm', error: true, code: 'c' }, 'm', 'c'],
    ['a number as code', { message: 'm', error: true, code: 404 }, 'm', '404'],
    ['error as text', { error: 'm' }, 'm', undefined],
    ['detail', { error: true, detail: 'm' }, 'm', undefined],
    ['data beside the error', { message: 'm', error: true, data: { a: 1 } }, 'm', undefined],
    ['an error object', { error: { message: 'm' } }, undefined, undefined],
    ['a message that is no text', { error: true, message: ['m'] }, undefined, undefined],
  ])('of a failure, whatever the HTTP status: %s', (_, body, message, apiCode) => {
    for (const status of [200, 400, 500]) expect(open(status, body)).toEqual({ ok: false, message, apiCode });
  });

  test.each(['<html>', '{"a":', 'null', '[]', '1', '"text"', '\u0000'])('is not this: %j', (body) => {
    expect(open(200, body)).toBe('unreadable');
    expect(open(502, body)).toEqual({ ok: false, message: undefined, apiCode: undefined });
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
        openEnvelope(status, body);
      }),
    );
  });
});
