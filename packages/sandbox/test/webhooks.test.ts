import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createSandbox, type Sandbox, type SandboxOptions } from '../src/index.ts';
import { refusal } from '../src/webhooks/targets.ts';
import { aCustomer, login, start } from './support/api.ts';

async function withCustomer(
  options: SandboxOptions,
  url = 'https://tu-sitio.com/webhooks/talo',
): Promise<Sandbox> {
  const sandbox = createSandbox({ clock: 'virtual', ...options });
  const api = await login(sandbox);
  await api.post('/customers/', aCustomer(api.userId, { webhook_url: url }));
  return sandbox;
}

const pay = (sandbox: Sandbox): unknown => sandbox.bank.transfer({ to: 'bami.abcdabcd', amount: 10 });
const outcomes = (sandbox: Sandbox): [number, string][] =>
  sandbox.deliveries.map(({ attempt, outcome }) => [attempt, outcome]);

test('a notice is a POST of JSON, without any signature', async () => {
  const seen: unknown[] = [];
  const sandbox = await withCustomer({
    receiver: async (request) => {
      seen.push(request.method, Object.fromEntries(request.headers));
      return new Response(null, { status: 204 });
    },
  });
  pay(sandbox);
  await sandbox.idle();
  expect(seen).toEqual(['POST', { 'content-type': 'application/json', 'user-agent': 'Talo-Sandbox' }]);
  expect(sandbox.deliveries).toMatchObject([
    {
      url: 'https://tu-sitio.com/webhooks/talo',
      status: 204,
      attempt: 1,
      outcome: 'delivered',
      durationMs: 0,
    },
  ]);
});

test('what is not answered with 2xx is sent again, on the schedule of the preset', async () => {
  let failing = 2;
  const sandbox = await withCustomer({
    delivery: { retry: 'backoff' },
    receiver: () => new Response(null, { status: failing-- > 0 ? 503 : 200 }),
  });
  pay(sandbox);
  await sandbox.idle(); // the retry waits for its time, idle does not wait for the retry
  expect(outcomes(sandbox)).toEqual([[1, 'rejected']]);
  await sandbox.clock.advance({ ms: 4999 });
  expect(sandbox.deliveries).toHaveLength(1);
  await sandbox.clock.advance({ ms: 1 });
  await sandbox.clock.advance({ hours: 5 });
  expect(outcomes(sandbox)).toEqual([
    [1, 'rejected'],
    [2, 'rejected'],
    [3, 'delivered'],
  ]);
  const [first, second, third] = sandbox.deliveries.map(({ at }) => at.getTime());
  expect([(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)]).toEqual([5000, 30_000]);
  expect(new Set(sandbox.deliveries.map(({ notificationId }) => notificationId)).size).toBe(1);
});

test.each([
  ['none', 1],
  ['quick', 4],
  ['stripe-like', 11],
  [[10], 2],
] as const)('retry %j gives up after %i attempts', async (retry, count) => {
  const sandbox = await withCustomer({
    delivery: { retry },
    receiver: () => new Response(null, { status: 500 }),
  });
  pay(sandbox);
  await sandbox.clock.advance({ days: 30 });
  expect(sandbox.deliveries).toHaveLength(count);
});

test('an answer slower than 3 s is cut off, and the request aborted', async () => {
  let aborted = false;
  const sandbox = await withCustomer({
    delivery: { retry: 'none' },
    receiver: (request) => {
      request.signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise((resolve) => sandbox.clock.setTimeout(() => resolve(new Response()), 3001));
    },
  });
  pay(sandbox);
  await sandbox.clock.advance({ ms: 2999 });
  expect(sandbox.deliveries).toEqual([]);
  await sandbox.clock.advance({ ms: 1 });
  expect(sandbox.deliveries).toMatchObject([
    { outcome: 'timeout', durationMs: 3000, reason: 'no answer within 3000 ms' },
  ]);
  expect(aborted).toBe(true);
});

test('a receiver that hangs is cut off though nobody advances the clock', async () => {
  const sandbox = await withCustomer({
    delivery: { retry: 'none', timeoutMs: 50 },
    receiver: () => new Promise(() => undefined),
  });
  pay(sandbox);
  await sandbox.idle();
  expect(outcomes(sandbox)).toEqual([[1, 'timeout']]);
});

test('a receiver that throws has failed', async () => {
  const sandbox = await withCustomer({
    delivery: { retry: 'none' },
    receiver: () => {
      throw new Error('broken', { cause: new Error('pipe') });
    },
  });
  pay(sandbox);
  await sandbox.idle();
  expect(sandbox.deliveries).toMatchObject([{ outcome: 'failed', reason: 'broken: pipe' }]);
});

test('faults of delivery: duplicates, losses, delay, reversed order', async () => {
  const seen: string[] = [];
  const receiver = async (request: Request): Promise<Response> => {
    seen.push(JSON.parse(await request.text()).transactionId);
    return new Response();
  };
  const twice = await withCustomer({ receiver, delivery: { duplicate: 1 } });
  pay(twice);
  await twice.idle();
  expect(seen).toHaveLength(2);
  expect(new Set(seen).size).toBe(1);

  const lossy = await withCustomer({ receiver, delivery: { dropEvery: 2 } });
  for (let index = 0; index < 4; index++) pay(lossy);
  await lossy.idle();
  expect(outcomes(lossy).filter(([, outcome]) => outcome === 'dropped')).toHaveLength(2);
  expect(outcomes(lossy).filter(([, outcome]) => outcome === 'delivered')).toHaveLength(2);

  seen.length = 0;
  const late = await withCustomer({ receiver, delivery: { delayMs: 1000 } });
  pay(late);
  await late.idle();
  expect(seen).toEqual([]);
  await late.clock.advance({ seconds: 1 });
  expect(seen).toHaveLength(1);

  seen.length = 0;
  const reversed = await withCustomer({ receiver, delivery: { reverse: true } });
  pay(reversed);
  pay(reversed);
  await reversed.idle();
  expect(seen[1]).toBe('1b5a952a-8a79-4003-b06a-e4043d453456');
});

test('the webhook can overtake the response that caused it', async () => {
  const order: string[] = [];
  for (const timing of ['after-response', 'before-response'] as const) {
    const { sandbox, api } = await start({
      delivery: { timing },
      receiver: () => {
        order.push('webhook');
        return new Response();
      },
    });
    await api.post('/customers/', aCustomer(api.userId));
    const answer = await sandbox.fetch('http://talo.localhost/cvu/0000630500008064475741/faucet', {
      method: 'POST',
      headers: { authorization: `Bearer ${api.token}` },
      body: '{"amount":1}',
    });
    order.push(`${timing} ${answer.status}`);
    await sandbox.idle();
  }
  expect(order).toEqual(['after-response 200', 'webhook', 'webhook', 'before-response 200']);
});

test('webhooks do not leave this machine', async () => {
  const sandbox = await withCustomer({});
  pay(sandbox);
  await sandbox.idle();
  expect(sandbox.deliveries).toMatchObject([
    { outcome: 'refused', attempt: 0, reason: expect.stringContaining('tu-sitio.com is not this machine') },
  ]);
});

test('over HTTP to this machine, answers and lost connections', async () => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('utf8');
    let body = '';
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      bodies.push(body);
      if (bodies.length === 1) response.writeHead(302, { location: 'http://example.com/' }).end();
      else if (bodies.length === 2) request.socket.destroy();
      else response.writeHead(200).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const sandbox = await withCustomer(
    { delivery: { retry: [10, 10, 10] } },
    `http://127.0.0.1:${port}/hook?secret=1`,
  );
  pay(sandbox);
  await sandbox.clock.advance({ seconds: 1 });
  server.closeAllConnections();
  server.close();
  expect(sandbox.deliveries).toMatchObject([
    { outcome: 'rejected', status: 302 },
    { outcome: 'failed' },
    { outcome: 'delivered', status: 200 },
  ]);
  expect(new Set(bodies).size).toBe(1);
});

test('a reset forgets what was waiting', async () => {
  let calls = 0;
  const sandbox = await withCustomer({
    receiver: () => {
      calls += 1;
      return new Response(null, { status: 500 });
    },
  });
  pay(sandbox);
  await sandbox.idle();
  sandbox.reset();
  await sandbox.clock.advance({ days: 1 });
  expect(calls).toBe(1);
  expect(sandbox.deliveries).toEqual([]);
});

test('a slow receiver holds up no other notice, up to 32 at once', async () => {
  let running = 0;
  let most = 0;
  const sandbox = await withCustomer({
    receiver: async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return new Response();
    },
  });
  for (let index = 0; index < 100; index++) pay(sandbox);
  await sandbox.idle();
  expect(most).toBe(32);
  expect(sandbox.deliveries).toHaveLength(100);
});

test.each([
  ['http://localhost:3000/x', true],
  ['http://127.0.0.1/x', true],
  ['https://127.9.9.9/x', true],
  ['http://[::1]:3000/', true],
  ['http://127.0.0.1.example.com/', false],
  ['http://localhost.example.com/', false],
  ['http://10.0.0.1/', false],
  ['http://user:pass@example.com/', false],
  ['ftp://localhost/', false],
  ['', false],
])('%s is this machine: %s', (url, here) => {
  expect(refusal(url, false) === undefined).toBe(here);
});

test('a reset forgets what was on its way', async () => {
  let calls = 0;
  const sandbox = await withCustomer({
    receiver: (request) => {
      calls += 1;
      sandbox.reset();
      return new Response(request.method, { status: 500 });
    },
  });
  pay(sandbox);
  await sandbox.clock.advance({ days: 1 });
  expect([calls, sandbox.deliveries]).toEqual([1, []]);
});

test('the history is bounded', async () => {
  const sandbox = await withCustomer({ historyLimit: 3, receiver: () => new Response() });
  for (let index = 0; index < 20; index++) pay(sandbox);
  await sandbox.idle();
  expect(sandbox.deliveries).toHaveLength(3);
  expect(sandbox.deliveries.at(-1)?.notificationId).toBe('notice-20');
});
