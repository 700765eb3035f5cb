import { atLeast, isHttpUrl, isText, need } from './check.ts';
import { type Clock, systemClock } from './clock.ts';
import type { TokenStore } from './http/access-token.ts';
import { type FetchPort, type Hooks, Transport } from './http/transport.ts';
import { UrlSigner } from './signing/signed-url.ts';
import { VERSION } from './version.ts';

/** Where Talo is: one of its two worlds, or a local one (`sandbox.merchant.environment`). */
export type Environment = 'production' | 'sandbox' | { readonly apiUrl: string; readonly appUrl?: string };

/** Who we are at Talo: Dashboard → Usuario → Credenciales, or a token got elsewhere (talo-api 1, 2). */
export type Credentials =
  | { readonly userId: string; readonly clientId: string; readonly clientSecret: string }
  | {
      /** Needed by every call that names the account; only `payments.get` and the like go without. */
      readonly userId?: string;
      /** A token as it is, or a function that gets a fresh one; it is called again when Talo refuses the last. */
      readonly accessToken: string | (() => Promise<string>);
    };

export interface WebhookUrlOptions {
  /** Your public endpoint: the address that is handed to Talo, signed, with everything created. */
  readonly url: string;
  /** Signs; of a list the first signs and all are accepted. 32 random characters or more. */
  readonly secret?: string | readonly string[];
  /** Secrets that are no longer trusted but still recognised: customers keep their URL for ever. */
  readonly demoted?: readonly string[];
}

export interface TaloClientOptions {
  /** Default `'production'`. */
  readonly environment?: Environment;
  /** Missing only for a partner that works through `forAccount` alone. */
  readonly credentials?: Credentials;
  /** `id` goes with every payment, `secret` is for the code exchange (talo-api 2.2). */
  readonly partner?: { readonly id: string; readonly secret?: string };
  readonly webhooks?: WebhookUrlOptions;
  /** Milliseconds for a whole call, retries included. Default 30000. */
  readonly timeout?: number;
  /** Attempts after the first, where repeating is safe. Default 2. */
  readonly maxRetries?: number;
  /** Default: the global `fetch`. */
  readonly fetch?: FetchPort;
  /** Shares tokens between processes. Default: each client keeps its own. */
  readonly tokenStore?: TokenStore;
  readonly hooks?: Hooks;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** For jitter: a number from 0 up to 1. Default `Math.random`. */
  readonly random?: () => number;
  /** Names your application in the User-Agent. */
  readonly appInfo?: { readonly name: string; readonly version?: string };
}

const TIMEOUT_MS = 30_000;
const MAX_RETRIES = 2;

const HOSTS = {
  production: { apiUrl: 'https://api.talo.com.ar', appUrl: 'https://app.talo.com.ar' },
  sandbox: { apiUrl: 'https://sandbox-api.talo.com.ar', appUrl: 'https://sandbox.talo.com.ar' },
} as const;

/** Options after every default and check; shared by a client and those it makes for other accounts. */
export interface Resolved {
  /** `production`, `sandbox` or the API's URL: part of every key that is stored. */
  readonly environment: string;
  readonly appUrl: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly tokenStore: TokenStore | undefined;
  readonly partner: { readonly id: string; readonly secret?: string } | undefined;
  readonly webhookUrl: string | undefined;
  readonly signer: UrlSigner | undefined;
}

/** @throws TaloConfigError that says what to write instead */
export function resolveOptions(options: TaloClientOptions): Resolved {
  const { environment = 'production', credentials, webhooks, clock = systemClock } = options;
  const fetch: FetchPort | undefined = options.fetch ?? globalThis.fetch;
  option(typeof fetch === 'function', 'fetch');
  const [apiUrl, appUrl] = hostsOf(environment);
  const partner = options.partner && { ...options.partner };
  option(!partner || (isText(partner.id) && partner.secret !== ''), 'partner: { id, secret }');
  option(partner || credentials, 'credentials: { userId, clientId, clientSecret }', 'No credentials');
  if (credentials) checkCredentials(credentials);
  const accepted = [webhooks?.secret ?? []].flat();
  const demoted = [webhooks?.demoted ?? []].flat();
  const secrets = [...accepted, ...demoted];
  if (webhooks) {
    option(isHttpUrl(webhooks.url), "webhooks: { url: 'https://shop.example/webhooks/talo', secret }");
    const asked = webhooks.secret !== undefined || demoted.length > 0;
    const least = environment === 'production' ? 16 : 1;
    const sound = secrets.every((secret) => isText(secret) && secret.length >= least);
    option(
      sound && (accepted.length > 0 || !asked),
      "webhooks: { secret: '…' } from openssl rand -base64 32",
    );
  }
  const { name = '', version = '' } = options.appInfo ?? {};
  option(/^[ -~]*$/.test(name + version), 'appInfo: { name, version } in ASCII');
  return {
    environment: typeof environment === 'string' ? environment : apiUrl,
    appUrl,
    clock,
    tokenStore: options.tokenStore,
    partner,
    webhookUrl: webhooks?.url,
    signer: accepted.length > 0 ? new UrlSigner({ accepted, demoted }) : undefined,
    transport: new Transport({
      apiUrl,
      // not as a method of ours: a browser's fetch minds
      fetch: (url, init) => fetch(url, init),
      clock,
      random: options.random ?? Math.random,
      timeout: atLeast(1, 'timeout', options.timeout ?? TIMEOUT_MS),
      maxRetries: atLeast(0, 'maxRetries', options.maxRetries ?? MAX_RETRIES),
      userAgent: [`talo-node/${VERSION}`, name && (version ? `${name}/${version}` : name)].join(' ').trim(),
      hooks: options.hooks ?? {},
      secrets: [...secrets, ...secretsIn(credentials), ...secretsIn(partner)],
    }),
  };
}

/** @throws TaloConfigError unless `ok` */
function option(ok: unknown, corrected: string, why?: string): asserts ok {
  need(ok, `new TaloClient({ ${corrected} })`, why);
}

function hostsOf(environment: Environment): readonly [apiUrl: string, appUrl: string] {
  const known = typeof environment === 'string' && Object.hasOwn(HOSTS, environment);
  const hosts: Exclude<Environment, string> = known ? HOSTS[environment] : Object(environment);
  const { apiUrl, appUrl = apiUrl } = hosts;
  option(
    isHttpUrl(apiUrl) && isHttpUrl(appUrl),
    "environment: 'production', 'sandbox' or { apiUrl: 'http://127.0.0.1:4600' }",
  );
  return [apiUrl.replace(/\/+$/, ''), appUrl.replace(/\/+$/, '')];
}

function checkCredentials(credentials: Credentials): void {
  const given: object = Object(credentials);
  if ('accessToken' in given) option(isToken(given.accessToken), 'credentials: { userId, accessToken }');
  else {
    const wrong = ['userId', 'clientId', 'clientSecret'].filter((name) => !isText(Reflect.get(given, name)));
    const corrected = 'credentials: { userId, clientId, clientSecret }';
    option(wrong.length === 0, corrected, `Missing or wrong: ${wrong.join(', ')}`);
  }
}

/** A token, or where to get one. */
export function isToken(value: unknown): boolean {
  return isText(value) || typeof value === 'function';
}

/** What must not be printed of what we were given. */
function secretsIn(given: object | undefined): readonly string[] {
  return ['clientSecret', 'accessToken', 'secret']
    .map((name) => Reflect.get(given ?? {}, name))
    .filter(isText);
}

/** Options from `TALO_*` variables, read when called. */
export function optionsFromEnv(overrides: TaloClientOptions): TaloClientOptions {
  const scope = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const read = (name: string) => scope.process?.env?.[`TALO_${name}`]?.trim();
  const environment = read('ENVIRONMENT');
  const [apiUrl, appUrl, id, secret, url] = [
    'API_URL',
    'APP_URL',
    'PARTNER_ID',
    'PARTNER_SECRET',
    'WEBHOOK_URL',
  ].map(read);
  const [userId, clientId, clientSecret] = CREDENTIALS.map(read);
  const secrets = read('WEBHOOK_SECRET');
  const missing = CREDENTIALS.filter((name) => !read(name));
  if (overrides.credentials || (id && missing.length === CREDENTIALS.length)) missing.length = 0;
  if (secret && !id) missing.push('PARTNER_ID');
  if (secrets && !url) missing.push('WEBHOOK_URL');
  const variables = missing.map((name) => `TALO_${name}=…`).join(' ');
  need(missing.length === 0, variables, 'Missing in the environment');
  const named = environment || 'production';
  need(apiUrl || Object.hasOwn(HOSTS, named), 'TALO_ENVIRONMENT=production or sandbox, or TALO_API_URL=…');
  return {
    environment: apiUrl ? { apiUrl, ...(appUrl && { appUrl }) } : (named as Environment),
    ...(userId && clientId && clientSecret && { credentials: { userId, clientId, clientSecret } }),
    ...(id && { partner: { id, ...(secret && { secret }) } }),
    ...(url && { webhooks: { url, ...(secrets && { secret: secrets.split(/\s*,\s*/) }) } }),
    ...overrides,
  };
}

const CREDENTIALS: readonly string[] = ['USER_ID', 'CLIENT_ID', 'CLIENT_SECRET'];
