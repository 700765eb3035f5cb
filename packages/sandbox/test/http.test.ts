import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { createSandbox } from '../src/index.ts';
import { aCustomer, call, login, start } from './support/api.ts';

test('over HTTP and in process it is the same state, at its own address', async () => {
  const sandbox = createSandbox({ clock: 'virtual', receiver: () => new Response() });
  expect(sandbox.merchant.environment.apiUrl).toBe('http://talo.localhost');
  const { url, port, close } = await sandbox.listen({ port: 0 });
  expect(url).toBe(`http://127.0.0.1:${port}`);
  expect(sandbox.merchant.environment).toEqual({ apiUrl: url, appUrl: url });
  const api = await login(sandbox);
  await api.post('/customers/', aCustomer(api.userId));

  const answer = await fetch(`${url}/customers/123456789`, {
    headers: { authorization: `Bearer ${api.token}` },
  });
  expect(await answer.json()).toMatchObject({ data: { bank_info: { alias: 'bami.abcdabcd' } } });
  expect(answer.headers.get('date')).toBe('Tue, 18 Feb 2025 19:57:26 GMT'); // of the sandbox clock
  expect(answer.headers.get('x-request-id')).toBe(sandbox.requests.at(-1)?.id);
  await close();
  expect(sandbox.merchant.environment.apiUrl).toBe('http://talo.localhost');
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('a port in use is said in so many words', async () => {
  const first = await createSandbox().listen();
  await expect(createSandbox().listen({ port: first.port })).rejects.toMatchObject({
    message: expect.stringContaining(`Port ${first.port} on 127.0.0.1 is in use`),
    code: 'EADDRINUSE',
  });
  await first.close();
});

test('nothing that is sent brings it down', async () => {
  const errors: unknown[] = [];
  const sandbox = createSandbox({ onError: (error) => errors.push(error) });
  const { url, port, close } = await sandbox.listen();
  const { userId } = sandbox.merchant.credentials;
  for (const body of ['', '{', 'null', '[]', '"x"', '{"client_id":{}}', '\u0000', '{"__proto__":1}']) {
    const answer = await call(sandbox, 'POST', `/users/${userId}/tokens`, body);
    expect([answer.status, answer.body.error]).toEqual([400, true]);
  }
  for (const path of [
    '/%',
    '/payments/%ff',
    '//',
    '/payments/..%2f',
    '/constructor',
    '/users/__proto__/tokens',
  ]) {
    expect((await fetch(`${url}${path}`)).status).toBeGreaterThanOrEqual(400);
  }
  for (const raw of ['garbage\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n']) {
    expect(await send(port, raw)).toMatch(/^HTTP\/1.1 400/);
  }
  expect(errors).toEqual([]);
  expect((await fetch(`${url}/openapi.json`)).status).toBe(200);
  await close();
});

test('a body over 256 KiB is 413, with and without its length told', async () => {
  const { sandbox, api } = await start();
  const { url, close } = await sandbox.listen();
  const big = JSON.stringify({ amount: 'x'.repeat(300_000) });
  const headers = { authorization: `Bearer ${api.token}` };
  const path = '/cvu/1/faucet';
  expect((await api.post(path, big)).status).toBe(413);
  for (const body of [big, new Blob([big]).stream()]) {
    const answer = await fetch(url + path, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: true, code: 'payload_too_large' });
  }
  await close();
});

test('an unknown route is a 404 envelope, and a missing slash is explained', async () => {
  const { sandbox, api } = await start();
  expect(await call(sandbox, 'DELETE', '/customers/1')).toMatchObject({ status: 404, body: { error: true } });
  const answer = await call(sandbox, 'POST', '/payments', {});
  expect([answer.status, answer.body.message]).toEqual([404, expect.stringContaining('/payments/')]);

  const lenient = await start({ oddities: { collectionsNeedSlash: false } });
  const created = await lenient.sandbox.fetch('http://talo.localhost/customers', {
    method: 'POST',
    headers: { authorization: `Bearer ${lenient.api.token}` },
    body: JSON.stringify(aCustomer(api.userId)),
  });
  expect(created.status).toBe(200);
});

test('the journal has no query, header or body', async () => {
  const { sandbox, api } = await start();
  await api.get('/customers/1?secret=hush');
  const [tokenCall, entry] = sandbox.requests;
  expect(tokenCall).toMatchObject({ method: 'POST', status: 200 });
  expect(entry).toEqual({
    id: expect.any(String),
    method: 'GET',
    path: '/customers/1',
    status: 404,
    at: new Date('2025-02-18T19:57:26.674Z'),
  });
  expect(JSON.stringify(sandbox.requests)).not.toContain('hush');
});

function send(port: number, raw: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(raw));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      answer += chunk;
      socket.end();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
