import { contextOf, type TaloClient } from '../client.ts';
import type { Clock } from '../clock.ts';
import type { Observer } from '../resources/context.ts';
import { inTime } from './in-time.ts';
import type { ClientOptions } from './options.ts';
import type { Endpoint } from './receive/receive.ts';

/** `clientFor` may ask a database, and must not hold a place of a look or a handler for ever. */
const CLIENT_MS = 10_000;

/** Finds the client of an account, the only one or one of many, and hears of what each of them creates. */
export class Clients {
  /** Of an engine with one account. */
  readonly only: TaloClient | undefined;
  readonly #find: (
    accountId: string,
  ) => ReturnType<Extract<ClientOptions, { clientFor: unknown }>['clientFor']>;
  readonly #clock: Clock;
  readonly #observe: Observer;
  readonly #heard = new Set<TaloClient>();

  constructor(options: ClientOptions, clock: Clock, observe: Observer) {
    this.#clock = clock;
    this.#observe = observe;
    if ('client' in options) {
      const { client } = options;
      this.only = client;
      this.#find = (accountId) => (client.accountId === accountId ? client : undefined);
      this.#hear(client);
    } else {
      this.#find = (accountId) => options.clientFor(accountId);
    }
  }

  /** @throws TaloWebhookError if `clientFor` takes too long */
  async of(accountId: string | undefined): Promise<TaloClient | undefined> {
    if (accountId === undefined) return undefined;
    const found = this.#find(accountId);
    const slow = typeof found === 'object' && found !== null && 'then' in found;
    const client = slow ? await inTime(this.#clock, CLIENT_MS, found, () => 'clientFor') : found;
    // a database's way to say no
    if (client === null || client === undefined) return undefined;
    this.#hear(client);
    return client;
  }

  /** Whose endpoint it is: the one account's, or the one that a request claims to be for. */
  async endpointFor(claimed: () => string | undefined): Promise<Endpoint | undefined> {
    const client = this.only ?? (await this.of(claimed()));
    if (client === undefined) return undefined;
    const { environment, userId, signer } = client[contextOf];
    return { environment, accountId: userId, signer };
  }

  /** Hears no more. */
  release(): void {
    for (const client of this.#heard) client[contextOf].observers.delete(this.#observe);
    this.#heard.clear();
  }

  #hear(client: TaloClient): void {
    client[contextOf].observers.add(this.#observe);
    this.#heard.add(client);
  }
}
