import type { Payment } from '../../models/payment.ts';
import type { UrlSigner } from '../../signing/signed-url.ts';
import type { Inbox } from '../inbox/inbox.ts';
import type { Place, World } from '../resource.ts';
import type { ResourceState } from './state.ts';

/**
 * Whether we made this payment. Creating payments needs no authentication at Talo (talo-api 2.3): anybody can make one
 * with our user id and an order number of ours, and it will be paid, confirmed and real. It is not ours unless we kept
 * its id, or its echoed `webhook_url` carries our MAC for this order at this price.
 */
export type Provenance = 'proven' | 'unproven' | ForeignReason;

/**
 * Why a payment is not taken for ours: it names another account; nothing of ours signs it; only a demoted secret does;
 * we made the order under another id; or it is signed for this order at another price. The last is either a stranger's
 * copy of our URL, or our own payment that a process without this inbox re-priced: then `track` it.
 */
export type ForeignReason = 'other-account' | 'not-signed' | 'demoted' | 'other-id' | 'price-differs';

export async function provenanceOf(
  payment: Payment,
  place: Place,
  before: ResourceState | undefined,
  signer: UrlSigner | undefined,
  inbox: Pick<Inbox, 'recall'>,
): Promise<Provenance> {
  if (payment.userId !== place.accountId) return 'other-account';
  // once proven it stays ours: only we can change its price, because that needs our token
  if (before?.proven || (await inbox.recall(trackedPayment(place, payment.id))) !== undefined)
    return 'proven';
  const verified = payment.webhookUrl === undefined ? undefined : signer?.verify(payment.webhookUrl);
  if (typeof verified === 'object') {
    const { kind, account, id, price } = verified.scope;
    const signed = kind === 'payment' && account === place.accountId && id === payment.externalId;
    if (signed && verified.demoted) return 'demoted';
    if (signed) return price === payment.price?.centavos ? 'proven' : 'price-differs';
  }
  if (signer !== undefined) return 'not-signed';
  const order = payment.externalId;
  const taken = order !== undefined && (await inbox.recall(trackedOrder(place, order))) !== undefined;
  return taken ? 'other-id' : 'unproven';
}

export function trackedPayment({ environment, accountId }: World, id: string): string {
  return JSON.stringify([environment, accountId, 'payment', id]);
}

export function trackedOrder({ environment, accountId }: World, externalId: string): string {
  return JSON.stringify([environment, accountId, 'order', externalId]);
}
