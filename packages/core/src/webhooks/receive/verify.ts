import type { Scope, UrlSigner, Verified } from '../../signing/signed-url.ts';
import type { Notification } from './parse.ts';

/** A request as the verifiers see it. */
export interface VerifierInput {
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body, byte by byte as it came: where a framework hands over a parsed object, the answer is 503 instead. */
  readonly bytes: Uint8Array;
}

/**
 * Decides whether a request comes from Talo. `'accept'` and `'refuse'` end the matter, `undefined` leaves it to the
 * signed URL. The place for the HMAC header that Talo has announced (talo-api 4).
 */
export type Verifier = (input: VerifierInput) => 'accept' | 'refuse' | undefined;

/** What is done with a hint that nothing authenticates. */
export type Unsigned = 'refuse' | 'accept' | ((hint: UnsignedHint) => boolean);

export interface UnsignedHint {
  readonly kind: 'payment' | 'customer' | 'account' | 'unknown';
  readonly customerId?: string;
  readonly paymentId?: string;
  readonly userId?: string;
}

export interface Authentication {
  readonly authenticated: boolean;
  readonly scope: Scope | undefined;
  /** The body names another object than the URL was signed for. */
  readonly mismatch: boolean;
}

/** What the signed URL proves about this notification. */
export function authenticate(
  signer: UrlSigner | undefined,
  url: string,
  notification: Notification,
): Authentication | 'wrong' {
  const verified: Verified | 'missing' | 'wrong' = signer?.verify(url) ?? 'missing';
  if (verified === 'wrong') return 'wrong';
  if (verified === 'missing') return { authenticated: false, scope: undefined, mismatch: false };
  const { scope, demoted } = verified;
  // an unknown notification speaks of nothing: any of our URLs will do
  if (notification.kind !== 'unknown' && notification.kind !== scope.kind) return 'wrong';
  // the customer is part of the path that is looked at, so here the body must say the same
  if (notification.kind === 'customer' && notification.customerId !== scope.id) return 'wrong';
  const mismatch =
    notification.kind === 'payment' &&
    notification.externalId !== undefined &&
    notification.externalId !== scope.id;
  return { authenticated: !demoted, scope, mismatch };
}

/** A function's answer counts where it is `true` itself: a promise of `false` lets nobody in. */
export function allows(unsigned: Unsigned, notification: Notification): boolean {
  if (typeof unsigned !== 'function') return unsigned === 'accept';
  const { kind } = notification;
  const about = (hint: UnsignedHint) => unsigned(hint) === true;
  if (kind === 'customer') return about({ kind, customerId: notification.customerId });
  if (kind === 'payment') return about({ kind, paymentId: notification.resource.id });
  if (kind === 'account') return about({ kind, userId: notification.userId });
  return about({ kind });
}
