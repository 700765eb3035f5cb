import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { pesos, TaloApiError, TaloClient, TaloTransportError } from '../../src/index.ts';
import { failureOf } from '../support/fake-talo.ts';

// over the global fetch and real connections, because that is where half an answer comes from

/** Of calls that end by themselves, however slow the machine is; and of those that only time ends. */
const PLENTY_MS = 30_000;
const TIMEOUT_MS = 400;
const closers: (() => Promise<unknown>)[] = [];
const unhandled = vi.fn();

beforeEach(() => {
  process.on('unhandledRejection', unhandled);
});

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const http = (answer: RequestListener) => listen(createHttpServer(answer));
/** Answers every request with these bytes, and then `after`. */
const raw = (head: string, after: (socket: Socket) => void = () => {}) =>
  listen(
    createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        if (head) socket.write(head, () => after(socket));
        else after(socket);
      });
    }),
  );

function clientOf(apiUrl: string, timeout = PLENTY_MS): TaloClient {
  const credentials = { userId: 'user', accessToken: 'TL-token.token.token' };
  return new TaloClient({ environment: { apiUrl }, credentials, timeout, random: () => 0 });
}

/** How a GET and a create fail. */
async function failures(apiUrl: string, timeout?: number): Promise<[unknown, unknown]> {
  const { payments } = clientOf(apiUrl, timeout);
  const both = await Promise.all([
    failureOf(payments.get('p')),
    failureOf(payments.create({ externalId: 'a', price: pesos(1) })),
  ]);
  for (const error of both)
    expect(error).toSatisfy((e) => e instanceof TaloTransportError || e instanceof TaloApiError);
  return both;
}

const transport = (reason: string, outcome: string) => ({ code: 'transport', reason, outcome });

describe('a server that', () => {
  test('is not there', async () => {
    const url = await http(() => {});
    await closers.pop()?.();
    expect(await failures(url)).toMatchObject([
      transport('NETWORK', 'not-sent'),
      transport('NETWORK', 'not-sent'),
    ]);
  });

  test('has a name that does not exist', async () => {
    const [error] = await failures('http://talo.invalid');
    expect(error).toMatchObject({ code: 'transport' });
  });

  test('accepts and says nothing', async () => {
    const url = await raw('');
    expect(await failures(url, TIMEOUT_MS)).toMatchObject([
      transport('TIMEOUT', 'unknown'),
      transport('TIMEOUT', 'unknown'),
    ]);
  });

  test('resets the connection', async () => {
    const url = await raw('', (socket) => socket.resetAndDestroy());
    expect(await failures(url)).toMatchObject([
      transport('NETWORK', 'unknown'),
      transport('NETWORK', 'unknown'),
    ]);
  });

  test('sends a head and half a body, and stalls', async () => {
    const url = await raw(
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"data":',
    );
    expect(await failures(url, TIMEOUT_MS)).toMatchObject([
      transport('TIMEOUT', 'unknown'),
      transport('TIMEOUT', 'unknown'),
    ]);
  });

  test('sends half a body and hangs up', async () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"data":';
    const url = await raw(head, (socket) => socket.destroy());
    expect(await failures(url)).toMatchObject([
      transport('NETWORK', 'unknown'),
      transport('NETWORK', 'unknown'),
    ]);
  });

  test('sends half an object as if it were whole', async () => {
    const url = await http((_, res) => res.end('{"message":"ok","data":{"id":"p"'));
    expect(await failures(url)).toMatchObject([
      transport('BAD_RESPONSE', 'unknown'),
      transport('BAD_RESPONSE', 'unknown'),
    ]);
  });

  test('sends HTML', async () => {
    const url = await http((_, res) =>
      res.setHeader('content-type', 'text/html').end('<!doctype html><h1>Talo</h1>'),
    );
    expect(await failures(url)).toMatchObject([
      transport('BAD_RESPONSE', 'unknown'),
      transport('BAD_RESPONSE', 'unknown'),
    ]);
  });

  test('sends a gateway’s page of HTML', async () => {
    const url = await http((_, res) => res.writeHead(502).end('<!doctype html><h1>Bad gateway</h1>'));
    const failed = await failures(url);
    expect(failed).toMatchObject([
      { status: 502, outcome: undefined },
      { status: 502, outcome: 'unknown' },
    ]);
    expect(String(failed)).not.toContain('<h1>');
  });

  test('speaks no HTTP', async () => {
    const url = await raw('SSH-2.0-OpenSSH_9.6\r\n');
    expect(await failures(url)).toMatchObject([
      transport('NETWORK', 'unknown'),
      transport('NETWORK', 'unknown'),
    ]);
  });

  test('trickles bytes for ever', async () => {
    const url = await http((_, res) => {
      const timer = setInterval(() => res.write(' '), 20);
      res.on('close', () => clearInterval(timer));
    });
    expect(await failures(url, TIMEOUT_MS)).toMatchObject([
      transport('TIMEOUT', 'unknown'),
      transport('TIMEOUT', 'unknown'),
    ]);
  });

  test('sends more than anybody needs', async () => {
    let sent = 0;
    const chunk = Buffer.alloc(1 << 20, 32);
    const url = await http((_, res) => {
      const push = () => {
        while (!res.destroyed && res.write(chunk)) sent += chunk.length;
        sent += chunk.length;
      };
      res.on('drain', push);
      push();
    });
    const error = await failureOf(clientOf(url).payments.get('p', { maxRetries: 0, timeout: 5_000 }));
    expect(error).toMatchObject(transport('BAD_RESPONSE', 'unknown'));
    expect(sent).toBeLessThan(100 * 2 ** 20);
  });
});

test('a fetch that ignores the signal is left behind', async () => {
  const client = new TaloClient({
    credentials: { userId: 'user', accessToken: 'TL-a' },
    timeout: 50,
    fetch: () => new Promise((_, reject) => setTimeout(() => reject(new Error('much later')), 120)),
  });
  await expect(client.payments.get('p')).rejects.toMatchObject({ reason: 'TIMEOUT' });
  // past the rejection that comes too late: it must not be an unhandled one
  await new Promise((resolve) => setTimeout(resolve, 150));
});

test('an aborted call closes its connection', async () => {
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const url = await http((req) => req.on('close', close));
  const controller = new AbortController();
  const call = failureOf(clientOf(url).payments.get('p', { signal: controller.signal }));
  setTimeout(() => controller.abort(), 30);
  expect(await call).toMatchObject(transport('ABORTED', 'unknown'));
  await closed;
});
