import { type Difference, TaloApiError, TaloConflictError, TaloTransportError } from '../errors/errors.ts';
import { formatMoney, type Money } from '../money.ts';
import type { Scope, UrlSigner } from '../signing/signed-url.ts';

/** Collects the fields in which an object at Talo is not the one asked for. What Talo does not show is not compared. */
export class Comparison {
  readonly differences: Difference[] = [];

  text(path: string, wanted: string | undefined, found: string | undefined): void {
    if (wanted === undefined || found === undefined || wanted === found) return;
    this.add(path, JSON.stringify(wanted), JSON.stringify(found));
  }

  money(path: string, wanted: Money, found: Money | undefined): void {
    if (wanted.centavos === found?.centavos) return;
    this.add(path, formatMoney(wanted), found ? formatMoney(found) : 'an unreadable amount');
  }

  /** A URL that we signed for the same object is ours, whichever of our secrets signed it. */
  webhookUrl(wanted: string | undefined, found: string | undefined, scope: Scope, signer?: UrlSigner): void {
    if (wanted === undefined || found === undefined || wanted === found) return;
    const verified = signer?.verify(found);
    const ours =
      typeof verified === 'object' &&
      verified.scope.kind === scope.kind &&
      verified.scope.account === scope.account &&
      verified.scope.id === scope.id;
    if (!ours) this.add('webhookUrl', 'the address of this client', 'another address');
  }

  add(path: string, expected: string, received: string): void {
    this.differences.push({ path, expected, received });
  }

  /** @throws TaloConflictError if anything differs */
  settle(what: string): void {
    if (this.differences.length === 0) return;
    const lines = this.differences.map(
      ({ path, expected, received }) => `\n  - ${path}: expected ${expected}, Talo has ${received}`,
    );
    throw new TaloConflictError(
      `${what} exists at Talo and is not the one asked for:${lines.join('')}`,
      this.differences,
    );
  }
}

/** After this error of a create the object may exist: an unknown outcome, or a refusal that may mean "already there". */
export function mayExist(error: unknown): boolean {
  if (error instanceof TaloTransportError) return error.outcome === 'unknown' && error.reason !== 'ABORTED';
  if (!(error instanceof TaloApiError)) return false;
  return error.outcome === 'unknown' || [200, 400, 409, 422].includes(error.status);
}

export function isNotFound(error: unknown): boolean {
  return error instanceof TaloApiError && error.status === 404;
}
