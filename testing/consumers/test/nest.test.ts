// Three NestJS projects as their users set them up, each with the same application and the same test of it: an order is
// paid by a transfer in the sandbox, and the notification comes over a real socket, twice.
import { test } from 'node:test';
import { consumer, run } from '../../packaging/packed.ts';

const PACKAGES = ['@talo/core', '@talo/nestjs', '@talo/sandbox'];

for (const [title, project, runner] of [
  [
    'Nest 10, CommonJS, Jest 29, TypeScript 5.1 with old module resolution',
    'nest-10-jest',
    'jest/bin/jest.js',
  ],
  ['Nest 11, CommonJS, Jest 30, TypeScript 5.9', 'nest-11-jest', 'jest/bin/jest.js'],
  ['Nest 12, ESM, Vitest, TypeScript 7 with skipLibCheck off', 'nest-12-vitest', 'vitest/vitest.mjs'],
] as const) {
  test(title, () => {
    const folder = consumer(project, PACKAGES);
    run(folder, process.execPath, 'node_modules/typescript/bin/tsc', '--noEmit', '-p', '.');
    const once = runner.startsWith('vitest') ? ['run'] : ['--ci'];
    run(folder, process.execPath, `node_modules/${runner}`, ...once);
  });
}
