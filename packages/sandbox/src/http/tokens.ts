import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { Problem } from '../problem.ts';
import type { Merchant } from '../state/records.ts';
import type { World } from '../state/world.ts';

/** An hour (talo-api 2.1). */
const MERCHANT_TOKEN_SECONDS = 3600;

const Claims = z.object({ user_id: z.string(), iat: z.number(), exp: z.number().optional() });

export type TokenKind = 'TL' | 'PAR';

/** `TL-` or `PAR-` and a signed JWT, glued together as Talo does. */
export function issueToken(world: World, merchant: Merchant, kind: TokenKind): string {
  const iat = Math.floor(world.clock.now() / 1000);
  const seconds = kind === 'TL' ? MERCHANT_TOKEN_SECONDS : world.oddities.partnerTokenHours * 3600;
  const head = encode({ alg: 'HS256', typ: 'JWT' });
  const body = encode({
    user_id: merchant.userId,
    iat,
    ...(seconds > 0 && { exp: iat + seconds }),
    jti: world.ids.uuid('token'),
  });
  return `${kind}-${head}.${body}.${sign(world, kind, `${head}.${body}`)}`;
}

/** Whose token it is. @throws Problem 401 */
export function readToken(
  world: World,
  authorization: string | undefined,
): { merchant: Merchant; kind: TokenKind } {
  if (authorization === undefined) throw unauthorized('Authorization header is missing');
  const match = /^Bearer (TL|PAR)-([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(authorization);
  if (match === null) throw unauthorized('Authorization must be "Bearer " and the token as it was received');
  const [, prefix, head = '', body = '', signature] = match;
  const kind: TokenKind = prefix === 'PAR' ? 'PAR' : 'TL';
  if (signature !== sign(world, kind, `${head}.${body}`)) throw unauthorized('invalid token');
  const claims = Claims.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
  if (claims.exp !== undefined && claims.exp * 1000 <= world.clock.now()) {
    throw new Problem(world.oddities.expiredTokenStatus, 'auth_error', 'token expired');
  }
  const merchant = world.state.merchants.get(claims.user_id);
  if (merchant === undefined || merchant.revoked) throw unauthorized('invalid token');
  return { merchant, kind };
}

export function unauthorized(message: string): Problem {
  return new Problem(401, 'auth_error', message);
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function sign(world: World, kind: TokenKind, text: string): string {
  return createHmac('sha256', world.signingKey).update(`${kind}.${text}`).digest('base64url');
}
