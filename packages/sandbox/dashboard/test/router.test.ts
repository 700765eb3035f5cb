import { expect, test } from 'vitest';
import { addressOf } from '../src/lib/api.ts';
import { readPlace, to } from '../src/lib/router.ts';

test('a place survives its address, whatever an id holds', () => {
  const id = 'VAR-1/a b?c#d%é';
  const address = to(['payments', 'user', id], { q: 'x&y=1', status: undefined });
  expect(readPlace(address)).toEqual({ parts: ['payments', 'user', id], query: { q: 'x&y=1' } });
});

test('an address typed by hand is read as far as it goes', () => {
  expect(readPlace('')).toEqual({ parts: [], query: {} });
  expect(readPlace('#/bank')).toEqual({ parts: ['bank'], query: {} });
  expect(readPlace('#/payments/%E0%A4%A/')).toEqual({ parts: ['payments', '%E0%A4%A'], query: {} });
});

test('a call is addressed with its parts encoded, and without what was not asked', () => {
  expect(addressOf('GET /payments/:userId/:id', { params: { userId: 'u', id: 'a/b' } })).toBe(
    '/_sandbox/payments/u/a%2Fb',
  );
  expect(addressOf('GET /payments', { query: { q: '', limit: 50, status: undefined } })).toBe(
    '/_sandbox/payments?limit=50',
  );
  expect(addressOf('GET /status')).toBe('/_sandbox/status');
});
