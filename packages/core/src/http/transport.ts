import { atLeast } from '../check.ts';
import type { Clock } from '../clock.ts';
import { TaloApiError, TaloError, TaloTransportError } from '../errors/errors.ts';
import type { Wire } from '../models/read.ts';
import type { AccessToken, HeldToken } from './access-token.ts';
import { bodyOf } from './body.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { openEnvelope } from './envelope.ts';
import { networkError, redact } from './failure.ts';
import { backoff, retryAfter } from './retry.ts';

/** What we need of `fetch`: the global one fits, and so does anything else that moves a request. */
export type FetchPort = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: string;
    readonly signal: AbortSignal;
    readonly redirect: 'manual';
  },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Read in preference to `text` where it is a `ReadableStream`, so that an endless answer can be left. */
  readonly body?: object | null;
  text(): Promise<string>;
}>;

/** Last argument of every method. */
export interface CallOptions {
  /** Aborts the call: it fails with `reason: 'ABORTED'`. */
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole call: token, attempts, pauses and body. Default: the client's. */
  readonly timeout?: number;
  /** Attempts after the first. Default: the client's. */
  readonly maxRetries?: number;
  /** Headers besides ours; ours win. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Told of every attempt. Gets neither headers nor bodies; what a hook throws is ignored. */
export interface Hooks {
  readonly onRequest?: (info: RequestInfo) => void;
  readonly onResponse?: (
    info: RequestInfo & { status: number; requestId?: string; durationMs: number },
  ) => void;
  readonly onRetry?: (info: RequestInfo & { delayMs: number; error: TaloError }) => void;
  /** The call failed for good, with the error that the caller gets. */
  readonly onError?: (info: RequestInfo & { error: TaloError }) => void;
}

export interface RequestInfo {
  readonly method: string;
  /** Encoded, with its query. */
  readonly path: string;
  /** Counts from 1. */
  readonly attempt: number;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly body?: unknown;
  /** Processed twice it would create twice: repeated only where it provably was not processed. */
  readonly creates?: boolean;
  /** What the answer must hold to be one. Default: any data. */
  readonly answers?: (data: Wire | undefined) => unknown;
}

/** Options of a call that is one of several under the same deadline. */
export interface SharedOptions extends CallOptions {
  readonly deadline?: Deadline;
}

export interface TransportSettings {
  readonly apiUrl: string;
  readonly fetch: FetchPort;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timeout: number;
  readonly maxRetries: number;
  readonly userAgent: string;
  readonly hooks: Hooks;
  /** What must never be printed, whatever Talo answers. */
  readonly secrets: readonly string[];
}

/** One call while it goes on. */
interface Exchange {
  readonly call: Call;
  readonly options: CallOptions;
  readonly deadline: Deadline;
  /** Counts from 1. */
  attempt: number;
  held: HeldToken | undefined;
}

interface Failed {
  readonly error: TaloApiError | TaloTransportError;
  readonly again: boolean;
  readonly afterMs?: number | undefined;
}

/** How often one call may come back from a 401 with another token: one from the store, one fresh, one to be sure. */
const MAX_TOKENS = 3;

/** The only I/O of the client: one call, as many attempts as its deadline and its safety allow. */
export class Transport {
  readonly settings: TransportSettings;
  #skewMs: number | undefined;

  constructor(settings: TransportSettings) {
    this.settings = settings;
  }

  /** The deadline of a call, for those that are made of several requests. @throws TaloConfigError */
  deadline({ timeout = this.settings.timeout, signal }: CallOptions = {}): Deadline {
    return startDeadline(this.settings.clock, atLeast(1, 'timeout', timeout), signal);
  }

  /** What may be shown of a text of Talo's. */
  clean(text: string, options: CallOptions = {}, held?: HeldToken, length = 300): string {
    const { secrets } = this.settings;
    const ofCall = Object.values(options.headers ?? {});
    return redact(text, [...secrets, ...ofCall, ...(held ? [held.token] : [])], length);
  }

  /**
   * @returns the `data` of Talo's answer
   * @throws TaloApiError, TaloTransportError
   */
  async send(call: Call, options: SharedOptions = {}, token?: AccessToken): Promise<Wire> {
    const deadline = options.deadline ?? this.deadline(options);
    deadline.sent = false;
    const exchange: Exchange = { call, options, deadline, attempt: 0, held: undefined };
    try {
      return await this.#repeat(exchange, token);
    } catch (error) {
      if (TaloError.is(error)) this.#tell('onError', { ...about(exchange), error });
      throw error;
    } finally {
      if (!options.deadline) deadline.release();
    }
  }

  async #repeat(exchange: Exchange, token: AccessToken | undefined): Promise<Wire> {
    const { options, deadline } = exchange;
    const retries = atLeast(0, 'maxRetries', options.maxRetries ?? this.settings.maxRetries);
    // ended before it began: no token is fetched for it
    await deadline.race(undefined);
    exchange.held = token && (await tokenWithin(deadline, token.current()));
    for (let failures = 0, tokens = 1; ; ) {
      exchange.attempt++;
      const result = await this.#attempt(exchange);
      const { held } = exchange;
      if ('data' in result) {
        if (held) token?.worked(held);
        return result.data;
      }
      const { error, again } = result;
      if (token && held && tokens < MAX_TOKENS && token.mayBeStale(held, error)) {
        tokens++;
        exchange.held = await tokenWithin(deadline, token.replace(held));
        continue;
      }
      const delayMs = result.afterMs ?? backoff(failures + 1, this.settings.random);
      // waiting past the deadline would only hide the error
      if (!again || failures >= retries || delayMs >= deadline.remainingMs()) throw error;
      failures++;
      this.#tell('onRetry', { ...about(exchange), delayMs, error });
      await deadline.sleep(delayMs);
    }
  }

  /** Talo's own time, in milliseconds since 1970, once an answer has told it. */
  talosTime(): number | undefined {
    return this.#skewMs === undefined ? undefined : this.settings.clock.now() + this.#skewMs;
  }

  #hearTime(date: string | null): void {
    const told = Date.parse(date ?? '');
    if (!Number.isNaN(told)) this.#skewMs = told - this.settings.clock.now();
  }

  async #attempt(exchange: Exchange): Promise<{ readonly data: Wire } | Failed> {
    const { call, options, deadline, held } = exchange;
    const { apiUrl, fetch, clock, userAgent } = this.settings;
    const { method, path } = call;
    // without a body no Content-Type: Talo answers 500 to some GETs that carry one (talo-api 3.8)
    const { 'content-type': _, ...own } = lowerCase(options.headers);
    const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
    const headers = {
      ...own,
      accept: 'application/json',
      'user-agent': userAgent,
      ...(call.body !== undefined && { 'content-type': 'application/json' }),
      ...(held && { authorization: `Bearer ${held.token}` }),
    };
    const started = clock.monotonic();
    const clean = (text: string | undefined | null, length?: number) =>
      text ? this.clean(text, options, held, length) : undefined;
    const sentBefore = deadline.sent;
    let status = 0;
    this.#tell('onRequest', about(exchange));
    try {
      deadline.sent = true;
      const init = { method, headers, ...body, signal: deadline.signal, redirect: 'manual' as const };
      const response = await deadline.race(fetch(apiUrl + path, init));
      status = response.status;
      this.#hearTime(response.headers.get('date'));
      const requestId = clean(response.headers.get('x-request-id'), 128);
      const afterMs = retryAfter(response.headers.get('retry-after'), clock);
      const text = await deadline.race(bodyOf(response));
      const durationMs = clock.monotonic() - started;
      this.#tell('onResponse', { ...about(exchange), status, durationMs, ...(requestId && { requestId }) });

      const answer = text === undefined ? 'unreadable' : openEnvelope(status, text);
      if (answer === 'unreadable' || (answer.ok && !(call.answers ?? Boolean)(answer.data))) {
        const message = `${method} ${path}: Talo answered ${status} with something else than documented.`;
        return { error: new TaloTransportError('BAD_RESPONSE', 'unknown', message), again: !call.creates };
      }
      if (answer.ok) return { data: answer.data ?? {} };
      const later = status === 408 || status >= 500;
      // a refusal was not processed; what an earlier attempt did is still unknown
      if (!(call.creates && later)) deadline.sent = sentBefore;
      const failure = {
        status,
        apiCode: clean(answer.apiCode, 64),
        requestId,
        retryAfter: afterMs,
        outcome: call.creates && later ? ('unknown' as const) : undefined,
      };
      const said = clean(answer.message) ?? 'no message';
      const error = new TaloApiError(failure, `${method} ${path}: Talo answered ${status}, ${said}`);
      return { error, again: status === 429 || (later && !call.creates), afterMs };
    } catch (error) {
      if (TaloError.is(error)) throw error;
      const { notSent, code } = networkError(error);
      if (notSent) deadline.sent = sentBefore;
      const what = status ? `the answer (${status}) broke off` : 'no connection to Talo';
      const message = `${method} ${path}: ${what}${clean(code && ` (${code})`) ?? ''}.`;
      const failure = new TaloTransportError('NETWORK', deadline.outcome(), message);
      return { error: failure, again: notSent || !call.creates };
    }
  }

  #tell<Name extends keyof Hooks>(name: Name, told: Parameters<NonNullable<Hooks[Name]>>[0]): void {
    const { hooks } = this.settings;
    const hook = hooks[name] as ((info: typeof told) => unknown) | undefined;
    // a hook observes: neither what it throws nor what it rejects with breaks a call
    (async () => hook?.call(hooks, told))().catch(() => {});
  }
}

function about({ call, attempt }: Exchange): RequestInfo {
  return { method: call.method, path: call.path, attempt };
}

/** What became of getting a token says nothing of the call itself, which has not been sent by then. */
async function tokenWithin(deadline: Deadline, token: Promise<HeldToken>): Promise<HeldToken> {
  try {
    return await deadline.race(token);
  } catch (error) {
    if (!(error instanceof TaloTransportError)) throw error;
    throw new TaloTransportError(error.reason, deadline.outcome(), error.message);
  }
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
