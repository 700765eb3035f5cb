import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { createSandbox, openapiDocument } from '../src/index.ts';
import { aCustomer, call, login, start } from './support/api.ts';

test('behind another address it says that one, and answers to its name', async () => {
  const sandbox = createSandbox({ clock: 'virtual' });
  const { url, port, close } = await sandbox.listen({ publicUrl: 'http://pagos.example:4700/' });
  expect(url).toBe('http://pagos.example:4700');
  expect(sandbox.merchant.environment).toEqual({ apiUrl: url, appUrl: url });
  const status = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ port, host: '127.0.0.1', path: '/_sandbox/status', headers: { host } });
      outgoing
        .on('response', (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
  expect([await status('pagos.example:4700'), await status('other.example:4700')]).toEqual([200, 403]);
  const made = await sandbox.fetch(`${url}/_sandbox/payments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"price":1}',
  });
  expect(await made.json()).toMatchObject({ paymentUrl: expect.stringMatching(`^${url}/payments/VAR-`) });
  await close();
  await expect(sandbox.listen({ publicUrl: 'pagos.example' })).rejects.toThrow('a URL with http or https');
});

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

const hasIPv6 = Object.values(networkInterfaces()).some((each) =>
  each?.some(({ address }) => address === '::1'),
);

test.runIf(hasIPv6).each(['::1', '::'])('the address of %s is one that can be gone to', async (host) => {
  const { url, close } = await createSandbox().listen({ host });
  expect((await fetch(`${url}/openapi.json`)).status).toBe(200);
  await close();
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

test('bodies of every length arrive, told before or not', async () => {
  const { sandbox, api } = await start();
  const { url, close } = await sandbox.listen();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const by = { agent, authorization: `Bearer ${api.token}` };
  const tokens = `${url}/users/${api.userId}/tokens`;
  const credentials = ['{"client_id":"sandbox",', '"client_secret":"sandbox"}'];
  const told = String(credentials.join('').length);
  // what failed over HTTP and not in process: a body without Content-Length, and no body where one may be
  expect(await exchange('POST', tokens, by, credentials)).toMatchObject({ status: 200 });
  expect(await exchange('POST', tokens, { ...by, 'content-length': told }, credentials)).toMatchObject({
    status: 200,
  });
  expect(await exchange('POST', tokens, { ...by, 'transfer-encoding': 'chunked' }, [])).toMatchObject({
    status: 400,
    body: { message: 'body is missing' },
  });
  expect(await exchange('POST', tokens, { ...by, 'content-length': '0' }, [])).toMatchObject({ status: 400 });
  expect(await exchange('POST', `${url}/authorize/${sandbox.partner.id}`, by, [])).toMatchObject({
    status: 303,
  });
  expect(await exchange('DELETE', `${url}/customers/1`, by, [])).toMatchObject({ status: 404 });
  expect(
    await exchange('DELETE', `${url}/customers/1`, { ...by, 'transfer-encoding': 'chunked' }, ['{', '}']),
  ).toMatchObject({ status: 404 });
  expect(
    await exchange('PUT', `${url}/payments/x/price`, by, ['{"amount":1,', '"currency":"ARS"}']),
  ).toMatchObject({ status: 404, body: { message: 'payment not found' } });
  agent.destroy();
  await close();
});

test('a chunked body over 256 KiB is 413, and the next request on its connection is answered', async () => {
  const { sandbox, api } = await start();
  const { url, close } = await sandbox.listen();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const chunks = Array<string>(40).fill('x'.repeat(10_000));
  for (let turn = 0; turn < 2; turn++) {
    const answer = await exchange('POST', `${url}/users/${api.userId}/tokens`, { agent }, chunks);
    expect(answer).toMatchObject({ status: 413, body: { error: true, code: 'payload_too_large' } });
  }
  const unread = { agent, 'transfer-encoding': 'chunked' };
  expect(await exchange('DELETE', `${url}/nothing`, unread, chunks)).toMatchObject({ status: 404 });
  expect(await exchange('GET', `${url}/openapi.json`, { agent }, [])).toMatchObject({ status: 200 });
  agent.destroy();
  await close();
});

test('curl with Transfer-Encoding: chunked', async () => {
  const { sandbox, api } = await start();
  const { port, close } = await sandbox.listen();
  const body = '{"client_id":"sandbox","client_secret":"sandbox"}';
  const answer = await send(
    port,
    [
      `POST /users/${api.userId}/tokens HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'User-Agent: curl/8.5.0',
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
      '',
      body.length.toString(16),
      body,
      '0',
      '',
      '',
    ].join('\r\n'),
  );
  expect(answer).toMatch(/^HTTP\/1.1 200 /);
  expect(answer).toContain('"token":"TL-');
  await close();
});

test('its address says what it is and what it serves', async () => {
  const { sandbox } = await start();
  const { url, close } = await sandbox.listen();
  const answer = await fetch(url);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain;charset=UTF-8']);
  const text = await answer.text();
  expect(text).toContain('a local Talo. No money moves.');
  expect(text).toContain(`${url}/openapi.json`);
  for (const path of Object.keys(openapiDocument().paths)) expect(text).toContain(` ${path}\n`);
  await close();
});

test('the Date header can be off', async () => {
  const { sandbox } = await start({ oddities: { dateSkewMs: -90_000 } });
  const { url, close } = await sandbox.listen();
  for (const answer of [await sandbox.fetch(url), await fetch(url)]) {
    expect(answer.headers.get('date')).toBe('Tue, 18 Feb 2025 19:55:56 GMT');
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

/** One request by node:http, which sends a body of unknown length in chunks. */
async function exchange(
  method: string,
  url: string,
  { agent, ...headers }: { agent: Agent; [header: string]: Agent | string },
  chunks: readonly string[],
): Promise<{ status: number | undefined; body: unknown }> {
  const outgoing = request(url, { method, agent, headers: headers as Record<string, string> });
  outgoing.on('error', () => undefined); // the answer may come, and the connection end, before all is written
  for (const chunk of chunks) outgoing.write(chunk);
  outgoing.end();
  const [incoming] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
  return { status: incoming.statusCode, body: text === '' ? undefined : JSON.parse(text) };
}

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
