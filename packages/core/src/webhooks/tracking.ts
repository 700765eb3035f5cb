import type { TaloClient } from '../client.ts';
import { TaloConfigError } from '../errors/errors.ts';
import type { Account } from '../models/account.ts';
import type { Customer } from '../models/customer.ts';
import type { Payment } from '../models/payment.ts';
import type { Clients } from './clients.ts';
import type { Inbox } from './inbox/inbox.ts';
import { trackedOrder, trackedPayment } from './look/provenance.ts';
import { trackedCvu } from './reconcile/balances.ts';
import { keyOf } from './resource.ts';

/** What `track` takes: objects as the client returns them; of an account, to hear when it is activated. */
export type Trackable = Payment | Customer | Account;

export interface TrackingPorts {
  readonly inbox: Pick<Inbox, 'remember'>;
  readonly clients: Clients;
  /** Settles from when on money of an account is news. */
  readonly since: (accountId: string, environment: string) => Promise<unknown>;
}

/**
 * Remembers objects as ours.
 * @param owner account of those that do not say themselves whose they are; default: the only one, where there is but one
 * @param after called with the key of each that can be looked at
 * @throws TaloConfigError, with nothing remembered, where it is not known whose one is, or its account has no client
 */
export async function remember(
  objects: readonly Trackable[],
  owner: string | undefined,
  { inbox, clients, since }: TrackingPorts,
  after: (key: string) => Promise<void>,
): Promise<void> {
  const owned: { readonly made: Trackable; readonly client: TaloClient; readonly accountId: string }[] = [];
  for (const made of objects) {
    const named = 'userId' in made ? made.userId : undefined;
    const accountId = named ?? owner ?? clients.only?.accountId;
    // a customer does not say whose it is
    if (accountId === undefined) {
      throw new TaloConfigError('Say whose they are: webhooks.track([customer], { accountId }).');
    }
    const client = await clients.of(accountId);
    if (client === undefined)
      throw new TaloConfigError(`No client for account ${accountId}: nothing was tracked.`);
    owned.push({ made, client, accountId });
  }
  for (const { made, client, accountId } of owned) {
    // before the first of its money can come
    await since(accountId, client.environment);
    const { entries, keys } = trackedOf(made, client, accountId);
    await inbox.remember(entries);
    for (const key of keys) await after(key);
  }
}

interface Tracked {
  /** What to remember: that these are ours, and whose CVU is whose. */
  readonly entries: readonly { readonly key: string; readonly value: string }[];
  /** Keys of what can be looked at. */
  readonly keys: readonly string[];
}

function trackedOf(made: Trackable, client: TaloClient, accountId: string): Tracked {
  const world = { environment: client.environment, accountId };
  if ('customerId' in made) {
    const { cvu, customerId } = made;
    return {
      entries: cvu === undefined ? [] : [{ key: trackedCvu(world, cvu), value: customerId }],
      keys: [],
    };
  }
  if (!('price' in made))
    return { entries: [], keys: [keyOf({ ...world, resource: { kind: 'account', id: accountId } })] };
  const { id, externalId, price, cvu } = made;
  const anchor = JSON.stringify({ price: price?.centavos, cvu });
  const entries = [{ key: trackedPayment(world, id), value: anchor }];
  if (externalId !== undefined) entries.push({ key: trackedOrder(world, externalId), value: id });
  return { entries, keys: [keyOf({ ...world, resource: { kind: 'payment', id } })] };
}
