import { inspect } from 'node:util';

/** Everything that can be reached from a value: every property, hidden ones and symbols too, causes, prototypes' getters. */
function texts(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'function' || typeof value !== 'object' || value === null || seen.has(value))
    return [];
  seen.add(value);
  const found: string[] = [];
  if (value instanceof Map || value instanceof Set) found.push(...texts([...value], seen));
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'string') found.push(key);
    found.push(...texts(Reflect.get(value, key), seen));
  }
  return found;
}

/** Every way in which a value may end up in a log, as one text. */
export function printed(value: unknown): string {
  const ways = [
    () => inspect(value, { depth: 50, showHidden: true, maxStringLength: null }),
    () => JSON.stringify(value),
    () => String(value),
    () => inspect(structuredClone(value), { depth: 50, showHidden: true }),
    () => (value instanceof Error ? `${value.stack}` : ''),
    () => texts(value).join('\n'),
  ];
  return ways.map((way) => way()).join('\n');
}
