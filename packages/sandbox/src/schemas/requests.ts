import { pesos } from '@talo/core';
import { z } from 'zod';
import { LARGEST } from '../wire-money.ts';

// What the API accepts (talo-api 2, 3, 7). Keys it does not know are ignored.

const text = z.string().min(1);
const webUrl = z.url({ protocol: /^https?$/ });
const timestamp = z.iso.datetime({ offset: true });

function isPesos(value: number | string): boolean {
  try {
    const { centavos } = pesos(value);
    return centavos > 0 && centavos <= LARGEST.centavos;
  } catch {
    return false;
  }
}

const pesosNumber = z.number().positive().refine(isPesos, 'must be pesos with at most two decimals');
const pesosText = z
  .string()
  .regex(/^\d+(\.\d{1,2})?$/)
  .refine(isPesos, 'must be pesos with at most two decimals, above zero');

export const TokenRequest = z.object({ client_id: text, client_secret: text });

export const CodeExchangeRequest = z.object({ code: text, client_id: text, client_secret: text });

export const CreateCustomerRequest = z.object({
  user_id: text,
  alias: text.meta({
    description: 'Suffix: the account prefix and a dot go before it, 20 characters in all.',
  }),
  customer_id: text,
  name: text,
  contact: z.object({ email: z.email() }),
  webhook_url: webUrl,
});

const price = z.object({ amount: pesosNumber, currency: z.literal('ARS') });

export const CreatePaymentRequest = z.object({
  user_id: text,
  price,
  payment_options: z.array(text).refine((options) => options.includes('transfer'), 'must contain "transfer"'),
  external_id: text,
  webhook_url: webUrl.optional(),
  redirect_url: webUrl.optional(),
  motive: z.string().optional(),
  client_data: z
    .object({
      first_name: z.string().optional(),
      last_name: z.string().optional(),
      phone: z.string().optional(),
      email: z.email().optional(),
      dni: z.string().optional(),
      cuit: z.string().optional(),
    })
    .optional(),
  partner_id: text.optional(),
  items: z
    .array(
      z.object({
        title: z.string().optional(),
        description: z.string().optional(),
        quantity: z.number().optional(),
        unit_price: z.object({ currency: z.string(), amount: z.number() }).optional(),
      }),
    )
    .optional(),
  expiration_timestamp: timestamp.optional(),
  magento: z.record(z.string(), z.unknown()).optional(),
});

export const UpdatePriceRequest = price;
export const UpdateExpirationRequest = z.object({ expiration_timestamp: timestamp });
export const UpdateMetadataRequest = z.object({ motive: z.string() });

const blame = z.object({ team_id: z.string(), mail: z.string() });

export const RefundRequest = z.discriminatedUnion('refund_type', [
  z.strictObject({ refund_type: z.literal('FULL'), blame, user_id: text }),
  z.strictObject({
    refund_type: z.literal('PARTIAL'),
    amount: pesosText,
    currency: z.literal('ARS'),
    blame,
    user_id: text,
  }),
]);

export const FaucetRequest = z.object({ amount: z.union([pesosNumber, pesosText]) });

export const UpdateAccountRequest = z.object({
  alias_prefix: z
    .string()
    .regex(/^[a-z0-9_]{1,8}$/, 'must be 1 to 8 lowercase letters, digits or underscores')
    .optional(),
  cancellation_period: z.int().min(1).max(200).optional(),
  transfer_tolerance: z.int().min(0).max(10_000).optional(),
  payout_schedule: z
    .object({
      address: z.string().regex(/^(\d{22}|[A-Za-z0-9.-]{6,20})$/, 'must be a CVU, a CBU or an alias'),
      frequency: z.enum(['bi_daily', 'daily', 'weekly', 'monthly']),
    })
    .optional(),
});

export const CreateStoreRequest = z.object({
  store_id: text,
  app_id: text,
  store_name: z.string(),
  store_type: z.string(),
  store_url: z.string(),
});
