import { z } from 'zod';

// What the control API takes. Everything else is refused by name.

const text = z.string().min(1).max(2000);
const webUrl = z.url({ protocol: /^https?$/ }).max(4000);
const pesos = z.union([z.number(), text]).meta({ description: "Pesos: 15000 or '172029.37'." });
const whole = z.coerce.number().int();
const accountStatus = z.enum(['ACTIVE', 'PENDING', 'REJECTED', 'SUSPENDED']);
const payout = z.strictObject({
  address: z.string().regex(/^(\d{22}|[A-Za-z0-9.-]{6,20})$/, 'must be a CVU, a CBU or an alias'),
  frequency: z.enum(['bi_daily', 'daily', 'weekly', 'monthly']),
});
const timestamp = z.iso.datetime({ offset: true });
const signature = z.enum(['kept', 'wrong', 'none']);
const times = z.int().min(1).max(500);

const list = {
  q: z.string().max(200).optional(),
  limit: whole.min(1).max(500).optional(),
  cursor: z.string().max(1000).optional(),
};

function areHeaders(given: Readonly<Record<string, string>>): boolean {
  try {
    return new Headers(given) !== undefined;
  } catch {
    return false;
  }
}

export interface ListQuery {
  readonly q?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

const userId = text.optional();

export const queries = {
  Events: z.object({ after: whole.min(0).optional() }),
  Merchants: z.object({ ...list, status: text.optional() }),
  Payments: z.object({ ...list, status: text.optional(), userId }),
  Customers: z.object({ ...list, userId }),
  Accounts: z.object({ ...list, userId }),
  Transfers: z.object({ ...list, userId, cvu: text.optional() }),
  Notices: z.object({ ...list, outcome: text.optional(), userId, resource: text.optional() }),
  Requests: z.object({
    ...list,
    method: text.optional(),
    status: whole.optional(),
    resource: text.optional(),
    fault: z.stringbool().optional(),
  }),
} as const;

export const bodies = {
  Empty: z.strictObject({}),
  NewMerchant: z.strictObject({
    userId,
    clientId: text.optional(),
    clientSecret: text.optional(),
    name: text.optional(),
    aliasPrefix: text.optional(),
    status: accountStatus.optional(),
    cancellationPeriod: z
      .number()
      .positive()
      .max(100 * 366 * 24)
      .optional(),
    transferTolerance: z.int().min(0).optional(),
    payoutSchedule: payout.optional(),
    commissionPercent: z.number().min(0).max(100).optional(),
    ofPartner: z.boolean().optional(),
    referredUserId: text.optional(),
  }),
  MerchantChange: z.strictObject({
    status: accountStatus.optional(),
    revoked: z.boolean().optional(),
    aliasPrefix: z
      .string()
      .regex(/^[a-z0-9_]{1,8}$/, 'must be 1 to 8 lowercase letters, digits or underscores')
      .optional(),
    cancellationPeriod: z.int().min(1).max(200).optional(),
    transferTolerance: z.int().min(0).max(10_000).optional(),
    payoutSchedule: payout.optional(),
  }),
  Payout: z.strictObject({ amount: pesos.optional() }),
  PartnerChange: z.strictObject({
    webhookUrl: webUrl.nullable().optional(),
    redirectUri: z.url().optional(),
  }),
  Onboarding: z.strictObject({ referredUserId: text.optional(), activate: z.boolean().optional() }),
  NewPayment: z.strictObject({
    userId,
    price: pesos,
    externalId: text.optional(),
    motive: z.string().max(2000).optional(),
    webhookUrl: webUrl.optional(),
    redirectUrl: webUrl.optional(),
    expiresAt: timestamp.optional(),
  }),
  PaymentChange: z.strictObject({
    status: z
      .enum([
        'PENDING',
        'SUCCESS',
        'OVERPAID',
        'UNDERPAID',
        'EXPIRED',
        'REJECTED',
        'CANCELLED',
        'UNDER_REVIEW',
        'REFUNDED',
      ])
      .optional(),
    price: pesos.optional(),
    expiresAt: timestamp.optional(),
  }),
  NewCustomer: z.strictObject({
    userId,
    customerId: text.optional(),
    alias: text.optional(),
    name: text.optional(),
    email: z.email().optional(),
    webhookUrl: webUrl,
  }),
  Credit: z.strictObject({
    kind: z.enum(['payment', 'customer']),
    userId,
    id: text,
    amount: pesos,
    transferId: text.optional(),
  }),
  NewTransfer: z.strictObject({
    to: text,
    amount: pesos.optional(),
    kind: z.enum(['exact', 'under', 'over', 'split', 'late', 'twice']).optional(),
    parts: z.int().min(2).max(100).optional(),
    from: z
      .strictObject({ name: text.optional(), cuit: text.optional(), account: text.optional() })
      .optional(),
  }),
  Replay: z.strictObject({
    times: times.optional(),
    url: webUrl.optional(),
    signature: signature.optional(),
  }),
  Reorder: z.strictObject({
    ids: z.array(text).min(1).max(500),
    order: z.enum(['given', 'shuffled', 'reversed']).optional(),
  }),
  Forgery: z.strictObject({
    url: webUrl.optional(),
    kind: z.enum(['payment', 'customer', 'account']).optional(),
    userId,
    id: text.optional(),
    body: z.unknown().optional(),
    headers: z
      .record(z.string(), z.string())
      .refine(areHeaders, 'must be names and values of HTTP')
      .optional(),
    signature: signature.optional(),
    times: times.optional(),
  }),
  /** Checked by the book of faults. */
  Fault: z.looseObject({}),
  ScenarioParameters: z.record(z.string(), z.union([z.number(), z.string()])),
  /** Checked by the clock. */
  Duration: z.looseObject({}),
  /** Checked by the settings. */
  SettingsChange: z.looseObject({}),
  NewSnapshot: z.strictObject({
    name: z
      .string()
      .regex(/^[\w .-]{1,60}$/, 'must be 1 to 60 letters, digits, spaces, points or hyphens')
      .optional(),
  }),
  /** Checked by whoever reads it. */
  Fixture: z.looseObject({}),
} as const;
