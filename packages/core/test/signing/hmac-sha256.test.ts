import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equalText, hmacSha256 } from '../../src/signing/hmac-sha256.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const expected = (secret: string, message: string) =>
  createHmac('sha256', secret).update(message).digest('hex');
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  // lengths around the ends of blocks
  fc.integer({ min: 0, max: 260 }).map((length) => 'x'.repeat(length)),
);

describe('HMAC-SHA-256', () => {
  test('is that of node:crypto for every key and message', () => {
    fc.assert(
      fc.property(texts, texts, (secret, message) => {
        expect(hex(hmacSha256(secret)(message))).toBe(expected(secret, message));
      }),
      { numRuns: 500 },
    );
  });

  test('keeps nothing of one message for the next', () => {
    const mac = hmacSha256('key');
    const first = mac('first');
    mac('x'.repeat(1000));
    expect(hex(mac('first'))).toBe(hex(first));
    expect(hex(first)).toBe(expected('key', 'first'));
  });
});

test('texts are equal only when all of them is', () => {
  const text = fc.string({ maxLength: 40 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(equalText(a, b)).toBe(a === b);
      expect(equalText(a, `${a}`)).toBe(true);
      expect(equalText(a, `${a}x`)).toBe(false);
    }),
  );
});
