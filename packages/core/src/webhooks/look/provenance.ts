import type { Payment } from '../../models/payment.ts';
import type { UrlSigner } from '../../signing/signed-url.ts';
import type { Inbox } from '../inbox/inbox.ts';
import type { Place, World } from '../resource.ts';
import type { ResourceState } from './diff.ts';

/**
 * Whether we made this payment. Creating payments needs no authentication at Talo (talo-api 2.3): anybody can make one
 * with our user id and an order number of ours, and it will be paid, confirmed and real. It is not ours unless we kept
 * its id, or its echoed `webhook_url` carries our MAC for this order at this price.
 */
export type Provenance = 'proven' | 'foreign' | 'unproven';

export async function provenanceOf(
  payment: Payment,
  place: Place,
  before: ResourceState | undefined,
  signer: UrlSigner | undefined,
  inbox: Pick<Inbox, 'recall'>,
): Promise<Provenance> {
  if (payment.userId !== undefined && payment.userId !== place.accountId) return 'foreign';
  // once proven it stays ours: only we can change its price, because that needs our token
  if (before?.proven || (await inbox.recall(trackedPayment(place, payment.id))) !== undefined)
    return 'proven';
  const verified = payment.webhookUrl === undefined ? undefined : signer?.verify(payment.webhookUrl);
  if (typeof verified === 'object' && !verified.demoted) {
    const { kind, account, id, price } = verified.scope;
    const same =
      account === place.accountId && id === payment.externalId && price === payment.price?.centavos;
    if (kind === 'payment' && same) return 'proven';
  }
  if (signer !== undefined) return 'foreign';
  const order = payment.externalId;
  const taken = order !== undefined && (await inbox.recall(trackedOrder(place, order))) !== undefined;
  return taken ? 'foreign' : 'unproven';
}

export function trackedPayment({ environment, accountId }: World, id: string): string {
  return JSON.stringify([environment, accountId, 'payment', id]);
}

export function trackedOrder({ environment, accountId }: World, externalId: string): string {
  return JSON.stringify([environment, accountId, 'order', externalId]);
}
