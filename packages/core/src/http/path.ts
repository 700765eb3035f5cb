import { TaloConstraintError } from '../errors/errors.ts';

/**
 * A path with its ids percent-encoded: path`/payments/${id}`. Ids may hold anything (Talo's ledger ids contain `#`);
 * only what would change the path itself is refused.
 * @throws TaloConstraintError on an empty id, `.` or `..`, and on ids over 512 characters
 */
export function path(literals: TemplateStringsArray, ...ids: readonly string[]): string {
  return literals.reduce((built, literal, i) => built + segment(ids[i - 1]) + literal);
}

function segment(id: unknown): string {
  if (typeof id === 'string' && id !== '' && id !== '.' && id !== '..' && id.length <= 512) {
    try {
      return encodeURIComponent(id);
    } catch {
      // half of a surrogate pair has no UTF-8 form
    }
  }
  const received = typeof id === 'string' ? `text of ${id.length} characters` : typeof id;
  const expected = 'an id of 1 to 512 characters other than "." and ".."';
  const message = `expected ${expected}, received ${received}.`;
  throw new TaloConstraintError([{ path: 'id', code: 'format', message, expected, received }], 'id');
}
