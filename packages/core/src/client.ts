import { isText, need } from './check.ts';
import { TaloTransportError } from './errors/errors.ts';
import { AccessToken } from './http/access-token.ts';
import { within } from './http/deadline.ts';
import { path } from './http/path.ts';
import type { Call } from './http/transport.ts';
import {
  type Credentials,
  isToken,
  optionsFromEnv,
  type Resolved,
  resolveOptions,
  type TaloClientOptions,
} from './options.ts';
import { AccountResource } from './resources/account.ts';
import { type Context, contextOf, signedUrl } from './resources/context.ts';
import { Customers } from './resources/customers.ts';
import { Faucet } from './resources/faucet.ts';
import { Partners } from './resources/partners.ts';
import { Payments } from './resources/payments.ts';
import { Transactions } from './resources/transactions.ts';

export { contextOf };

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
  constructor(options: TaloClientOptions) {
    const given: TaloClientOptions = Object(options);
    const made: Context | undefined = Reflect.get(given, contextOf);
    const context = made ?? contextFor(resolveOptions(given), given.credentials);
    this.#context = context;
    this.customers = new Customers(context);
    this.payments = new Payments(context);
    this.transactions = new Transactions(context);
    this.account = new AccountResource(context);
    this.partners = new Partners(context);
    this.faucet = new Faucet(context);
  }

  /**
   * A client from `TALO_ENVIRONMENT` or `TALO_API_URL` (and `TALO_APP_URL`), `TALO_USER_ID`, `TALO_CLIENT_ID`, `TALO_CLIENT_SECRET`,
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
    const sound = isText(account?.userId) && isToken(account.accessToken);
    need(sound, 'talo.forAccount({ userId, accessToken })');
    const inner: TaloClientOptions & { readonly [contextOf]: Context } = {
      [contextOf]: contextFor(this.#context, account),
    };
    return new TaloClient(inner);
  }

  /**
   * The signed address that a partner registers at Talo for `account_activated` (talo-api 4, 7). It tells of any merchant,
   * so the engine behind it needs `clientFor`: with one `client` it hears of that account alone.
   */
  webhookUrl({ kind }: { readonly kind: 'account' }): string {
    const { partner, userId } = this.#context;
    const id = partner?.id ?? userId;
    need(id, 'credentials: { userId, … } or partner: { id }', 'No account');
    const url = signedUrl(this.#context, undefined, { kind, account: partner ? '' : id, id });
    need(url, 'new TaloClient({ webhooks: { url, secret } })', 'No address');
    return url;
  }

  /** @internal */
  get [contextOf](): Context {
    return this.#context;
  }
}

/** @param shared the options, and of another client what is shared with it */
function contextFor(shared: Resolved & Partial<Context>, credentials: Credentials | undefined): Context {
  return {
    observers: new Set(),
    doubtfulRefunds: new Set(),
    creations: new Map(),
    ...shared,
    userId: credentials?.userId,
    token: credentials && tokenFor(shared, credentials),
  };
}

function tokenFor({ clock, transport, tokenStore }: Resolved, credentials: Credentials): AccessToken {
  if ('accessToken' in credentials) {
    const { accessToken } = credentials;
    if (typeof accessToken === 'string') return new AccessToken({ clock, fetch: accessToken });
    const { timeout } = transport.settings;
    const fetch = async (): Promise<string> => {
      // what the application's function throws is not shown: it may hold the secret it was fetching
      const token = await within(clock, timeout, Promise.resolve().then(accessToken), '');
      if (isText(token)) return token;
      throw new TaloTransportError('NETWORK', 'not-sent', 'The accessToken function gave no token.');
    };
    return new AccessToken({ clock, fetch });
  }
  const { userId, clientId, clientSecret } = credentials;
  const body = { client_id: clientId, client_secret: clientSecret };
  const answers: Call['answers'] = (data) => isText(data?.['token']);
  const fetch = async (): Promise<string> => {
    const call: Call = { method: 'POST', path: path`/users/${userId}/tokens`, body, answers };
    return String((await transport.send(call))['token']);
  };
  const key = ['talo-token', transport.settings.apiUrl, userId, clientId].map(encodeURIComponent).join(':');
  return new AccessToken({ clock, fetch, share: tokenStore && { store: tokenStore, key } });
}
