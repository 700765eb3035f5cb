import { createSandbox, type Sandbox, type SandboxMerchant, type SandboxOptions } from '../../src/index.ts';
import { validatingFetch } from './validating-fetch.ts';

/** An answer of the API, taken apart. `data` is loosely typed: each test asserts what it is about. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of many shapes, asserted by the tests and validated by the document
  readonly body: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly data: any;
}

export interface Api {
  readonly userId: string;
  readonly token: string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  patch(path: string, body: unknown): Promise<Answer>;
}

export interface Notice {
  readonly url: string;
  readonly body: Record<string, string>;
}

export interface Started {
  readonly sandbox: Sandbox;
  readonly api: Api;
  /** What reached the receiver, in order. */
  readonly notices: Notice[];
}

/** A sandbox on a virtual clock, its default merchant logged in, and a receiver that takes everything. */
export async function start(options: SandboxOptions = {}): Promise<Started> {
  const notices: Notice[] = [];
  const sandbox = createSandbox({
    clock: 'virtual',
    receiver: async (request) => {
      notices.push({ url: request.url, body: JSON.parse(await request.text()) });
      return new Response();
    },
    ...options,
  });
  return { sandbox, api: await login(sandbox), notices };
}

export async function login(sandbox: Sandbox, merchant: SandboxMerchant = sandbox.merchant): Promise<Api> {
  const { userId, clientId, clientSecret } = merchant.credentials;
  const body = { client_id: clientId, client_secret: clientSecret };
  const { data } = await call(sandbox, 'POST', `/users/${userId}/tokens`, body);
  return apiFor(sandbox, userId, data.token);
}

export function apiFor(sandbox: Sandbox, userId: string, token: string): Api {
  const authorization = { authorization: `Bearer ${token}` };
  return {
    userId,
    token,
    get: (path, headers) => call(sandbox, 'GET', path, undefined, { ...authorization, ...headers }),
    post: (path, body) => call(sandbox, 'POST', path, body, authorization),
    put: (path, body) => call(sandbox, 'PUT', path, body, authorization),
    patch: (path, body) => call(sandbox, 'PATCH', path, body, authorization),
  };
}

/** One request in process, with request and answer validated. A string body is sent as it is. */
export async function call(
  sandbox: Sandbox,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await validatingFetch(sandbox.fetch)(`${sandbox.merchant.environment.apiUrl}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  const parsed = isJson ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body: parsed, data: parsed.data };
}

export function aCustomer(userId: string, change: object = {}): object {
  return {
    user_id: userId,
    alias: 'abcdabcd',
    customer_id: '123456789',
    name: 'Carla Perez',
    contact: { email: 'carlaperez@gmail.com' },
    webhook_url: 'https://tu-sitio.com/webhooks/talo',
    ...change,
  };
}

export function aPayment(userId: string, change: object = {}): object {
  return {
    user_id: userId,
    price: { amount: 1000, currency: 'ARS' },
    payment_options: ['transfer'],
    external_id: 'FDF_124',
    webhook_url: 'https://tu-sitio.com/webhooks/talo',
    ...change,
  };
}
