import type { ViteUserConfig } from 'vitest/config';
import shared from '../../../vitest.shared.ts';

const config: ViteUserConfig = {
  ...shared,
  root: import.meta.dirname,
  test: { ...shared.test, include: ['*.test.ts'] },
};
export default config;
