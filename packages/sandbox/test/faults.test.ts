import { afterEach, describe, expect, test } from 'vitest';
import { createSandbox, type Listening, type Sandbox } from '../src/index.ts';
import { controlOf } from './control/support.ts';
import { login } from './support/api.ts';

// each effect in process and over a socket, where a client sees it

const open: Listening[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

describe.each(['in process', 'over HTTP'])('%s', (way) => {
  async function begin(): Promise<{
    sandbox: Sandbox;
    get: (path?: string, init?: RequestInit) => Promise<Response>;
  }> {
    const sandbox = createSandbox();
    if (way === 'in process') {
      return {
        sandbox,
        get: (path = '/nothing', init) => sandbox.fetch(`http://talo.localhost${path}`, init),
      };
    }
    const server = await sandbox.listen();
    open.push(server);
    return { sandbox, get: (path = '/nothing', init) => fetch(`${server.url}${path}`, init) };
  }

  test('a status n times, with its headers, and then the truth', async () => {
    const { sandbox, get } = await begin();
    sandbox.faults.add({ times: 2, status: 429, headers: { 'retry-after': '7' } });
    for (let index = 0; index < 2; index++) {
      const limited = await get();
      expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
      expect(await limited.json()).toMatchObject({ error: true, code: 'too_many_requests' });
    }
    expect((await get()).status).toBe(404);
    expect(sandbox.requests.map(({ status }) => status)).toEqual([429, 429, 404]);
  });

  test('reset fails before, lose-response after the request is processed', async () => {
    const { sandbox, get } = await begin();
    const { token, userId } = await login(sandbox);
    const create = (id: string): Promise<Response> =>
      get('/payments/', {
        method: 'POST',
        body: JSON.stringify({
          user_id: userId,
          external_id: id,
          payment_options: ['transfer'],
          price: { amount: 1, currency: 'ARS' },
        }),
      });
    const exists = async (id: string): Promise<number> =>
      (await get(`/payments/VAR-f61876b0-${id}`, { headers: { authorization: `Bearer ${token}` } })).status;

    sandbox.faults.add({ effect: 'reset', match: { method: 'POST', route: '/payments/' }, times: 1 });
    await expect(create('one')).rejects.toThrow('fetch failed');
    expect(await exists('one')).toBe(404);
    sandbox.faults.add({ effect: 'lose-response', match: { method: 'post', route: '/payments/' }, times: 1 });
    await expect(create('two')).rejects.toThrow('fetch failed');
    expect(await exists('two')).toBe(200);
  });

  test('truncate breaks the body, stall-body hangs until the caller gives up', async () => {
    const { sandbox, get } = await begin();
    sandbox.faults.add({ effect: 'truncate', times: 1 });
    const cut = await get();
    expect(cut.status).toBe(404);
    await expect(cut.text()).rejects.toThrow(TypeError);

    sandbox.faults.add({ effect: 'stall-body', times: 1 });
    const caller = new AbortController();
    const stalled = await get('/nothing', { signal: caller.signal });
    expect(stalled.status).toBe(404);
    const body = stalled.text();
    caller.abort(new Error('enough'));
    await expect(body).rejects.toThrow('enough');
  });

  test('html is a proxy page', async () => {
    const { sandbox, get } = await begin();
    sandbox.faults.add({ effect: 'html', times: 1 });
    const page = await get();
    expect([page.status, page.headers.get('content-type')]).toEqual([502, 'text/html']);
  });

  test('a delayed request can be given up, and is processed all the same', async () => {
    const { sandbox, get } = await begin();
    sandbox.clock.freeze();
    sandbox.faults.add({ delayMs: 60, times: 1 });
    const caller = new AbortController();
    const answer = get('/nothing', { signal: caller.signal });
    const arrived = async (): Promise<boolean> =>
      (await controlOf(sandbox)('GET /faults')).body.faults[0]?.met === 1;
    while (!(await arrived())) await new Promise((resolve) => setImmediate(resolve));
    caller.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
    await sandbox.clock.advance({ ms: 60 });
    expect(sandbox.requests).toMatchObject([{ path: '/nothing', status: 404 }]);
  });
});

test('a fault meets what its route and method say, until it is taken away', async () => {
  const sandbox = createSandbox();
  const get = async (path: string, method = 'GET'): Promise<number> =>
    (await sandbox.fetch(`http://talo.localhost${path}`, { method })).status;
  const remove = sandbox.faults.add({ match: { route: '/payments/:id', method: 'GET' }, status: 503 });
  expect(await get('/payments/VAR-1')).toBe(503);
  expect(await get('/payments/VAR-1', 'POST')).toBe(404);
  expect(await get('/payments/VAR-1/price')).toBe(404);
  remove();
  expect(await get('/payments/VAR-1')).toBe(401);
  sandbox.faults.add({ status: 418, body: 'teapot' });
  expect(await get('/anything')).toBe(418);
  sandbox.faults.clear();
  expect(await get('/anything')).toBe(404);
});

test('a delay is on the sandbox clock', async () => {
  const sandbox = createSandbox({ clock: 'virtual' });
  sandbox.faults.add({ delayMs: 60_000 });
  let answered = false;
  const answer = sandbox.fetch('http://talo.localhost/x').then(() => {
    answered = true;
  });
  await sandbox.clock.advance({ seconds: 59 });
  expect(answered).toBe(false);
  await sandbox.clock.advance({ seconds: 1 });
  await answer;
});

test('an aborted call rejects with its reason', async () => {
  const sandbox = createSandbox();
  const reason = new Error('enough');
  await expect(sandbox.fetch('http://x/', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test('faults given at the beginning are in force, and again after a reset', async () => {
  const sandbox = createSandbox({ faults: [{ match: { method: 'GET' }, times: 1, status: 503 }] });
  const status = async () => (await sandbox.fetch('http://talo.localhost/openapi.json')).status;
  expect([await status(), await status()]).toEqual([503, 200]);
  sandbox.reset();
  expect([await status(), await status()]).toEqual([503, 200]);
  expect(() => createSandbox({ faults: [{ effect: 'lose-answer' as never }] })).toThrow('effect');
});
