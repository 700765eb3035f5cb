import type { Failure, Routes } from '../../../src/control/contract.ts';

export type Route = keyof Routes;
export type Answer<R extends Route> = Routes[R]['answer'];

type Names<Text> = Text extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Names<Rest>
  : Text extends `${string}:${infer Name}`
    ? Name
    : never;

type Nothing = Record<never, never>;
type Optional<Key extends string, Value> = Nothing extends Value
  ? { readonly [K in Key]?: Value }
  : { readonly [K in Key]: Value };

/** What a route takes: the `:parts` of its path, its query and its body, each only where there is one. */
export type Input<R extends Route> = ([Names<R>] extends [never]
  ? Nothing
  : { readonly params: { readonly [N in Names<R>]: string } }) &
  (Routes[R] extends { query: infer Query } ? Optional<'query', Query> : Nothing) &
  (Routes[R] extends { body: infer Body } ? Optional<'body', Body> : Nothing);

type Given<R extends Route> = Nothing extends Input<R> ? [input?: Input<R>] : [input: Input<R>];

interface Loose {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: unknown;
  readonly body?: unknown;
}

const BASE = '/_sandbox';

/** The sandbox refused, or could not be reached (`code: 'unreachable'`). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly issues: readonly { readonly path: string; readonly message: string }[];

  constructor(code: string, message: string, issues: ApiError['issues'] = []) {
    super(message);
    this.code = code;
    this.issues = issues;
  }
}

/** `GET /payments/:userId/:id` with its parts and query filled in. */
export function addressOf(route: Route, { params = {}, query }: Loose = {}): string {
  const path = route
    .slice(route.indexOf(' ') + 1)
    .replace(/:(\w+)/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  return `${BASE}${path}${search.size > 0 ? `?${search}` : ''}`;
}

/** Calls the sandbox's control API. @throws ApiError */
export async function call<R extends Route>(route: R, ...[input]: Given<R>): Promise<Answer<R>> {
  return send(route, input ?? {});
}

/** The same for a load that may become pointless: an abort rejects with the signal's reason. @throws ApiError */
export async function read<R extends Route & `GET ${string}`>(
  signal: AbortSignal,
  route: R,
  ...[input]: Given<R>
): Promise<Answer<R>> {
  return send(route, input ?? {}, signal);
}

async function send<R extends Route>(route: R, input: Loose, signal?: AbortSignal): Promise<Answer<R>> {
  const method = route.slice(0, route.indexOf(' '));
  const writes = method !== 'GET';
  let response: Response;
  try {
    response = await fetch(addressOf(route, input), {
      method,
      ...(writes && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input.body ?? {}),
      }),
      ...(signal && { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new ApiError('unreachable', error instanceof Error ? error.message : String(error));
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body as Answer<R>; // the border: both sides are typed by the same contract
  const failure = (body as Partial<Failure> | undefined)?.error;
  throw new ApiError(
    failure?.code ?? `http_${response.status}`,
    failure?.message ?? response.statusText,
    failure?.issues,
  );
}
