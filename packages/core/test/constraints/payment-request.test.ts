import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PaymentRequest, paymentRequest } from '../../src/constraints/index.ts';
import { centavos, pesos } from '../../src/index.ts';
import { found, message } from './issues.ts';

const least: PaymentRequest = { externalId: 'FDF_124', price: pesos(15_000) };

test('takes an id and a price', () => {
  expect(paymentRequest.check(least)).toEqual([]);
});

test('takes everything there is', () => {
  const whole: PaymentRequest = {
    ...least,
    redirectUrl: 'https://shop.example/thanks?order=1',
    motive: 'Order 124',
    clientData: {
      firstName: 'Carla',
      lastName: 'Pérez',
      phone: '',
      email: 'carlaperez@gmail.com',
      dni: '12345678',
      cuit: '20123456786',
    },
    items: [
      { title: 'Mate', description: 'De calabaza', quantity: 2, unitPrice: pesos(8000) },
      { title: 'Discount', quantity: 1, unitPrice: pesos(-1000) },
    ],
    expiresAt: new Date('2030-01-01T00:00:00Z'),
    webhookUrl: 'http://localhost:3000/webhooks/talo',
  };
  expect(paymentRequest.check(whole)).toEqual([]);
  expect(paymentRequest.check({ ...least, clientData: {}, items: [] })).toEqual([]);
});

test('asks for the id and the price', () => {
  expect(found(paymentRequest, {})).toEqual(['externalId required', 'price required']);
  expect(found(paymentRequest, { externalId: undefined, price: null })).toEqual([
    'externalId required',
    'price type',
  ]);
});

describe('externalId', () => {
  const issues = (externalId: unknown): string[] => found(paymentRequest, { ...least, externalId });

  test('may hold anything that a URL can carry when encoded', () => {
    const plain = fc
      .string({ unit: 'grapheme-composite', minLength: 1, maxLength: 60 })
      .filter((id) => id !== '.' && id !== '..' && !/[\p{Cc}]/u.test(id));
    fc.assert(
      fc.property(plain, (id) => {
        expect(issues(id)).toEqual([]);
        expect(decodeURIComponent(encodeURIComponent(id))).toBe(id);
      }),
    );
    for (const id of ['TX#1', 'a/b', 'a?b=c&d', '...', ' ', '%2e', 'ñandú', 'x'.repeat(256)]) {
      expect(issues(id)).toEqual([]);
    }
  });

  test('may not be empty, a step in a path, longer than 256, or hold what no URL can carry', () => {
    expect(issues('')).toEqual(['externalId empty']);
    expect(issues('.')).toEqual(['externalId format']);
    expect(issues('..')).toEqual(['externalId format']);
    expect(issues('x'.repeat(257))).toEqual(['externalId too_long']);
    for (const bad of ['a\nb', '\u0000', '\u007f', '\u0085', 'a\ud800', '\udc00b']) {
      expect(issues(bad)).toEqual(['externalId charset']);
    }
    expect(issues(124)).toEqual(['externalId type']);
  });
});

describe('price', () => {
  test('is Money above zero', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (amount) => {
        expect(paymentRequest.is({ ...least, price: centavos(amount) })).toBe(amount > 0);
      }),
    );
    expect(message(paymentRequest, { ...least, price: centavos(-150) })).toBe(
      'expected Money above zero, received -150 centavos.',
    );
  });

  test('is not a number, nor the object that Talo takes', () => {
    expect(message(paymentRequest, { ...least, price: 15_000 })).toBe(
      'expected Money above zero, received 15000; use pesos().',
    );
    for (const price of ['15000', { amount: 150, currency: 'ARS' }, { centavos: 150, currency: 'USD' }]) {
      expect(found(paymentRequest, { ...least, price })).toEqual(['price type']);
    }
    expect(found(paymentRequest, { ...least, price: { currency: 'ARS', centavos: 1.5 } })).toEqual([
      'price type',
    ]);
  });
});

describe('URLs', () => {
  test('are absolute http or https', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        expect(paymentRequest.check({ ...least, redirectUrl: url, webhookUrl: url })).toEqual([]);
      }),
    );
    const wrong = [
      '',
      'shop.example',
      '/thanks',
      'ftp://shop.example',
      'http:shop',
      'https://',
      'http://a b',
    ];
    for (const url of [...wrong, ' https://a.b', 'https://a.b\n', 'javascript:alert(1)', 'http://a:port']) {
      expect(found(paymentRequest, { ...least, redirectUrl: url, webhookUrl: url })).toEqual([
        'redirectUrl format',
        'webhookUrl format',
      ]);
    }
    expect(found(paymentRequest, { ...least, webhookUrl: new URL('https://a.b') })).toEqual([
      'webhookUrl type',
    ]);
  });

  test('are never shown, for their query can hold a secret', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{8,40}$/), (secret) => {
        const webhookUrl = `htps://shop.example/?token=${secret}`;
        const [issue] = paymentRequest.check({ ...least, webhookUrl });
        expect(issue?.received).toBe(`a string of ${webhookUrl.length}`);
        expect(JSON.stringify(issue)).not.toContain(secret);
      }),
    );
  });

  test('may have 8000 characters', () => {
    const webhookUrl = 'https://a.b/'.padEnd(8000, 'x');
    expect(paymentRequest.is({ ...least, webhookUrl })).toBe(true);
    expect(found(paymentRequest, { ...least, webhookUrl: `${webhookUrl}x` })).toEqual(['webhookUrl format']);
  });
});

test('expiresAt is a Date that holds a time', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: false }), (expiresAt) => {
      expect(paymentRequest.is({ ...least, expiresAt })).toBe(!Number.isNaN(expiresAt.getTime()));
    }),
  );
  for (const other of ['2030-01-01T00:00:00Z', 1_900_000_000_000, {}, Object.create(Date.prototype)]) {
    expect(found(paymentRequest, { ...least, expiresAt: other })).toEqual(['expiresAt type']);
  }
});

test('clientData has its own keys and a well-formed e-mail address', () => {
  const issues = (clientData: unknown): string[] => found(paymentRequest, { ...least, clientData });
  fc.assert(
    fc.property(fc.emailAddress(), (email) => {
      expect(issues({ email })).toEqual([]);
    }),
  );
  for (const email of ['carla', '@gmail.com', 'carla@', 'a b@c.ar', 'a@b@c.ar', 'a@b.ar\n']) {
    expect(issues({ email })).toEqual(['clientData.email format']);
  }
  expect(issues({ email: '', dni: '', phone: 1155, first_name: 'Carla' })).toEqual([
    'clientData.phone type',
    'clientData.email empty',
    'clientData.dni empty',
    'clientData.first_name unknown_key',
  ]);
});

describe('items', () => {
  const item = { title: 'Mate', quantity: 1, unitPrice: pesos(8000) };

  test('are looked at one by one', () => {
    const items = [item, { ...item, quantity: 0 }, { ...item, quantity: 1.5, unitPrice: 8000 }, {}, null];
    expect(found(paymentRequest, { ...least, items })).toEqual([
      'items.1.quantity range',
      'items.2.quantity type',
      'items.2.unitPrice type',
      'items.3.title required',
      'items.3.quantity required',
      'items.3.unitPrice required',
      'items.4 type',
    ]);
  });

  test('are an array without holes', () => {
    expect(found(paymentRequest, { ...least, items: item })).toEqual(['items type']);
    const sparse: unknown[] = [item];
    sparse[2] = item;
    expect(found(paymentRequest, { ...least, items: sparse })).toEqual(['items.1 required']);
  });

  test('give at most a hundred issues, however many there are', () => {
    const items = Array.from({ length: 10_000 }, () => ({}));
    expect(paymentRequest.check({ ...least, items })).toHaveLength(100);
  });

  test('have numbers as keys in a Standard Schema path', () => {
    const result = paymentRequest['~standard'].validate({ ...least, items: [{ ...item, title: '' }] });
    expect(result.issues?.[0]?.path).toEqual(['items', 0, 'title']);
  });
});

test('Talo’s own names for the keys are refused, not ignored', () => {
  expect(found(paymentRequest, { ...least, external_id: 'x', user_id: 'y' })).toEqual([
    'external_id unknown_key',
    'user_id unknown_key',
  ]);
});
