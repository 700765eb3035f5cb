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
 * we made the order under another id; it is signed for this order at another price; or it has the id of ours and is
 * another payment (`replaced`: its CVU is another, or its price with nothing of ours that signs it; an old address of
 * ours signs no price that we have changed since). Another price is
 * either a stranger's copy of our URL, or our own payment that a process without this inbox re-priced: then `track` it.
 */
export type ForeignReason =
  | 'other-account'
  | 'not-signed'
  | 'demoted'
  | 'other-id'
  | 'price-differs'
  | 'replaced';

/** What we remember of a payment that is ours. */
interface Anchor {
  readonly price?: number | undefined;
  readonly cvu?: string | undefined;
}

export async function provenanceOf(
  payment: Payment,
  place: Place,
  before: ResourceState | undefined,
  signer: UrlSigner | undefined,
  inbox: Pick<Inbox, 'recall'>,
): Promise<Provenance> {
  if (payment.userId !== place.accountId) return 'other-account';
  const tracked = await inbox.recall(trackedPayment(place, payment.id));
  const anchor: Anchor | undefined =
    tracked !== undefined ? JSON.parse(tracked) : before?.proven ? before : undefined;
  const verified = payment.webhookUrl === undefined ? undefined : signer?.verify(payment.webhookUrl);
  if (typeof verified === 'object') {
    const { kind, account, id, price } = verified.scope;
    const signed = kind === 'payment' && account === place.accountId && id === payment.externalId;
    // to change the price of ours takes our token, which does not change whose it is
    if (anchor !== undefined && signed && same(anchor.cvu, payment.cvu)) return 'proven';
    if (signed && verified.demoted) return 'demoted';
    if (signed && price !== payment.price?.centavos) return 'price-differs';
    // at the price of an address that is older than our own new price, and with another CVU
    if (signed) return anchor === undefined || same(anchor.price, price) ? 'proven' : 'replaced';
  }
  if (anchor !== undefined) {
    // whoever creates it anew under our id, where Talo lets him, sets its price too
    const unsigned = signer !== undefined && payment.webhookUrl !== undefined;
    const repriced = unsigned && !same(anchor.price, payment.price?.centavos);
    return same(anchor.cvu, payment.cvu) && !repriced ? 'proven' : 'replaced';
  }
  if (signer !== undefined) return 'not-signed';
  const order = payment.externalId;
  const taken = order !== undefined && (await inbox.recall(trackedOrder(place, order))) !== undefined;
  return taken ? 'other-id' : 'unproven';
}

/** As far as both are known. */
function same<T>(ours: T | undefined, theirs: T | undefined): boolean {
  return ours === undefined || theirs === undefined || ours === theirs;
}

export function trackedPayment({ environment, accountId }: World, id: string): string {
  return JSON.stringify([environment, accountId, 'payment', id]);
}

export function trackedOrder({ environment, accountId }: World, externalId: string): string {
  return JSON.stringify([environment, accountId, 'order', externalId]);
}
