import { mergeConfig, type ViteUserConfig } from 'vitest/config';
import shared from '../../vitest.shared.ts';

const config: ViteUserConfig = mergeConfig(shared, {
  test: {
    globalSetup: ['test/support/build.ts'],
    // one browser at a time is enough for the smallest machine
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
export default config;
