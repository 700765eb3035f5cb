import { centavos, type Money, TaloConfigError } from '@talo/core';
import { z } from 'zod';
import type { ChangedSettings } from '../settings.ts';
import { register } from './addresses.ts';
import { changesOf, type Fixture, type Row, rowOf } from './changes.ts';
import { watchActivation } from './merchants.ts';
import { isOpen, watchExpiry } from './payments.ts';
import { watchPayout } from './payouts.ts';
import { append, emptyState, ownKey, type State } from './records.ts';
import type { World } from './world.ts';

// Written by another version, by hand or by another program: nothing is believed.

const text = z.string();
/** What a Date can be, so that everything can be shown. */
export const time: z.ZodType<number> = z.number().min(-8.64e15).max(8.64e15);
const money = z
  .object({ currency: z.literal('ARS'), centavos: z.int() })
  .transform((value) => centavos(value.centavos));
const sender = z.object({ name: text, cuit: text, account: text });
const schedule = z.object({ address: text, frequency: text });
const about = z.union([
  z.object({ kind: z.enum(['payment', 'customer']), userId: text, id: text }),
  z.object({ kind: z.literal('merchant'), userId: text }),
]);

const merchant = z.object({
  userId: text,
  clientId: text,
  clientSecret: text,
  holder: z.object({ name: text, cuit: text }),
  status: z.enum(['ACTIVE', 'PENDING', 'REJECTED', 'SUSPENDED']),
  aliasPrefix: text,
  cancellationPeriodHours: z.number(),
  tolerance: money,
  payout: schedule.exactOptional(),
  commissionPpm: z.int(),
  referredUserId: text.exactOptional(),
  ofPartner: z.boolean(),
  revoked: z.boolean(),
  activatesAt: time.exactOptional(),
  nextPayoutAt: time.exactOptional(),
  balance: money,
});

const payment = z.object({
  id: text,
  userId: text,
  externalId: text,
  echo: z.looseObject({
    webhook_url: text.optional(),
    redirect_url: text.optional(),
    client_data: z.record(z.string(), z.unknown()).optional(),
    items: z.array(z.record(z.string(), z.unknown())).optional(),
    partner_id: text.optional(),
    magento: z.record(z.string(), z.unknown()).optional(),
    payment_options: z.array(text),
  }),
  cvu: text,
  alias: text,
  createdAt: time,
  price: money,
  motive: text.exactOptional(),
  status: z.enum([
    'PENDING',
    'SUCCESS',
    'OVERPAID',
    'UNDERPAID',
    'EXPIRED',
    'REJECTED',
    'CANCELLED',
    'UNDER_REVIEW',
    'REFUNDED',
  ]),
  updatedAt: time,
  expiresAt: time,
  refunds: z.array(z.object({ id: text, amount: money, createdAt: time })),
});

const customer = z.object({
  customerId: text,
  userId: text,
  name: text,
  email: text,
  webhookUrl: text,
  cvu: text,
  alias: text,
  createdAt: time,
});

const transaction = z.object({
  owner: z.object({ kind: z.enum(['payment', 'customer']), key: text }),
  id: text,
  transferId: text,
  trxId: text,
  gross: money,
  net: money,
  commission: money,
  from: sender,
  at: time,
  readableAt: time,
  status: z.enum(['PROCESSED', 'REVERSED']),
});

const transfer = z.object({
  id: text,
  cvu: text,
  amount: money,
  from: sender,
  at: time,
  status: z.enum(['credited', 'bounced', 'reversed']),
});

const ledger = z.object({
  id: text,
  userId: text,
  type: z.enum(['INBOUND', 'OUTBOUND', 'REFUND']),
  gross: money,
  net: money,
  commission: money,
  commissionPpm: z.int(),
  cvu: text,
  alias: text,
  paymentId: text.exactOptional(),
  customerId: text.exactOptional(),
  transferId: text.exactOptional(),
  at: time,
  readableAt: time,
  status: z.enum(['PROCESSED', 'REVERSED']),
});

function isObject(json: string): boolean {
  try {
    return z.record(text, text).safeParse(JSON.parse(json)).success;
  } catch {
    return false;
  }
}

const code = z.object({ userId: text, expiresAt: time });

const pending = z.object({
  key: text,
  noticeId: text,
  url: text,
  body: text.refine(isObject, 'expected a JSON object'),
  about: about.exactOptional(),
  origin: z.enum(['talo', 'replay', 'forged']),
  createdAt: time,
  number: z.int(),
  dueAt: time,
  waits: z.array(z.number()),
  slowMs: z.number().exactOptional(),
});

const row = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('merchant'), key: text, value: merchant }),
  z.object({ kind: z.literal('payment'), key: text, value: payment }),
  z.object({ kind: z.literal('customer'), key: text, value: customer }),
  z.object({ kind: z.literal('transaction'), key: text, value: transaction }),
  z.object({ kind: z.literal('transfer'), key: text, value: transfer }),
  z.object({ kind: z.literal('ledger'), key: text, value: ledger }),
  z.object({ kind: z.literal('code'), key: text, value: code }),
  z.object({ kind: z.literal('pending'), key: text, value: pending }),
]);

/** Their values are checked by the settings. */
export const changedSettings: z.ZodObject<{
  oddities: z.ZodRecord<z.ZodString, z.ZodUnknown>;
  delivery: z.ZodRecord<z.ZodString, z.ZodUnknown>;
  activationDelayMs: z.ZodExactOptional<z.ZodNumber>;
}> = z.object({
  oddities: z.record(text, z.unknown()),
  delivery: z.record(text, z.unknown()),
  activationDelayMs: z.number().exactOptional(),
});

const fixture = z.object({
  format: z.literal('talo-sandbox-1'),
  seed: text,
  now: z.iso.datetime(),
  ids: z.record(z.string(), z.int().min(0)),
  partner: z.object({ webhookUrl: text.optional(), redirectUri: text }),
  settings: changedSettings.exactOptional(),
  rows: z.array(z.object({ kind: text, key: text, value: z.unknown() })),
});

/** @throws TaloConfigError that says what is wrong with the first part that is */
export function readFixture(given: unknown): Fixture {
  const { data, error } = fixture.safeParse(given);
  if (data === undefined) throw refused(error?.issues[0]);
  readRows(data.rows);
  return data as Fixture; // readRows has checked each row's kind and value
}

/** @throws TaloConfigError for a row that is not one of ours */
export function readRows(rows: Iterable<{ kind: string; key: string; value: unknown }>): State {
  const state = emptyState();
  let index = 0;
  for (const given of rows) {
    const { data, error } = row.safeParse(given);
    if (data === undefined) throw refused(error?.issues[0], ['rows', index]);
    put(state, data);
    index += 1;
  }
  if (state.merchants.size === 0) throw new TaloConfigError('A fixture has one merchant at least.');
  return state;
}

/** Says what is wrong with the first part that is. */
export function refused(
  issue: z.core.$ZodIssue | undefined,
  before: readonly PropertyKey[] = [],
): TaloConfigError {
  const path = [...before, ...(issue?.path ?? [])].map(String).join('.');
  return new TaloConfigError(
    `This is no state of a sandbox: ${path === '' ? 'the whole' : path}: ${issue?.message ?? 'unreadable'}.`,
  );
}

function put(state: State, { kind, key, value }: z.output<typeof row>): void {
  if ('userId' in value && kind !== 'merchant' && !state.merchants.has(value.userId)) {
    throw new TaloConfigError(`This is no state of a sandbox: a ${kind} is of an account that is not there.`);
  }
  switch (kind) {
    case 'merchant':
      state.merchants.set(same(key, value.userId), value);
      break;
    case 'payment':
      state.payments.set(same(key, ownKey(value.userId, value.id)), { ...value, transactions: [] });
      break;
    case 'customer':
      state.customers.set(same(key, ownKey(value.userId, value.customerId)), { ...value, transactions: [] });
      break;
    case 'transaction': {
      const { owner, ...rest } = value;
      const owners = owner.kind === 'payment' ? state.payments : state.customers;
      const found = owners.get(owner.key);
      if (found === undefined)
        throw new TaloConfigError(
          `This is no state of a sandbox: transaction ${rest.id} belongs to nothing.`,
        );
      append(found, rest);
      break;
    }
    case 'transfer':
      state.transfers.push(value);
      if (value.status === 'credited') state.credited = added(state.credited, value.amount);
      break;
    case 'ledger':
      state.ledger.push(value);
      break;
    case 'code':
      state.codes.set(key, value);
      break;
    case 'pending':
      state.pending.set(same(key, value.key), value);
      break;
  }
}

function added(sum: Money, amount: Money): Money {
  const centavosNow = sum.centavos + amount.centavos;
  if (Number.isSafeInteger(centavosNow)) return centavos(centavosNow);
  throw new TaloConfigError(
    'This is no state of a sandbox: its transfers are more than can be counted exactly.',
  );
}

/** A record under another key would be there twice once it changes. */
function same(key: string, own: string): string {
  if (key === own) return key;
  throw new TaloConfigError(`This is no state of a sandbox: ${JSON.stringify(own)} has another key.`);
}

/** Everything as data, at this moment. */
export function fixtureOf(world: World, seed: string, settings: ChangedSettings): Fixture {
  const { webhookUrl, redirectUri } = world.partner;
  const rows: Row[] = [];
  for (const change of changesOf(world.state)) rows.push(rowOf(change));
  const whole: Fixture = {
    format: 'talo-sandbox-1',
    seed,
    now: new Date(world.clock.now()).toISOString(),
    ids: Object.fromEntries(world.ids.positions),
    partner: { ...(webhookUrl !== undefined && { webhookUrl }), redirectUri },
    settings,
    rows,
  };
  return structuredClone(whole); // the state goes on changing
}

/** Opens the addresses of a state that was read, and sets the timers that it needs. */
export function wake(world: World): void {
  for (const { cvu, userId, id, alias } of world.state.payments.values()) {
    register(world, cvu, { kind: 'payment', userId, id, alias });
  }
  for (const { cvu, userId, customerId, alias } of world.state.customers.values()) {
    register(world, cvu, { kind: 'customer', userId, id: customerId, alias });
  }
  for (const payment of world.state.payments.values()) if (isOpen(payment)) watchExpiry(world, payment);
  for (const merchant of world.state.merchants.values()) {
    watchActivation(world, merchant);
    watchPayout(world, merchant);
  }
}
