import { text } from '../constraints/text.ts';

const segment = /* @__PURE__ */ text(
  'an id of 1 to 512 characters, not . or ..',
  1,
  512,
  /\p{Cs}/u,
  /^(?!\.\.?$)/,
);

/**
 * A path with its ids percent-encoded: path`/payments/${id}`. Ids may hold anything (Talo's ledger ids contain `#`);
 * only what would change the path itself is refused.
 * @throws TaloConstraintError on an empty id, `.` or `..`, and on ids over 512 characters
 */
export function path(literals: TemplateStringsArray, ...ids: readonly string[]): string {
  return literals.reduce(
    (built, literal, i) => built + encodeURIComponent(segment.parse(ids[i - 1])) + literal,
  );
}
