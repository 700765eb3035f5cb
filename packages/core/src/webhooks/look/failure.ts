import type { TaloClient } from '../../client.ts';
import type { Clock } from '../../clock.ts';
import { TaloApiError, TaloWebhookError } from '../../errors/errors.ts';
import { describe } from '../describe.ts';
import { type Budget, laneOf, type Rate } from '../guard/budget.ts';
import { callForward } from '../guard/call-forward.ts';
import type { HintClaim, Inbox } from '../inbox/inbox.ts';
import type { Place } from '../resource.ts';
import { FLOOR_MS } from './pace.ts';

export interface FailurePorts {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly budget: Budget;
  /** Whether open resources are looked at now and then without a hint. */
  readonly watching: boolean;
  /** Says what is not looked at any more. */
  readonly buried: (what: string) => void;
}

/** Pause after a look that failed. */
const LARGEST_DELAY_MS = 300_000;
const ONCE_A_MINUTE: Rate = { burst: 1, everyMs: 60_000 };
/** How long "not found" may mean "not yet", and "no client" the same. */
const NOT_YET_MS = { authenticated: 24 * 3_600_000, otherwise: 600_000 } as const;

/**
 * What becomes of a hint whose look failed: another look later, or the end of it.
 * @returns what its account is to be judged by
 */
export async function putOff(
  claim: HintClaim,
  place: Place,
  error: unknown,
  client: TaloClient | undefined,
  ports: FailurePorts,
): Promise<unknown> {
  const { inbox, clock, random, budget } = ports;
  const now = clock.now();
  if (ports.signal.aborted) {
    await inbox.release([claim], [], now);
    return error;
  }
  const unseen = (await inbox.state(claim.key)) === undefined;
  // a stranger's hint must not be the end of what we watch
  const patient = claim.authenticated || !unseen;
  const limit = patient ? NOT_YET_MS.authenticated : NOT_YET_MS.otherwise;
  if (isFinal(error) && now - claim.since >= limit) {
    await inbox.bury(claim, describe(error));
    if (claim.authenticated) tellBuried(place, error, ports);
    return error;
  }
  const asked = error instanceof TaloApiError ? Math.min(error.retryAfter ?? 0, LARGEST_DELAY_MS) : 0;
  const bound = Math.min(LARGEST_DELAY_MS, FLOOR_MS * 2 ** claim.attempts);
  // the first looks keep their pace, later ones spread out
  const pause = claim.attempts < 4 ? bound : bound * (0.5 + random() / 2);
  // a look at what nobody has seen is paid for each time
  const lane = laneOf(place, claim.authenticated);
  const paid = unseen && client !== undefined ? budget.take(lane, clock.monotonic()) : 0;
  // whoever asks again is not before what is paid for
  const earliest = now + Math.max(paid, FLOOR_MS);
  await inbox.delay(claim, Math.max(earliest, now + asked, now + pause), earliest, describe(error));
  const invented = unseen && isFinal(error) && budget.crowded(lane, clock.monotonic());
  if (!invented || !claim.authenticated || !ports.watching || client === undefined) return error;
  return callForward(client, place, ports).then(
    () => error,
    (refusal: unknown) => refusal,
  );
}

/** Of one account and for one reason once a minute, however many end together. */
function tellBuried(
  { accountId, resource }: Place,
  error: unknown,
  { budget, clock, buried }: FailurePorts,
): void {
  const reason = error instanceof TaloApiError ? error.status : 'no client';
  const turn = JSON.stringify(['buried', accountId, reason]);
  if (!budget.turn(turn, ONCE_A_MINUTE, clock.monotonic())) return;
  buried(
    `a ${resource.kind} of account ${accountId} is buried as dead: ${describe(error)}; dead() lists all, replay() looks again.`,
  );
}

/** Talo will not think better of it, except that what is not there may still come. */
function isFinal(error: unknown): boolean {
  if (error instanceof TaloWebhookError) return error.reason === 'no-client';
  if (!(error instanceof TaloApiError)) return false;
  return error.status >= 400 && error.status < 500 && ![401, 403, 408, 429].includes(error.status);
}
