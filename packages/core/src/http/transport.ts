import type { Clock } from '../clock.ts';
import { TaloApiError, TaloError, TaloTransportError } from '../errors/errors.ts';
import type { Wire } from '../models/read.ts';
import type { AccessToken, HeldToken } from './access-token.ts';
import { Deadline } from './deadline.ts';
import { openEnvelope } from './envelope.ts';
import { networkError, type Redact } from './failure.ts';
import { backoff, retryAfter, worthRepeating } from './retry.ts';

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
  /** A repeated create could create twice: see {@link worthRepeating}. */
  readonly creates?: boolean;
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
  readonly redact: Redact;
}

/** How often one call may come back from a 401 with another token: one from the store, one fresh, one to be sure. */
const MAX_TOKENS = 3;

/** The only I/O of the client: one call, as many attempts as its deadline and its safety allow. */
export class Transport {
  readonly settings: TransportSettings;

  constructor(settings: TransportSettings) {
    this.settings = settings;
  }

  /**
   * @returns the `data` of Talo's answer, or `undefined` where it has none
   * @throws TaloApiError, TaloTransportError
   */
  async send(call: Call, options: CallOptions = {}, token?: AccessToken): Promise<Wire | undefined> {
    const { clock, timeout } = this.settings;
    const deadline = new Deadline(clock, options.timeout ?? timeout, options.signal);
    const progress = { attempt: 0 };
    try {
      return await this.#repeat(call, options, token, deadline, progress);
    } catch (error) {
      if (TaloError.is(error)) this.#tell('onError', { ...info(call, progress.attempt), error });
      throw error;
    } finally {
      deadline.release();
    }
  }

  async #repeat(
    call: Call,
    options: CallOptions,
    token: AccessToken | undefined,
    deadline: Deadline,
    progress: { attempt: number },
  ): Promise<Wire | undefined> {
    const retries = options.maxRetries ?? this.settings.maxRetries;
    // aborted before it began: no token is fetched for it
    await deadline.race(Promise.resolve());
    let held = token && (await this.#token(deadline, token.current()));
    for (let failures = 0, tokens = 1; ; ) {
      progress.attempt++;
      const result = await this.#attempt(call, options, held, deadline, progress.attempt);
      if (!('error' in result)) {
        if (held) token?.worked(held);
        return result.data;
      }
      const { error, again, afterMs } = result;
      if (token && held && tokens < MAX_TOKENS && token.mayBeStale(held, error)) {
        tokens++;
        held = await this.#token(deadline, token.replace(held, error));
        continue;
      }
      const delayMs = afterMs ?? backoff(failures + 1, this.settings.random);
      // waiting past the deadline would only hide the error
      if (!again || failures >= retries || delayMs >= deadline.remainingMs) throw error;
      failures++;
      this.#tell('onRetry', { ...info(call, progress.attempt), delayMs, error });
      await deadline.sleep(delayMs);
    }
  }

  /** What became of getting a token says nothing of the call itself, which has not been sent by then. */
  async #token(deadline: Deadline, token: Promise<HeldToken>): Promise<HeldToken> {
    try {
      return await deadline.race(token);
    } catch (error) {
      if (!(error instanceof TaloTransportError) || error.outcome === deadline.outcome) throw error;
      throw new TaloTransportError(error.reason, deadline.outcome, error.message);
    }
  }

  async #attempt(
    call: Call,
    options: CallOptions,
    held: HeldToken | undefined,
    deadline: Deadline,
    attempt: number,
  ): Promise<{ data: Wire | undefined } | Failed> {
    const { apiUrl, fetch, clock, userAgent } = this.settings;
    const about = info(call, attempt);
    const headers: Record<string, string> = { ...lowerCase(options.headers), accept: 'application/json' };
    headers['user-agent'] = userAgent;
    // without a body no Content-Type: Talo answers 500 to some GETs that carry one (talo-api 3.8)
    if (call.body !== undefined) headers['content-type'] = 'application/json';
    if (held) headers['authorization'] = `Bearer ${held.token}`;
    const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
    const started = clock.monotonic();
    this.#tell('onRequest', about);
    const sentBefore = deadline.sent;
    let status = 0;
    let requestId: string | undefined;
    try {
      deadline.sent = true;
      const init = {
        method: call.method,
        headers,
        ...body,
        signal: deadline.signal,
        redirect: 'manual' as const,
      };
      const response = await deadline.race(fetch(apiUrl + call.path, init));
      status = response.status;
      requestId = response.headers.get('x-request-id')?.slice(0, 128) ?? undefined;
      const afterMs = retryAfter(response.headers.get('retry-after'), clock);
      const text = await deadline.race(response.text());
      this.#tell('onResponse', {
        ...about,
        status,
        durationMs: clock.monotonic() - started,
        ...(requestId !== undefined && { requestId: this.#redact(requestId, options, held) }),
      });
      return this.#judge(call, options, held, deadline, { status, text, afterMs, requestId, sentBefore });
    } catch (error) {
      if (TaloError.is(error)) throw error;
      const { notSent, detail } = networkError(error);
      if (notSent) deadline.sent = sentBefore;
      const where = status === 0 ? 'No connection to Talo' : `The answer (${status}) broke off`;
      const message = `${where}${detail && ` (${detail})`}: ${call.method} ${call.path}.`;
      return {
        error: new TaloTransportError('NETWORK', deadline.outcome, message),
        again: notSent || !call.creates,
      };
    }
  }

  #judge(
    call: Call,
    options: CallOptions,
    held: HeldToken | undefined,
    deadline: Deadline,
    response: {
      status: number;
      text: string;
      afterMs: number | undefined;
      requestId: string | undefined;
      sentBefore: boolean;
    },
  ): { data: Wire | undefined } | Failed {
    const { status, afterMs } = response;
    const what = `${call.method} ${call.path}`;
    const answer = openEnvelope(status, response.text);
    if (answer === 'unreadable') {
      const message = `Talo answered ${status} to ${what} with ${response.text.length} characters that are not its JSON.`;
      return { error: new TaloTransportError('BAD_RESPONSE', 'unknown', message), again: !call.creates };
    }
    if (answer.ok) return { data: answer.data };
    const clean = (text: string | undefined) => text && this.#redact(text, options, held);
    const message = clean(answer.message?.slice(0, 300));
    const ambiguous = call.creates && (status >= 500 || status === 408);
    // a refusal was not processed; what an earlier attempt did is still unknown
    if (!ambiguous) deadline.sent = response.sentBefore;
    const error = new TaloApiError(
      {
        status,
        apiCode: clean(answer.apiCode?.slice(0, 64)),
        requestId: clean(response.requestId),
        retryAfter: afterMs,
        outcome: ambiguous ? 'unknown' : undefined,
      },
      `Talo answered ${status} to ${what}${message ? `: ${message}` : '.'}`,
    );
    return {
      error,
      again: worthRepeating(status, call.creates === true),
      ...(afterMs !== undefined && { afterMs }),
    };
  }

  #redact(text: string, options: CallOptions, held: HeldToken | undefined): string {
    return this.settings.redact(text, [
      ...(held ? [held.token] : []),
      ...Object.values(options.headers ?? {}),
    ]);
  }

  #tell<Name extends keyof Hooks>(name: Name, told: Parameters<NonNullable<Hooks[Name]>>[0]): void {
    try {
      (this.settings.hooks[name] as ((info: typeof told) => void) | undefined)?.(told);
    } catch {
      // a hook observes; it cannot break a call
    }
  }
}

interface Failed {
  readonly error: TaloApiError | TaloTransportError;
  readonly again: boolean;
  readonly afterMs?: number;
}

function info(call: Call, attempt: number): RequestInfo {
  return { method: call.method, path: call.path, attempt };
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
