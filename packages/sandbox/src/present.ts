/** The same without what is undefined: JSON has none, and neither have optional properties of exact types. */
export function present<T extends object>(given: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}
