// What strangers send. Each kind says what may be answered; anything else is a defect.
import type { Random } from '@talo/bench/lib/random.ts';
import { requestBytes } from '@talo/bench/lib/wire.ts';
import { centavos, type TaloClient } from '@talo/core';
import { signedNotification } from '@talo/core/testing';
import { ROUTE } from './address.ts';

export interface Attack {
  readonly kind: string;
  readonly bytes: Buffer;
  readonly allowed: readonly number[];
}

export interface Loot {
  readonly leaks: readonly Leak[];
  /** Signs with what signs now: whoever found an address of ours. */
  readonly ours: TaloClient;
  /** Signs with a secret that is demoted. */
  readonly demoted: TaloClient;
  /** The customer whose address was found. */
  readonly customerId: string;
  /** Payments at Talo that name us, made by others. */
  readonly foreign: readonly { readonly id: string; readonly externalId: string }[];
  /** Orders of ours whose payment ids went around. */
  readonly known: readonly { readonly id: string; readonly externalId: string }[];
  /** Payments of ours whose ids are guessed, and which come by the address of another order alone. */
  readonly held: readonly string[];
}

/** Signed addresses that strangers found. */
export type Leak = 'customer' | 'payment';

type Make = (number: number, loot: Prepared, random: Random) => Omit<Attack, 'kind'>;

interface Prepared extends Loot {
  readonly paymentUrl: string;
  readonly demotedUrl: string;
  readonly customerUrl: string;
}

const paid = (id: string, externalId: string) =>
  JSON.stringify({ message: 'Pago Actualizado', paymentId: id, externalId });
const received = (customerId: string, transactionId: string) =>
  JSON.stringify({ message: 'Pago recibido', transactionId, customerId });

const MEGABYTE = Buffer.alloc(1_000_000, ' ');
const DEEP = `{"message":"deep","a":${'['.repeat(7_500)}${']'.repeat(7_500)}}`;
/** An unauthenticated hint finds the few places for such full, and so does what one order's address brings of others. */
const STORED_OR_FULL = [200, 503];

const THEIRS = 'unsigned, a payment of a stranger';

/** By kind: how often, what, and what has to have leaked for it. */
const KINDS: Readonly<Record<string, readonly [share: number, make: Make, leak?: Leak]>> = {
  'unsigned, invented payment': [
    20,
    (n) => ({ bytes: requestBytes(ROUTE, paid(`stranger-${n}`, `order-${n}`)), allowed: STORED_OR_FULL }),
  ],
  'unsigned, invented transfer': [
    10,
    (n, { customerId }) => ({
      bytes: requestBytes(ROUTE, received(customerId, `stranger-${n}`)),
      allowed: STORED_OR_FULL,
    }),
  ],
  'unsigned, a payment of ours': [
    8,
    (n, { known }) => {
      const { id, externalId } = known[n % known.length] ?? { id: 'none', externalId: 'none' };
      return { bytes: requestBytes(ROUTE, paid(id, externalId)), allowed: STORED_OR_FULL };
    },
  ],
  [THEIRS]: [
    5,
    (n, { foreign }) => {
      const { id, externalId } = foreign[n % foreign.length] ?? { id: 'none', externalId: 'none' };
      return { bytes: requestBytes(ROUTE, paid(id, externalId)), allowed: STORED_OR_FULL };
    },
  ],
  'demoted secret': [
    10,
    (n, { demotedUrl }) => ({
      bytes: requestBytes(demotedUrl, paid(`stranger-demoted-${n}`, 'order-demoted')),
      allowed: STORED_OR_FULL,
    }),
  ],
  'leaked customer address, invented transfers': [
    8,
    (n, { customerUrl, customerId }) => ({
      bytes: requestBytes(customerUrl, received(customerId, `leaked-${n}`)),
      allowed: [200],
    }),
    'customer',
  ],
  'leaked payment address, invented payments': [
    8,
    (n, { paymentUrl }) => ({
      bytes: requestBytes(paymentUrl, paid(`leaked-${n}`, 'order-leaked')),
      allowed: STORED_OR_FULL,
    }),
    'payment',
  ],
  'leaked payment address, payments that we hold': [
    8,
    (n, { paymentUrl, held }) => ({
      bytes: requestBytes(paymentUrl, paid(held[n % held.length] ?? 'none', 'order-leaked')),
      allowed: STORED_OR_FULL,
    }),
    'payment',
  ],
  'wrong MAC': [
    20,
    (n, { paymentUrl }, random) => {
      const at = paymentUrl.indexOf('~') + 20 + Math.floor(random() * 10);
      const changed = paymentUrl[at] === 'A' ? 'B' : 'A';
      const forged = `${paymentUrl.slice(0, at)}${changed}${paymentUrl.slice(at + 1)}`;
      return { bytes: requestBytes(forged, paid(`stranger-mac-${n}`, 'order-leaked')), allowed: [401] };
    },
  ],
  'address of another': [
    5,
    (n, { customerUrl }) => ({
      bytes: requestBytes(customerUrl, received(`somebody-${n}`, `stranger-${n}`)),
      allowed: [401],
    }),
  ],
  'one megabyte': [1, () => ({ bytes: requestBytes(ROUTE, MEGABYTE), allowed: [413] })],
  'deeply nested': [2, () => ({ bytes: requestBytes(ROUTE, DEEP), allowed: [200] })],
  prototype: [
    3,
    (n) => ({
      bytes: requestBytes(
        ROUTE,
        `{"__proto__":{"paymentId":"stranger-${n}"},"constructor":{"prototype":{"paymentId":"x"}},"message":"Pago Actualizado"}`,
      ),
      allowed: [400],
    }),
  ],
  'no JSON': [2, () => ({ bytes: requestBytes(ROUTE, '{"message":"Pago Actualizado",'), allowed: [400] })],
};

/** @returns makes the nth request of a stranger */
export function attacker(loot: Loot, random: Random): (number: number) => Attack {
  const pathOf = (request: Request) => new URL(request.url).pathname + new URL(request.url).search;
  const payment = (externalId: string) => ({ payment: { id: 'any', externalId, price: centavos(100) } });
  const prepared: Prepared = {
    ...loot,
    paymentUrl: pathOf(signedNotification(loot.ours, payment('order-leaked'))),
    demotedUrl: pathOf(signedNotification(loot.demoted, payment('order-demoted'))),
    customerUrl: pathOf(signedNotification(loot.ours, { customerId: loot.customerId, transactionId: 'any' })),
  };
  const all = Object.entries(KINDS).filter(
    ([, [, , leak]]) => leak === undefined || loot.leaks.includes(leak),
  );
  const total = all.reduce((sum, [, [share]]) => sum + share, 0);
  return (number) => {
    // theirs first: strangers have few looks, and what is told of these payments is to be seen
    const theirs = KINDS[THEIRS];
    if (number < loot.foreign.length && theirs !== undefined) {
      return { kind: THEIRS, ...theirs[1](number, prepared, random) };
    }
    let left = random() * total;
    for (const [kind, [share, make]] of all) {
      left -= share;
      if (left < 0) return { kind, ...make(number, prepared, random) };
    }
    throw new Error('The shares do not add up.');
  };
}
