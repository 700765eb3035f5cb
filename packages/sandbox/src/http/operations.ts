import type { z } from 'zod';
import { LedgerQuery } from '../schemas/queries.ts';
import type * as requests from '../schemas/requests.ts';
import type * as responses from '../schemas/responses.ts';

/** One call of the API: what the router serves and what the OpenAPI document describes. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch';
  readonly path: string;
  readonly tag: 'Auth' | 'Payments' | 'Customers' | 'Transactions' | 'Accounts' | 'Sandbox';
  readonly summary: string;
  /** `open`: no token needed, but one that is sent must be valid. */
  readonly auth: 'none' | 'open' | 'bearer';
  readonly body?: keyof typeof requests;
  readonly query?: z.ZodObject;
  /** `undefined`: an envelope without data. */
  readonly data?: keyof typeof responses;
  /** Which words the envelope of a success uses (talo-api 3, 9.1 row 13). */
  readonly envelope: Envelope;
}

/** `message`: message ok. `coded`: also code 200. `status`: status ok. `status-coded`: both. */
export type Envelope = 'message' | 'coded' | 'status' | 'status-coded';

export const operations = {
  createToken: {
    method: 'post',
    path: '/users/{user_id}/tokens',
    tag: 'Auth',
    summary: 'Get a merchant token, valid for an hour',
    auth: 'none',
    body: 'TokenRequest',
    data: 'Token',
    envelope: 'message',
  },
  exchangeCode: {
    method: 'post',
    path: '/auth/tokens',
    tag: 'Auth',
    summary: "Exchange a partner's authorization code for its merchant's token",
    auth: 'none',
    body: 'CodeExchangeRequest',
    data: 'PartnerToken',
    envelope: 'message',
  },
  createPayment: {
    method: 'post',
    path: '/payments/',
    tag: 'Payments',
    summary: 'Create a payment with a CVU and alias of its own',
    auth: 'open',
    body: 'CreatePaymentRequest',
    data: 'Payment',
    envelope: 'coded',
  },
  getPayment: {
    method: 'get',
    path: '/payments/{payment_id}',
    tag: 'Payments',
    summary: 'Get a payment: the only source of truth after a webhook',
    auth: 'bearer',
    data: 'Payment',
    envelope: 'coded',
  },
  updatePaymentMetadata: {
    method: 'put',
    path: '/payments/{payment_id}/metadata',
    tag: 'Payments',
    summary: 'Change the motive of a payment',
    auth: 'bearer',
    body: 'UpdateMetadataRequest',
    data: 'Payment',
    envelope: 'coded',
  },
  updatePaymentPrice: {
    method: 'put',
    path: '/payments/{payment_id}/price',
    tag: 'Payments',
    summary: 'Change the price of an open payment',
    auth: 'bearer',
    body: 'UpdatePriceRequest',
    data: 'Payment',
    envelope: 'coded',
  },
  updatePaymentExpiration: {
    method: 'put',
    path: '/payments/{payment_id}/expiration',
    tag: 'Payments',
    summary: 'Move the expiry of an open payment',
    auth: 'bearer',
    body: 'UpdateExpirationRequest',
    data: 'Payment',
    envelope: 'coded',
  },
  refundPayment: {
    method: 'post',
    path: '/payments/{payment_id}/refunds',
    tag: 'Payments',
    summary: 'Send back the money of a payment, or a part of it',
    auth: 'bearer',
    body: 'RefundRequest',
    data: 'Refund',
    envelope: 'status-coded',
  },
  createCustomer: {
    method: 'post',
    path: '/customers/',
    tag: 'Customers',
    summary: 'Create a customer with a permanent CVU and alias',
    auth: 'bearer',
    body: 'CreateCustomerRequest',
    data: 'Customer',
    envelope: 'message',
  },
  getCustomer: {
    method: 'get',
    path: '/customers/{customer_id}',
    tag: 'Customers',
    summary: 'Get a customer and its balance',
    auth: 'bearer',
    data: 'Customer',
    envelope: 'message',
  },
  getCustomerTransaction: {
    method: 'get',
    path: '/customers/{customer_id}/transactions/{transaction_id}',
    tag: 'Customers',
    summary: "Get a transfer to a customer's CVU",
    auth: 'bearer',
    data: 'CustomerTransaction',
    envelope: 'message',
  },
  listTransactions: {
    method: 'get',
    path: '/transactions/',
    tag: 'Transactions',
    summary: "List the account's movements, a page at a time",
    auth: 'bearer',
    query: LedgerQuery,
    data: 'LedgerPage',
    envelope: 'coded',
  },
  transferFromFaucet: {
    method: 'post',
    path: '/cvu/{cvu}/faucet',
    tag: 'Sandbox',
    summary: 'Simulate a transfer to a CVU',
    auth: 'bearer',
    body: 'FaucetRequest',
    envelope: 'message',
  },
  getAccount: {
    method: 'get',
    path: '/users/{user_id}/account',
    tag: 'Accounts',
    summary: 'Get an account, its status and configuration',
    auth: 'bearer',
    data: 'Account',
    envelope: 'status',
  },
  updateAccount: {
    method: 'patch',
    path: '/users/{user_id}',
    tag: 'Accounts',
    summary: 'Change the configuration of an account',
    auth: 'bearer',
    body: 'UpdateAccountRequest',
    data: 'Account',
    envelope: 'status',
  },
  createStore: {
    method: 'post',
    path: '/users/{user_id}/stores',
    tag: 'Accounts',
    summary: 'Register a shop of an e-commerce plugin',
    auth: 'bearer',
    body: 'CreateStoreRequest',
    data: 'Store',
    envelope: 'message',
  },
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof operations;
