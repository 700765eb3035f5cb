import type { TaloClient } from '../client.ts';
import type { Account } from '../models/account.ts';
import type { Customer } from '../models/customer.ts';
import type { Payment } from '../models/payment.ts';
import { trackedOrder, trackedPayment } from './look/provenance.ts';
import { trackedCvu } from './reconcile/balances.ts';
import { keyOf } from './resource.ts';

/** What `track` takes: objects as the client returns them; of an account, to hear when it is activated. */
export type Trackable = Payment | Customer | Account;

export interface Tracked {
  /** What to remember: that these are ours, and whose CVU is whose. */
  readonly entries: readonly { readonly key: string; readonly value: string }[];
  /** Keys of what can be looked at. */
  readonly keys: readonly string[];
}

export function trackedOf(made: Trackable, client: TaloClient, accountId: string): Tracked {
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
