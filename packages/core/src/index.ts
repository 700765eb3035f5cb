export { TaloClient } from './client.ts';
export type { Clock } from './clock.ts';
export type {
  AccountConfig,
  ClientData,
  CustomerRequest,
  PaymentItem,
  PaymentRequest,
  PayoutFrequency,
  PayoutSchedule,
  RefundBlame,
  RefundRequest,
} from './constraints/index.ts';
export type { ApiFailure, Difference, Issue, Outcome, TransportReason } from './errors/errors.ts';
export {
  TaloApiError,
  TaloConfigError,
  TaloConflictError,
  TaloConstraintError,
  TaloError,
  TaloTransportError,
  TaloWebhookError,
} from './errors/errors.ts';
export type { StoredToken, TokenStore } from './http/access-token.ts';
export type { CallOptions, FetchPort, Hooks, RequestInfo } from './http/transport.ts';
export type { Account, AccountStatus } from './models/account.ts';
export type { Customer } from './models/customer.ts';
export type { LedgerEntry } from './models/ledger-entry.ts';
export type { PartnerAccess } from './models/partner.ts';
export type { Payment, PaymentStatus, Refund } from './models/payment.ts';
export type { Raw, Wire } from './models/read.ts';
export type { Payer, Transaction, TransactionStatus } from './models/transaction.ts';
export type { Currency, Money } from './money.ts';
export { addMoney, centavos, formatMoney, isMoney, pesos, subtractMoney, toDecimal } from './money.ts';
export type { Credentials, Environment, TaloClientOptions, WebhookUrlOptions } from './options.ts';
export type { LedgerCursor, LedgerListing, LedgerPage, LedgerQuery } from './resources/transactions.ts';
export type { HandlerOptions, TaloContext, TaloHandler } from './webhooks/deliver/handlers.ts';
export type { TaloEvent, TaloEventOf, TaloEventType } from './webhooks/events.ts';
