// The declarations hold for the oldest TypeScript we support, in both module formats and both kinds of modern resolution,
// with skipLibCheck off. Mistakes are planted in the sources, and have to be seen. Fastify's and Nest's own declarations
// need a newer TypeScript than 5.0, so what is made for them is checked in jest.test.ts and nest.test.ts.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { allPacked, consumer, run } from '../../packaging/packed.ts';

let project = '';

before(() => {
  project = consumer(
    'typescript',
    allPacked().map(({ manifest }) => manifest.name),
  );
});

for (const [module, resolution] of [
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
] as const) {
  test(`TypeScript 5.0, ${resolution}`, () => {
    const sources = readdirSync(project).filter((file) => /\.[mc]ts$/.test(file));
    const flags = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'];
    const target = ['--target', 'es2022', '--lib', 'es2023', '--types', 'node'];
    const how = ['--module', module, '--moduleResolution', resolution];
    const tsc = join(project, 'node_modules/typescript/bin/tsc');
    run(project, process.execPath, tsc, ...flags, ...target, ...how, ...sources);
  });
}
