import { z } from 'zod';

// What the API answers, in the representations of talo-api 3.12.

const text = z.string().min(1);
const timestamp = z.iso.datetime();
const cvu = z.string().regex(/^\d{22}$/);
const ars = z.literal('ARS');
/** `"1200"`, `"172029.37"`, `"-1.00"`. */
const amountText = z.string().regex(/^-?\d+(\.\d{2})?$/);
/** May have a third decimal, or be missing: see the switches. */
const sentText = z
  .string()
  .regex(/^\d+(\.\d{2,3})?$/)
  .meta({ description: 'What the payer sent.' })
  .optional();
const transferStatus = z.enum(['PROCESSED', 'REVERSED', 'IN_REVIEW']);

export const Token = z.object({ token: z.string().regex(/^TL-[^.]+\.[^.]+\.[^.]+$/) });

export const PartnerToken = z.object({
  token: z.string().regex(/^PAR-/),
  user_id: text,
  referred_user_id: text.optional(),
});

export const Customer = z.object({
  customer_id: text,
  bank_info: z.object({ cvu, alias: text }),
  balance: z.number(),
  creation_timestamp: timestamp,
});

export const CustomerTransaction = z.object({
  transaction_id: text,
  customer_id: text,
  transaction_status: transferStatus,
  gross_amount: sentText,
  amount: amountText.meta({ description: 'What is left after commission.' }),
  commission_amount: amountText,
  commission: z.number().meta({ description: 'Percent.' }),
  currency: ars,
  network: text,
  senderCvu: text,
  senderCuit: text,
  creation_timestamp: timestamp.optional(),
});

const PaymentStatus = z.enum([
  'PENDING',
  'SUCCESS',
  'OVERPAID',
  'UNDERPAID',
  'EXPIRED',
  'REJECTED',
  'CANCELLED',
  'UNDER_REVIEW',
  'REFUNDED',
]);

const Quote = z.union([
  z.object({ alias: text, amount: amountText, currency: ars, address: cvu, network: text }),
  z.object({ cvu, alias: text }).meta({ description: 'As the payments page shows it.' }),
]);

const PaymentTransaction = z.object({
  transaction_id: text,
  amount: sentText,
  currency: ars,
  network: text,
  transaction_status: transferStatus,
  creation_timestamp: timestamp.optional(),
  address: cvu,
  sender_address: text,
  commission: z.number().meta({ description: 'Percent.' }),
  transaction_data: z.object({
    PROCESSED: z.object({
      amount: z.number().optional(),
      netAmount: z.number(),
      currency: ars,
      sender: text,
      recipient: text,
      senderCuit: text,
      senderTitular: text,
      recipientCuit: text,
      recipientTitular: text,
      trxId: text,
    }),
  }),
});

const open = z.record(z.string(), z.unknown());

export const Payment = z.object({
  id: text.meta({ description: 'VAR-, the first 8 characters of the user id, a hyphen, the external_id.' }),
  payment_status: PaymentStatus,
  status: PaymentStatus,
  user_id: text,
  external_id: text,
  webhook_url: z.string().optional(),
  redirect_url: z.string().optional(),
  motive: z.string().optional(),
  payment_options: z.array(z.string()),
  price: z.object({ amount: z.number(), currency: ars }),
  client_data: open.optional(),
  items: z.array(open).optional(),
  metadata: z.object({ motive: z.string().optional() }),
  partner_id: z.string().optional(),
  magento: open.optional(),
  quotes: z.array(Quote),
  payment_url: z.url(),
  creation_timestamp: timestamp.optional(),
  last_modified_timestamp: timestamp.optional(),
  expiration_timestamp: timestamp.optional(),
  transaction_fields: z.object({
    amount: amountText,
    commission_amount: amountText,
    currency: ars,
    total_paid: z.object({ amount: amountText, currency: ars }).optional(),
  }),
  transactions: z.array(PaymentTransaction),
  user_info: z.object({ full_name: text, cuit: text }),
});

export const Refund = z.object({
  refund_id: text,
  payment_id: text,
  amount: z.string().regex(/^\d+\.\d{2}$/),
  currency: ars,
  status: z.literal('CREATED'),
  created_at: timestamp,
});

const LedgerTransaction = z.object({
  transaction_id: z.string().regex(/^TX#/),
  id: text,
  user_id: text,
  transactionType: z.enum(['INBOUND', 'OUTBOUND', 'REFUND']),
  amount: amountText.meta({ description: 'Net, with two decimals; negative for what left.' }),
  gross_amount: amountText,
  address: cvu,
  address_alias: text,
  currency: ars,
  network: text,
  commission: z.number().meta({ description: 'Percent.' }),
  commission_amount: amountText,
  taxes: z.array(open),
  transaction_status: z.enum(['PROCESSED', 'REVERSED']),
  payment_id: text.optional(),
  customer_id: text.optional(),
  creation_timestamp: timestamp,
});

export const LedgerPage = z.object({
  transactions: z.array(LedgerTransaction),
  lastEvaluatedKey: z
    .object({ user_id: text, transaction_id: text, creation_timestamp: timestamp })
    .optional()
    .meta({ description: 'Absent on the last page; its three values go back as cursor_* parameters.' }),
});

export const Account = z.object({
  account_status: z.enum(['ACTIVE', 'PENDING', 'REJECTED', 'SUSPENDED']),
  alias_prefix: text,
  cancellation_period: z.int(),
  transfer_tolerance: z.int(),
  payout_schedule: z.object({ address: text, frequency: text }).optional(),
  user_id: text,
  partner_config: z
    .object({ commission: z.number(), partner_id: text, partner_name: text, partner_slug: text })
    .optional(),
});

export const Store = z.object({ store_id: text, app_id: text });

export const ErrorEnvelope = z.object({
  message: z.string(),
  error: z.literal(true),
  code: z.union([z.string(), z.number()]).optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
