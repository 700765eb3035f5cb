/**
 * The sandbox's control API: what the dashboard, the command line and other languages use to look at a running sandbox
 * and to make things happen in it. Everything is under `/_sandbox/`, JSON in both directions, and is not part of Talo.
 *
 * Every body is sent with `Content-Type: application/json`, also an empty one (`{}`). Requests from other sites are
 * refused. Money that is read is whole centavos; money that is written is pesos, as `15000` or `'172029.37'`. Times are
 * ISO 8601 in UTC. A failure is a {@link Failure} with 400, 403, 404, 405, 409, 413, 415, 422 or 500.
 *
 * This file has types only: it can be imported by code for browsers.
 */

/** Every route: `GET /payments` here is `GET /_sandbox/payments`. `:id` parts are percent-encoded. */
export interface Routes {
  'GET /status': { answer: Status };
  /** Server-sent events, see {@link StreamEvent}. `?after=` or `Last-Event-ID`: those after that number. */
  'GET /events': { query: { after?: number }; answer: StreamEvent };
  'GET /openapi.json': { answer: object };
  /** An application says that it credited money: it shows in the timeline. */
  'POST /credits': { body: Credit; answer: Empty };

  'GET /merchants': { query: ListQuery & { status?: string }; answer: Page<Merchant> };
  'POST /merchants': { body: NewMerchant; answer: Merchant };
  'GET /merchants/:userId': { answer: Merchant };
  'PATCH /merchants/:userId': { body: MerchantChange; answer: Merchant };
  'POST /merchants/:userId/payouts': { body: { amount?: Pesos }; answer: Merchant };

  'GET /partner': { answer: Partner };
  'PATCH /partner': { body: { webhookUrl?: string | null; redirectUri?: string }; answer: Partner };
  /** What a merchant's consent does, without a browser. */
  'POST /partner/onboard': { body: { referredUserId?: string; activate?: boolean }; answer: Onboarded };

  'GET /payments': { query: ListQuery & { status?: string; userId?: string }; answer: Page<Payment> };
  'POST /payments': { body: NewPayment; answer: PaymentDetail };
  'GET /payments/:userId/:id': { answer: PaymentDetail };
  'PATCH /payments/:userId/:id': { body: PaymentChange; answer: PaymentDetail };

  'GET /customers': { query: ListQuery & { userId?: string }; answer: Page<Customer> };
  'POST /customers': { body: NewCustomer; answer: CustomerDetail };
  'GET /customers/:userId/:id': { answer: CustomerDetail };

  /** Every CVU that takes transfers. */
  'GET /accounts': { query: ListQuery & { userId?: string }; answer: Page<BankAccount> };
  'GET /transfers': { query: ListQuery & { userId?: string; cvu?: string }; answer: Page<Transfer> };
  'POST /transfers': { body: NewTransfer; answer: { transfers: readonly Transfer[] } };
  'POST /transfers/:id/reverse': { body: Empty; answer: Transfer };

  'GET /notices': {
    query: ListQuery & { outcome?: string; userId?: string; resource?: string };
    answer: Page<Notice>;
  };
  'GET /notices/:id': { answer: Notice };
  /** Sends a notice again, to where it went or elsewhere. */
  'POST /notices/:id/replay': { body: Replay; answer: { notices: readonly Notice[] } };
  /** Sends several notices again, at once and in this order or, without `order: 'given'`, shuffled. */
  'POST /notices/reorder': { body: Reorder; answer: { notices: readonly Notice[] } };
  /** Sends a notice that Talo never sent. */
  'POST /notices/forge': { body: Forgery; answer: { notices: readonly Notice[] } };

  'GET /requests': {
    query: ListQuery & { method?: string; status?: number; resource?: string; fault?: boolean };
    answer: Page<RequestEntry>;
  };
  'GET /requests/:id': { answer: RequestDetail };
  'DELETE /requests': { answer: Empty };

  'GET /faults': { answer: { faults: readonly ActiveFault[] } };
  'POST /faults': { body: Fault; answer: ActiveFault };
  'DELETE /faults/:id': { answer: Empty };
  'DELETE /faults': { answer: Empty };

  'GET /scenarios': { answer: { scenarios: readonly Scenario[] } };
  'POST /scenarios/:name': { body: Record<string, number | string>; answer: Scenario };
  'DELETE /scenarios/:name': { answer: Scenario };

  'GET /clock': { answer: Clock };
  'POST /clock/freeze': { body: Empty; answer: Clock };
  /** Answers when everything due on the way has happened. */
  'POST /clock/advance': { body: Duration; answer: Clock };
  /** Lets time run again, from the moment that it shows. */
  'POST /clock/run': { body: Empty; answer: Clock };

  'GET /settings': { answer: Settings };
  'PATCH /settings': { body: SettingsChange; answer: Settings };

  'POST /reset': { body: Empty; answer: Status };
  'GET /snapshots': { answer: { snapshots: readonly Snapshot[] } };
  'POST /snapshots': { body: { name?: string }; answer: Snapshot };
  'POST /snapshots/:name/restore': { body: Empty; answer: Status };
  'DELETE /snapshots/:name': { answer: Empty };
  /** Everything the sandbox knows, as one JSON document; `POST /import` takes it. */
  'GET /export': { answer: Fixture };
  'POST /import': { body: Fixture; answer: Status };
}

// --- in general

export type Empty = Record<string, never>;

/** ISO 8601, UTC, with milliseconds. */
export type Timestamp = string;

/** Pesos with at most two decimals: `15000`, `'172029.37'`. */
export type Pesos = number | string;

export interface Money {
  readonly currency: 'ARS';
  /** Whole centavos; negative for money that left. */
  readonly centavos: number;
}

export interface Failure {
  readonly error: {
    /** Stable: `not_found`, `invalid`, `conflict`, `cross_site`, `unsupported_media_type`, … */
    readonly code: string;
    readonly message: string;
    readonly issues?: readonly { readonly path: string; readonly message: string }[];
  };
}

/** Newest first. */
export interface ListQuery {
  /** Ids, CVU, alias, names, amounts: a part of any of them, whatever its case. */
  q?: string;
  /** Default 50, at most 500. */
  limit?: number;
  /** `next` of the page before. */
  cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Of everything that the query meets, not of this page. */
  readonly total: number;
  readonly next?: string;
}

export type ResourceRef =
  | { readonly kind: 'payment' | 'customer'; readonly userId: string; readonly id: string }
  | { readonly kind: 'merchant'; readonly userId: string };

export interface Status {
  /** Of @talo/sandbox. */
  readonly version: string;
  readonly url: string;
  readonly seed: string;
  /** `undefined`: memory. */
  readonly storage?: string;
  readonly startedAt: Timestamp;
  readonly clock: Clock;
  readonly counts: {
    readonly merchants: number;
    readonly payments: number;
    readonly customers: number;
    readonly transfers: number;
    readonly notices: number;
    readonly requests: number;
    readonly faults: number;
  };
  /** What the bank moved and kept, gross. */
  readonly total: Money;
  /** Those that run now. */
  readonly scenarios: readonly string[];
  /** For pasting into an application. */
  readonly merchant: {
    readonly userId: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  readonly limits: { readonly answerMs: number; readonly history: number };
  /** Of the last event so far: `GET /events?after=` a smaller one tells those since then. */
  readonly seq: number;
}

// --- merchants and the partner

export type AccountStatus = 'ACTIVE' | 'PENDING' | 'REJECTED' | 'SUSPENDED';

export interface Merchant {
  readonly userId: string;
  readonly name: string;
  readonly cuit: string;
  readonly status: AccountStatus;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly aliasPrefix: string;
  /** Hours. */
  readonly cancellationPeriod: number;
  /** Whole pesos. */
  readonly transferTolerance: number;
  readonly payoutSchedule?: { readonly address: string; readonly frequency: PayoutFrequency | string };
  readonly nextPayoutAt?: Timestamp;
  readonly commissionPercent: number;
  readonly ofPartner: boolean;
  readonly referredUserId?: string;
  /** Its credentials and tokens are refused. */
  readonly revoked: boolean;
  /** When a PENDING account is activated by itself. */
  readonly activatesAt?: Timestamp;
  readonly payments: number;
  readonly customers: number;
  /** Net of what came in, less what was refunded and paid out. */
  readonly balance: Money;
}

export type PayoutFrequency = 'daily' | 'bi_daily' | 'weekly' | 'monthly';

export interface NewMerchant {
  userId?: string;
  clientId?: string;
  clientSecret?: string;
  name?: string;
  aliasPrefix?: string;
  status?: AccountStatus;
  cancellationPeriod?: number;
  transferTolerance?: number;
  payoutSchedule?: { address: string; frequency: string };
  commissionPercent?: number;
  ofPartner?: boolean;
  referredUserId?: string;
}

export interface MerchantChange {
  /** ACTIVE announces the account to the partner. */
  status?: AccountStatus;
  revoked?: boolean;
  aliasPrefix?: string;
  cancellationPeriod?: number;
  transferTolerance?: number;
  payoutSchedule?: { address: string; frequency: PayoutFrequency };
}

export interface Partner {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly secret: string;
  readonly commission: number;
  readonly webhookUrl?: string;
  readonly redirectUri: string;
  /** Where merchants consent; `referred_user_id` goes behind it. */
  readonly authorizeUrl: string;
}

export interface Onboarded {
  readonly merchant: Merchant;
  /** For the exchange, ten minutes long. */
  readonly code: string;
  readonly redirectTo: string;
}

// --- payments and customers

export type PaymentStatus =
  | 'PENDING'
  | 'SUCCESS'
  | 'OVERPAID'
  | 'UNDERPAID'
  | 'EXPIRED'
  | 'REJECTED'
  | 'CANCELLED'
  | 'UNDER_REVIEW'
  | 'REFUNDED';

export interface Payment {
  readonly kind: 'payment';
  readonly id: string;
  readonly userId: string;
  readonly externalId: string;
  readonly status: PaymentStatus;
  readonly price: Money;
  readonly received: Money;
  readonly refunded: Money;
  readonly cvu: string;
  readonly alias: string;
  readonly motive?: string;
  readonly paymentUrl: string;
  readonly createdAt: Timestamp;
  readonly updatedAt: Timestamp;
  readonly expiresAt: Timestamp;
  readonly transactions: number;
}

export interface PaymentDetail extends Omit<Payment, 'transactions'> {
  /** Without its query, which may hold a secret. */
  readonly webhookUrl?: string;
  readonly redirectUrl?: string;
  readonly transactions: readonly Transaction[];
  readonly refunds: readonly { readonly id: string; readonly amount: Money; readonly at: Timestamp }[];
  readonly timeline: readonly TimelineEntry[];
  /** As the API's GET would answer now. */
  readonly wire: object;
}

export interface Transaction {
  readonly id: string;
  readonly transferId: string;
  readonly status: 'PROCESSED' | 'REVERSED';
  readonly gross: Money;
  readonly net: Money;
  readonly commission: Money;
  readonly from: Payer;
  readonly at: Timestamp;
}

export interface NewPayment {
  /** Default: the default merchant. */
  userId?: string;
  price: Pesos;
  externalId?: string;
  motive?: string;
  webhookUrl?: string;
  redirectUrl?: string;
  expiresAt?: Timestamp;
}

/** What Talo's own people could do. */
export interface PaymentChange {
  status?: PaymentStatus;
  price?: Pesos;
  expiresAt?: Timestamp;
}

export interface Customer {
  readonly kind: 'customer';
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly cvu: string;
  readonly alias: string;
  readonly balance: Money;
  readonly createdAt: Timestamp;
  readonly transactions: number;
}

export interface CustomerDetail extends Omit<Customer, 'transactions'> {
  readonly webhookUrl: string;
  /** The last 500, newest first. */
  readonly transactions: readonly Transaction[];
  readonly timeline: readonly TimelineEntry[];
  readonly wire: object;
}

export interface NewCustomer {
  userId?: string;
  customerId?: string;
  /** Without the prefix. */
  alias?: string;
  name?: string;
  email?: string;
  webhookUrl: string;
}

// --- what happened

/** One thing that happened to a resource. `at` is the sandbox's time, `seq` the order of everything. */
export type TimelineEntry = { readonly seq: number; readonly at: Timestamp } & TimelineFact;

export type TimelineFact =
  /** From the state itself, so also there after a restart. */
  | { readonly type: 'created' }
  | {
      readonly type: 'transfer';
      readonly transferId: string;
      readonly amount: Money;
      readonly from: Payer;
      readonly outcome: Transfer['status'];
    }
  | {
      readonly type: 'status';
      readonly from: string;
      readonly to: string;
      /** Who: the money, the clock, a call of the API, or a person at Talo. */
      readonly cause: 'money' | 'time' | 'api' | 'operator';
    }
  | { readonly type: 'changed'; readonly what: 'price' | 'expiration' | 'metadata' | 'config' | 'refund' }
  /** Decided to send. An attempt that was `refused` or `dropped` has the reason why it was not. */
  | { readonly type: 'webhook.queued'; readonly noticeId: string; readonly target: string }
  | {
      readonly type: 'webhook.attempt';
      readonly noticeId: string;
      /** From 1; 0 where nothing was sent. */
      readonly attempt: number;
      readonly outcome: AttemptOutcome;
      readonly status?: number;
      /** Against the limit of {@link Status.limits}. Of real time, also while the sandbox's stands still. */
      readonly durationMs: number;
      readonly late: boolean;
      readonly reason?: string;
    }
  | {
      readonly type: 'webhook.retry';
      readonly noticeId: string;
      readonly attempt: number;
      readonly dueAt: Timestamp;
    }
  /** A call of the application about this resource: after a webhook, the confirming GET. */
  | {
      readonly type: 'request';
      readonly requestId: string;
      readonly method: string;
      readonly path: string;
      readonly status?: number;
      readonly durationMs: number;
      readonly fault?: string;
    }
  /** The application said that it credited this, see `POST /credits`. */
  | { readonly type: 'credited'; readonly transferId?: string; readonly amount: Money };

/** `id` of the event stream is `seq`, its `event` is `type`, its `data` this. */
export type StreamEvent =
  | {
      readonly type: 'activity';
      readonly seq: number;
      readonly resource?: ResourceRef;
      readonly entry: TimelineEntry;
    }
  | { readonly type: 'request'; readonly seq: number; readonly request: RequestEntry }
  | { readonly type: 'notice'; readonly seq: number; readonly notice: Notice }
  | { readonly type: 'transfer'; readonly seq: number; readonly transfer: Transfer }
  | { readonly type: 'clock'; readonly seq: number; readonly clock: Clock }
  /** Something of this kind changed: read it again. `all` after reset, restore and import. */
  | {
      readonly type: 'changed';
      readonly seq: number;
      readonly what: 'merchants' | 'partner' | 'faults' | 'scenarios' | 'settings' | 'snapshots' | 'all';
    }
  /** Events between `after` and the oldest kept are lost: read everything again. Those kept come after it. Also in a new process. */
  | { readonly type: 'gap'; readonly seq: number };

export interface Credit {
  kind: 'payment' | 'customer';
  /** Default: the default merchant. */
  userId?: string;
  id: string;
  amount: Pesos;
  transferId?: string;
}

// --- bank

export interface Payer {
  readonly name: string;
  readonly cuit: string;
  /** CBU or CVU. */
  readonly account: string;
}

export interface BankAccount {
  readonly cvu: string;
  readonly alias: string;
  readonly userId: string;
  readonly kind: 'payment' | 'customer';
  readonly id: string;
  /** The account's holder, as a payer's bank shows it. */
  readonly holder: string;
  readonly received: Money;
  /** Of an open payment, what is missing. */
  readonly expected?: Money;
}

export interface Transfer {
  readonly id: string;
  readonly cvu: string;
  readonly amount: Money;
  readonly from: Payer;
  readonly at: Timestamp;
  readonly status: 'credited' | 'bounced' | 'reversed';
  readonly resource?: ResourceRef;
}

/**
 * Money to a CVU or alias. With `amount`: that. Without: by `kind`, what a payment still expects (`exact`), half of it
 * (`under`), half as much again (`over`), the same in `parts` (`split`, default 2). A customer needs `amount`.
 * `late`: time moves on past the payment's expiry first, which needs a frozen clock. `twice`: two equal transfers.
 */
export interface NewTransfer {
  to: string;
  amount?: Pesos;
  kind?: 'exact' | 'under' | 'over' | 'split' | 'late' | 'twice';
  parts?: number;
  from?: { name?: string | undefined; cuit?: string | undefined; account?: string | undefined };
}

// --- webhooks

export type AttemptOutcome = 'delivered' | 'rejected' | 'timeout' | 'failed' | 'refused' | 'dropped';

/** One notification and every attempt to deliver it. */
export interface Notice {
  readonly id: string;
  /** Origin and path; the query may hold a secret. */
  readonly target: string;
  /** As JSON; a text that is none as it is. */
  readonly body: unknown;
  readonly resource?: ResourceRef;
  readonly createdAt: Timestamp;
  readonly attempts: readonly Attempt[];
  /** Of the last attempt; `pending` before the first. */
  readonly outcome: AttemptOutcome | 'pending';
  readonly nextAttemptAt?: Timestamp;
  /** Not Talo's own doing. */
  readonly origin: 'talo' | 'replay' | 'forged';
}

export interface Attempt {
  /** From 1; 0 where nothing was sent. */
  readonly number: number;
  readonly at: Timestamp;
  readonly outcome: AttemptOutcome;
  readonly status?: number;
  /** Of real time, also while the sandbox's stands still. */
  readonly durationMs: number;
  readonly reason?: string;
  readonly request: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
  /** The first 4 KiB of its body. */
  readonly answer?: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
}

export type Signature = 'kept' | 'wrong' | 'none';

export interface Replay {
  /** Default 1, at most 500. */
  times?: number;
  /** Another target, whole. Loopback only, unless the sandbox may deliver elsewhere. */
  url?: string;
  /** What happens to the signed query of the URL. Default `kept`. */
  signature?: Signature;
}

export interface Reorder {
  ids: string[];
  order?: 'given' | 'shuffled' | 'reversed';
}

/**
 * A notice made up. With `kind` and an id, in Talo's words; with `body`, as it is. To `url`, or to where the resource's
 * own notices go.
 */
export interface Forgery {
  url?: string;
  kind?: 'payment' | 'customer' | 'account';
  userId?: string;
  /** Of the payment or customer. It need not exist when there is a `url`. */
  id?: string;
  body?: unknown;
  headers?: Record<string, string>;
  signature?: Signature;
  times?: number;
}

// --- requests

export interface RequestEntry {
  readonly id: string;
  readonly at: Timestamp;
  readonly method: string;
  readonly path: string;
  readonly status?: number;
  readonly durationMs: number;
  readonly resource?: ResourceRef;
  /** The id of the fault that it met. */
  readonly fault?: string;
}

/** Secrets and tokens are masked with `…`. */
export interface RequestDetail extends RequestEntry {
  /** Path and query, with the sandbox's address. */
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody?: string;
  readonly answerHeaders: Readonly<Record<string, string>>;
  readonly answerBody?: string;
}

// --- faults and scenarios

export interface FaultMatch {
  method?: string;
  /** A path whose `:name` segments match anything: `/payments/:id`. */
  route?: string;
  /** A payment, customer, account, CVU or alias by its id, wherever it stands in the path or the body. */
  resource?: string;
  /** From 0 to 1; drawn from the sandbox's seed. */
  probability?: number;
}

/** What goes wrong on the way to Talo. */
export interface ApiFault {
  side?: 'api';
  match?: FaultMatch;
  /** Used up after so many. */
  times?: number;
  /** Of the answer, with nothing processed. */
  status?: number;
  body?: string | object;
  headers?: Record<string, string>;
  delayMs?: number;
  /** Up to so much more, evenly. */
  jitterMs?: number;
  effect?:
    | 'reset'
    | 'lose-response'
    | 'stall-body'
    | 'truncate'
    | 'html'
    | 'expire-token'
    | 'stale-read'
    | 'not-readable';
}

/** What goes wrong on the way back. */
export interface WebhookFault {
  side: 'webhook';
  match?: Pick<FaultMatch, 'resource' | 'probability'> & { kind?: 'payment' | 'customer' | 'account' };
  times?: number;
  delayMs?: number;
  jitterMs?: number;
  /** `slow-answer`: what the application answers reaches Talo `delayMs` later, so after the limit it counts as failed. */
  effect?: 'drop' | 'duplicate' | 'reorder' | 'slow-answer';
  /** With `duplicate`: how many more. Default 1. */
  copies?: number;
  retry?: string | number[];
}

export type Fault = ApiFault | WebhookFault;

export interface ActiveFault {
  readonly id: string;
  readonly fault: Fault;
  readonly met: number;
  readonly left?: number;
  /** The scenario that it belongs to. */
  readonly scenario?: string;
}

export interface Scenario {
  readonly name: string;
  readonly title: { readonly es: string; readonly en: string };
  readonly doc: { readonly es: string; readonly en: string };
  readonly parameters: readonly {
    readonly name: string;
    readonly default: number | string;
    readonly doc: { readonly es: string; readonly en: string };
  }[];
  readonly running: boolean;
  readonly startedAt?: Timestamp;
  /** What it did so far: `{ transfers: 120 }`. */
  readonly report?: Readonly<Record<string, number>>;
}

// --- time and settings

export interface Clock {
  readonly mode: 'real' | 'frozen';
  readonly now: Timestamp;
  /** Ahead of the machine's clock. */
  readonly aheadMs: number;
  /** The next thing that time alone will do. */
  readonly nextTimerAt?: Timestamp;
}

export interface Duration {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
  ms?: number;
}

export interface Oddity {
  readonly name: string;
  readonly group: string;
  readonly doc: { readonly es: string; readonly en: string };
  /** How it is known: see the README. */
  readonly known: 'observed' | 'documented' | 'reported' | 'possible' | 'unknown';
  readonly type: 'boolean' | 'number' | 'choice';
  readonly choices?: readonly (string | number)[];
  readonly default: boolean | number | string;
  readonly current: boolean | number | string;
}

export interface DeliverySettings {
  readonly retry: string | readonly number[];
  readonly timeoutMs: number;
  readonly delayMs: number;
  readonly duplicate: number;
  readonly dropEvery: number;
  readonly reverse: boolean;
  readonly timing: 'after-response' | 'before-response';
  /** Only set when the sandbox is started. */
  readonly allowRemote: boolean;
}

export interface Settings {
  readonly oddities: readonly Oddity[];
  readonly delivery: DeliverySettings;
  readonly retryPresets: Readonly<Record<string, readonly number[]>>;
  readonly activationDelayMs: number;
}

export interface SettingsChange {
  oddities?: Record<string, boolean | number | string>;
  delivery?: {
    retry?: string | number[];
    timeoutMs?: number;
    delayMs?: number;
    duplicate?: number;
    dropEvery?: number;
    reverse?: boolean;
    timing?: 'after-response' | 'before-response';
  };
  activationDelayMs?: number;
}

// --- snapshots and fixtures

export interface Snapshot {
  readonly name: string;
  readonly at: Timestamp;
  readonly counts: { readonly payments: number; readonly customers: number; readonly transfers: number };
}

/** A sandbox's whole state as data: `format` says which version. */
export interface Fixture {
  readonly format: 'talo-sandbox-1';
  readonly [part: string]: unknown;
}
