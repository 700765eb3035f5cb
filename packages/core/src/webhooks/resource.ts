import { hmacSha256 } from '../signing/hmac-sha256.ts';
import { base64url } from '../signing/signed-url.ts';

/** What a hint points at. A customer's transfers are resources of their own. */
export type Resource =
  | { readonly kind: 'payment'; readonly id: string }
  | { readonly kind: 'transfer'; readonly customerId: string; readonly id: string }
  | { readonly kind: 'account'; readonly id: string };

/** Which Talo, and which account there. */
export interface World {
  readonly environment: string;
  readonly accountId: string;
}

/** A resource in its world: two merchants with the same ids never meet. */
export interface Place extends World {
  readonly resource: Resource;
}

/** One text per place, the same in every process and version. */
export function keyOf({ environment, accountId, resource }: Place): string {
  const ids = resource.kind === 'transfer' ? [resource.customerId, resource.id] : [resource.id];
  return JSON.stringify([environment, accountId, resource.kind, ...ids]);
}

/** The place a key was made from. */
export function placeOf(key: string): Place {
  const [environment = '', accountId = '', kind = '', first = '', second = ''] = JSON.parse(key) as string[];
  const resource: Resource =
    kind === 'transfer'
      ? { kind, customerId: first, id: second }
      : { kind: kind === 'account' ? 'account' : 'payment', id: first };
  return { environment, accountId, resource };
}

/** A short stable name for any sequence of texts. Not a secret: only evenly spread and without collisions. */
export function digest(...parts: readonly string[]): string {
  return base64url(hmacSha256('talo event')(JSON.stringify(parts)).subarray(0, 18));
}
