import { isMoney, type Money, pesos, toDecimal } from '../money.ts';

/** Checked request data in Talo's spelling: `unitPrice` is `unit_price`, and money is in pesos. */
export function toWire(value: unknown): unknown {
  if (isMoney(value)) return { currency: value.currency, amount: toPesos(value) };
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value !== 'object' || value === null) return value;
  const spelled = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [spelled(key), toWire(member)]));
}

/** Pesos as a JSON number that reads back as exactly these centavos. @throws TaloConstraintError where none does */
export function toPesos(amount: Money): number {
  const written = Number(toDecimal(amount));
  pesos(written);
  return written;
}
