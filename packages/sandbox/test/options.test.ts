import { TaloConfigError } from '@talo/core';
import { expect, test } from 'vitest';
import { createSandbox } from '../src/index.ts';
import { type Oddities, observed } from '../src/oddities.ts';
import { retryPresets } from '../src/webhooks/presets.ts';

/** As JavaScript calls it: nothing is checked before. */
const create = createSandbox as (options: unknown) => ReturnType<typeof createSandbox>;

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof TaloConfigError) return error.message;
    throw error;
  }
  return 'accepted';
}

test.each<[unknown, string]>([
  [null, 'createSandbox(): expected an object; got null.'],
  ['virtual', "createSandbox(): expected an object; got 'virtual'."],
  [{ clock: 'foo' }, "createSandbox({ clock }): expected 'real' or 'virtual'; got 'foo'."],
  [{ seed: true }, 'createSandbox({ seed }): expected a text or a number; got true.'],
  [{ startAt: new Date('x') }, 'createSandbox({ startAt }): expected a valid Date; got an object.'],
  [{ receiver: 'http://x' }, "createSandbox({ receiver }): expected a function; got 'http://x'."],
  [{ onRequest: [] }, 'createSandbox({ onRequest }): expected a function; got an array.'],
  [{ historyLimit: 0 }, 'createSandbox({ historyLimit }): expected a whole number above zero; got 0.'],
  [
    { activationDelayMs: -1 },
    'createSandbox({ activationDelayMs }): expected milliseconds, zero or more; got -1.',
  ],
  [
    { activationDelayMs: 1e300 },
    'createSandbox({ activationDelayMs }): expected milliseconds, at most a hundred years; got 1e+300.',
  ],
  [{ oddities: 'all' }, "createSandbox({ oddities }): expected an object; got 'all'."],
  [
    { oddities: { lateTransfers: 'bounced' } },
    "createSandbox({ oddities: { lateTransfers } }): expected 'credit', 'keep-expired' or 'bounce'; got 'bounced'.",
  ],
  [
    { oddities: { duplicateAlias: '409' } },
    "createSandbox({ oddities: { duplicateAlias } }): expected 409 or 422; got '409'.",
  ],
  [
    { oddities: { webhookOnExpiry: 0 } },
    'createSandbox({ oddities: { webhookOnExpiry } }): expected true or false; got 0.',
  ],
  [
    { delivery: { retry: 'stripe' } },
    "createSandbox({ delivery: { retry } }): expected 'none', 'quick', 'backoff' or 'stripe-like', or the waits in milliseconds such as [1000, 60000]; got 'stripe'.",
  ],
  [
    { delivery: { duplicate: 1.5 } },
    'createSandbox({ delivery: { duplicate } }): expected a whole number, zero or more; got 1.5.',
  ],
  [
    { delivery: { tries: 3 } },
    'createSandbox({ delivery: { tries } }): there is no such option, only { retry, timeoutMs, delayMs, duplicate, dropEvery, reverse, timing, allowRemote }.',
  ],
  [{ storage: '' }, "createSandbox({ storage }): expected the path of a file; got ''."],
  [{ storage: true }, 'createSandbox({ storage }): expected the path of a file; got true.'],
])('createSandbox(%j) is refused', (options, message) => {
  expect(refusal(() => create(options))).toBe(message);
});

test('an option that does not exist is named, with those that do', () => {
  const nested = refusal(() => create({ oddities: { lateTransfer: 'bounce' } }));
  expect(nested).toMatch(
    /^createSandbox\(\{ oddities: \{ lateTransfer \} \}\): there is no such option, only/,
  );
  expect(nested).toContain('lateTransfers');
  expect(refusal(() => create({ retries: 'none' }))).toContain(
    'createSandbox({ retries }): there is no such option, only { seed, storage, clock, startAt, delivery,',
  );
});

test('everything that is wrong is said at once', () => {
  expect(refusal(() => create({ clock: 'foo', oddities: { readDelayMs: '1' } })).split('\n')).toHaveLength(2);
});

test('a wrong URL is not repeated: it may hold a secret', () => {
  const message = refusal(() => create({ partner: { webhookUrl: 'shop.example/?secret=hush' } }));
  expect(message).toBe(
    'createSandbox({ partner: { webhookUrl } }): expected a URL with http or https; got another text.',
  );
});

test('every switch takes its default and every documented value, and undefined is left out', () => {
  const values: { readonly [Name in keyof Oddities]?: readonly Oddities[Name][] } = {
    expiredTokenStatus: [401, 403],
    lateTransfers: ['credit', 'keep-expired', 'bounce'],
    duplicateExternalId: ['conflict', 'return-existing', 'replace-unpaid'],
    duplicateCustomerId: [409, 422, 'return-existing'],
    duplicateAlias: [409, 422],
    ledgerCustomers: ['customer_id', 'cvu', 'none'],
    ledgerOrder: ['newest-first', 'oldest-first'],
    customerBalance: ['gross', 'net'],
    refundShows: ['ledger', 'payment-status'],
  };
  for (const [name, value] of Object.entries(observed)) {
    const others = Reflect.get(values, name) ?? [value, typeof value === 'boolean' ? !value : 1];
    for (const each of others) expect(refusal(() => create({ oddities: { [name]: each } }))).toBe('accepted');
  }
  expect(refusal(() => create({ oddities: observed, delivery: { retry: [1, 2] } }))).toBe('accepted');
  for (const retry of Object.keys(retryPresets)) {
    expect(refusal(() => create({ delivery: { retry } }))).toBe('accepted');
  }
});

test('a switch that is undefined keeps its default', async () => {
  const sandbox = create({ oddities: { collectionsNeedSlash: undefined }, clock: undefined });
  expect((await sandbox.fetch('http://x/payments', { method: 'POST' })).status).toBe(404);
});

test.each<[unknown, string]>([
  [
    { effect: 'lose-answer' },
    "sandbox.faults.add({ effect }): expected 'reset', 'lose-response', 'stall-body', 'truncate', 'html', 'expire-token', 'stale-read' or 'not-readable'; got 'lose-answer'.",
  ],
  [
    { match: { path: '/payments/' } },
    'sandbox.faults.add({ match: { path } }): there is no such option, only { method, route, resource, probability }.',
  ],
  [{ status: 42 }, 'sandbox.faults.add({ status }): expected a status from 200 to 599; got 42.'],
  [{ times: 0 }, 'sandbox.faults.add({ times }): expected a whole number above zero; got 0.'],
  [{ body: 5 }, 'sandbox.faults.add({ body }): expected a text or an object; got 5.'],
  [
    { headers: { 'retry-after': 2 } },
    'sandbox.faults.add({ headers: { retry-after } }): expected a text; got 2.',
  ],
  [
    { side: 'webhook', effect: 'reset' },
    "sandbox.faults.add({ effect }): expected 'drop', 'duplicate', 'reorder' or 'slow-answer'; got 'reset'.",
  ],
  [
    { match: { probability: 2 } },
    'sandbox.faults.add({ match: { probability } }): expected a number from 0 to 1; got 2.',
  ],
  [undefined, 'sandbox.faults.add(): expected an object; got undefined.'],
])('faults.add(%j) is refused', (fault, message) => {
  expect(refusal(() => createSandbox().faults.add(fault as never))).toBe(message);
});

test('addMerchant refuses what it does not understand', () => {
  expect(refusal(() => createSandbox().addMerchant({ alias_prefix: 'otra' } as never))).toContain(
    'sandbox.addMerchant({ alias_prefix }): there is no such option, only { userId, clientId,',
  );
});

test.each<[unknown, string]>([
  [
    { cvu: '0000630500008064475741' },
    'sandbox.bank.transfer({ from: { cvu } }): there is no such option, only { name, cuit, account }.',
  ],
  ['Ana', "sandbox.bank.transfer({ from }): expected an object; got 'Ana'."],
  [{ cuit: 20 }, 'sandbox.bank.transfer({ from: { cuit } }): expected a text; got 20.'],
])('a transfer from %j is refused', (from, message) => {
  const order = { to: 'bami.abcdabcd', amount: 1, from };
  expect(refusal(() => createSandbox().bank.transfer(order as never))).toBe(message);
});

test('a transfer of an unknown key is refused', () => {
  const order = { to: 'bami.abcdabcd', ammount: 1 };
  expect(refusal(() => createSandbox().bank.transfer(order as never))).toBe(
    'sandbox.bank.transfer({ ammount }): there is no such option, only { to, amount, from }.',
  );
});
