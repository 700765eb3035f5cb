import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createSandbox } from '../../src/index.ts';
import { observed } from '../../src/oddities.ts';
import { oddityDocs } from '../../src/oddity-docs.ts';
import { Switches } from '../../src/schemas/options.ts';
import { VERSION } from '../../src/version.ts';
import { BASE } from './support.ts';

async function served(): Promise<{ paths: Record<string, Record<string, unknown>> }> {
  const response = await createSandbox().fetch(`${BASE}/openapi.json`);
  return (await response.json()) as { paths: Record<string, Record<string, unknown>> };
}

test("the control API's document lints without an error or a warning", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talo-control-'));
  const file = join(folder, 'openapi.json');
  writeFileSync(file, JSON.stringify(await served()));
  const redocly = createRequire(import.meta.url).resolve('@redocly/cli/bin/cli.js');
  const config = fileURLToPath(new URL('../../redocly.yaml', import.meta.url));
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const { stdout, stderr } = spawnSync(process.execPath, [redocly, 'lint', file, '--config', config], {
    encoding: 'utf8',
    env,
  });
  rmSync(folder, { recursive: true });
  expect(stdout + stderr).toContain('Your API description is valid');
  expect(stdout + stderr).not.toContain('warning');
}, 60_000);

test('every route in it answers, and refuses a body that it does not know', async () => {
  const { paths } = await served();
  const sandbox = createSandbox();
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  );
  expect(routes.length).toBeGreaterThan(45);
  for (const { method, path } of routes) {
    const response = await sandbox.fetch(`http://talo.localhost${path.replace(/\{\w+\}/g, 'nobody')}`, {
      method,
      ...(method !== 'GET' && { headers: { 'content-type': 'application/json' }, body: '[]' }),
    });
    await response.body?.cancel();
    const what = `${method} ${path}: ${response.status}`;
    expect([200, 404, 422], what).toContain(response.status);
    if (method === 'GET' && !path.includes('{')) expect(response.status, what).toBe(200);
    if (method !== 'GET') expect(response.status, what).not.toBe(200);
  }
});

test('every switch has words in both languages, its type and its choices', () => {
  expect(Object.keys(oddityDocs).sort()).toEqual(Object.keys(observed).sort());
  for (const [name, { type, choices, doc }] of Object.entries(oddityDocs)) {
    expect(doc.es.length * doc.en.length, name).toBeGreaterThan(0);
    const value: unknown = Reflect.get(observed, name);
    if (type !== 'choice') expect(typeof value, name).toBe(type);
    // what is offered is taken, and what is taken by a choice is offered
    for (const choice of choices ?? [value])
      expect(Switches.safeParse({ [name]: choice }).success, name).toBe(true);
    if (type === 'choice') {
      expect(choices, name).toContain(value);
      expect(Switches.safeParse({ [name]: 'something else' }).success, name).toBe(false);
    }
  }
});

test('the version is that of the package', () => {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  expect(VERSION).toBe(version);
});
