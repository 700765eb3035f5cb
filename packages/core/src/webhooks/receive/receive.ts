import type { Clock } from '../../clock.ts';
import { UrlSigner } from '../../signing/signed-url.ts';
import { type Budget, laneOf } from '../guard/budget.ts';
import type { Hint, Inbox } from '../inbox/inbox.ts';
import { keyOf } from '../resource.ts';
import { type BodyInput, readBody } from './body.ts';
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
}

/** Verify, then parse, then store: everything that happens before Talo gets its answer. */
export async function receive(
  request: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly body?: BodyInput;
  },
  ports: ReceivePorts,
): Promise<Reason> {
  // a sender that hangs up half-way has sent nothing
  const body = await readBody(request.body).catch(() => undefined);
  if (body === undefined) return 'malformed';
  if (body === 'too-large') return 'too-large';
  const bytes = body.kind === 'bytes' ? body.bytes : undefined;
  const verdict = ports.verifier?.({ url: request.url, headers: request.headers, bytes });
  if (verdict === 'refuse') return 'unauthenticated';
  const notification = parseNotification(body);
  if (notification === 'malformed') return 'malformed';

  const named = notification.kind === 'account' ? notification.userId : undefined;
  const endpoint = await ports.endpointFor(() => UrlSigner.claimedAccount(request.url) ?? named);
  if (endpoint === undefined) return 'unauthenticated';
  const proof = authenticate(endpoint.signer, request.url, notification);
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
  const [lane, rate] = laneOf(place, authenticated);
  const due = at + ports.budget.take(lane, rate, ports.clock.monotonic());
  let stored: Awaited<ReturnType<ReceivePorts['put']>> | undefined;
  try {
    stored = await ports.put({ key: keyOf(place), authenticated, origin: 'webhook', at, due });
  } finally {
    // only a look at what nobody has seen costs something
    if (stored !== 'stored') ports.budget.giveBack(lane, rate);
  }
  return stored === 'coalesced' ? 'coalesced' : 'stored';
}
