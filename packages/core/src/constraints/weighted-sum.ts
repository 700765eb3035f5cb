/** The sum of each digit times the weight at its place. */
export function weightedSum(digits: string, weights: string): number {
  return [...weights].reduce((sum, weight, i) => sum + Number(weight) * Number(digits[i]), 0);
}
