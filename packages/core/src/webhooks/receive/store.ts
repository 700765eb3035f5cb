import type { Clock } from '../../clock.ts';
import { type Budget, laneOf } from '../guard/budget.ts';
import type { Hint, Inbox } from '../inbox/inbox.ts';
import { keyOf, type Place } from '../resource.ts';

export interface StorePorts {
  readonly clock: Clock;
  readonly budget: Budget;
  readonly put: (hint: Hint) => ReturnType<Inbox['put']>;
}

/**
 * Stores a hint, for a look as soon as its lane can pay for one. What a lane has no more room for takes one of the few
 * rows of strangers, so that whoever has one URL of ours can fill neither memory nor disk.
 * @returns `crowded` where not even there is room
 */
export async function store(
  place: Place,
  authenticated: boolean,
  { clock, budget, put }: StorePorts,
): Promise<'stored' | 'coalesced' | 'crowded'> {
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

/** Whatever copy of the package the inbox was built with. */
function isFull(error: unknown): boolean {
  return error instanceof Error && 'reason' in error && error.reason === 'full';
}
