import { TaloApiError, TaloConflictError, TaloTransportError } from '../errors/errors.ts';
import type { CallOptions, SharedOptions } from '../http/transport.ts';
import type { Scope } from '../signing/signed-url.ts';
import { type Context, signedUrl, together } from './context.ts';

/** How one kind of object is looked for and made; both check that what they return is what was asked for. */
export interface Making<T> {
  readonly find: (options: SharedOptions) => Promise<T>;
  readonly create: (options: SharedOptions) => Promise<T>;
}

/**
 * Creates an object unless it exists, and looks again when a create may have taken effect. Calls for the same object
 * take turns, so that a double click creates once; each keeps its own deadline and signal.
 */
export function ensure<T>(
  context: Context,
  scope: Scope,
  options: CallOptions | undefined,
  { find, create }: Making<T>,
): Promise<T> {
  return together(context, options, (shared) => {
    const key = JSON.stringify([scope.kind, scope.account, scope.id]);
    const { creations } = context;
    const before = creations.get(key);
    const mine = shared.deadline.race(before).then(async () => {
      const existing = await unlessNotFound(find(shared));
      if (existing) return existing;
      try {
        return await create(shared);
      } catch (error) {
        if (!mayExist(error)) throw error;
        const found = await unlessNotFound(find(shared)).catch((later: unknown) => {
          // why it cannot be found says nothing of whether it was created
          throw later instanceof TaloConflictError ? later : error;
        });
        if (found) return found;
        throw error;
      }
    });
    // whoever comes next waits for the one before as well: this one may give up waiting
    const both = Promise.allSettled([before, mine]).then(() => {
      if (creations.get(key) === both) creations.delete(key);
    });
    creations.set(key, both);
    return mine;
  });
}

/** After this error of a create the object may exist: an unknown outcome, or a refusal that may mean "already there". */
function mayExist(error: unknown): boolean {
  if (error instanceof TaloTransportError) return error.outcome === 'unknown';
  if (!(error instanceof TaloApiError)) return false;
  return error.outcome === 'unknown' || [200, 400, 409, 422].includes(error.status);
}

async function unlessNotFound<T>(finding: Promise<T>): Promise<T | undefined> {
  try {
    return await finding;
  } catch (error) {
    if (error instanceof TaloApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** A field that is compared: its path, what was asked for, and what Talo has. `undefined` on either side agrees. */
export type Compared = readonly [path: string, wanted: string | undefined, found: string | undefined];

/** @throws TaloConflictError if an object at Talo is not the one asked for; what Talo does not show is not compared */
export function agree(
  { transport, token }: Context,
  options: CallOptions | undefined,
  what: string,
  fields: readonly Compared[],
): void {
  const differences = fields.flatMap(([path, expected, found]) => {
    if (expected === undefined || found === undefined || expected === found) return [];
    return [{ path, expected, received: transport.clean(found, options, token?.held, 100) }];
  });
  if (differences.length === 0) return;
  const lines = differences.map((d) => `\n  - ${d.path}: expected ${d.expected}, Talo has ${d.received}`);
  throw new TaloConflictError(
    `${what} exists at Talo and is not the one asked for:${lines.join('')}`,
    differences,
  );
}

/** A URL that we signed for the same object is ours, whichever secret signed it; of a payment not a demoted one. */
export function comparedUrl(
  context: Context,
  own: string | undefined,
  found: string | undefined,
  scope: Scope,
): Compared {
  const wanted = signedUrl(context, own, scope);
  const verified = found && context.signer?.verify(found);
  const ours =
    typeof verified === 'object' &&
    ['kind', 'account', 'id'].every((key) => Reflect.get(verified.scope, key) === Reflect.get(scope, key)) &&
    // a customer keeps its URL for ever
    (scope.kind === 'customer' || !verified.demoted);
  const differs = wanted && found && wanted !== found && !ours;
  return ['webhookUrl', 'the address of this client', differs ? 'another address' : undefined];
}
