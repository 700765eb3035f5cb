// A CommonJS dependency and an ESM application load two copies of @talo/core: an error of one must be an error of the other.
import { deepStrictEqual, notStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { allPacked, files, type Packed } from '../packed.ts';

type ErrorClass = new (...args: readonly unknown[]) => Error;
type Copy = Readonly<Record<string, unknown>>;

const core = allPacked().find(({ manifest }) => manifest.name === '@talo/core') as Packed;
const { import: esm, require: cjs } = files(core, '.');
const imported: Copy = await import(pathToFileURL(esm.default).href);
const required: Copy = createRequire(cjs.default)(cjs.default);

/** How to make one of each exported error; an error that is not listed fails the test below. */
const samples: Record<string, readonly unknown[]> = {
  TaloApiError: [{ status: 404, apiCode: '404', requestId: 'r-1' }, 'not found'],
  TaloConfigError: ['wrong options'],
  TaloConflictError: ['differs'],
  TaloConstraintError: [[]],
  TaloError: ['config', 'any'],
  TaloTransportError: ['TIMEOUT', 'unknown', 'too slow'],
  TaloWebhookError: ['path', 'wrong path'],
};

const isErrorClass = (value: unknown): value is ErrorClass =>
  typeof value === 'function' && value.prototype instanceof Error;
const errorNames = Object.keys(imported).filter((name) => isErrorClass(imported[name]));

test('every exported error has a sample here', () => {
  deepStrictEqual(errorNames.sort(), Object.keys(samples));
});

for (const [name, args] of Object.entries(samples)) {
  test(`${name} made by one copy is an instance for the other`, () => {
    const [a, b] = [imported[name], required[name]];
    if (!isErrorClass(a) || !isErrorClass(b)) throw new Error(`${name} is not exported`);
    notStrictEqual(a, b, 'the two formats are the same module: this test shows nothing');
    for (const [Made, others] of [
      [a, required],
      [b, imported],
    ] as const) {
      const error = new Made(...args);
      for (const other of errorNames) {
        const Other = others[other];
        if (!isErrorClass(Other)) throw new Error(`${other} is not exported by both`);
        // every error is a TaloError and itself, and nothing else
        strictEqual(
          error instanceof Other,
          other === name || other === 'TaloError',
          `${name} instanceof ${other}`,
        );
      }
      strictEqual(error instanceof Error, true);
      strictEqual(Reflect.apply(Reflect.get(others['TaloError'] as object, 'is'), undefined, [error]), true);
    }
  });
}

test('the webhooks of one copy read the settings of a client that the other copy made', async () => {
  const { import: esmWebhooks, require: cjsWebhooks } = files(core, './webhooks');
  const engines: Copy[] = [
    await import(pathToFileURL(esmWebhooks.default).href),
    createRequire(cjsWebhooks.default)(cjsWebhooks.default),
  ];
  type Class = new (options: object) => object;
  for (const [i, made] of [required, imported].entries()) {
    const engine = engines[i] as { TaloWebhooks: Class; memoryInbox: () => object };
    const client = new (made['TaloClient'] as Class)({ credentials: { userId: 'm', accessToken: 'token' } });
    // refused only if the engine can see that this client is for production and signs nothing
    throws(
      () => new engine.TaloWebhooks({ client, inbox: engine.memoryInbox() }),
      /In production webhooks must be signed/,
    );
  }
});
