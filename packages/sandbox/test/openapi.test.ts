import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createSandbox, openapiDocument } from '../src/index.ts';
import { validatingFetch } from './support/validating-fetch.ts';

test('the document lints without an error or a warning', () => {
  const folder = mkdtempSync(join(tmpdir(), 'talo-openapi-'));
  const file = join(folder, 'openapi.json');
  writeFileSync(file, JSON.stringify(openapiDocument(), null, 2));
  const redocly = createRequire(import.meta.url).resolve('@redocly/cli/bin/cli.js');
  const config = fileURLToPath(new URL('../redocly.yaml', import.meta.url));
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [redocly, 'lint', file, '--config', config],
    {
      encoding: 'utf8',
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    },
  );
  rmSync(folder, { recursive: true });
  expect(stdout + stderr).toContain('Your API description is valid');
  expect(stdout + stderr).not.toContain('warning');
  expect(status).toBe(0);
}, 30_000);

test('it is served with the address it is served at', async () => {
  const sandbox = createSandbox();
  const answer = await sandbox.fetch('http://127.0.0.1:4600/openapi.json');
  const document = (await answer.json()) as { servers: unknown[] };
  expect(document).toEqual(
    JSON.parse(JSON.stringify(openapiDocument({ serverUrl: 'http://127.0.0.1:4600' }))),
  );
  expect(document.servers[0]).toEqual({ url: 'http://127.0.0.1:4600', description: 'This sandbox' });
});

test('the validating fetch sees an answer and a request that differ', async () => {
  const userUrl = 'http://talo.localhost/users/x/tokens';
  const post = { method: 'POST', body: '{"client_id":"a","client_secret":"b"}' };
  const answering = (body: object) => validatingFetch(async () => Response.json(body));
  const good = { message: 'ok', error: false, data: { token: 'TL-a.b.c' } };
  await expect(answering(good)(userUrl, post)).resolves.toBeInstanceOf(Response);
  await expect(answering({ ...good, extra: 1 })(userUrl, post)).rejects.toThrow('additional properties');
  await expect(answering({ ...good, data: { token: 'x' } })(userUrl, post)).rejects.toThrow('/data/token');
  await expect(answering({ error: true })(userUrl, post)).rejects.toThrow('message');
  await expect(answering(good)(userUrl, { ...post, body: '{"client_id":1}' })).rejects.toThrow('/client_id');
  await expect(answering(good)('http://talo.localhost/made/up', post)).rejects.toThrow('not in the OpenAPI');
});
