import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CustomerRequest, customerAlias, customerRequest } from '../../src/constraints/index.ts';
import { found } from './issues.ts';

const carla: CustomerRequest = {
  customerId: '123456789',
  alias: 'abcdabcd',
  name: 'Carla Perez',
  email: 'carlaperez@gmail.com',
};

test('takes the customer of Talo’s documentation, with or without a webhook URL', () => {
  expect(customerRequest.check(carla)).toEqual([]);
  expect(customerRequest.check({ ...carla, webhookUrl: 'https://tu-sitio.com/webhooks/talo' })).toEqual([]);
  expect(customerRequest.withPrefix('bami').check(carla)).toEqual([]);
});

test('asks for everything else', () => {
  expect(found(customerRequest, {})).toEqual([
    'customerId required',
    'alias required',
    'name required',
    'email required',
  ]);
});

test('reports everything at once', () => {
  const request = { customerId: '..', alias: 'ñandú', name: '', email: 'x', webhookUrl: 'x', phone: '1155' };
  expect(found(customerRequest, request)).toEqual([
    'customerId format',
    'alias charset',
    'name empty',
    'email format',
    'webhookUrl format',
    'phone unknown_key',
  ]);
});

test('without the prefix an alias may be as long as the shortest prefix allows', () => {
  const issues = (length: number): string[] =>
    found(customerRequest, { ...carla, alias: 'x'.repeat(length) });
  expect([0, 1, 18, 19].map(issues)).toEqual([['alias empty'], [], [], ['alias too_long']]);
});

test('with the prefix it is checked as customerAlias does', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z\d_]{1,18}$/),
      fc.stringMatching(/^[a-z.ñ]{0,20}$/),
      (prefix, alias) => {
        const issues = customerRequest.withPrefix(prefix).check({ ...carla, alias });
        expect(issues).toEqual(
          customerAlias(prefix)
            .check(alias)
            .map((issue) => ({ ...issue, path: 'alias' })),
        );
      },
    ),
  );
});
