import type { Clock } from '../../clock.ts';
import { composedId } from '../../resources/payment-id.ts';
import { type Budget, laneOf, STRAY } from '../guard/budget.ts';
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
  if (order !== undefined && (await isTooStray(place, order, ports))) return 'crowded';
  const { clock, budget, put } = ports;
  const [at, now] = [clock.now(), clock.monotonic()];
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
 * Whether an order's URL brings more payments than it may that are not known to be this order's. Payments' ids are easy
 * to guess, and looks at those that we hold cost nothing: one URL would have all of them looked at, again and again.
 */
async function isTooStray(
  { resource, ...world }: Place,
  order: string,
  { clock, budget, recall }: StorePorts,
): Promise<boolean> {
  if (resource.id === composedId(world.accountId, order)) return false;
  const own = trackedOrder(world, order);
  if (budget.turn(own, STRAY, clock.monotonic())) return false;
  return (await recall(own)) !== resource.id;
}

/** Whatever copy of the package the inbox was built with. */
function isFull(error: unknown): boolean {
  return error instanceof Error && 'reason' in error && error.reason === 'full';
}
