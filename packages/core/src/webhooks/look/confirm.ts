import { contextOf, type TaloClient } from '../../client.ts';
import type { Clock } from '../../clock.ts';
import { TaloTransportError } from '../../errors/errors.ts';
import type { CallOptions } from '../../http/transport.ts';
import type { TaloEvent } from '../events.ts';
import type { HintClaim, Inbox } from '../inbox/inbox.ts';
import { nextAccountLook, nextPaymentLook } from '../reconcile/schedule.ts';
import type { Place, Resource } from '../resource.ts';
import { type Difference, diffAccount, diffForeign, diffPayment, diffTransfer } from './diff.ts';
import { keptAs } from './found-as.ts';
import { provenanceOf } from './provenance.ts';
import { readRefunds, refundsKey } from './refunds.ts';
import type { ResourceState, Seen } from './state.ts';

export interface ConfirmPorts {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Money that is older than this was there before us: it is kept as baseline, unless Talo notifies of it. */
  readonly since: (accountId: string, environment: string) => Promise<number>;
}

/** Stale snapshots in a row after which the look is over: one that lacks a transfer is then taken at its word. */
export const MAX_STALE = 6;
const HOUR_MS = 3_600_000;
/** A look ends well before its lease. */
const LOOK_TIMEOUT_MS = 20_000;
const OPEN: ReadonlySet<string> = /* @__PURE__ */ new Set(['PENDING', 'UNDERPAID']);

/**
 * Asks Talo for a resource and holds the answer against what is known of it.
 * @returns the difference, or as what the resource is to be looked at instead
 */
export async function confirm(
  claim: HintClaim,
  place: Place,
  client: TaloClient,
  { inbox, clock, signal, since }: ConfirmPorts,
): Promise<Difference | Resource> {
  const { resource } = place;
  const options: CallOptions = { signal, maxRetries: 0, timeout: LOOK_TIMEOUT_MS };
  // asked after Talo has answered, which tells its time
  const seen = async (origin: TaloEvent['origin']): Promise<Seen> => {
    const first = await since(place.accountId, place.environment);
    const notified = claim.origin === 'webhook';
    // what anybody can say makes no news of what was there long before us
    const baseline = notified && claim.authenticated ? {} : { baseline: first - (notified ? HOUR_MS : 0) };
    return { place, origin, at: new Date(clock.now()), ...baseline };
  };
  const before = async (): Promise<ResourceState | undefined> => {
    const state = await inbox.state(claim.key);
    return state === undefined ? undefined : JSON.parse(state);
  };
  switch (resource.kind) {
    case 'payment': {
      const read = (id: string) => client.payments.get(id, options);
      const payment = await read(resource.id);
      if (payment.userId === undefined) {
        throw new TaloTransportError(
          'BAD_RESPONSE',
          'unknown',
          "Talo's answer does not say whose payment it is.",
        );
      }
      const known = await before();
      const nameOf = async (id: string) => (await read(id)).id;
      const id = await keptAs(place, payment.id, known !== undefined, nameOf, inbox);
      if (id !== resource.id) return { ...resource, id };
      const provenance = await provenanceOf(payment, place, known, client[contextOf].signer, inbox);
      if (provenance !== 'proven' && provenance !== 'unproven') {
        return diffForeign(known, payment, provenance, await seen(claim.origin));
      }
      const seenNow = await seen(provenance === 'proven' ? claim.origin : 'unproven');
      const rows = readRefunds(await inbox.recall(refundsKey(place, resource.id)));
      const final = (known?.stale ?? 0) >= MAX_STALE;
      const difference = diffPayment(known, payment, { ...seenNow, final }, rows);
      const again = (now: number) => nextPaymentLook(payment, now);
      const news = OPEN.has(payment.status) ? 'awaited' : 'possible';
      return { ...difference, state: { ...difference.state, proven: provenance === 'proven' }, news, again };
    }
    case 'transfer': {
      const read = (id: string) => client.customers.getTransaction(resource.customerId, id, options);
      const transaction = await read(resource.id);
      const known = await before();
      const nameOf = async (id: string) => (await read(id)).transactionId;
      const id = await keptAs(place, transaction.transactionId, known !== undefined, nameOf, inbox);
      if (id !== resource.id) return { ...resource, id };
      return diffTransfer(known, transaction, await seen(claim.origin), resource.customerId);
    }
    case 'account': {
      const account = await client.account.get(options);
      const again = (now: number) => nextAccountLook(account, now);
      const difference = diffAccount(await before(), account, await seen(claim.origin));
      return { ...difference, ...(account.status === 'PENDING' && { news: 'awaited' }), again };
    }
  }
}
