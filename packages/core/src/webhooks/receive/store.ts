import type { Clock } from '../../clock.ts';
import { composedId } from '../../resources/payment-id.ts';
import { type Budget, type Lane, laneOf, laneOfOrder } from '../guard/budget.ts';
import type { Hint, Inbox } from '../inbox/inbox.ts';
import { trackedOrder } from '../look/provenance.ts';
import { keyOf, type Place } from '../resource.ts';

export interface StorePorts {
  readonly clock: Clock;
  readonly budget: Budget;
  readonly put: (hint: Hint) => ReturnType<Inbox['put']>;
  readonly recall: Inbox['recall'];
}

/**
 * Stores a hint, for a look as soon as its lane can pay for one. What a lane has no more room for takes one of the few
 * rows of strangers, so that whoever has one URL of ours can fill neither memory nor disk.
 * @param order whose URL it came by, where that was an order's
 * @returns `crowded` where not even there is room, or the order's URL brought too many payments of others
 */
export async function store(
  place: Place,
  authenticated: boolean,
  order: string | undefined,
  ports: StorePorts,
): Promise<'stored' | 'coalesced' | 'crowded'> {
  const { clock, budget, put, recall } = ports;
  const [at, now] = [clock.now(), clock.monotonic()];
  let stray = strayLane(place, order);
  if (stray !== undefined && budget.take(stray, now) > 0) {
    budget.giveBack(stray);
    const own = order !== undefined && (await recall(trackedOrder(place, order))) === place.resource.id;
    if (!own) return 'crowded';
    stray = undefined;
  }
  const lane = laneOf(place, authenticated);
  const full = authenticated && budget.full(lane, now);
  const wait = budget.take(lane, now);
  const hint: Hint = { key: keyOf(place), authenticated, origin: 'webhook', at };
  const queued: Hint = { ...hint, authenticated: authenticated && !full, due: at + wait };
  let stored: Awaited<ReturnType<StorePorts['put']>> | 'refused' | undefined;
  try {
    stored = await put(queued).catch((error: unknown) => {
      if (queued.authenticated || !isFull(error)) throw error;
      return 'refused' as const;
    });
  } finally {
    // only a look at what nobody has seen costs something
    if (stored !== 'stored') budget.giveBack(lane);
    // and what joins a hint that waits costs nothing at all
    if (stray !== undefined && stored === 'coalesced') budget.giveBack(stray);
  }
  // what is new may pass those that queue; what is repeated never does
  const isNew = stored === 'stored' || stored === 'refused';
  if (isNew && wait > 0 && budget.pass(lane, now)) {
    if (stored === 'stored') budget.giveBack(lane);
    await put(hint);
    return 'stored';
  }
  if (stored === 'refused') return 'crowded';
  return stored === 'coalesced' ? 'coalesced' : 'stored';
}

/**
 * On whose budget a hint goes that an order's URL brings of a payment not known to be this order's. Ids of payments are
 * easy to guess, and looks at those that we hold cost nothing else: one URL would have all of them looked at, again and
 * again.
 */
function strayLane({ resource, ...world }: Place, order: string | undefined): Lane | undefined {
  const own = order === undefined || resource.id === composedId(world.accountId, order);
  return own ? undefined : laneOfOrder(world, order);
}

/** Whatever copy of the package the inbox was built with. */
function isFull(error: unknown): boolean {
  return error instanceof Error && 'reason' in error && error.reason === 'full';
}
