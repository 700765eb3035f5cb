// Three NestJS projects as their users set them up, each with the same application and the same test of it: an order is
// paid by a transfer in the sandbox, and the notification comes over a real socket, twice.
import { test } from 'node:test';
import { consumer, nodes, run } from '../../packaging/packed.ts';

const PACKAGES = ['@talo/core', '@talo/nestjs', '@talo/sandbox'];

for (const [title, project, majors, ...runner] of [
  [
    'Nest 10, CommonJS, Jest 29, TypeScript 5.1 with old module resolution',
    'nest-10-jest',
    [20, 24],
    'jest/bin/jest.js',
    '--ci',
  ],
  ['Nest 11, CommonJS, Jest 30, TypeScript 5.9', 'nest-11-jest', [20, 24], 'jest/bin/jest.js', '--ci'],
  ['Nest 12, ESM, Vitest, TypeScript 7', 'nest-12-vitest', [22, 24], 'vitest/vitest.mjs', 'run'],
] as const) {
  test(`${title}, skipLibCheck off, on Node ${majors.join(' and ')}`, () => {
    const folder = consumer(project, PACKAGES);
    run(folder, process.execPath, 'node_modules/typescript/bin/tsc', '--noEmit', '-p', '.');
    const [file, ...args] = runner;
    for (const major of majors) {
      run(folder, nodes[major], `node_modules/${file}`, ...args);
    }
  });
}
