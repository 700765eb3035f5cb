const WEIGHTS = [3, 1, 7, 9]; // from the right, over and over: 7 1 3 9 7 1 3 and 3 9 7 1 3 9 7 1 3 9 7 1 3

/** The check digit of one block of a CVU or CBU: 7 or 13 digits without it (talo-api 10.1). */
export function checkDigit(block: string): string {
  const sum = [...block]
    .reverse()
    .reduce((total, digit, index) => total + Number(digit) * (WEIGHTS[index % 4] ?? 0), 0);
  return String((10 - (sum % 10)) % 10);
}

/** A CVU with both check digits, from the 7 digits of the provider and the 13 of the account. */
export function composeCvu(provider: string, account: string): string {
  return `${provider}${checkDigit(provider)}${account}${checkDigit(account)}`;
}

/** 22 digits whose two check digits are right. CBUs have the same form. */
export function isCvu(value: string): boolean {
  return /^\d{22}$/.test(value) && composeCvu(value.slice(0, 7), value.slice(8, 21)) === value;
}

/** A CUIT from its 2 digits of type and 8 of number; `undefined` where the number cannot have one (talo-api 10.3). */
export function composeCuit(type: string, number: string): string | undefined {
  const weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
  const rest =
    weights.reduce((sum, weight, index) => sum + weight * Number(`${type}${number}`[index]), 0) % 11;
  if (rest === 1) return undefined;
  return `${type}${number}${rest === 0 ? 0 : 11 - rest}`;
}
