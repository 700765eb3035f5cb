import { type Scope, UrlSigner } from '../../signing/signed-url.ts';
import type { ReceivedRequest } from '../options.ts';
import { readBody } from './body.ts';
import type { Reason } from './outcome.ts';
import { type Notification, parseNotification, type UnhandledNotification } from './parse.ts';
import { type StorePorts, store } from './store.ts';
import { allows, authenticate, type Unsigned, type Verifier } from './verify.ts';

/** Whose notification it may be, and with whose secrets its URL is verified. */
export interface Endpoint {
  readonly environment: string;
  readonly accountId: string | undefined;
  readonly signer: UrlSigner | undefined;
}

export interface ReceivePorts extends StorePorts {
  readonly unsigned: Unsigned;
  readonly verifier: Verifier | undefined;
  /** Asks whom the request claims to be for only where there is more than one account. */
  readonly endpointFor: (claimed: () => string | undefined) => Promise<Endpoint | undefined>;
  readonly unhandled: (notification: UnhandledNotification) => void;
  readonly mismatched: () => void;
  /** An authenticated notification is of an account that the endpoint is not for. */
  readonly misdirected: () => void;
}

/** What can take long before Talo gets its answer. */
export type Step = 'body' | 'client' | 'inbox';

/**
 * Verify, then parse, then store: everything that happens before Talo gets its answer. The body comes before everything
 * else: whoever listens to it beside us does not wait for us.
 * @param waitsFor told what is waited for from now on
 */
export async function receive(
  request: ReceivedRequest,
  ports: ReceivePorts,
  waitsFor: (step: Step) => void,
): Promise<Reason> {
  const { url } = request;
  const headers = lowerCase(request.headers);
  waitsFor('body');
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

  waitsFor('client');
  const endpoint = await ports.endpointFor(() => UrlSigner.claimedAccount(url) ?? namedBy(notification));
  if (endpoint === undefined) return 'unauthenticated';
  const proof = authenticate(endpoint.signer, url, notification);
  if (proof === 'wrong' && verdict !== 'accept') return 'unauthenticated';
  const authenticated = verdict === 'accept' || (proof !== 'wrong' && proof.authenticated);
  const scoped = proof !== 'wrong' && proof.scope !== undefined;
  if (!authenticated && !scoped && !allows(ports.unsigned, notification)) return 'unauthenticated';
  if (proof !== 'wrong' && proof.mismatch) ports.mismatched();

  const scope = proof === 'wrong' ? undefined : proof.scope;
  const accounts = accountsOf(endpoint, scope, notification);
  if (accounts.size > 1) {
    if (authenticated) ports.misdirected();
    return 'unauthenticated';
  }
  const [accountId] = accounts;
  if (notification.kind === 'unknown') {
    const { message, body } = notification;
    ports.unhandled({ message, body, accountId, authenticated });
    return 'unknown-notification';
  }
  if (accountId === undefined) return 'unauthenticated';
  const place = { environment: endpoint.environment, accountId, resource: notification.resource };
  waitsFor('inbox');
  return store(place, authenticated, scope?.kind === 'payment' ? scope.id : undefined, ports);
}

/** Whose own notification it says it is. */
function namedBy(notification: Notification): string | undefined {
  return notification.kind === 'account' ? notification.userId : undefined;
}

/**
 * Every account that something speaks of, one if all is well: the body, the URL, which is signed for one account unless
 * it is a partner's, and the client. Two accounts may share a secret, and a partner's URL is good for any merchant.
 */
function accountsOf(
  { accountId }: Endpoint,
  scope: Scope | undefined,
  notification: Notification,
): ReadonlySet<string> {
  const spokenOf = [namedBy(notification), scope?.account, accountId];
  return new Set(spokenOf.flatMap((id) => (id ? [id] : [])));
}

function lowerCase(headers: ReceivedRequest['headers']): Record<string, string | undefined> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    typeof value === 'object' ? value[0] : value,
  ]);
  return Object.fromEntries(entries);
}
