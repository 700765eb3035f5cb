// A project as it is set up without Nest: Jest, ts-jest, CommonJS, TypeScript 5.9 with node10 resolution, and no word
// about ESM. It uses every package but the one for Nest, on each Node.
import { before, test } from 'node:test';
import { consumer, nodes, run } from '../../packaging/packed.ts';

let project = '';

before(() => {
  const packages = ['core', 'express', 'fastify', 'inbox-sqlite', 'sandbox'];
  project = consumer(
    'jest',
    packages.map((name) => `@talo/${name}`),
  );
});

test('TypeScript 5.9, old module resolution, skipLibCheck off', () => {
  run(project, process.execPath, 'node_modules/typescript/bin/tsc', '--noEmit');
});

for (const [module, resolution] of [
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
] as const) {
  for (const format of ['mts', 'cts']) {
    // apart from testing/consumers/typescript, whose TypeScript is too old for Fastify's own declarations; each format
    // by itself, because `fastify.talo` has one type in a program
    test(`TypeScript 5.9, ${resolution}, skipLibCheck off: @talo/fastify in a .${format} file`, () => {
      const flags = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'];
      const target = ['--target', 'es2023', '--types', 'node'];
      const how = ['--module', module, '--moduleResolution', resolution, `modern/fastify.${format}`];
      run(project, process.execPath, 'node_modules/typescript/bin/tsc', ...flags, ...target, ...how);
    });
  }
}

for (const [major, node] of Object.entries(nodes)) {
  test(`Jest and ts-jest on Node ${major} use the packed packages without configuration`, () => {
    run(project, node, 'node_modules/jest/bin/jest.js', '--ci');
  });
}
