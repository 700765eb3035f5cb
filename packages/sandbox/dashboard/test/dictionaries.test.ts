import { describe, expect, test } from 'vitest';
import { words as pages } from '../../src/http/pages/words.ts';
import { dictionaries } from '../src/i18n/index.ts';
import { preferredLanguage } from '../src/lib/preferences.ts';

/** Names, and what both languages write alike. Anything else that is the same was forgotten. */
const ALIKE: ReadonlySet<string> = new Set([
  '.appName',
  '.nav.webhooks',
  '.nav.partner',
  '.nav.control',
  '.overview.tabs.env',
  '.overview.tabs.node',
  '.overview.tabs.curl',
  '.field.clientId',
  '.field.clientSecret',
  '.field.cuit',
  '.field.id',
  '.field.alias',
  '.field.cvu',
  '.field.checkout',
  '.field.email',
  '.payments.pricePlaceholder',
  '.timeline.webhooksOnly',
  '.bank.payerCuit',
  '.webhooks.title',
  '.webhooks.one',
  '.webhooks.origin.talo',
  '.partner.title',

  '.clock.by',
  '.settings.groups.webhooks',
]);

/** Every text by its path; functions are called with something for each parameter. */
function texts(part: object, path = ''): [string, string][] {
  return Object.entries(part).flatMap(([name, value]): [string, string][] => {
    const here = `${path}.${name}`;
    if (typeof value === 'function') {
      const given = Array.from({ length: value.length }, (_none, index) => index + 2);
      return [[here, String(value(...given))]];
    }
    return typeof value === 'object' && value !== null ? texts(value, here) : [[here, String(value)]];
  });
}

describe('the two languages', () => {
  const es = new Map(texts(dictionaries.es));
  const en = new Map(texts(dictionaries.en));

  test('have the same texts, none of them empty', () => {
    expect([...es.keys()].sort()).toEqual([...en.keys()].sort());
    for (const [path, text] of [...es, ...en]) expect(text.trim(), path).not.toBe('');
  });

  test('differ, but for names and what both write alike', () => {
    const same = [...es].filter(([path, text]) => en.get(path) === text).map(([path]) => path);
    expect(same.filter((path) => !ALIKE.has(path))).toEqual([]);
    expect([...ALIKE].filter((path) => !same.includes(path))).toEqual([]);
  });

  test('say what this is as the checkout does', () => {
    expect(dictionaries.es.notTalo).toBe(pages.es.sandbox);
    expect(dictionaries.en.notTalo).toBe(pages.en.sandbox);
  });

  test('use what they are given', () => {
    expect(dictionaries.es.top.faults(1)).toBe('falla activa');
    expect(dictionaries.es.top.faults(3)).toBe('fallas activas');
    expect(dictionaries.en.top.faults(1)).toBe('fault active');
    expect(dictionaries.en.bank.sent(1, '$ 5')).toBe('$ 5 sent.');
  });
});

describe('the first language', () => {
  test.each([
    [['es-AR', 'en'], 'es'],
    [['en-US', 'es'], 'en'],
    [['pt-BR', 'en'], 'en'],
    [['de'], 'es'],
    [[], 'es'],
  ] as const)('of a browser that wants %j is %s', (wanted, expected) => {
    expect(preferredLanguage(wanted)).toBe(expected);
  });
});
