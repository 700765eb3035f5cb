import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Scope, UrlSigner } from '../../src/signing/signed-url.ts';

const KEYS = { accepted: ['a first secret of some length'], demoted: [] };
const BASE = 'https://shop.example/webhooks/talo';
const signer = new UrlSigner(KEYS);
const id = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...'~%#?&=+ é:1ñ😀/') }),
);
const scopes: fc.Arbitrary<Scope> = fc.record(
  {
    kind: fc.constantFrom('payment', 'customer', 'account'),
    account: id,
    id,
    price: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  },
  { requiredKeys: ['kind', 'account', 'id'] },
);
const bases = fc.constantFrom(
  BASE,
  `${BASE}?tenant=7`,
  `${BASE}?q=a%20b&r=~`,
  `${BASE}#top`,
  `${BASE}?a=1#b?c`,
  'http://127.0.0.1:3000',
);

/** What a router may hand over instead of the whole address. */
const pathOf = (url: string) => new URL(url).pathname + new URL(url).search;

describe('a signed URL', () => {
  test('proves what it was signed for, whatever characters the ids have', () => {
    fc.assert(
      fc.property(bases, scopes, (base, scope) => {
        const url = signer.sign(base, scope);
        expect(URL.canParse(url)).toBe(true);
        expect(signer.verify(url)).toEqual({ scope, demoted: false });
        expect(signer.verify(pathOf(url))).toEqual({ scope, demoted: false });
        expect(signer.verify(new URL(url).href)).toEqual({ scope, demoted: false });
        expect(UrlSigner.claimedAccount(url)).toBe(scope.account || undefined);
      }),
    );
  });

  test('keeps the address, its query and its fragment', () => {
    const signed = new URL(signer.sign(`${BASE}?tenant=7#top`, { kind: 'customer', account: 'a', id: 'b' }));
    expect(signed.searchParams.get('tenant')).toBe('7');
    expect([signed.origin, signed.pathname, signed.hash]).toEqual([
      'https://shop.example',
      '/webhooks/talo',
      '#top',
    ]);
  });

  test('proves nothing once any part of it is changed', () => {
    const scope: Scope = { kind: 'payment', account: 'acc', id: 'order~1', price: 1500 };
    const url = new URL(signer.sign(BASE, scope));
    const parts = (url.searchParams.get('talo') ?? '').split('~');
    expect(parts).toHaveLength(7);
    const changes = [
      ['2', ''],
      ['AAAAAAAA', ''],
      ['AAAAAAAAAAAAAAAAAAAAAA', '', `${parts[2]}A`, parts[2]?.slice(0, -1)],
      ['customer', 'account', 'Payment', ''],
      ['acd', 'ACC', '', 'acc%00'],
      ['order~2', 'order%7E2', 'Order%7E1', ''],
      ['1501', '01500', '1500.0', '1e3', '-1500', ' 1500', ''],
    ];
    for (const [i, values] of changes.entries()) {
      for (const value of values) {
        url.searchParams.set('talo', parts.with(i, value ?? '').join('~'));
        expect([i, value, signer.verify(url.href)]).toEqual([i, value, 'wrong']);
      }
    }
  });

  test('proves nothing with one character of it changed', () => {
    fc.assert(
      fc.property(scopes, fc.nat(), fc.constantFrom(...'Aa0-_~.%'), (scope, at, character) => {
        const url = signer.sign(BASE, scope);
        const start = url.indexOf('talo=') + 5;
        const place = start + (at % (url.length - start));
        const changed = url.slice(0, place) + character + url.slice(place + 1);
        const verified = signer.verify(changed);
        // another spelling of the same characters is the same
        if (typeof verified === 'object') expect(verified.scope).toEqual(scope);
      }),
      { numRuns: 1000 },
    );
  });

  test('does not lend its signature to a scope whose fields run together the same way', () => {
    const url = new URL(signer.sign(BASE, { kind: 'customer', account: '1:ab', id: 'c' }));
    const value = url.searchParams.get('talo') ?? '';
    for (const [account, other] of [
      ['1:a', 'bc'],
      ['1:abc', ''],
      ['', '1:abc'],
    ]) {
      url.searchParams.set(
        'talo',
        value.replace('~1%3Aab~c~', `~${encodeURIComponent(account ?? '')}~${other}~`),
      );
      expect(signer.verify(url.href)).toBe('wrong');
    }
  });

  test('is not there', () => {
    for (const url of [BASE, `${BASE}?x=1`, '/webhooks/talo', '', `${BASE}#?talo=1~a`, `${BASE}?TALO=1`]) {
      expect(signer.verify(url)).toBe('missing');
      expect(UrlSigner.claimedAccount(url)).toBeUndefined();
    }
  });

  test('is there twice', () => {
    const url = signer.sign(BASE, { kind: 'customer', account: 'a', id: 'b' });
    expect(signer.verify(`${url}&talo=1~x`)).toBe('wrong');
  });

  test('takes the place of the one before, wherever that stands', () => {
    const scope: Scope = { kind: 'customer', account: 'a', id: 'b' };
    const value = new URL(signer.sign(BASE, { ...scope, id: 'old' })).search.slice(1);
    for (const [before, after] of [
      [`?${value}`, '?'],
      [`?a=1&${value}`, '?a=1&'],
      [`?${value}&b=2`, '?b=2&'],
      [`?a=1&${value}&b=2#top`, '?a=1&b=2&'],
      [`?${value}&${value}`, '?'],
      ['?', '?'],
      ['?mytalo=1', '?mytalo=1&'],
    ]) {
      const signed = signer.sign(`${BASE}${before}`, scope);
      expect(signed.startsWith(`${BASE}${after}talo=1`)).toBe(true);
      expect(signer.verify(signed)).toEqual({ scope, demoted: false });
    }
  });

  test('is refused, never an exception, whatever it looks like', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `${BASE}?talo=${text}`),
        ),
        (url) => {
          expect(['missing', 'wrong']).toContain(signer.verify(url));
          UrlSigner.claimedAccount(url);
        },
      ),
    );
    expect(signer.verify(`${BASE}?talo=${'~'.repeat(100_000)}`)).toBe('wrong');
  });
});

describe('several keys', () => {
  const scope: Scope = { kind: 'payment', account: 'a', id: 'b', price: 1 };
  const [old, now, next] = [
    'the old secret, leaked',
    'the secret of today, accepted',
    'the secret that signs',
  ];
  const rotated = new UrlSigner({ accepted: [next, now], demoted: [old] });

  test('the first one signs, all are recognised, a demoted one is told apart', () => {
    const by = (secret: string) => new UrlSigner({ accepted: [secret], demoted: [] }).sign(BASE, scope);
    expect(rotated.sign(BASE, scope)).toBe(by(next));
    expect(rotated.verify(by(next))).toEqual({ scope, demoted: false });
    expect(rotated.verify(by(now))).toEqual({ scope, demoted: false });
    expect(rotated.verify(by(old))).toEqual({ scope, demoted: true });
    expect(rotated.verify(by('somebody else’s secret'))).toBe('wrong');
  });

  test('a key that is both accepted and demoted is accepted', () => {
    const both = new UrlSigner({ accepted: [now], demoted: [now] });
    expect(both.verify(both.sign(BASE, scope))).toEqual({ scope, demoted: false });
  });

  test('the URL names its key without giving it away', () => {
    expect(rotated.sign(BASE, scope)).not.toContain(next);
    expect(Object.keys(rotated)).toEqual([]);
  });
});
