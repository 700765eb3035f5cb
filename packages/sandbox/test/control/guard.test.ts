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
  body = '{}',
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port: server.port, host: '127.0.0.1', method, path, headers }, (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode);
    });
    outgoing.on('error', reject).end(method === 'GET' ? undefined : body);
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

describe("Talo's own routes", () => {
  const crossSite = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  const visit = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', accept: 'text/html' };

  /** What a page can make a browser send without asking, with an address of its choice to be told at. */
  const order = JSON.stringify({
    user_id: 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6',
    price: { amount: 1000, currency: 'ARS' },
    payment_options: ['transfer'],
    external_id: 'order-1',
    webhook_url: 'http://127.0.0.1:3998/x',
  });

  async function withPayment(): Promise<{ sandbox: Sandbox; server: Listening; path: string }> {
    const sandbox = createSandbox();
    open.push(sandbox);
    const server = await sandbox.listen();
    expect(await send(server, 'POST', { 'content-type': 'text/plain' }, '/payments/', order)).toBe(200);
    return { sandbox, server, path: '/payments/VAR-f61876b0-order-1' };
  }

  test.each<[string, Record<string, string>]>([
    ['another site', { ...crossSite, 'content-type': 'text/plain' }],
    ['a form of another site', { ...crossSite, 'content-type': 'text/plain', 'sec-fetch-mode': 'navigate' }],
    ['a page that an old browser shows', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }],
    ['a name that somebody points here', { host: 'rebind.example:4600' }],
    ['that name, from its own page', { host: 'rebind.example:4600', 'sec-fetch-site': 'same-origin' }],
  ])('take no payment from %s', async (_name, headers) => {
    const sandbox = createSandbox();
    open.push(sandbox);
    const server = await sandbox.listen();
    expect(await send(server, 'POST', headers, '/payments/', order)).toBe(403);
    expect(sandbox.snapshot().rows.filter(({ kind }) => kind === 'payment')).toEqual([]);
    expect(sandbox.requests).toEqual([]);
  });

  test.each([
    '127.0.0.1:4600',
    'localhost',
    'talo.localhost:4600',
    '192.168.0.7:4600',
    '[fe80::1]:4600',
    'host.docker.internal:4600',
    'sandbox:4600',
  ])('answer programs that call this machine %s', async (host) => {
    const sandbox = createSandbox();
    open.push(sandbox);
    const server = await sandbox.listen({ allowedHosts: ['sandbox'] });
    const tokens = '/users/f61876b0-10a5-4e39-8e2c-17343b3fa1b6/tokens';
    const credentials = '{"client_id":"sandbox","client_secret":"sandbox"}';
    // `fetch` of Node says this much
    const headers = { ...json, host, 'sec-fetch-mode': 'cors' };
    expect(await send(server, 'POST', headers, tokens, credentials)).toBe(200);
  });

  test('a payer comes to the checkout from the shop, a merchant to the consent, anybody to the dashboard', async () => {
    const { sandbox, server, path } = await withPayment();
    const consent = `/authorize/${sandbox.partner.id}`;
    expect(await send(server, 'GET', visit, path)).toBe(200);
    expect(await send(server, 'GET', { ...visit, 'sec-fetch-site': 'same-site' }, path)).toBe(200);
    expect(await send(server, 'GET', visit, consent)).toBe(200);
    expect(await send(server, 'GET', visit, '/')).not.toBe(403); // 503 where it is not built
    // which is asked there, whoever sent the form
    expect(await send(server, 'POST', { ...visit, origin: 'https://evil.example' }, consent)).toBe(303);
    expect(sandbox.snapshot().rows.filter(({ kind }) => kind === 'merchant')).toHaveLength(1);
  });

  test('what is no visit is none by its path', async () => {
    const { sandbox, server, path } = await withPayment();
    const consent = `/authorize/${sandbox.partner.id}`;
    expect(await send(server, 'GET', { ...visit, host: 'rebind.example' }, path)).toBe(403);
    expect(await send(server, 'GET', { ...crossSite, 'sec-fetch-mode': 'no-cors' }, path)).toBe(403);
    expect(await send(server, 'GET', visit, '/transactions/')).toBe(403);
    expect(await send(server, 'POST', { ...visit, origin: 'https://evil.example' }, path)).toBe(403);
    // an old browser says no more than this
    expect(await send(server, 'POST', { origin: 'https://evil.example' }, consent)).toBe(403);
    expect(sandbox.snapshot().rows.filter(({ kind }) => kind === 'merchant')).toHaveLength(1);
  });
});
