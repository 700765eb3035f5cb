import { pesos } from '@talo/core';
import type { z } from 'zod';
import { forbidden, notFound, Problem } from '../problem.ts';
import type * as requests from '../schemas/requests.ts';
import type * as responses from '../schemas/responses.ts';
import * as bank from '../state/bank.ts';
import * as customers from '../state/customers.ts';
import { readLedger } from '../state/ledger.ts';
import * as merchants from '../state/merchants.ts';
import * as partners from '../state/partners.ts';
import * as payments from '../state/payments.ts';
import type { Customer, Merchant } from '../state/records.ts';
import { refund } from '../state/refunds.ts';
import type { World } from '../state/world.ts';
import type { OperationId, operations } from './operations.ts';
import { issueToken, type TokenKind, unauthorized } from './tokens.ts';
import * as views from './views.ts';

/** Who calls. */
export interface Caller {
  readonly merchant: Merchant;
  readonly kind: TokenKind;
}

type Of<Id extends OperationId> = (typeof operations)[Id];
type Body<Id extends OperationId> =
  Of<Id> extends { body: infer Name extends keyof typeof requests }
    ? z.output<(typeof requests)[Name]>
    : undefined;
type Query<Id extends OperationId> =
  Of<Id> extends { query: infer Schema extends z.ZodType } ? z.output<Schema> : undefined;
type CallerOf<Id extends OperationId> = {
  none: undefined;
  open: Caller | undefined;
  bearer: Caller;
}[Of<Id>['auth']];
type Data<Id extends OperationId> =
  Of<Id> extends { data: infer Name extends keyof typeof responses }
    ? z.output<(typeof responses)[Name]>
    : undefined;

/** A call whose shape has been checked. */
export interface Call<Id extends OperationId> {
  readonly world: World;
  readonly caller: CallerOf<Id>;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body<Id>;
  readonly query: Query<Id>;
  /** Reads do not show the last transfer. */
  readonly stale: boolean;
}

const PAGE_LIMIT = 100;

/** What each call does, and the data that it answers. */
export const handlers: { readonly [Id in OperationId]: (call: Call<Id>) => Data<Id> } = {
  createToken({ world, params, body }) {
    const merchant = world.state.merchants.get(param(params, 'user_id'));
    const known = merchant?.clientId === body.client_id && merchant.clientSecret === body.client_secret;
    if (!known || merchant.revoked) {
      throw unauthorized('invalid credentials');
    }
    return { token: issueToken(world, merchant, 'TL') };
  },

  exchangeCode({ world, body }) {
    if (body.client_id !== world.partner.id || body.client_secret !== world.partner.secret) {
      throw unauthorized('invalid partner credentials');
    }
    const merchant = partners.redeem(world, body.code);
    return {
      token: issueToken(world, merchant, 'PAR'),
      user_id: merchant.userId,
      ...(merchant.referredUserId !== undefined && { referred_user_id: merchant.referredUserId }),
    };
  },

  createPayment({ world, caller, body }) {
    if (caller === undefined && !world.oddities.publicPayments) {
      throw unauthorized('Authorization header is missing');
    }
    if (caller !== undefined) requireOwn(caller, body.user_id);
    const { user_id, external_id, price, motive, expiration_timestamp, ...echo } = body;
    if (echo.partner_id !== undefined) partners.findPartner(world, echo.partner_id);
    else if (caller?.kind === 'PAR') {
      throw new Problem(422, 'validation_error', 'partner_id is required when operating as a partner');
    }
    const payment = payments.createPayment(world, {
      userId: user_id,
      externalId: external_id,
      price: pesos(price.amount),
      echo,
      ...(motive !== undefined && { motive }),
      ...(expiration_timestamp !== undefined && { expiresAt: Date.parse(expiration_timestamp) }),
    });
    return views.viewPayment(world, payment);
  },

  getPayment(call) {
    const payment = payments.readable(call.world, ownPayment(call));
    const shown = call.stale ? payments.beforeLastTransfer(call.world, payment) : payment;
    return views.viewPayment(call.world, shown);
  },

  updatePaymentMetadata(call) {
    const payment = ownPayment(call);
    payments.annotate(call.world, payment, call.body.motive);
    return views.viewPayment(call.world, payment);
  },

  updatePaymentPrice(call) {
    const payment = ownPayment(call);
    payments.reprice(call.world, payment, pesos(call.body.amount));
    return views.viewPayment(call.world, payment);
  },

  updatePaymentExpiration(call) {
    const payment = ownPayment(call);
    payments.moveExpiry(call.world, payment, Date.parse(call.body.expiration_timestamp));
    return views.viewPayment(call.world, payment);
  },

  refundPayment(call) {
    requireOwn(call.caller, call.body.user_id);
    const payment = ownPayment(call);
    const part = call.body.refund_type === 'PARTIAL' ? pesos(call.body.amount) : undefined;
    return views.viewRefund(payment, refund(call.world, payment, part));
  },

  createCustomer({ world, caller, body }) {
    requireOwn(caller, body.user_id);
    return views.viewCustomer(world, customers.createCustomer(world, body));
  },

  getCustomer(call) {
    return views.viewCustomer(call.world, shownCustomer(call));
  },

  getCustomerTransaction(call) {
    const { world, params } = call;
    const customer = shownCustomer(call);
    const transaction = customers.findCustomerTransaction(world, customer, param(params, 'transaction_id'));
    return views.viewCustomerTransaction(world, customer, transaction);
  },

  listTransactions({ world, caller, query }) {
    requireOwn(caller, query.user_id);
    const page = readLedger(world, {
      userId: query.user_id,
      limit: query.limit ?? PAGE_LIMIT,
      ...(query.start_date !== undefined && { from: Date.parse(query.start_date) }),
      ...(query.end_date !== undefined && { to: Date.parse(query.end_date) }),
      ...cursor(query),
    });
    return {
      transactions: page.rows.map((row) => views.viewLedgerRow(world, row)),
      ...(page.last && {
        lastEvaluatedKey: {
          user_id: page.last.userId,
          transaction_id: `TX#${page.last.id}`,
          creation_timestamp: views.timestamp(page.last.at),
        },
      }),
    };
  },

  transferFromFaucet({ world, caller, params, body }) {
    const cvu = param(params, 'cvu');
    if (world.state.destinations.get(cvu)?.userId !== caller.merchant.userId) throw notFound('cvu');
    bank.receive(world, cvu, pesos(body.amount), undefined);
    return undefined;
  },

  getAccount({ world, caller, params }) {
    requireOwn(caller, param(params, 'user_id'));
    return views.viewAccount(world, caller.merchant);
  },

  updateAccount({ world, caller, params, body }) {
    requireOwn(caller, param(params, 'user_id'));
    merchants.configure(world, caller.merchant, body);
    return views.viewAccount(world, caller.merchant);
  },

  createStore({ caller, params, body }) {
    requireOwn(caller, param(params, 'user_id'));
    return { store_id: body.store_id, app_id: body.app_id };
  },
};

/** What fails in Talo before a request is even looked at (talo-api 3, "Real-world 500s"). */
export const stumbles: {
  readonly [Id in OperationId]?: (world: World, headers: Headers, body: unknown) => void;
} = {
  createPayment(world, _headers, body) {
    const missing = typeof body === 'object' && body !== null && !('payment_options' in body);
    if (missing && world.oddities.missingPaymentOptionsFails) throw internalError();
  },
  getCustomerTransaction(world, headers) {
    if (headers.has('content-type') && world.oddities.contentTypeOnGetFails) throw internalError();
  },
};

function internalError(): Problem {
  return new Problem(500, 'internal_error', 'Internal server error');
}

function param(params: Readonly<Record<string, string>>, name: string): string {
  return params[name] ?? '';
}

function requireOwn(caller: Caller, userId: string): void {
  if (caller.merchant.userId !== userId) throw forbidden('the token belongs to another user');
}

interface OwnCall {
  readonly world: World;
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
}

function ownPayment({ world, caller, params }: OwnCall): ReturnType<typeof payments.findPayment> {
  return payments.findPayment(world, caller.merchant.userId, param(params, 'payment_id'));
}

/** Without the transfers that the API does not know yet, for a moment after the webhook. */
function shownCustomer(call: OwnCall & { readonly stale: boolean }): Customer {
  const customer = ownCustomer(call);
  const now = call.world.clock.now();
  const known = customer.transactions.filter(({ readableAt }) => readableAt <= now);
  return { ...customer, transactions: call.stale ? known.slice(0, -1) : known };
}

function ownCustomer({ world, caller, params }: OwnCall): ReturnType<typeof customers.findCustomer> {
  return customers.findCustomer(world, caller.merchant.userId, param(params, 'customer_id'));
}

/** The three cursor parameters go together or not at all (talo-api 3.9). */
function cursor(query: Query<'listTransactions'>): { after?: string } {
  const parts = [query.cursor_user_id, query.cursor_transaction_id, query.cursor_creation_timestamp];
  if (parts.every((part) => part === undefined)) return {};
  if (parts.some((part) => part === undefined) || query.cursor_user_id !== query.user_id) {
    throw new Problem(400, 'bad_request', 'send the three cursor_* parameters of the last page together');
  }
  return { after: (query.cursor_transaction_id ?? '').replace(/^TX#/, '') };
}
