import { createHash } from 'node:crypto';

/** Everything random in the sandbox. The same seed and the same calls give the same values. */
export interface Ids {
  /** A version 4 UUID. `kind` separates the sequences, so that one more customer shifts no payment. */
  uuid(kind: string): string;
  digits(kind: string, length: number): string;
  hex(kind: string, length: number): string;
  /** From 0 to just below 1. */
  fraction(kind: string): number;
  /** The position in the sequence of `kind`, from 1. */
  next(kind: string): number;
  /** How far each sequence is, to go on from there. */
  readonly positions: ReadonlyMap<string, number>;
}

export function createIds(seed: string, from: Iterable<readonly [string, number]> = []): Ids {
  const counters = new Map<string, number>(from);

  function next(kind: string): number {
    const count = (counters.get(kind) ?? 0) + 1;
    counters.set(kind, count);
    return count;
  }

  function hex(kind: string, length: number): string {
    const count = next(kind);
    let text = '';
    for (let block = 0; text.length < length; block++) {
      text += createHash('sha256').update(`${seed}\n${kind}\n${count}\n${block}`).digest('hex');
    }
    return text.slice(0, length);
  }

  return {
    positions: counters,
    next,
    hex,
    uuid(kind) {
      const text = hex(kind, 32);
      const variant = '89ab'[Number.parseInt(text.charAt(16), 16) % 4];
      return [
        text.slice(0, 8),
        text.slice(8, 12),
        `4${text.slice(13, 16)}`,
        `${variant}${text.slice(17, 20)}`,
        text.slice(20),
      ].join('-');
    },
    fraction: (kind) => Number.parseInt(hex(kind, 12), 16) / 2 ** 48,
    digits(kind, length) {
      const number = BigInt(`0x${hex(kind, Math.max(16, length * 2))}`) % 10n ** BigInt(length);
      return number.toString().padStart(length, '0');
    },
  };
}
