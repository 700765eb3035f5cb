export type { HandlerOptions, TaloContext, TaloHandler } from './deliver/handlers.ts';
export type {
  AccountSnapshot,
  Origin,
  PaymentSnapshot,
  TaloEvent,
  TaloEventOf,
  TaloEventType,
  TransactionSnapshot,
} from './events.ts';
export type {
  Backlog,
  Credit,
  CreditFilter,
  DeadLetter,
  DeliveryClaim,
  Hint,
  HintClaim,
  Inbox,
  Remembered,
  StoredEvent,
  Unit,
} from './inbox/inbox.ts';
export { Fenced, UNAUTHENTICATED_ROWS } from './inbox/inbox.ts';
export type { MemoryInboxOptions } from './inbox/memory.ts';
export { memoryInbox } from './inbox/memory.ts';
export type { CreditLedger } from './ledger.ts';
export type { ForeignReason } from './look/provenance.ts';
export type {
  Limits,
  Logger,
  ReceivedRequest,
  ReconcileOptions,
  Stats,
  TaloWebhooksOptions,
} from './options.ts';
export type { BodyInput } from './receive/body.ts';
export type { Bucket } from './receive/histogram.ts';
export { type NodeRequest, nodeRequest } from './receive/node-request.ts';
export type { Outcome, Reason } from './receive/outcome.ts';
export type { UnhandledNotification } from './receive/parse.ts';
export type { Unsigned, UnsignedHint, Verifier, VerifierInput } from './receive/verify.ts';
export type {
  AccountReport,
  DivergentCustomer,
  ReconcileReport,
  ReconcileSummary,
  UnmatchedRow,
} from './reconcile/report.ts';
export type { Trackable } from './tracking.ts';
export { TaloWebhooks } from './webhooks.ts';
