import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as constraints from '../../src/constraints/index.ts';
import { type Constraint, customerAlias, customerRequest } from '../../src/constraints/index.ts';
import { centavos, TaloConstraintError } from '../../src/index.ts';

const all: Record<string, Constraint<unknown>> = {
  accountConfig: constraints.accountConfig,
  aliasPrefix: constraints.aliasPrefix,
  'aliasPrefix.forCustomers': constraints.aliasPrefix.forCustomers,
  bankAlias: constraints.bankAlias,
  cancellationPeriod: constraints.cancellationPeriod,
  cbu: constraints.cbu,
  cuit: constraints.cuit,
  "customerAlias('bami')": customerAlias('bami'),
  customerRequest,
  "customerRequest.withPrefix('bami')": customerRequest.withPrefix('bami'),
  cvu: constraints.cvu,
  paymentRequest: constraints.paymentRequest,
  payoutFrequency: constraints.payoutFrequency,
  payoutSchedule: constraints.payoutSchedule,
  refundRequest: constraints.refundRequest,
  transferTolerance: constraints.transferTolerance,
};

const CODES: readonly string[] = [
  'required',
  'type',
  'empty',
  'too_short',
  'too_long',
  'charset',
  'format',
  'check_digit',
  'range',
  'one_of',
  'unknown_key',
  'forbidden',
] satisfies constraints.IssueCode[];

/** Values that come near to what some constraint accepts, and anything else. */
const values = fc.oneof(
  fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    withUnicodeString: true,
  }),
  fc.stringMatching(/^[a-z\d._-]{0,22}$/),
  fc.stringMatching(/^\d{21,22}$/),
  fc.stringMatching(/^(20|27|30)-?\d{8}-?\d$/),
  fc.constantFrom('daily', 'weekly', 'FULL', '0000630500008064475741', '20-12345678-6'),
  fc.integer({ min: -1, max: 10_001 }),
  fc.record(
    {
      aliasPrefix: fc.oneof(fc.constant('bami'), fc.anything()),
      cancellationPeriod: fc.oneof(fc.integer({ min: 0, max: 201 }), fc.anything()),
      transferTolerance: fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.anything()),
      payoutSchedule: fc.oneof(
        fc.constant({ address: 'my.withdraw.alias', frequency: 'daily' }),
        fc.record({ address: fc.anything(), frequency: fc.anything() }, { requiredKeys: [] }),
      ),
    },
    { requiredKeys: [] },
  ),
  fc.record(
    {
      externalId: fc.oneof(fc.string(), fc.anything()),
      price: fc.oneof(fc.integer().map(centavos), fc.anything()),
      redirectUrl: fc.oneof(fc.webUrl(), fc.anything()),
      motive: fc.string(),
      clientData: fc.oneof(
        fc.record({ email: fc.emailAddress(), dni: fc.string() }, { requiredKeys: [] }),
        fc.anything(),
      ),
      items: fc.oneof(
        fc.array(
          fc.record({ title: fc.string(), quantity: fc.nat(), unitPrice: fc.integer().map(centavos) }),
        ),
        fc.anything(),
      ),
      expiresAt: fc.oneof(fc.date(), fc.anything()),
      webhookUrl: fc.webUrl(),
    },
    { requiredKeys: ['externalId', 'price'] },
  ),
  fc.record({
    customerId: fc.oneof(fc.string(), fc.anything()),
    alias: fc.stringMatching(/^[a-z]{1,20}$/),
    name: fc.string(),
    email: fc.emailAddress(),
  }),
  fc.record(
    {
      type: fc.oneof(fc.constantFrom('FULL', 'PARTIAL'), fc.anything()),
      amount: fc.oneof(fc.integer().map(centavos), fc.anything()),
      blame: fc.record({ teamId: fc.string(), mail: fc.emailAddress() }),
    },
    { requiredKeys: ['type', 'blame'] },
  ),
);

const cyclic: Record<string, unknown> = Object.create(null);
cyclic['self'] = cyclic;
cyclic['externalId'] = cyclic;
cyclic['items'] = [cyclic];
const huge = 'a'.repeat(5_000_000);
const fake: object = Object.assign(Object.create(Date.prototype), { alias: huge });
const hostile: unknown[] = [
  ...[Symbol('s'), 10n ** 5000n, () => 1, class {}, Object.create(null), cyclic, fake],
  ...[huge, '1'.repeat(5_000_000), { [huge]: huge }, { externalId: huge, customerId: huge, alias: huge }],
  { webhookUrl: `https://h/${huge}`, redirectUrl: huge, email: huge, expiresAt: fake, price: fake },
  JSON.parse('{ "__proto__": { "externalId": "x" }, "constructor": 1, "toString": null }'),
  { clientData: { email: `${huge}@` }, payoutSchedule: { address: huge, frequency: Symbol('f') } },
  Array.from({ length: 100_000 }, () => null),
];

describe.each(Object.entries(all))('%s', (_name, constraint) => {
  test('never throws while checking, and says the same in all four ways', () => {
    fc.assert(
      fc.property(values, (value) => {
        const issues = constraint.check(value);
        const result = constraint['~standard'].validate(value);
        expect(constraint.is(value)).toBe(issues.length === 0);
        if (issues.length === 0) {
          expect(constraint.parse(value)).toBe(value);
          expect(result).toEqual({ value });
          return;
        }
        expect(result.issues?.map(({ path, message }) => ({ path: path.join('.'), message }))).toEqual(
          issues.map(({ path, message }) => ({ path, message })),
        );
        expect(thrownBy(() => constraint.parse(value)).issues).toEqual(issues);
      }),
      { numRuns: 300 },
    );
  });

  test('reports only documented codes, in one sentence, with a short rendering', () => {
    fc.assert(
      fc.property(values, (value) => {
        for (const { code, message, expected, received } of constraint.check(value)) {
          expect(CODES).toContain(code);
          expect(received.length).toBeLessThanOrEqual(60);
          expect(message.startsWith(`expected ${expected}, received ${received}`)).toBe(true);
          expect(message.endsWith('.')).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('survives hostile values, and quickly', () => {
    const start = performance.now();
    for (const value of hostile) {
      for (const issue of constraint.check(value)) {
        expect(issue.path.length + issue.message.length + issue.received.length).toBeLessThan(1000);
      }
      expect(constraint.is(value)).toBe(false);
    }
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test('works when its functions are taken off', () => {
    const { check, is, parse } = constraint;
    expect([undefined, null].filter(is)).toEqual([]);
    expect(check(undefined)[0]?.code).toMatch(/required|one_of/);
    expect(() => parse(null)).toThrow(TaloConstraintError);
  });
});

test('an error of parse lists every issue with its place', () => {
  const error = thrownBy(() =>
    constraints.accountConfig.parse({ cancellationPeriod: 0, payoutSchedule: { frequency: 'hourly' } }),
  );
  expect(error.message).toBe(
    [
      'Invalid value, nothing was sent:',
      '  - cancellationPeriod: expected a whole number of hours from 1 to 200, received 0.',
      '  - payoutSchedule.address: expected a CVU, CBU or alias, received undefined.',
      '  - payoutSchedule.frequency: expected one of bi_daily, daily, weekly, monthly, received "hourly".',
    ].join('\n'),
  );
});

test('what is under an unknown key is never shown', () => {
  const [issue, ...others] = constraints.accountConfig.check({ accessToken: 'secret', aliasPrefix: 'bami' });
  expect(others).toEqual([]);
  expect(issue).toMatchObject({ path: 'accessToken', code: 'unknown_key', received: 'string' });
  expect(JSON.stringify(issue)).not.toContain('secret');
});

test('a key with a dot is one key in the path of a Standard Schema issue', () => {
  const result = constraints.accountConfig['~standard'].validate({ 'a.b': 1 });
  expect(result.issues?.map(({ path }) => path)).toEqual([['a.b']]);
});

test('is a Standard Schema v1 of this package', () => {
  expect(constraints.cuit['~standard']).toMatchObject({ version: 1, vendor: '@talo/core' });
});

/** The published interface, in its own words, to see that ours fits where it is asked for. */
interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
    ) =>
      | { readonly value: Output; readonly issues?: undefined }
      | { readonly issues: readonly Problem[] }
      | Promise<
          { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly Problem[] }
        >;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}
interface Problem {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

test('infers the type of what it accepts', () => {
  const schema: StandardSchemaV1<constraints.PaymentRequest> = constraints.paymentRequest;
  type Output = NonNullable<(typeof constraints.refundRequest)['~standard']['types']>['output'];
  const refund: Output = { type: 'FULL', blame: { teamId: 'team', mail: 'a@b.ar' } };
  // @ts-expect-error a full refund has no amount
  const wrong: Output = { type: 'FULL', amount: centavos(1), blame: refund.blame };
  expect(schema['~standard'].vendor).toBe('@talo/core');
  expect([constraints.refundRequest.is(refund), constraints.refundRequest.is(wrong)]).toEqual([true, false]);
});

function thrownBy(run: () => unknown): TaloConstraintError {
  try {
    run();
  } catch (error) {
    if (error instanceof TaloConstraintError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
