import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox } from '@talo/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDashboard } from '../../src/http/dashboard.ts';

const ADDRESS = 'http://127.0.0.1:4600';
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
  mkdirSync(join(folder, '_dashboard'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html>the page');
  writeFileSync(join(folder, '_dashboard', 'index-abc.js'), 'code()');
  writeFileSync(join(folder, 'secret.js'), 'not for you');
});

afterAll(() => rmSync(folder, { recursive: true }));

function ask(path: string, init: RequestInit = {}, where: string | undefined = folder) {
  return createDashboard(async () => where)(new Request(`${ADDRESS}${path}`, init));
}

const browser = { headers: { accept: 'text/html,*/*;q=0.8' } };

describe('the page', () => {
  test('is for browsers, asks for nothing from elsewhere, and is never kept', async () => {
    const response = await ask('/', browser);
    expect(await response?.text()).toContain('the page');
    expect(response?.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response?.headers.get('cache-control')).toBe('no-cache');
    const policy = response?.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  test('is not for tools, which get the list of routes as before', async () => {
    expect(ask('/', { headers: { accept: '*/*' } })).toBeUndefined();
    const response = await createSandbox().fetch(`${ADDRESS}/`);
    expect(await response.text()).toContain('/payments/');
  });

  test('says what to run when it is not built', async () => {
    const response = await createDashboard(async () => undefined)(new Request(`${ADDRESS}/`, browser));
    expect(response?.status).toBe(503);
    expect(await response?.text()).toContain('npx -y pnpm@12 build:dashboard');
  });
});

describe('its files', () => {
  test('are kept for ever, because their names change with them', async () => {
    const response = await ask('/_dashboard/index-abc.js');
    expect(await response?.text()).toBe('code()');
    expect(response?.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response?.headers.get('cache-control')).toContain('immutable');
  });

  test.each([
    '/_dashboard/missing.js',
    '/_dashboard/',
    '/_dashboard/..%2fsecret.js',
    '/_dashboard/%2e%2e/secret.js',
    '/_dashboard/.hidden',
    '/_dashboard/a/../index-abc.js/..',
  ])('are in one folder: %s is nothing', async (path) => {
    const response = await ask(path);
    expect(response?.status ?? 404).toBe(404);
    expect(await (response?.text() ?? '')).not.toContain('not for you');
  });
});

test.each([
  ['/payments/', 'GET'],
  ['/', 'POST'],
  ['/_dashboard/index-abc.js', 'POST'],
  ['/openapi.json', 'GET'],
])('%s with %s is Talo’s', (path, method) => {
  expect(ask(path, { method, ...browser })).toBeUndefined();
});
