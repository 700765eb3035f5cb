import shared from '../../../vitest.shared.ts';

export default {
  ...shared,
  root: import.meta.dirname,
  test: { ...shared.test, include: ['*.test.ts'], testTimeout: 2_000, hookTimeout: 2_000 },
};
