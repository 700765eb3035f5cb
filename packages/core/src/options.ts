import { type Clock, systemClock } from './clock.ts';
import { TaloConfigError } from './errors/errors.ts';
import type { TokenStore } from './http/access-token.ts';
import { redactor } from './http/failure.ts';
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
  const { environment = 'production', credentials, partner, webhooks, clock = systemClock } = options;
  const hosts = hostsOf(environment);
  const fetch = options.fetch ?? (globalThis.fetch as FetchPort | undefined);
  if (typeof fetch !== 'function')
    throw new TaloConfigError('No fetch here: give one, new TaloClient({ fetch, … }).');
  checkCredentials(credentials, partner);
  const accepted = secretsOf(webhooks?.secret);
  const demoted = secretsOf(webhooks?.demoted);
  if (webhooks) checkWebhooks(webhooks, [...accepted, ...demoted], environment);
  return {
    environment: typeof environment === 'string' ? environment : hosts.apiUrl,
    appUrl: hosts.appUrl,
    clock,
    tokenStore: options.tokenStore,
    partner,
    webhookUrl: webhooks?.url,
    signer: accepted.length > 0 ? new UrlSigner({ accepted, demoted }) : undefined,
    transport: new Transport({
      apiUrl: hosts.apiUrl,
      fetch: (url, init) => fetch(url, init),
      clock,
      random: options.random ?? Math.random,
      timeout: positive('timeout', options.timeout ?? TIMEOUT_MS),
      maxRetries: positive('maxRetries', options.maxRetries ?? MAX_RETRIES, 0),
      userAgent: userAgent(options.appInfo),
      hooks: options.hooks ?? {},
      redact: redactor([...ownSecrets(credentials), ...secretsOf(partner?.secret), ...accepted, ...demoted]),
    }),
  };
}

/** Options from `TALO_*` variables, read when called. */
export function optionsFromEnv(overrides: TaloClientOptions): TaloClientOptions {
  const scope = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const read = (name: string) => scope.process?.env?.[name]?.trim() || undefined;
  const [apiUrl, appUrl, named] = [read('TALO_API_URL'), read('TALO_APP_URL'), read('TALO_ENVIRONMENT')];
  const environment = apiUrl ? { apiUrl, ...(appUrl && { appUrl }) } : named;
  if (typeof environment === 'string' && !(environment in HOSTS)) {
    throw new TaloConfigError(
      'TALO_ENVIRONMENT must be "production" or "sandbox"; for a local Talo set TALO_API_URL.',
    );
  }
  const [userId, clientId, clientSecret] = [
    read('TALO_USER_ID'),
    read('TALO_CLIENT_ID'),
    read('TALO_CLIENT_SECRET'),
  ];
  const partnerId = read('TALO_PARTNER_ID');
  const partnerSecret = read('TALO_PARTNER_SECRET');
  const url = read('TALO_WEBHOOK_URL');
  const secret = read('TALO_WEBHOOK_SECRET')
    ?.split(',')
    .map((part) => part.trim());
  const named3 = { TALO_USER_ID: userId, TALO_CLIENT_ID: clientId, TALO_CLIENT_SECRET: clientSecret };
  const missing = Object.entries(named3).flatMap(([name, value]) => (value ? [] : [name]));
  const purePartner = partnerId !== undefined && missing.length === 3;
  if (missing.length > 0 && !overrides.credentials && !purePartner) {
    throw new TaloConfigError(`Set ${missing.join(', ')} (Talo dashboard → Usuario → Credenciales).`);
  }
  return {
    ...(environment && { environment: environment as Environment }),
    ...(userId && clientId && clientSecret && { credentials: { userId, clientId, clientSecret } }),
    ...(partnerId && { partner: { id: partnerId, ...(partnerSecret && { secret: partnerSecret }) } }),
    ...(url && { webhooks: { url, ...(secret && { secret }) } }),
    ...overrides,
  };
}

function hostsOf(environment: Environment): { readonly apiUrl: string; readonly appUrl: string } {
  if (typeof environment === 'string') {
    const hosts = HOSTS[environment];
    if (hosts === undefined) {
      throw new TaloConfigError(
        "environment must be 'production', 'sandbox' or { apiUrl: 'http://127.0.0.1:4600' }.",
      );
    }
    return hosts;
  }
  const apiUrl = address('environment.apiUrl', environment.apiUrl);
  return { apiUrl, appUrl: environment.appUrl ? address('environment.appUrl', environment.appUrl) : apiUrl };
}

function address(name: string, value: string): string {
  if (!isHttpUrl(value))
    throw new TaloConfigError(`${name} must be an http(s) URL such as "http://127.0.0.1:4600".`);
  return value.replace(/\/+$/, '');
}

export function isHttpUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value);
}

function checkCredentials(credentials: Credentials | undefined, partner: TaloClientOptions['partner']): void {
  if (credentials === undefined) {
    if (partner) return;
    throw new TaloConfigError(
      'Credentials are missing: new TaloClient({ credentials: { userId, clientId, clientSecret } }), or partner: { id, secret } for a partner without an account of its own.',
    );
  }
  const needed = 'accessToken' in credentials ? ['accessToken'] : ['userId', 'clientId', 'clientSecret'];
  const missing = needed.filter((name) => !Reflect.get(credentials, name));
  if (missing.length > 0)
    throw new TaloConfigError(`credentials.${missing.join(', credentials.')} must not be empty.`);
}

function checkWebhooks(
  webhooks: WebhookUrlOptions,
  secrets: readonly string[],
  environment: Environment,
): void {
  if (!isHttpUrl(webhooks.url)) {
    throw new TaloConfigError(
      'webhooks.url must be your public http(s) address, such as "https://shop.example/webhooks/talo".',
    );
  }
  if (secrets.some((secret) => typeof secret !== 'string' || secret === '')) {
    throw new TaloConfigError('webhooks.secret must not be empty: make one with "openssl rand -base64 32".');
  }
  if (environment === 'production' && secrets.some((secret) => secret.length < 16)) {
    throw new TaloConfigError(
      'webhooks.secret is too short to resist guessing: make one with "openssl rand -base64 32".',
    );
  }
}

function secretsOf(secret: string | readonly string[] | undefined): readonly string[] {
  return secret === undefined ? [] : typeof secret === 'string' ? [secret] : secret;
}

function ownSecrets(credentials: Credentials | undefined): readonly string[] {
  if (credentials === undefined) return [];
  if ('clientSecret' in credentials) return [credentials.clientSecret];
  return typeof credentials.accessToken === 'string' ? [credentials.accessToken] : [];
}

function positive(name: string, value: number, least = 1): number {
  if (Number.isFinite(value) && value >= least) return value;
  throw new TaloConfigError(`${name} must be a number from ${least}, received ${String(value)}.`);
}

function userAgent(appInfo: TaloClientOptions['appInfo']): string {
  const app = appInfo ? ` ${appInfo.name}${appInfo.version ? `/${appInfo.version}` : ''}` : '';
  if (/[^\x20-\x7e]/.test(app))
    throw new TaloConfigError('appInfo must be plain ASCII: it becomes a header.');
  return `talo-node/${VERSION}${app}`;
}
