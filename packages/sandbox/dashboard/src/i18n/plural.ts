/** Chooses between one and several by the language's own rule. */
export function plural(language: string, one: string, other: string): (n: number) => string {
  const rules = new Intl.PluralRules(language);
  return (n) => (rules.select(n) === 'one' ? one : other);
}
