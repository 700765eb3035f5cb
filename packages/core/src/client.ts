import { TaloConfigError, TaloTransportError } from './errors/errors.ts';
import { AccessToken, tokenKey } from './http/access-token.ts';
import { path } from './http/path.ts';
import { text } from './models/read.ts';
import {
  type Credentials,
  optionsFromEnv,
  type Resolved,
  resolveOptions,
  type TaloClientOptions,
} from './options.ts';
import { AccountResource } from './resources/account.ts';
import { type Context, signedUrl } from './resources/context.ts';
import { Customers } from './resources/customers.ts';
import { Faucet } from './resources/faucet.ts';
import { Partners } from './resources/partners.ts';
import { Payments } from './resources/payments.ts';
import { Transactions } from './resources/transactions.ts';

/**
 * How the webhook engine, an entry point of its own, reaches what a client keeps to itself. Registered, so that the ESM
 * and the CommonJS copy agree on it.
 */
export const contextOf: unique symbol = Symbol.for('@talo/core/context') as never;

/**
 * Talo's API for one account. Options are resolved once, here; nothing is sent and nothing is read from the
 * environment before a method is called.
 *
 * @example
 * const talo = new TaloClient({
 *   environment: 'sandbox',
 *   credentials: { userId, clientId, clientSecret },
 *   webhooks: { url: 'https://shop.example/webhooks/talo', secret },
 * });
 * const customer = await talo.customers.ensure({ customerId: '42', alias: 'carla', name: 'Carla Pérez', email });
 */
export class TaloClient {
  readonly customers: Customers;
  readonly payments: Payments;
  readonly transactions: Transactions;
  readonly account: AccountResource;
  readonly partners: Partners;
  readonly faucet: Faucet;
  readonly #context: Context;

  /** @throws TaloConfigError that says what to write instead */
  constructor(options: TaloClientOptions);
  constructor(options: TaloClientOptions | Context) {
    const context =
      'transport' in options ? options : contextFor(resolveOptions(options), options.credentials);
    this.#context = context;
    this.customers = new Customers(context);
    this.payments = new Payments(context);
    this.transactions = new Transactions(context);
    this.account = new AccountResource(context);
    this.partners = new Partners(context);
    this.faucet = new Faucet(context);
  }

  /**
   * A client from `TALO_ENVIRONMENT` or `TALO_API_URL`, `TALO_USER_ID`, `TALO_CLIENT_ID`, `TALO_CLIENT_SECRET`,
   * `TALO_PARTNER_ID`, `TALO_PARTNER_SECRET`, `TALO_WEBHOOK_URL`, `TALO_WEBHOOK_SECRET` (several by comma, the first
   * signs). They are read when this is called.
   * @param overrides options that win over the environment
   * @throws TaloConfigError naming the variables that are missing
   */
  static fromEnv(overrides: TaloClientOptions = {}): TaloClient {
    return new TaloClient(optionsFromEnv(overrides));
  }

  /** Talo's user id of the account, where the credentials gave one. */
  get accountId(): string | undefined {
    return this.#context.userId;
  }

  /** `production`, `sandbox` or the API's URL. */
  get environment(): string {
    return this.#context.environment;
  }

  /**
   * A client for another account, made at run time: shares transport, hooks, token store and webhooks, and nothing
   * else. `accessToken` is the one of `partners.exchangeCode`, or a function that gets a fresh one.
   */
  forAccount(account: {
    readonly userId: string;
    readonly accessToken: string | (() => Promise<string>);
  }): TaloClient {
    if (!account.userId || !account.accessToken) {
      throw new TaloConfigError('forAccount needs both: talo.forAccount({ userId, accessToken }).');
    }
    return new TaloClient(contextFor(this.#context, account) as Context & TaloClientOptions);
  }

  /** The signed address that a partner registers at Talo for `account_activated` (talo-api 4, 7). */
  webhookUrl(scope: { readonly kind: 'account' }): string {
    const { partner, userId } = this.#context;
    const id = partner?.id ?? userId ?? '';
    const url = signedUrl(this.#context, undefined, { kind: scope.kind, account: partner ? '' : id, id });
    if (url === undefined)
      throw new TaloConfigError('Set the address: new TaloClient({ webhooks: { url, secret } }).');
    return url;
  }

  /** @internal */
  get [contextOf](): Context {
    return this.#context;
  }
}

function contextFor(shared: Resolved & Partial<Context>, credentials: Credentials | undefined): Context {
  return {
    ...shared,
    userId: credentials?.userId,
    token: credentials && tokenFor(shared, credentials),
    observers: shared.observers ?? new Set(),
    doubtfulRefunds: shared.doubtfulRefunds ?? new Set(),
    ensuring: shared.ensuring ?? new Map(),
  };
}

function tokenFor(shared: Resolved, credentials: Credentials): AccessToken {
  const { clock, transport, tokenStore } = shared;
  if ('accessToken' in credentials) {
    const { accessToken } = credentials;
    return typeof accessToken === 'string'
      ? new AccessToken({ clock, initial: accessToken, fetch: undefined })
      : new AccessToken({ clock, fetch: () => fromFunction(accessToken) });
  }
  const { userId, clientId, clientSecret } = credentials;
  const fetch = async (): Promise<string> => {
    const body = { client_id: clientId, client_secret: clientSecret };
    const data = await transport.send({ method: 'POST', path: path`/users/${userId}/tokens`, body });
    const token = text(data?.['token']);
    if (token !== undefined) return token;
    throw new TaloTransportError('BAD_RESPONSE', 'not-sent', "Talo's answer to the token call has no token.");
  };
  const share = tokenStore && {
    store: tokenStore,
    key: tokenKey(transport.settings.apiUrl, userId, clientId),
  };
  return new AccessToken({ clock, fetch, ...(share && { share }) });
}

/** What the application's function throws is not shown: it may hold the secret it was fetching. */
async function fromFunction(get: () => Promise<string>): Promise<string> {
  let failure = 'returned no token';
  try {
    const token = await get();
    if (typeof token === 'string' && token !== '') return token;
  } catch (error) {
    failure = `threw ${error instanceof Error ? error.name : typeof error}`;
  }
  throw new TaloTransportError('NETWORK', 'not-sent', `The accessToken function ${failure}.`);
}
