import type { Clock } from '../clock.ts';
import { TaloApiError, type TaloError } from '../errors/errors.ts';
import { record } from '../models/read.ts';
import { base64url } from '../signing/signed-url.ts';

/** A token as a {@link TokenStore} keeps it. Secret: whoever has it acts as the merchant until it expires. */
export interface StoredToken {
  readonly token: string;
  /** When it was received, in milliseconds since 1970 by the clock of the process that received it. */
  readonly obtainedAt: number;
  /** How long it lives from then, in milliseconds. */
  readonly lifetimeMs: number;
}

/**
 * Shares tokens between processes, so that a fleet makes one token call per hour. Keys differ by environment, user
 * and client id. A store that fails is passed over: the token is then fetched from Talo.
 */
export interface TokenStore {
  get(key: string): Promise<StoredToken | undefined>;
  /**
   * Stores `next` if what is stored is still `expected` (compared by `token`), atomically.
   * @returns what is stored afterwards: `next`, or what another process has put there meanwhile
   */
  swap(key: string, expected: StoredToken | undefined, next: StoredToken): Promise<StoredToken>;
}

export interface HeldToken {
  readonly token: string;
  readonly stored: StoredToken;
  /** Monotonic milliseconds. */
  readonly obtained: number;
  readonly expires: number;
}

export interface TokenSource {
  readonly clock: Clock;
  /** Where a fresh token comes from, or `undefined` where it cannot be replaced. */
  readonly fetch: (() => Promise<string>) | undefined;
  readonly initial?: string;
  readonly share?: { readonly store: TokenStore; readonly key: string };
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A token is replaced this long before it expires, or in the last quarter of a shorter life. */
const MARGIN_MS = 5 * MINUTE_MS;
/** A 403 can mean an expired token (talo-api 2.1), but not one as young as this. */
const YOUNG_MS = 5 * MINUTE_MS;
const MAX_USELESS = 3;

/**
 * The token of one account. However many calls wait, one flight per generation replaces it; a 401 that arrives late,
 * for a token that has been replaced since, takes the newer one.
 */
export class AccessToken {
  readonly #source: TokenSource;
  #held: HeldToken | undefined;
  #flight: Promise<HeldToken> | undefined;
  #worked: HeldToken | undefined;
  #useless: number[] = [];

  constructor(source: TokenSource) {
    this.#source = source;
    if (source.initial !== undefined) {
      this.#held = this.#hold({ token: source.initial, obtainedAt: 0, lifetimeMs: Number.POSITIVE_INFINITY });
    }
  }

  /** A token to send: the one held, replaced before it expires. */
  async current(): Promise<HeldToken> {
    const held = this.#held;
    if (held === undefined) return this.#fly(undefined);
    const now = this.#source.clock.monotonic();
    const margin = Math.min(MARGIN_MS, (held.expires - held.obtained) / 4);
    if (now < held.expires - margin || this.#source.fetch === undefined) return held;
    if (now >= held.expires) return this.#fly(held);
    // still good for a while: a failing token endpoint is not yet our caller's problem
    return this.#fly(held).catch(() => held);
  }

  /** Remembers that `held` was accepted: a later refusal of it is an expiry, not a useless refresh. */
  worked(held: HeldToken): void {
    this.#worked = held;
    this.#useless = [];
  }

  mayBeStale(held: HeldToken, error: TaloError): boolean {
    if (!(error instanceof TaloApiError) || this.#source.fetch === undefined) return false;
    return (
      error.status === 401 ||
      (error.status === 403 && this.#source.clock.monotonic() - held.obtained > YOUNG_MS)
    );
  }

  /**
   * The token to use instead of `refused`.
   * @throws TaloApiError with `code: 'token_refused'` when fresh tokens keep being refused
   */
  async replace(refused: HeldToken, error: TaloError): Promise<HeldToken> {
    if (this.#held !== undefined && this.#held.token !== refused.token) return this.#held;
    if (this.#flight === undefined && this.#worked?.token !== refused.token) {
      const now = this.#source.clock.monotonic();
      this.#useless = [...this.#useless.filter((at) => now - at < MINUTE_MS), now];
      if (this.#useless.length > MAX_USELESS) {
        const status = error instanceof TaloApiError ? error.status : 401;
        const message = `Talo refused ${MAX_USELESS} fresh tokens within a minute (${status}): check that the credentials belong to this environment and this user id.`;
        throw new TaloApiError({ status }, message, 'token_refused');
      }
    }
    return this.#fly(refused);
  }

  #fly(expected: HeldToken | undefined): Promise<HeldToken> {
    this.#flight ??= this.#renew(expected).finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #renew(expected: HeldToken | undefined): Promise<HeldToken> {
    const { fetch, share, clock } = this.#source;
    const known = await share?.store.get(share.key).catch(() => undefined);
    if (known !== undefined && known.token !== expected?.token) {
      const held = this.#hold(known);
      const margin = Math.min(MARGIN_MS, known.lifetimeMs / 4);
      if (held.expires - margin > clock.monotonic()) {
        this.#held = held;
        return held;
      }
    }
    if (fetch === undefined) throw new TaloApiError({ status: 401 }, 'The access token cannot be renewed.');
    const token = await fetch();
    const next: StoredToken = { token, obtainedAt: clock.now(), lifetimeMs: lifetimeOf(token, clock) };
    const stored = await share?.store.swap(share.key, known, next).catch(() => next);
    this.#held = this.#hold(stored ?? next);
    return this.#held;
  }

  #hold(stored: StoredToken): HeldToken {
    const { clock } = this.#source;
    // another process's clock may be ahead of ours: a token is never younger than now
    const ageMs =
      stored.lifetimeMs === Number.POSITIVE_INFINITY ? 0 : Math.max(0, clock.now() - stored.obtainedAt);
    const obtained = clock.monotonic() - ageMs;
    return { token: stored.token, stored, obtained, expires: obtained + stored.lifetimeMs };
  }
}

/**
 * How long a token lives: `exp - iat` of the JWT behind the `TL-` prefix, so that a wrong clock here or at Talo does
 * not matter; one hour where it does not say (talo-api 2.1). Never less than a minute: a token that seems to be born
 * expired would otherwise be fetched for every call.
 */
export function lifetimeOf(token: string, clock: Clock): number {
  const { exp, iat } = payloadOf(token);
  if (typeof exp !== 'number') return HOUR_MS;
  const from = typeof iat === 'number' ? iat * 1000 : clock.now();
  const lifetime = exp * 1000 - from;
  return Number.isFinite(lifetime) ? Math.max(MINUTE_MS, lifetime) : HOUR_MS;
}

function payloadOf(token: string): { readonly exp?: unknown; readonly iat?: unknown } {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    return record(JSON.parse(atob(payload)));
  } catch {
    return {};
  }
}

/** Names an account in a token store, without spelling out its credentials. */
export function tokenKey(apiUrl: string, userId: string, clientId: string): string {
  return ['talo-token', apiUrl, userId, clientId]
    .map((part) => base64url(new TextEncoder().encode(part)))
    .join('.');
}
