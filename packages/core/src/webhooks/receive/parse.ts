import { record, text, type Wire } from '../../models/read.ts';
import type { Resource } from '../resource.ts';
import type { Body } from './body.ts';

/** A notification, read for its ids and nothing else (talo-api 4). */
export type Notification =
  | {
      readonly kind: 'payment';
      readonly resource: Resource;
      /** Counted where it contradicts the URL, and otherwise ignored. */
      readonly externalId: string | undefined;
    }
  | { readonly kind: 'customer'; readonly resource: Resource; readonly customerId: string }
  | { readonly kind: 'account'; readonly resource: Resource; readonly userId: string }
  /** Well formed, but not one that is documented: Talo may add some. */
  | { readonly kind: 'unknown'; readonly message: string; readonly body: Wire };

/** A notification in good form that Talo does not document yet. */
export interface UnhandledNotification {
  readonly message: string;
  readonly accountId: string | undefined;
  readonly authenticated: boolean;
  /** What came; believe nothing of it. */
  readonly body: Wire;
}

const DOCUMENTED: readonly string[] = ['Pago Actualizado', 'Pago recibido', 'account_activated'];

export function parseNotification(body: Body): Notification | 'malformed' {
  const wire = body.kind === 'parsed' ? record(body.value) : decode(body.bytes);
  if (wire === undefined) return 'malformed';
  const own = (key: string) => (Object.hasOwn(wire, key) ? (wire[key] ?? undefined) : undefined);
  const said = own('message');
  const message = typeof said === 'string' && said !== '' ? said : undefined;
  if (own('paymentId') !== undefined) {
    const id = idOf(own('paymentId'));
    if (id === undefined) return 'malformed';
    return { kind: 'payment', resource: { kind: 'payment', id }, externalId: text(own('externalId')) };
  }
  if (own('transactionId') !== undefined || own('customerId') !== undefined) {
    const id = idOf(own('transactionId'));
    const customerId = idOf(own('customerId'));
    if (id === undefined || customerId === undefined) return 'malformed';
    return { kind: 'customer', resource: { kind: 'transfer', customerId, id }, customerId };
  }
  if (own('user_id') !== undefined && message?.startsWith('account_')) {
    const userId = idOf(own('user_id'));
    if (userId === undefined) return 'malformed';
    return { kind: 'account', resource: { kind: 'account', id: userId }, userId };
  }
  // one of the documented notifications, but without its ids
  if (message === undefined || DOCUMENTED.includes(message)) return 'malformed';
  return { kind: 'unknown', message: message.slice(0, 200), body: wire };
}

const UTF8 = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Uint8Array): Wire | undefined {
  try {
    const value: unknown = JSON.parse(UTF8.decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Wire) : undefined;
  } catch {
    return undefined;
  }
}

/** Talo's id of a payment is longer than the order number in it, of which we send 256 characters. */
const LONGEST_ID = 512;

/** Loose in content, because ids hold whatever an order number holds; safe to put into a path and a key. */
function idOf(value: unknown): string | undefined {
  const id = text(value);
  if (id === undefined || id.length > LONGEST_ID || id === '.' || id === '..') return undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters and lone surrogates are what is refused
  return /[\u0000-\u001f\u007f]|\p{Surrogate}/u.test(id) ? undefined : id;
}
