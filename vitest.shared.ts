import { defineConfig, type ViteUserConfig } from 'vitest/config';

const conditions = ['@talo/source', 'module', 'node', 'development|production'];

/** Every package's vitest.config.ts is `export { default } from '../../vitest.shared.ts'`. */
const shared: ViteUserConfig = defineConfig({
  // workspace packages run from src, no build needed
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@talo/source', 'node'] } },
  // Nest DI by class type, whatever tsconfig the file falls under
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    include: ['test/**/*.test.ts'],
    // of a slow machine, on which several packages are tested at once, and not of what is tested
    testTimeout: 60_000,
    // vitest 5 caches transforms on disk and does not key them on tsconfig
    fsModuleCache: false,
  },
});
export default shared;
