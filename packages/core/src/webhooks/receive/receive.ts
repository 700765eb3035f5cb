import type { Clock } from '../../clock.ts';
import { UrlSigner } from '../../signing/signed-url.ts';
import { type Budget, laneOf } from '../guard/budget.ts';
import type { Hint, Inbox } from '../inbox/inbox.ts';
import type { ReceivedRequest } from '../options.ts';
import { keyOf } from '../resource.ts';
import { readBody } from './body.ts';
import type { Reason } from './outcome.ts';
import { parseNotification, type UnhandledNotification } from './parse.ts';
import { allows, authenticate, type Unsigned, type Verifier } from './verify.ts';

/** Whose notification it may be, and with whose secrets its URL is verified. */
export interface Endpoint {
  readonly environment: string;
  readonly accountId: string | undefined;
  readonly signer: UrlSigner | undefined;
}

export interface ReceivePorts {
  readonly clock: Clock;
  readonly unsigned: Unsigned;
  readonly verifier: Verifier | undefined;
  /** Asks whom the request claims to be for only where there is more than one account. */
  readonly endpointFor: (claimed: () => string | undefined) => Promise<Endpoint | undefined>;
  readonly budget: Budget;
  readonly put: (hint: Hint) => ReturnType<Inbox['put']>;
  readonly unhandled: (notification: UnhandledNotification) => void;
  readonly mismatched: () => void;
  /** What is waited for from now on. */
  readonly waitsFor: (step: Step) => void;
}

/** What can take long before Talo gets its answer. */
export type Step = 'body' | 'client' | 'inbox';

/** Verify, then parse, then store: everything that happens before Talo gets its answer. */
export async function receive(request: ReceivedRequest, ports: ReceivePorts): Promise<Reason> {
  const { url } = request;
  const headers = lowerCase(request.headers);
  ports.waitsFor('body');
  const body = await readBody(request.body, headers);
  if (typeof body === 'string') return body;
  let verdict: ReturnType<Verifier>;
  if (ports.verifier !== undefined) {
    if (body.kind === 'parsed') return 'raw-body-missing';
    verdict = ports.verifier({ url, headers, bytes: body.bytes });
    // whatever is no answer at all, a promise of one say, is no yes
    if (verdict !== undefined && verdict !== 'accept') return 'unauthenticated';
  }
  const notification = parseNotification(body);
  if (notification === 'malformed') return 'malformed';

  const named = notification.kind === 'account' ? notification.userId : undefined;
  ports.waitsFor('client');
  const endpoint = await ports.endpointFor(() => UrlSigner.claimedAccount(url) ?? named);
  if (endpoint === undefined) return 'unauthenticated';
  const proof = authenticate(endpoint.signer, url, notification);
  if (proof === 'wrong' && verdict !== 'accept') return 'unauthenticated';
  const authenticated = verdict === 'accept' || (proof !== 'wrong' && proof.authenticated);
  const scoped = proof !== 'wrong' && proof.scope !== undefined;
  if (!authenticated && !scoped && !allows(ports.unsigned, notification)) return 'unauthenticated';
  if (proof !== 'wrong' && proof.mismatch) ports.mismatched();

  const signedFor = proof === 'wrong' ? undefined : proof.scope?.account || undefined;
  // signed with a secret that two accounts share, for the one that is not ours
  if (signedFor && endpoint.accountId && signedFor !== endpoint.accountId) return 'unauthenticated';
  // signed for one account's own notifications, with another in the body
  if (named && signedFor && named !== signedFor) return 'unauthenticated';
  const accountId = named ?? signedFor ?? endpoint.accountId;
  if (notification.kind === 'unknown') {
    const { message, body } = notification;
    ports.unhandled({ message, body, accountId, authenticated });
    return 'unknown-notification';
  }
  if (accountId === undefined) return 'unauthenticated';
  const place = { environment: endpoint.environment, accountId, resource: notification.resource };
  const at = ports.clock.now();
  const now = ports.clock.monotonic();
  const lane = laneOf(place, authenticated);
  const wait = ports.budget.take(lane, now);
  const hint: Hint = { key: keyOf(place), authenticated, origin: 'webhook', at };
  ports.waitsFor('inbox');
  let stored: Awaited<ReturnType<ReceivePorts['put']>> | undefined;
  try {
    stored = await ports.put({ ...hint, due: at + wait });
  } finally {
    // only a look at what nobody has seen costs something
    if (stored !== 'stored') ports.budget.giveBack(lane);
  }
  // what is new may pass those that queue; what is repeated never does
  if (stored === 'stored' && wait > 0 && ports.budget.pass(lane, now)) {
    ports.budget.giveBack(lane);
    await ports.put(hint);
  }
  return stored === 'coalesced' ? 'coalesced' : 'stored';
}

function lowerCase(headers: ReceivedRequest['headers']): Record<string, string | undefined> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    typeof value === 'object' ? value[0] : value,
  ]);
  return Object.fromEntries(entries);
}
