import { type FetchPort, TaloClient, type TaloClientOptions } from '../../src/index.ts';
import type { TestClock } from './clock.ts';

/** The merchant of Talo's documentation. */
export const ACCOUNT = 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6';
export const API = 'http://talo.test';
export const CREDENTIALS = { userId: ACCOUNT, clientId: 'the-client-id', clientSecret: 'the-client-secret' };
export const WEBHOOKS = {
  url: 'https://shop.example/webhooks/talo',
  secret: 'a webhook secret of some length',
} as const;

/** A request as it left the client. */
export interface Sent {
  readonly method: string;
  /** As sent, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of many shapes, asserted by the tests
  readonly body: any;
  readonly token: string | undefined;
  /** Monotonic time. */
  readonly at: number;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly text?: string;
  /** Rejects instead of answering. */
  readonly error?: unknown;
  /** Rejects while the body is read. */
  readonly breaks?: unknown;
  /** Never answers, or never ends the body. */
  readonly hangs?: 'head' | 'body';
}

type Responder = (sent: Sent) => Answer | Promise<Answer>;

export const ok = (data: unknown): Answer => ({ json: { message: 'ok', error: false, code: 200, data } });
export const refused = (status: number, fields: object = {}): Answer => ({
  status,
  json: { message: `refused with ${status}`, error: true, code: `code_${status}`, ...fields },
});
export const lost = (code: string): Answer => ({ error: new TypeError('fetch failed', { cause: { code } }) });
export const hangs: Answer = { hangs: 'head' };

/** `TL-` and a JWT, as Talo makes them; only its claims matter here. */
export function tokenOf(claims: object, prefix = 'TL-'): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${prefix}${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJl`;
}

/** A Talo that answers from a script and remembers what it was sent; it issues tokens and looks at them. */
export class FakeTalo {
  readonly sent: Sent[] = [];
  /** Tokens that are accepted. */
  readonly valid = new Set<string>();
  /** Answers for tokens. */
  issue: Responder;
  readonly #clock: TestClock;
  readonly #routes = new Map<string, Responder[]>();

  constructor(clock: TestClock) {
    this.#clock = clock;
    this.issue = () => ok({ token: this.newToken() });
  }

  newToken(claims: object = {}): string {
    const iat = Math.floor(this.#clock.now() / 1000);
    const token = tokenOf({ jti: this.valid.size + this.sent.length, iat, exp: iat + 3600, ...claims });
    this.valid.add(token);
    return token;
  }

  /** The answers of `GET /payments/x`, in turn; the last one repeats. */
  on(route: string, ...answers: (Answer | Responder)[]): this {
    this.#routes.set(
      route,
      answers.map((answer) => (typeof answer === 'function' ? answer : () => answer)),
    );
    return this;
  }

  /** Requests that went to a route, `GET /payments/x`, queries included. */
  to(route: string): Sent[] {
    return this.sent.filter(({ method, path }) => `${method} ${path.split('?')[0]}` === route);
  }

  get tokenCalls(): Sent[] {
    return this.sent.filter(({ path }) => path.endsWith('/tokens'));
  }

  /** Everything but the token calls, as `GET /path`. */
  get calls(): string[] {
    return this.sent.filter(({ path }) => !path.endsWith('/tokens')).map((s) => `${s.method} ${s.path}`);
  }

  readonly fetch: FetchPort = async (url, init) => {
    const token = init.headers['authorization']?.replace('Bearer ', '');
    const { method, headers, signal } = init;
    const body = init.body === undefined ? undefined : JSON.parse(init.body);
    const path = url.slice(API.length);
    const sent: Sent = { method, path, headers, body, token, at: this.#clock.monotonic(), signal };
    this.sent.push(sent);
    const answer = await this.#answer(sent);
    if ('error' in answer) throw answer.error;
    if (answer.hangs === 'head') return new Promise(() => {});
    const text = answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json));
    return {
      status: answer.status ?? 200,
      headers: new Headers(answer.headers),
      text: () => {
        if ('breaks' in answer) return Promise.reject(answer.breaks);
        return answer.hangs === 'body' ? new Promise(() => {}) : Promise.resolve(text);
      },
    };
  };

  async #answer(sent: Sent): Promise<Answer> {
    if (sent.path === `/users/${ACCOUNT}/tokens`) return this.issue(sent);
    if (sent.token !== undefined && !this.valid.has(sent.token)) {
      return refused(401, { message: 'token expired', code: 'auth_error' });
    }
    const answers = this.#routes.get(`${sent.method} ${sent.path.split('?')[0]}`);
    const answer = answers && (answers.length > 1 ? answers.shift() : answers[0]);
    return answer ? answer(sent) : refused(404, { message: 'not found', code: 'not_found' });
  }

  client(options: TaloClientOptions = {}): TaloClient {
    return new TaloClient({
      environment: { apiUrl: API },
      credentials: CREDENTIALS,
      fetch: this.fetch,
      clock: this.#clock,
      random: () => 0.5,
      ...options,
    });
  }
}

/** What a call failed with; fails itself if it did not. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`It succeeded with ${JSON.stringify(value)}.`);
    },
    (error: unknown) => error,
  );
}
