/** An expectation that does not hold, with what happened in the sandbox. Every test runner shows its message. */
export class SandboxAssertionError extends Error {
  /** As node:assert names it, so that runners mark the test as failed and not as broken. */
  readonly code = 'ERR_ASSERTION';
  /** As of `assert.fail`: Jest would show a difference of two values otherwise, and there are none. */
  readonly operator = 'fail';

  constructor(message: string, journal: string) {
    super(`${message}\n\n${journal}`);
    this.name = 'AssertionError';
  }
}
