import { bankCheckDigit } from '@talo/core/constraints';

/** A CVU with both check digits, from the 7 digits of the provider and the 13 of the account. */
export function composeCvu(provider: string, account: string): string {
  // joined: a template would keep each of its parts, for each of a hundred thousand CVUs
  return [provider, bankCheckDigit(provider), account, bankCheckDigit(account)].join('');
}

/** A CUIT from its 2 digits of type and 8 of number; `undefined` where the number cannot have one (talo-api 10.3). */
export function composeCuit(type: string, number: string): string | undefined {
  const weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
  const rest =
    weights.reduce((sum, weight, index) => sum + weight * Number(`${type}${number}`[index]), 0) % 11;
  if (rest === 1) return undefined;
  return `${type}${number}${rest === 0 ? 0 : 11 - rest}`;
}
