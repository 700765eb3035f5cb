import { z } from 'zod';
import { choices, oneOf, optionsOf } from '../check.ts';
import type { Duration } from '../clock.ts';
import type { ApiFault, Fault, WebhookFault } from '../http/faults.ts';
import type { Oddities } from '../oddities.ts';
import type { SandboxOptions } from '../options.ts';
import type { NewMerchant } from '../state/merchants.ts';
import type { Sender } from '../state/records.ts';
import type { DeliveryOptions } from '../webhooks/delivery.ts';
import { type RetryPreset, retryPresets } from '../webhooks/presets.ts';

// What the sandbox's own calls accept. Their types say it too, but not to JavaScript. Each error text is what is expected.

const flag = z.boolean('true or false');
const text = z.string('a text');
const number = z.number('a number');
/** A hundred years: what is due later than any date can be would break whatever shows it. */
const LONGEST_MS = 100 * 366 * 24 * 3_600_000;
const ms = z
  .number('milliseconds, zero or more')
  .min(0, 'milliseconds, zero or more')
  .max(LONGEST_MS, 'milliseconds, at most a hundred years');
export const Milliseconds: z.ZodType<number> = ms;
const fromZero = z.int('a whole number, zero or more').min(0, 'a whole number, zero or more');
const fromOne = z.int('a whole number above zero').min(1, 'a whole number above zero');
const webUrl = z.url({ protocol: /^https?$/, error: 'a URL with http or https' });

function call<T>(): z.ZodType<T> {
  return z.custom<T>((value) => typeof value === 'function', 'a function');
}

/** Of `createSandbox({ oddities })`. */
export const Switches: z.ZodType<Partial<Oddities>> = optionsOf<Oddities>({
  contentTypeOnGetFails: flag,
  aliasTruncation: flag,
  missingPaymentOptionsFails: flag,
  quotesUseAddress: flag,
  publicPayments: flag,
  authFailureWith200: flag,
  expiredTokenStatus: oneOf(401, 403),
  collectionsNeedSlash: flag,
  webhookOmitsExternalId: flag,
  webhookOnExpiry: flag,
  webhookOnApiChanges: flag,
  grossMissingEvery: fromZero,
  threeDecimalsEvery: fromZero,
  settledHidesTransfers: flag,
  unknownStatusMs: ms,
  timestampsMissing: flag,
  readDelayMs: ms,
  lateTransfers: oneOf('credit', 'keep-expired', 'bounce'),
  toleranceAbsorbsOverpayment: flag,
  underpaidExpires: flag,
  duplicateExternalId: oneOf('conflict', 'return-existing', 'replace-unpaid'),
  duplicateCustomerId: oneOf<Oddities['duplicateCustomerId']>(409, 422, 'return-existing'),
  duplicateAlias: oneOf(409, 422),
  ledgerCustomers: oneOf('customer_id', 'cvu', 'none'),
  ledgerOrder: oneOf('newest-first', 'oldest-first'),
  ledgerIdsReadable: flag,
  ledgerLateRowsMs: ms,
  customerBalance: oneOf('gross', 'net'),
  refundShows: oneOf('ledger', 'payment-status'),
  partnerTokenHours: z.number('hours, zero or more').min(0, 'hours, zero or more'),
  payoutsRun: flag,
  dateSkewMs: z
    .number('milliseconds, less than zero for the past')
    .min(-LONGEST_MS, 'milliseconds, at most a hundred years')
    .max(LONGEST_MS, 'milliseconds, at most a hundred years'),
});

const presets = Object.keys(retryPresets) as RetryPreset[];

const chance = z.number('a number from 0 to 1').min(0, 'a number from 0 to 1').max(1, 'a number from 0 to 1');
const retry = z.union(
  [oneOf(...presets), z.array(ms)],
  `${choices(presets)}, or the waits in milliseconds such as [1000, 60000]`,
);

/** Of `createSandbox({ delivery })`. */
export const Delivery: z.ZodType<DeliveryOptions> = optionsOf<DeliveryOptions>({
  retry,
  timeoutMs: ms,
  delayMs: ms,
  duplicate: fromZero,
  dropEvery: fromZero,
  reverse: flag,
  timing: oneOf('after-response', 'before-response'),
  allowRemote: flag,
});

const ApiFaultOptions = optionsOf<ApiFault>({
  side: oneOf('api'),
  match: optionsOf<NonNullable<ApiFault['match']>>({
    method: text,
    route: text,
    resource: text,
    probability: chance,
  }),
  times: fromOne,
  status: z
    .int('a status from 200 to 599')
    .min(200, 'a status from 200 to 599')
    .max(599, 'a status from 200 to 599'),
  body: z.union([z.string(), z.custom<object>((value) => typeof value === 'object')], 'a text or an object'),
  headers: z.record(z.string(), text, 'an object of texts'),
  delayMs: ms,
  jitterMs: ms,
  effect: oneOf(
    'reset',
    'lose-response',
    'stall-body',
    'truncate',
    'html',
    'expire-token',
    'stale-read',
    'not-readable',
  ),
});

const WebhookFaultOptions = optionsOf<WebhookFault>({
  side: oneOf('webhook'),
  match: optionsOf<NonNullable<WebhookFault['match']>>({
    kind: oneOf('payment', 'customer', 'account'),
    resource: text,
    probability: chance,
  }),
  times: fromOne,
  delayMs: ms,
  jitterMs: ms,
  effect: oneOf('drop', 'duplicate', 'reorder', 'slow-answer'),
  copies: fromOne,
  retry,
});

/** Of `sandbox.faults.add`. */
export const FaultOptions: z.ZodType<Fault> = z.custom<Fault>().superRefine((fault, context) => {
  const isWebhook =
    typeof fault === 'object' && fault !== null && 'side' in fault && fault.side === 'webhook';
  const { error } = (isWebhook ? WebhookFaultOptions : ApiFaultOptions).safeParse(fault, {
    reportInput: true,
  });
  for (const issue of error?.issues ?? []) context.addIssue({ ...issue });
});

/** Of `createSandbox`. */
export const CreateOptions: z.ZodType<unknown> = optionsOf<SandboxOptions>({
  seed: z.union([z.string(), z.number()], 'a text or a number'),
  storage: z.string('the path of a file').min(1, 'the path of a file'),
  clock: oneOf('real', 'virtual'),
  startAt: z.date('a valid Date'),
  delivery: Delivery,
  receiver: call(),
  oddities: Switches,
  faults: z.array(FaultOptions, 'a list of faults'),
  partner: optionsOf<NonNullable<SandboxOptions['partner']>>({
    webhookUrl: webUrl,
    redirectUri: z.url('a URL'),
  }),
  activationDelayMs: ms,
  historyLimit: fromOne,
  onRequest: call(),
  onDelivery: call(),
  onError: call(),
});

const hours = 'hours above zero, at most a hundred years';
const percent = 'a number from 0 to 100';

/** Of `sandbox.addMerchant`. */
export const MerchantOptions: z.ZodType<unknown> = optionsOf<NewMerchant>({
  userId: text,
  clientId: text,
  clientSecret: text,
  name: text,
  aliasPrefix: text,
  status: oneOf('ACTIVE', 'PENDING', 'REJECTED', 'SUSPENDED'),
  cancellationPeriod: z
    .number(hours)
    .positive(hours)
    .max(LONGEST_MS / 3_600_000, hours),
  transferTolerance: fromZero,
  payoutSchedule: z.strictObject({ address: text, frequency: text }, '{ address, frequency }'),
  commissionPercent: z.number(percent).min(0, percent).max(100, percent),
  ofPartner: flag,
  referredUserId: text,
});

/** Of `sandbox.listen`. */
export const ListenSchema: z.ZodType<unknown> = optionsOf<{
  port: number;
  host: string;
  allowedHosts: readonly string[];
  publicUrl: string;
}>({
  port: z
    .int('a port from 0 to 65535')
    .min(0, 'a port from 0 to 65535')
    .max(65_535, 'a port from 0 to 65535'),
  host: text,
  allowedHosts: z.array(text, 'a list of names'),
  publicUrl: webUrl,
});

/** Of `sandbox.clock.advance`. */
export const DurationOptions: z.ZodType<unknown> = optionsOf<Duration>(
  { days: number, hours: number, minutes: number, seconds: number, ms: number },
  'a duration such as { ms: 500 } or { hours: 30 }',
);

/** Of `sandbox.bank.transfer`. Address and amount have errors of their own. */
export const TransferOptions: z.ZodType<unknown> = optionsOf<{
  to: unknown;
  amount: unknown;
  from: Partial<Sender>;
}>({
  to: z.unknown(),
  amount: z.unknown(),
  from: optionsOf<Sender>({ name: text, cuit: text, account: text }),
});
