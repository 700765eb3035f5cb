import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vitest/config';
import shared from '../../vitest.shared.ts';

/** Everything that must be one copy: that of the major under test, wherever the importing file lies. */
const nest = ['common', 'core', 'platform-express', 'platform-fastify', 'terminus', 'testing'].map(
  (name) => `@nestjs/${name}`,
);

/** The same tests against another major: its packages are those installed in `folder`. */
function against(name: string, folder: string) {
  return {
    extends: true as const,
    root: fileURLToPath(new URL(folder, import.meta.url)),
    resolve: { dedupe: [...nest, 'reflect-metadata', 'rxjs'] },
    test: {
      name,
      dir: fileURLToPath(new URL('test', import.meta.url)),
      include: ['**/*.test.ts'],
      env: { NEST: name },
      // the contract closes servers under load, of three majors at a time
      testTimeout: 30_000,
    },
  };
}

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      projects: [
        against('nest-12', '.'),
        against('nest-11', '../../testing/nest-11'),
        against('nest-10', '../../testing/nest-10'),
      ],
    },
  }),
);
