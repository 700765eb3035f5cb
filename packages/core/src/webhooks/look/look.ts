import type { TaloClient } from '../../client.ts';
import { TaloWebhookError } from '../../errors/errors.ts';
import { describe } from '../describe.ts';
import type { AccountLanes } from '../guard/account-lanes.ts';
import { type HintClaim, isFenced } from '../inbox/inbox.ts';
import { keyOf, type Place, placeOf, type Resource } from '../resource.ts';
import { type CommitPorts, commit } from './commit.ts';
import { type ConfirmPorts, confirm, MAX_STALE } from './confirm.ts';
import type { Difference } from './diff.ts';
import { type FailurePorts, putOff } from './failure.ts';
import { earlyLook, FLOOR_MS, floorAfter, MOST_QUIET } from './pace.ts';

export interface LookPorts extends CommitPorts, ConfirmPorts, FailurePorts {
  readonly clientFor: (accountId: string) => Promise<TaloClient | undefined>;
  /** A GET is made. */
  readonly begun: () => void;
  /** Money was found that no notification told of. */
  readonly unannounced: () => void;
  readonly lanes: AccountLanes;
}

/** Pause after a commit that the inbox refused. */
const LOST_COMMIT_MS = 5_000;

/** Pauses up to this are short. */
const SOON_MS = 4_000;

/** Confirms one hint with Talo and commits what became of the resource. Never throws for what Talo does. */
export async function look(claim: HintClaim, ports: LookPorts): Promise<void> {
  const { inbox, clock, lanes } = ports;
  const place = placeOf(claim.key);
  const wait = lanes.enter(place.accountId, clock.now());
  if (wait !== undefined) {
    // it was not looked at, so this is no failed attempt
    const untouched = { ...claim, attempts: claim.attempts - 1 };
    await inbox.delay(untouched, wait, wait, 'the account is paused or busy');
    return;
  }
  let found: Difference | Resource;
  let failure: unknown = 'left before the end';
  let client: TaloClient | undefined;
  try {
    client = await clientOf(place, ports);
    ports.begun();
    found = await confirm(claim, place, client, ports);
    failure = undefined;
  } catch (error) {
    failure = error;
    failure = await putOff(claim, place, error, client, ports);
    return;
  } finally {
    lanes.leave(place.accountId, failure, clock.now());
  }
  if ('kind' in found) {
    const { authenticated, origin } = claim;
    await inbox.put({ key: keyOf({ ...place, resource: found }), authenticated, origin, at: clock.now() });
    await inbox.complete(claim, clock.now() + FLOOR_MS);
    return;
  }
  await settle(claim, place, found, ports);
}

/** @throws TaloWebhookError if there is none: a database that knows a merchant may have lagged behind his money */
async function clientOf(place: Place, { clientFor }: LookPorts): Promise<TaloClient> {
  const { accountId, environment } = place;
  const client = await clientFor(accountId);
  if (client?.environment === environment) return client;
  const advice = 'new TaloWebhooks({ clientFor, … }) finds one';
  throw new TaloWebhookError('no-client', `No client for account ${accountId} in ${environment}: ${advice}.`);
}

/** Commits what a look found, and has the next one made when it is time for it. */
async function settle(claim: HintClaim, place: Place, found: Difference, ports: LookPorts): Promise<void> {
  const { inbox, clock } = ports;
  const changed = found.events.length > 0;
  const quiet = changed ? 0 : Math.min(MOST_QUIET, (found.state.quiet ?? 0) + 1);
  const difference = { ...found, state: { ...found.state, quiet } };
  try {
    await commit(claim, place, difference, ports);
  } catch (error) {
    if (isFenced(error)) throw error;
    // the disk is full, say: nothing was committed, and a lease is too long to wait
    await inbox.delay(claim, clock.now() + LOST_COMMIT_MS, clock.now() + FLOOR_MS, describe(error));
    throw error;
  }
  if (claim.origin === 'reconcile' && found.credits.some(({ kind }) => kind === 'credit'))
    ports.unannounced();
  const now = clock.now();
  if (difference.stale && (difference.state.stale ?? 0) <= MAX_STALE) {
    await inbox.delay(claim, now + FLOOR_MS * 2 ** claim.attempts, now + FLOOR_MS, 'an older snapshot');
    return;
  }
  const { news } = difference;
  const floor = floorAfter(quiet, claim.authenticated && news === 'awaited');
  const missed = !changed && claim.origin === 'webhook' && news !== undefined;
  const early = missed ? earlyLook(news, claim.attempts) : undefined;
  if (early !== undefined) {
    // whoever repeats a notification calls those alone forward at once that follow soon anyway
    const notBefore = now + (early <= SOON_MS ? FLOOR_MS : floor);
    await inbox.delay(claim, Math.max(now + early, notBefore), notBefore, 'nothing new yet');
    return;
  }
  await inbox.complete(claim, now + floor, ports.watching ? difference.again?.(now) : undefined);
}
