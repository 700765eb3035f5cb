import type { TaloClient } from '../../client.ts';
import { contextOf } from '../../client.ts';
import { TaloApiError, TaloTransportError } from '../../errors/errors.ts';
import type { CallOptions } from '../../http/transport.ts';
import { describe } from '../describe.ts';
import type { TaloEvent } from '../events.ts';
import type { AccountLanes } from '../guard/account-lanes.ts';
import { type Budget, laneOf } from '../guard/budget.ts';
import { callForward } from '../guard/call-forward.ts';
import { type HintClaim, isFenced } from '../inbox/inbox.ts';
import { lastingId } from '../reconcile/rows.ts';
import { nextAccountLook, nextPaymentLook } from '../reconcile/schedule.ts';
import { keyOf, type Place, placeOf, type Resource } from '../resource.ts';
import { type CommitPorts, commit } from './commit.ts';
import { type Difference, diffAccount, diffForeign, diffPayment, diffTransfer } from './diff.ts';
import { provenanceOf } from './provenance.ts';
import { readRefunds, refundsKey } from './refunds.ts';
import type { ResourceState, Seen } from './state.ts';

export interface LookPorts extends CommitPorts {
  readonly random: () => number;
  readonly clientFor: (accountId: string) => Promise<TaloClient | undefined>;
  readonly signal: AbortSignal;
  /** A GET is made. */
  readonly begun: () => void;
  /** Money was found that no notification told of. */
  readonly unannounced: () => void;
  readonly lanes: AccountLanes;
  readonly budget: Budget;
  /** Whether open resources are looked at now and then without a hint. */
  readonly watching: boolean;
  /** Money that is older than this was there before us: it is kept as baseline, unless Talo notifies of it. */
  readonly since: (accountId: string, environment: string) => Promise<number>;
}

/** Pause between two looks at one resource: it doubles while nothing changes. */
const FLOOR_MS = 1_000;
/** Whoever repeats what is authenticated, be it stolen, must not keep the money of an open payment waiting for long. */
const MOST_QUIET = 10;
const LARGEST_FLOOR_MS = { open: 4_000, otherwise: 30_000 } as const;
/** Pause after a look that failed. */
const LARGEST_DELAY_MS = 300_000;
/** How long "not found" may mean "not yet". */
const NOT_FOUND_MS = { authenticated: 24 * 3_600_000, otherwise: 600_000 } as const;
/** Pause after a commit that the inbox refused. */
const LOST_COMMIT_MS = 5_000;
const HOUR_MS = 3_600_000;
/** A look ends well before its lease. */
const LOOK_TIMEOUT_MS = 20_000;
/** Stale snapshots in a row after which the look is over: one that lacks a transfer is then taken at its word. */
const MAX_STALE = 6;
/** Looks after the first, 1, 2 and 4 s later, where Talo notified of an open payment and shows nothing new yet. */
const MAX_EARLY = 3;
const OPEN: ReadonlySet<string> = /* @__PURE__ */ new Set(['PENDING', 'UNDERPAID']);

/** Confirms one hint with Talo and commits what became of the resource. Never throws for what Talo does. */
export async function look(claim: HintClaim, ports: LookPorts): Promise<void> {
  const { inbox, clock, random, lanes, budget } = ports;
  const place = placeOf(claim.key);
  const wait = lanes.enter(place.accountId, clock.now());
  if (wait !== undefined) {
    // it was not looked at, so this is no failed attempt
    const untouched = { ...claim, attempts: claim.attempts - 1 };
    await inbox.delay(untouched, wait, wait, 'the account is paused or busy');
    return;
  }
  ports.begun();
  let found: Difference | Resource;
  let failure: unknown = 'left before the end';
  let client: TaloClient | undefined;
  try {
    client = await ports.clientFor(place.accountId);
    if (client === undefined || client.environment !== place.environment) {
      await inbox.bury(
        claim,
        `no client for account ${place.accountId} in ${place.environment}: new TaloWebhooks({ clientFor, … }) finds one`,
      );
      return;
    }
    found = await confirm(claim, place, client, ports);
    failure = undefined;
  } catch (error) {
    failure = error;
    const now = clock.now();
    if (ports.signal.aborted) {
      await inbox.release([claim], [], now);
      return;
    }
    const unseen = (await inbox.state(claim.key)) === undefined;
    // a stranger's hint must not be the end of what we watch
    const patient = claim.authenticated || !unseen;
    const limit = patient ? NOT_FOUND_MS.authenticated : NOT_FOUND_MS.otherwise;
    if (isFinal(error) && now - claim.since >= limit) {
      await inbox.bury(claim, describe(error));
      return;
    }
    const asked = error instanceof TaloApiError ? Math.min(error.retryAfter ?? 0, LARGEST_DELAY_MS) : 0;
    const bound = Math.min(LARGEST_DELAY_MS, FLOOR_MS * 2 ** claim.attempts);
    // the first looks keep their pace, later ones spread out
    const pause = claim.attempts < 4 ? bound : bound * (0.5 + random() / 2);
    // a look at what nobody has seen is paid for each time
    const lane = laneOf(place, claim.authenticated);
    const paid = unseen ? budget.take(lane, clock.monotonic()) : 0;
    // whoever asks again is not before what is paid for
    const earliest = now + Math.max(paid, FLOOR_MS);
    await inbox.delay(claim, Math.max(earliest, now + asked, now + pause), earliest, describe(error));
    const invented = unseen && isFinal(error) && budget.crowded(lane, clock.monotonic());
    if (invented && claim.authenticated && ports.watching && client !== undefined) {
      await callForward(client, place, ports).catch((refusal: unknown) => {
        failure = refusal;
      });
    }
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
  if (!changed && difference.open && claim.origin === 'webhook' && claim.attempts < MAX_EARLY) {
    const until = now + FLOOR_MS * 2 ** claim.attempts;
    await inbox.delay(claim, until, now + FLOOR_MS, 'nothing new yet');
    return;
  }
  const hurried = claim.authenticated && difference.open;
  const largest = hurried ? LARGEST_FLOOR_MS.open : LARGEST_FLOOR_MS.otherwise;
  const floor = changed ? FLOOR_MS : Math.min(largest, FLOOR_MS * 2 ** (quiet - 1));
  await inbox.complete(claim, now + floor, ports.watching ? difference.again?.(now) : undefined);
}

async function confirm(
  claim: HintClaim,
  place: Place,
  client: TaloClient,
  { inbox, clock, signal, since }: LookPorts,
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
      const payment = await client.payments.get(resource.id, options);
      if (payment.userId === undefined) {
        throw new TaloTransportError(
          'BAD_RESPONSE',
          'unknown',
          "Talo's answer does not say whose payment it is.",
        );
      }
      const known = await before();
      const provenance = await provenanceOf(payment, place, known, client[contextOf].signer, inbox);
      if (provenance !== 'proven' && provenance !== 'unproven') {
        return diffForeign(known, payment, provenance, await seen(claim.origin));
      }
      const seenNow = await seen(provenance === 'proven' ? claim.origin : 'unproven');
      const rows = readRefunds(await inbox.recall(refundsKey(place, resource.id)));
      const final = (known?.stale ?? 0) >= MAX_STALE;
      const difference = diffPayment(known, payment, { ...seenNow, final }, rows);
      const again = (now: number) => nextPaymentLook(payment, now);
      const open = OPEN.has(payment.status);
      return { ...difference, state: { ...difference.state, proven: provenance === 'proven' }, open, again };
    }
    case 'transfer': {
      const read = (id: string) => client.customers.getTransaction(resource.customerId, id, options);
      const transaction = await read(resource.id);
      const id = await lastingId(resource.id, transaction, read);
      if (id !== resource.id) return { ...resource, id };
      return diffTransfer(await before(), transaction, await seen(claim.origin), resource.customerId);
    }
    case 'account': {
      const account = await client.account.get(options);
      const again = (now: number) => nextAccountLook(account, now);
      return { ...diffAccount(await before(), account, await seen(claim.origin)), again };
    }
  }
}

/** Talo will not think better of it, except that what is not there may still come. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof TaloApiError)) return false;
  return error.status >= 400 && error.status < 500 && ![401, 403, 408, 429].includes(error.status);
}
