import { TaloConfigError } from '@talo/core';
import { expect, test } from 'vitest';
import { createSandbox, type Fixture, type Sandbox } from '../src/index.ts';
import { start } from './control/support.ts';

/** A state with one of everything. */
async function whole(): Promise<Sandbox> {
  const { sandbox, control } = start({ receiver: () => new Response(null, { status: 500 }) });
  const webhookUrl = 'http://127.0.0.1:3000/hook';
  const { body: payment } = await control('POST /payments', { body: { price: 10, webhookUrl } });
  const { body: customer } = await control('POST /customers', { body: { webhookUrl } });
  for (const to of [payment.alias, customer.alias]) sandbox.bank.transfer({ to, amount: 3 });
  await control('POST /partner/onboard', { body: { referredUserId: 'u' } });
  await sandbox.idle();
  return sandbox;
}

test('a snapshot is JSON, and what is restored from it is the same to the last id', async () => {
  const sandbox = await whole();
  const snapshot = sandbox.snapshot();
  const kinds = new Set(snapshot.rows.map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual([
    'code',
    'customer',
    'ledger',
    'merchant',
    'payment',
    'pending',
    'transaction',
    'transfer',
  ]);
  const other = createSandbox({ clock: 'virtual', seed: 'another' });
  other.restore(JSON.parse(JSON.stringify(snapshot)));
  expect(other.snapshot()).toEqual(snapshot);
  for (const each of [sandbox, other]) each.addMerchant();
  expect(other.snapshot()).toEqual(sandbox.snapshot());
  sandbox.restore(snapshot);
  sandbox.restore(snapshot); // as often as one likes
  expect(sandbox.snapshot()).toEqual(snapshot);
});

test('what was changed in the settings is part of the state, and what is no setting restores nothing', async () => {
  const { sandbox, control } = start({ oddities: { publicPayments: false } });
  const settings = async () => (await control('GET /settings')).body;
  const change = {
    oddities: { lateTransfers: 'bounce' },
    delivery: { duplicate: 1 },
    activationDelayMs: 7,
  } as const;
  await control('PATCH /settings', { body: change });
  const [snapshot, then] = [sandbox.snapshot(), await settings()];
  expect(snapshot.settings).toEqual(change);
  await control('PATCH /settings', {
    body: { oddities: { lateTransfers: 'credit', readDelayMs: 5 }, delivery: { duplicate: 0, dropEvery: 3 } },
  });
  sandbox.restore(snapshot);
  expect(await settings()).toEqual(then);

  const wrong = { ...snapshot, settings: { oddities: { lateTransfers: 'perhaps' }, delivery: {} } };
  expect(() => sandbox.restore(wrong as unknown as Fixture)).toThrow(/lateTransfers .* expected 'credit'/);
  expect(await settings()).toEqual(then);
  const { settings: _, ...older } = snapshot;
  sandbox.restore(older);
  expect(await settings()).toEqual(then);
});

type Row = Fixture['rows'][number];

/** The same state, with the first row of a kind changed. */
function changed(snapshot: Fixture, kind: Row['kind'], change: (row: Row) => Row): unknown {
  const first = snapshot.rows.findIndex((row) => row.kind === kind);
  return { ...snapshot, rows: snapshot.rows.map((row, index) => (index === first ? change(row) : row)) };
}

const within = (name: string, value: unknown) => (row: Row) => ({
  ...row,
  value: { ...Object(row.value), [name]: value },
});

test.each<[string, Row['kind'], (row: Row) => Row, RegExp]>([
  [
    'a payment of an account that is not there',
    'payment',
    within('userId', 'nobody'),
    /account that is not there/,
  ],
  ['a record under a key of another', 'customer', (row) => ({ ...row, key: 'x' }), /has another key/],
  ['a date that is none', 'payment', within('expiresAt', 1e300), /expiresAt/],
  ['a webhook that is no JSON', 'pending', within('body', 'x'), /value\.body/],
  ['half a centavo', 'transfer', within('amount', { currency: 'ARS', centavos: 0.5 }), /amount\.centavos/],
  ['a kind that does not exist', 'code', (row) => ({ ...row, kind: 'other' as 'code' }), /kind/],
])('%s is refused, and nothing changes', async (_name, kind, change, message) => {
  const sandbox = await whole();
  const before = sandbox.snapshot();
  const spoilt = changed(before, kind, change) as Fixture;
  expect(() => sandbox.restore(spoilt)).toThrow(TaloConfigError);
  expect(() => sandbox.restore(spoilt)).toThrow(message);
  expect(sandbox.snapshot()).toEqual(before);
});
