import { signal } from '@preact/signals';

/** Where in the dashboard: `#/payments/a/b?q=x` is `['payments', 'a', 'b']` and `{ q: 'x' }`. */
export interface Place {
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/** In the fragment, because the paths of this host are Talo's. */
export function readPlace(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?');
  const parts = path.split('/').filter((part) => part !== '');
  return { parts: parts.map(decode), query: Object.fromEntries(new URLSearchParams(search)) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // typed by hand
  }
}

/** The address of a place, for a link. */
export function to(
  parts: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
  const path = parts.map(encodeURIComponent).join('/');
  return `#/${path}${search.size > 0 ? `?${search}` : ''}`;
}

export const place = signal<Place>({ parts: [], query: {} });

export function startRouter(): void {
  const follow = (): void => {
    place.value = readPlace(location.hash);
  };
  addEventListener('hashchange', follow);
  follow();
}

export function go(address: string): void {
  location.hash = address;
}

/** Changes what a view shows without a step in the history: typing in a search field is not a journey. */
export function refine(change: Readonly<Record<string, string | undefined>>): void {
  const { parts, query } = place.peek();
  history.replaceState(undefined, '', to(parts, { ...query, ...change }));
  place.value = readPlace(location.hash);
}
