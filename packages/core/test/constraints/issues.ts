import { expect } from 'vitest';
import type { Constraint } from '../../src/constraints/index.ts';

/** What `check` finds, as `path code` lines. */
export function found(constraint: Constraint<unknown>, value: unknown): string[] {
  return constraint.check(value).map(({ path, code }) => `${path} ${code}`.trim());
}

/** The one message that `check` finds. */
export function message(constraint: Constraint<unknown>, value: unknown): string {
  const issues = constraint.check(value);
  expect(issues).toHaveLength(1);
  return issues[0]?.message ?? '';
}
