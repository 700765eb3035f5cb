import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('@fastify/autoload loads it, and what it decorates is seen outside its folder', async () => {
  const app = join(import.meta.dirname, 'autoload/app.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@talo/source', app], {
    timeout: 20_000,
  });
  expect(JSON.parse(stdout)).toEqual({ statusCode: 200, same: true });
});
