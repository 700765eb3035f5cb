// A project as Nest 11 sets it up: Jest, ts-jest, CommonJS, TypeScript 5.9 with node10 resolution, and no word about ESM.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { allPacked, here, pnpm, run, temporary } from '../packed.ts';

test('Jest and ts-jest use the packed @talo/core without configuration', () => {
  const project = join(temporary, 'jest');
  cpSync(join(here, 'consumers/jest'), project, { recursive: true });
  const core = allPacked().find(({ manifest }) => manifest.name === '@talo/core');
  if (core === undefined) throw new Error('@talo/core was not packed');
  // installs the committed lockfile and adds the tarball to it
  pnpm(project, 'add', core.tarball);
  run(project, process.execPath, 'node_modules/typescript/bin/tsc', '--noEmit');
  run(project, process.execPath, 'node_modules/jest/bin/jest.js', '--ci');
});
