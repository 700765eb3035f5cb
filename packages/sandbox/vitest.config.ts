import { mergeConfig, type ViteUserConfig } from 'vitest/config';
import shared from '../../vitest.shared.ts';

const config: ViteUserConfig = mergeConfig(shared, {
  // the dashboard's own logic; what needs a browser is in testing/browser
  test: { include: ['dashboard/test/**/*.test.ts'] },
});
export default config;
