import type { Clock } from '../clock.ts';
import { TaloApiError, type TaloError } from '../errors/errors.ts';
import { record } from '../models/read.ts';
import { within } from './deadline.ts';

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
 * and client id. A store that fails, or takes longer than two seconds, is passed over: the token is then fetched from
 * Talo.
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
  /** All three in monotonic milliseconds. */
  readonly obtained: number;
  readonly renewAt: number;
  readonly expires: number;
}

export interface TokenSource {
  readonly clock: Clock;
  /** Where a fresh token comes from, or the one token that there is. */
  readonly fetch: string | (() => Promise<string>);
  readonly share?: { readonly store: TokenStore; readonly key: string } | undefined;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A token is replaced this long before it expires, or in the last quarter of a shorter life. */
const MARGIN_MS = 5 * MINUTE_MS;
/** A 403 can mean an expired token (talo-api 2.1), but not one as young as this. */
const YOUNG_MS = 5 * MINUTE_MS;
/** How long a store is waited for, and a new token while the old one is still good. */
const PATIENCE_MS = 2_000;
const MAX_USELESS = 3;

/**
 * The token of one account. However many calls wait, one flight per generation replaces it; a 401 that arrives late,
 * for a token that has been replaced since, takes the newer one.
 */
export class AccessToken {
  readonly #source: TokenSource;
  /** The last token there was. */
  held: HeldToken | undefined;
  #flight: Promise<HeldToken> | undefined;
  #worked: string | undefined;
  /** When tokens were replaced of which none has worked since. */
  #useless: number[] = [];

  constructor(source: TokenSource) {
    const { clock, fetch } = source;
    this.#source = source;
    if (typeof fetch === 'string') {
      this.held = hold({ token: fetch, obtainedAt: clock.now(), lifetimeMs: Infinity }, clock);
    }
  }

  /** A token to send: the one held, replaced before it expires. */
  async current(): Promise<HeldToken> {
    const { clock } = this.#source;
    const held = this.held;
    if (held && clock.monotonic() < held.renewAt) return held;
    const flight = this.#fly(held);
    const good = held && clock.monotonic() < held.expires;
    return good ? within(clock, PATIENCE_MS, flight, held) : flight;
  }

  /** Remembers that `held` was accepted: a later refusal of it is an expiry, not a useless refresh. */
  worked(held: HeldToken): void {
    this.#worked = held.token;
    this.#useless = [];
  }

  mayBeStale(held: HeldToken, error: TaloError): boolean {
    const { clock, fetch } = this.#source;
    if (!(error instanceof TaloApiError) || typeof fetch === 'string') return false;
    return error.status === 401 || (error.status === 403 && clock.monotonic() - held.obtained > YOUNG_MS);
  }

  /**
   * The token to use instead of `refused`.
   * @throws TaloApiError with `code: 'token_refused'` when fresh tokens keep being refused
   */
  async replace(refused: HeldToken): Promise<HeldToken> {
    if (this.held && this.held.token !== refused.token) return this.held;
    if (!this.#flight && this.#worked !== refused.token) {
      const now = this.#source.clock.monotonic();
      this.#useless = this.#useless.filter((at) => now - at < MINUTE_MS);
      if (this.#useless.length >= MAX_USELESS) {
        const message = `Talo refused ${MAX_USELESS} fresh tokens within a minute: do the credentials belong to this environment and user id?`;
        throw new TaloApiError({ status: 401 }, message, 'token_refused');
      }
      this.#useless.push(now);
    }
    return this.#fly(refused);
  }

  #fly(old: HeldToken | undefined): Promise<HeldToken> {
    this.#flight ??= this.#renew(old).finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #renew(old: HeldToken | undefined): Promise<HeldToken> {
    const { clock, fetch, share } = this.#source;
    const ask = <T>(question: () => Promise<T>): Promise<T | undefined> =>
      within<T | undefined>(clock, PATIENCE_MS, Promise.resolve().then(question), undefined);
    /** What a store gave, unless it is what we want to replace, at its end, or no token at all. */
    const usable = (stored: StoredToken | undefined): HeldToken | undefined => {
      const held = stored && hold(stored, clock);
      if (typeof held?.token !== 'string' || held.token === old?.token) return undefined;
      return held.renewAt > clock.monotonic() ? held : undefined;
    };
    const known = share && (await ask(() => share.store.get(share.key)));
    let held = usable(known);
    if (!held) {
      const token = typeof fetch === 'string' ? fetch : await fetch();
      const next = { token, obtainedAt: clock.now(), lifetimeMs: lifetimeOf(token, clock) };
      held = hold(next, clock);
      held = usable(share && (await ask(() => share.store.swap(share.key, known, next)))) ?? held;
    }
    this.held = held;
    return held;
  }
}

function hold({ token, obtainedAt, lifetimeMs }: StoredToken, clock: Clock): HeldToken {
  // another process's clock may be ahead of ours: a token is no younger than now
  const obtained = clock.monotonic() - Math.max(0, clock.now() - obtainedAt);
  const expires = obtained + lifetimeMs;
  return { token, obtained, expires, renewAt: expires - Math.min(MARGIN_MS, lifetimeMs / 4) };
}

/**
 * How long a token lives: `exp - iat` of the JWT behind the `TL-` prefix, so that a wrong clock here or at Talo does
 * not matter; one hour where it does not say (talo-api 2.1). Never less than a minute: a token that seems to be born
 * expired would otherwise be fetched for every call.
 */
function lifetimeOf(token: string, clock: Clock): number {
  try {
    const [, payload = ''] = token.split('.');
    const { exp, iat } = record(JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))));
    if (typeof exp === 'number') {
      return Math.max(MINUTE_MS, exp * 1000 - (typeof iat === 'number' ? iat * 1000 : clock.now()));
    }
  } catch {
    // not a JWT
  }
  return HOUR_MS;
}
