import type { Clock } from '../../clock.ts';
import { encodeEvent, type TaloEvent } from '../events.ts';
import type { Credit, HintClaim, Inbox, StoredEvent } from '../inbox/inbox.ts';
import type { Place } from '../resource.ts';
import type { Difference } from './diff.ts';

export interface CommitPorts {
  readonly inbox: Inbox;
  readonly clock: Clock;
  /** The handlers registered for an event, by name. */
  readonly handlersOf: (type: TaloEvent['type'], accountId: string) => readonly string[];
}

/** Commit 1: the state, the credits and the events of a look, for the handlers that are registered by now. */
export async function commit(
  claim: HintClaim,
  place: Place,
  difference: Difference,
  ports: CommitPorts,
): Promise<void> {
  const now = ports.clock.now();
  const { environment, accountId, resource } = place;
  const handlersOf = (type: TaloEvent['type']) => ports.handlersOf(type, place.accountId);
  const told = difference.events.filter(({ type }) => handlersOf(type).length > 0).map(({ type }) => type);
  const events = difference.events.map((event): StoredEvent => {
    const { id, type } = event;
    const unheard = isMoney(event) &&
      !told.some((heard) => heard === type || ledToBy(type).has(heard)) && {
        unheard: 'no handler is registered for the events of this transfer',
      };
    return {
      id,
      type,
      key: claim.key,
      payload: encodeEvent(event),
      handlers: handlersOf(type),
      ...(unheard || {}),
    };
  });
  const holder =
    resource.kind === 'transfer'
      ? { customerId: resource.customerId }
      : resource.kind === 'payment'
        ? { paymentId: difference.id }
        : {};
  const credits = difference.credits.map(({ kind, transactionId, amounts, madeAt, name }): Credit => {
    const owner = resource.kind === 'transfer' ? resource.customerId : difference.id;
    return {
      key: JSON.stringify([environment, accountId, resource.kind, owner, ...name]),
      kind,
      environment,
      accountId,
      ...holder,
      transactionId,
      ...amounts,
      ...(madeAt && { madeAt: madeAt.getTime() }),
      at: now,
    };
  });
  await ports.inbox.commit({ claim, state: JSON.stringify(difference.state), credits, events, now });
}

/** What else of one look tells of a transfer that came. That the payment ended is no news of its money. */
const OF_ARRIVAL: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'payment.paid',
  'payment.succeeded',
  'payment.overpaid',
  'payment.underpaid',
  'payment.updated',
]);
/** What else tells of one that went back. */
const OF_RETURN: ReadonlySet<string> = /* @__PURE__ */ new Set([...OF_ARRIVAL, 'payment.refunded']);
const NOTHING: ReadonlySet<string> = /* @__PURE__ */ new Set();

/** Events by which whoever has no handler for this one hears of it all the same, where one look found both. */
function ledToBy(type: TaloEvent['type']): ReadonlySet<string> {
  if (type === 'payment.transfer') return OF_ARRIVAL;
  return type === 'transfer.reversed' ? OF_RETURN : NOTHING;
}

/** Why a payment is foreign that may be ours, or was. */
const OURS_PERHAPS: ReadonlySet<string> = /* @__PURE__ */ new Set(['price-differs', 'replaced']);

/** What somebody must hear of. A foreign payment is a stranger's business, unless it may be ours. */
function isMoney(event: Difference['events'][number]): boolean {
  if (event.type === 'payment.foreign') return 'reason' in event && OURS_PERHAPS.has(String(event.reason));
  return event.type === 'transfer.reversed' || event.type.endsWith('.transfer');
}
