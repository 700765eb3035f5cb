import { contextOf, type TaloClient } from '../client.ts';
import { TaloConfigError } from '../errors/errors.ts';
import type { Context } from '../resources/context.ts';
import type { Mode, TaloWebhooksOptions } from './options.ts';

/** What the options say, once they can be worked with. */
export interface Checked {
  /** The one client, unless `clientFor` finds one for each account. */
  readonly client: TaloClient | undefined;
  readonly context: Context | undefined;
  /** Whether notifications can be expected to be signed. */
  readonly secret: boolean;
}

/** @throws TaloConfigError that says what to write instead */
export function checkOptions<Tx, M extends Mode>(options: TaloWebhooksOptions<Tx, M> | undefined): Checked {
  const { client, clientFor, inbox, unsigned } = (options ?? {}) as {
    readonly client?: TaloClient;
    readonly clientFor?: unknown;
    readonly inbox?: unknown;
    readonly unsigned?: unknown;
  };
  const usual = 'new TaloWebhooks({ client: talo, inbox: memoryInbox() })';
  if (client === undefined && typeof clientFor !== 'function')
    throw new TaloConfigError(`Give a client: ${usual}.`);
  if (inbox === undefined) throw new TaloConfigError(`Give an inbox: ${usual}.`);
  if (client !== undefined && !client.accountId) {
    throw new TaloConfigError(
      'Webhooks need to know the account: give the client credentials.userId, or many accounts: new TaloWebhooks({ clientFor, inbox }).',
    );
  }
  if (
    unsigned !== undefined &&
    unsigned !== 'refuse' &&
    unsigned !== 'accept' &&
    typeof unsigned !== 'function'
  ) {
    throw new TaloConfigError("unsigned must be 'refuse', 'accept' or a function of the hint.");
  }
  const context = client?.[contextOf];
  const secret = client === undefined || context?.signer !== undefined;
  if (!secret && context?.environment === 'production' && unsigned === undefined) {
    throw new TaloConfigError(
      "In production webhooks must be signed: new TaloClient({ webhooks: { url, secret }, … }). To go without, say so: unsigned: 'accept'.",
    );
  }
  return { client, context, secret };
}
