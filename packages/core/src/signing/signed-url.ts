import { equalText, hmacSha256, type Mac } from './hmac-sha256.ts';

/**
 * What a signed `webhook_url` proves: that we made it for this account and this object. It does not prove freshness.
 * Whoever learns the URL can cause looks, within the budgets of the guard, and nothing else: of a customer at that
 * customer's transfers; of an order at payments of the account, because Talo's id of a payment is not known when its
 * URL is made.
 */
export interface Scope {
  readonly kind: 'payment' | 'customer' | 'account';
  /** Talo's user id of the merchant; empty for a partner's account notifications, which speak of many. */
  readonly account: string;
  /** Our own id: `externalId` of a payment, `customerId`, or the partner's id. */
  readonly id: string;
  /** Of a payment, the price in centavos it was created with. */
  readonly price?: number | undefined;
}

export interface Verified {
  readonly scope: Scope;
  /** Signed with a secret that is no longer trusted: worth a look, not worth more. */
  readonly demoted: boolean;
}

export interface SignerKeys {
  /** The first signs, all are accepted. */
  readonly accepted: readonly string[];
  readonly demoted: readonly string[];
}

/** The one query parameter we own. */
const PARAMETER = 'talo';
const START = `${PARAMETER}=`;
const VERSION = '1';
/** 128 bits of the MAC are kept: as hard to guess, half as long in a URL. */
const MAC_BYTES = 16;

/** Signs the webhook URLs we hand to Talo and recognises them when they come back. Holds its keys in closures. */
export class UrlSigner {
  readonly #keys: readonly { readonly id: string; readonly mac: Mac; readonly demoted: boolean }[];

  constructor(keys: SignerKeys) {
    const named = (demoted: boolean) => (secret: string) => {
      const mac = hmacSha256(secret);
      return { id: base64url(mac('talo key id').subarray(0, 6)), mac, demoted };
    };
    this.#keys = [...keys.accepted.map(named(false)), ...keys.demoted.map(named(true))];
  }

  /** `url` with our parameter added, or in place of one it has: `?talo=1~key~mac~kind~account~id~price`. */
  sign(url: string, scope: Scope): string {
    const [key] = this.#keys;
    if (!key) return url;
    const fields = [scope.kind, scope.account, scope.id, String(scope.price ?? '')];
    const value = [VERSION, key.id, macOf(key.mac, fields), ...fields]
      .map((part) => encodeURIComponent(part).replaceAll('~', '%7E'))
      .join('~');
    const [, address = '', fragment = ''] = /^([^#]*)(.*)$/s.exec(url) ?? [];
    const bare = address.replace(/(?<=[?&])talo=[^&]*(&|$)/g, '');
    const joint = /[?&]$/.test(bare) ? '' : bare.includes('?') ? '&' : '?';
    return `${bare}${joint}${PARAMETER}=${encodeURIComponent(value)}${fragment}`;
  }

  /** The account a URL claims to be for, before anything is verified: it chooses whose secrets to verify with. */
  static claimedAccount(url: string): string | undefined {
    return decode(parameters(url)[0]?.split('~')[4] ?? '') || undefined;
  }

  /**
   * What the URL proves, or why it proves nothing. Takes a whole URL or a path with its query.
   * The MAC is compared in constant time; which key was used is public anyway.
   */
  verify(url: string): Verified | 'missing' | 'wrong' {
    const values = parameters(url);
    const [value] = values;
    if (value === undefined) return 'missing';
    const parts = value.length > 4096 ? [] : value.split('~').map(decode);
    const [version, keyId, mac = '', ...fields] = parts;
    const [kind = '', account = '', id = '', price] = fields;
    const key = this.#keys.find((candidate) => candidate.id === keyId);
    if (values.length > 1 || version !== VERSION || fields.length !== 4 || !key) return 'wrong';
    // over the fields as they came: what we signed is known to be well formed
    if (!equalText(macOf(key.mac, fields), mac)) return 'wrong';
    const scope = { kind: kind as Scope['kind'], account, id, ...(price && { price: Number(price) }) };
    return { scope, demoted: key.demoted };
  }
}

/** All values of our parameter; by hand, because a parser of whole queries takes longer than the MAC. */
function parameters(url: string): readonly string[] {
  const [address = ''] = url.split('#', 1);
  const mark = address.indexOf('?');
  if (mark === -1) return [];
  const pairs = address.slice(mark + 1).split('&');
  return pairs.flatMap((pair) => (pair.startsWith(START) ? decode(pair.slice(START.length)) : []));
}

/** Every field is preceded by its length, so no two scopes share a message. */
function macOf(mac: Mac, fields: readonly string[]): string {
  const message = [VERSION, ...fields].map((field) => `${field.length}:${field}`).join('');
  return base64url(mac(message).subarray(0, MAC_BYTES));
}

function decode(part: string): string {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Without padding (RFC 4648, 5). By hand: there is no encoder of the web's for bytes, and one over text takes longer. */
export function base64url(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    for (bits += 8; bits >= 6; bits -= 6) text += ALPHABET[(held >> (bits - 6)) & 63];
  }
  return bits > 0 ? text + ALPHABET[(held << (6 - bits)) & 63] : text;
}
