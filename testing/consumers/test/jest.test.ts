// A project as Nest 11 sets it up: Jest, ts-jest, CommonJS, TypeScript 5.9 with node10 resolution, and no word about ESM.
import { test } from 'node:test';
import { consumer, run } from '../../packaging/packed.ts';

test('Jest and ts-jest use the packed @talo/core without configuration', () => {
  const project = consumer('jest', ['@talo/core']);
  run(project, process.execPath, 'node_modules/typescript/bin/tsc', '--noEmit');
  run(project, process.execPath, 'node_modules/jest/bin/jest.js', '--ci');
});
