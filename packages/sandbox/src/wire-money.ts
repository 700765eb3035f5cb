import { centavos, type Money, toDecimal } from '@talo/core';

// Talo writes money as numbers, as short strings and as strings with two decimals (talo-api 3.12); so does this.

/** `15000` or `172029.37`, as a JSON number: `price.amount`, `balance`, `transaction_data.PROCESSED.amount`. */
export function moneyNumber(amount: Money): number {
  return Number(toDecimal(amount));
}

/** `"15000"` or `"172029.37"`: what somebody typed, as quotes and gross amounts print it. */
export function moneyText(amount: Money): string {
  return toDecimal(amount).replace(/\.00$/, '');
}

/** Parts per million of an amount, half a centavo upwards, without floating point. */
export function share(amount: Money, partsPerMillion: number): Money {
  const product = BigInt(amount.centavos) * BigInt(partsPerMillion);
  return centavos(Number((product + 500_000n) / 1_000_000n));
}

/** What is left of `whole`; none where more was taken. */
export function subtractOrZero(whole: Money, taken: Money): Money {
  return centavos(Math.max(0, whole.centavos - taken.centavos));
}

/** A hundred thousand million pesos: beyond any transfer, and a thousand of them still add up exactly. */
export const LARGEST: Money = centavos(10_000_000_000_000);

/** The sum of many, exactly. */
export function sumMoney(amounts: readonly Money[]): Money {
  return centavos(amounts.reduce((sum, amount) => sum + amount.centavos, 0));
}
