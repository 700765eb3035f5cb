/** Brands live in the registry of symbols that all copies of this package in a process share. */
const brandOf = (name: string): symbol => Symbol.for(`@talo/core/${name}`);

/**
 * Base of every error this package throws. Recognise one with `TaloError.is(error)` or `instanceof`, which both
 * hold across two copies of the package (ESM beside CommonJS, or two versions); tell them apart by `code`, which never
 * changes between versions.
 *
 * No error of ours carries a token, a secret, a header or a body, in any property.
 */
export class TaloError extends Error {
  /** The class by a name that no minifier changes. A subclass of your own needs none and is told apart as usual. */
  protected static readonly brand: string = 'TaloError';
  /** What went wrong, for programs: `config`, `constraint`, `transport`, `api`, `conflict`, `webhook`, … */
  declare readonly code: string;

  /** @param details what else the error tells, as properties */
  constructor(code: string, message: string, details?: object) {
    super(message);
    Object.assign(this, { name: new.target.brand, code }, details);
    for (let type = new.target; type.brand; type = Object.getPrototypeOf(type)) {
      Object.defineProperty(this, brandOf(type.brand), { value: true });
    }
  }

  /** Whether `value` is an error of this package, whichever copy of it made it. */
  static is(value: unknown): value is TaloError {
    return value instanceof TaloError;
  }

  /** Plain data for logs: everything enumerable, and the message, which JSON would leave out. */
  toJSON(): object {
    return Object.assign({ message: this.message }, this);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return Object.hasOwn(this, 'brand')
      ? Reflect.get(Object(value), brandOf(this.brand)) === true
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/** The client or the webhooks were put together wrongly; the message holds the corrected call. `code: 'config'`. */
export class TaloConfigError extends TaloError {
  protected static override readonly brand = 'TaloConfigError';

  constructor(message: string) {
    super('config', message);
  }
}

/** One reason why a value was refused. */
export interface Issue {
  /** Where, as dotted keys from the value given: `payoutSchedule.frequency`, `items.0.quantity`; `''` is the value itself. */
  readonly path: string;
  /** The rule that was broken, for programs: `required`, `type`, `too_long`, `range`, `check_digit`, … */
  readonly code: string;
  /** The whole story in one sentence, with what to do. */
  readonly message: string;
  /** What would have been accepted. */
  readonly expected: string;
  /** What came, shortened; of secrets and URLs only the kind. */
  readonly received: string;
}

/** A value breaks a rule of Talo's; nothing was sent. Holds every issue at once. `code: 'constraint'`. */
export class TaloConstraintError extends TaloError {
  protected static override readonly brand = 'TaloConstraintError';
  declare readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[], subject = 'value') {
    const lines = issues.map((issue) => `\n  - ${issue.path && `${issue.path}: `}${issue.message}`);
    super('constraint', `Invalid ${subject}, nothing was sent:${lines.join('')}`, { issues });
  }
}

/**
 * Whether the request reached Talo: `not-sent`, certainly not; `unknown`, it may have, and may have taken effect.
 * After an unknown outcome of a create, call `ensure` with the same id.
 */
export type Outcome = 'not-sent' | 'unknown';

export type TransportReason = 'NETWORK' | 'TIMEOUT' | 'ABORTED' | 'BAD_RESPONSE';

/** No usable answer came: no connection, no time left, aborted by the caller, or not Talo's JSON. `code: 'transport'`. */
export class TaloTransportError extends TaloError {
  protected static override readonly brand = 'TaloTransportError';
  declare readonly reason: TransportReason;
  declare readonly outcome: Outcome;

  constructor(reason: TransportReason, outcome: Outcome, message: string) {
    super('transport', message, { reason, outcome });
  }
}

/** What Talo said of a refusal. */
export interface ApiFailure {
  /** HTTP status; 200 when the refusal was only in the body (`error: true`). */
  readonly status: number;
  /** Talo's own code, as text. */
  readonly apiCode?: string | undefined;
  /** The `x-request-id` header, to quote to Talo's support. */
  readonly requestId?: string | undefined;
  /** Milliseconds Talo asked us to wait (`Retry-After`). */
  readonly retryAfter?: number | undefined;
  /** `unknown` where a create may have taken effect in spite of the error (5xx). */
  readonly outcome?: 'unknown' | undefined;
}

/** Talo answered and refused. `code: 'api'`, or `'token_refused'` when fresh tokens keep being refused. */
export class TaloApiError extends TaloError implements ApiFailure {
  protected static override readonly brand = 'TaloApiError';
  declare readonly status: number;
  declare readonly apiCode: string | undefined;
  declare readonly requestId: string | undefined;
  declare readonly retryAfter: number | undefined;
  declare readonly outcome: 'unknown' | undefined;

  constructor(failure: ApiFailure, message: string, code = 'api') {
    super(code, message, failure);
  }
}

/** One field in which what exists at Talo is not what was asked for. */
export interface Difference {
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}

/**
 * What exists at Talo disagrees with the request, or a request cannot be repeated safely. `code: 'conflict'`, or
 * `'refund_unknown'` when an earlier refund of the same payment has an unknown outcome.
 */
export class TaloConflictError extends TaloError {
  protected static override readonly brand = 'TaloConflictError';
  declare readonly differences: readonly Difference[];

  constructor(message: string, differences: readonly Difference[] = [], code = 'conflict') {
    super(code, message, { differences });
  }
}

/** The webhook engine refuses a call: `reason` says why in one word. `code: 'webhook'`. */
export class TaloWebhookError extends TaloError {
  protected static override readonly brand = 'TaloWebhookError';
  declare readonly reason: string;

  constructor(reason: string, message: string) {
    super('webhook', message, { reason });
  }
}
