import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { closedLoad, openLoad } from '../lib/load.ts';
import { generator } from '../lib/random.ts';
import { requestBytes } from '../lib/wire.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const request = requestBytes('/', '{}');

test('an open load charges a stop of the server to everything that was to be sent meanwhile', async () => {
  // every answer is held back until a moment of its own, as if the server had stopped in between
  const stopMs = 400;
  const begun = performance.now();
  const port = await serve((incoming, outgoing) => {
    incoming.resume();
    const left = begun + stopMs - performance.now();
    setTimeout(() => outgoing.end('ok'), Math.max(0, left));
  });
  const load = await openLoad({
    port,
    perSecond: 200,
    seconds: 0.8,
    random: generator(7),
    request: () => request,
    // most of them find no connection: their time goes on all the same
    connections: 4,
  });
  const charged = load.times.filter((ms) => ms > stopMs / 4).length;
  // 200 a second for three quarters of the stop
  expect(charged).toBeGreaterThan(40);
  expect(load.statuses).toEqual({ 200: load.times.length });
});

test('an open load sends when it is due, the same number for the same seed', async () => {
  const port = await serve((incoming, outgoing) => {
    incoming.resume();
    outgoing.end('ok');
  });
  const run = () =>
    openLoad({ port, perSecond: 500, seconds: 0.4, random: generator(3), request: () => request });
  const [first, second] = [await run(), await run()];
  expect(first.times.length).toBe(second.times.length);
  expect(first.times.length).toBeGreaterThan(150);
  expect(first.times.length).toBeLessThan(250);
});

test('answers are recognised with a length, in chunks, and by a server that hangs up after each', async () => {
  let count = 0;
  const port = await serve((incoming, outgoing) => {
    incoming.resume();
    count++;
    if (count % 3 === 0) outgoing.setHeader('connection', 'close');
    if (count % 2 === 0) outgoing.writeHead(count % 4 === 0 ? 413 : 200).write('{"error":');
    outgoing.end('"0"}');
  });
  const { statuses, times } = await closedLoad({ ports: [port, port], count: 60, request: () => request });
  expect(times).toHaveLength(60);
  expect(statuses).toEqual({ 200: 45, 413: 15 });
});

test('a connection that breaks before the answer counts as no answer', async () => {
  const port = await serve((incoming) => {
    incoming.socket.destroy();
  });
  const { statuses } = await closedLoad({ ports: [port], count: 5, request: () => request });
  expect(statuses).toEqual({ 0: 5 });
});
