import { request } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { createSandbox, type Listening, type Sandbox } from '../../src/index.ts';

const open: Sandbox[] = [];
afterEach(async () => {
  for (const sandbox of open.splice(0)) await sandbox.close();
});

async function begin(): Promise<Listening> {
  const sandbox = createSandbox();
  open.push(sandbox);
  return await sandbox.listen();
}

/** As a browser sends it: `fetch` would not let us say Host, Origin and Sec-Fetch-Site. */
function send(
  server: Listening,
  method: string,
  headers: Record<string, string>,
  path = '/_sandbox/reset',
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port: server.port, host: '127.0.0.1', method, path, headers }, (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode);
    });
    outgoing.on('error', reject).end(method === 'GET' ? undefined : '{}');
  });
}

const json = { 'content-type': 'application/json' };

describe('the control API takes', () => {
  test.each<[string, number, Record<string, string>]>([
    ['a program without a browser', 200, json],
    ['its own page', 200, { ...json, origin: 'self', 'sec-fetch-site': 'same-origin' }],
    ['JSON with a charset', 200, { 'content-type': 'application/json; charset=utf-8' }],
    ['localhost by name', 200, { ...json, host: 'localhost:80' }],
    ['IPv6', 200, { ...json, host: '[::1]:80' }],
  ])('%s', async (_name, status, headers) => {
    const server = await begin();
    const origin = headers['origin'] === 'self' ? { origin: server.url } : {};
    expect(await send(server, 'POST', { ...headers, ...origin })).toBe(status);
  });
});

describe('the control API refuses', () => {
  test.each<[string, number, Record<string, string>]>([
    ['another site', 403, { ...json, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    [
      'another port of this machine',
      403,
      { ...json, origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' },
    ],
    ['a page that hides its origin', 403, { ...json, origin: 'null' }],
    ['a browser that says only where from', 403, { ...json, 'sec-fetch-site': 'cross-site' }],
    ['a name that somebody points here', 403, { ...json, host: 'rebind.example:4600' }],
    ['a name that only looks like ours', 403, { ...json, host: '127.0.0.1.evil.example' }],
    ['a form', 415, { 'content-type': 'application/x-www-form-urlencoded' }],
    ['text, which needs no permission across sites', 415, { 'content-type': 'text/plain' }],
    ['no content type', 415, {}],
  ])('%s', async (_name, status, headers) => {
    const server = await begin();
    expect(await send(server, 'POST', headers)).toBe(status);
  });

  test('also to be read from another site', async () => {
    const server = await begin();
    const headers = { host: 'rebind.example' };
    expect(await send(server, 'GET', headers, '/_sandbox/status')).toBe(403);
    expect(await send(server, 'GET', headers, '/_sandbox/events')).toBe(403);
    expect(await send(server, 'GET', { 'sec-fetch-site': 'none' }, '/_sandbox/status')).toBe(200);
  });

  test('what does not exist, and the wrong method', async () => {
    const server = await begin();
    expect(await send(server, 'GET', {}, '/_sandbox/nothing')).toBe(404);
    expect(await send(server, 'POST', json, '/_sandbox/status')).toBe(405);
    expect(await send(server, 'GET', {}, '/_sandbox/payments/%E0%A4%A/x')).toBe(400);
  });
});

test('a name that was allowed is answered to', async () => {
  const sandbox = createSandbox();
  open.push(sandbox);
  const server = await sandbox.listen({ allowedHosts: ['sandbox'] });
  expect(await send(server, 'GET', { host: 'sandbox:4600' }, '/_sandbox/status')).toBe(200);
});
