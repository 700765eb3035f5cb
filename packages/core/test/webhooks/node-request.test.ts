import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { nodeRequest, type TaloWebhooks } from '../../src/webhooks/index.ts';
import { engineOf, FakeTalo, paymentNotice } from './support.ts';

const notice = paymentNotice('1');
const path = notice.url.replace('https://shop.example', '');

/** A server of `node:http` with a webhook route, and what a framework may have done to the request before it. */
async function served<T>(
  webhooks: TaloWebhooks<never, never>,
  before: (request: IncomingMessage) => unknown,
  run: (url: string) => Promise<T>,
): Promise<T> {
  const server = createServer(async (request, response) => {
    await before(request);
    const { status, headers, body } = await webhooks.receive(nodeRequest(request));
    response.writeHead(status, headers).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    return await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** As many applications keep the text of every request, while it passes. */
function keepText(request: IncomingMessage & { rawBody?: string }): void {
  request.rawBody = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    request.rawBody += chunk;
  });
}

describe('a request of node:http is taken', () => {
  test.each<[string, (request: IncomingMessage) => unknown]>([
    ['as it comes', () => {}],
    ['with an empty object that a parser left without reading', (r) => Object.assign(r, { body: {} })],
    ['with its bytes as body', async (r) => Object.assign(r, { body: await bytesOf(r) })],
    ['with its text as body', async (r) => Object.assign(r, { body: String(await bytesOf(r)) })],
    ['parsed', async (r) => Object.assign(r, { body: JSON.parse(String(await bytesOf(r))) })],
    [
      'parsed, with the bytes kept',
      async (r) => Object.assign(r, { rawBody: await bytesOf(r), body: { message: 'another' } }),
    ],
    ['beside text that is still to be kept', (r) => keepText(r)],
    ['beside bytes that are still to be kept', (r) => Object.assign(r, { rawBody: Buffer.alloc(0) })],
    ['beside an empty body that a parser left without reading', (r) => Object.assign(r, { body: '' })],
    ['below a mount path', (r) => Object.assign(r, { originalUrl: r.url, url: '/' })],
  ])('%s', async (_name, before) => {
    const webhooks = engineOf(new FakeTalo());
    const response = await served(webhooks, before, (url) =>
      fetch(url, { method: 'POST', body: notice.body }),
    );
    expect([response.status, await response.text()]).toEqual([200, '{"received":true}']);
    expect((await webhooks.stats()).hints).toBe(1);
  });

  test('a stream that was read to its end is told from an empty body', async () => {
    const webhooks = engineOf(new FakeTalo());
    const spent = (async function* (): AsyncGenerator<Uint8Array> {})();
    const receive = (headers: Record<string, string>) =>
      webhooks.receive({ method: 'POST', url: notice.url, headers, body: spent });
    expect((await receive({ 'content-length': '80' })).reason).toBe('body-consumed');
    expect((await receive({ 'content-length': '0' })).reason).toBe('malformed');
  });

  test('read by somebody who kept nothing: 503', async () => {
    const webhooks = engineOf(new FakeTalo());
    const response = await served(webhooks, bytesOf, (url) =>
      fetch(url, { method: 'POST', body: notice.body }),
    );
    expect([response.status, await response.json()]).toEqual([503, { error: 'body-consumed' }]);
  });

  test.each([100_000, 3_000_000])('a chunked body of %i bytes gets to read its 413', async (length) => {
    const webhooks = engineOf(new FakeTalo());
    const body = new Blob([new Uint8Array(length)]).stream();
    const sent = served(
      webhooks,
      () => {},
      (url) => fetch(url, { method: 'POST', body, duplex: 'half' } as RequestInit),
    );
    // past 1 MiB the connection goes down under a sender that does not stop
    if (length < 1_000_000) expect((await sent).status).toBe(413);
    else
      expect(
        await sent.then(
          ({ status }) => status,
          () => 413,
        ),
      ).toBe(413);
    expect((await webhooks.stats()).answers['too-large']).toBe(1);
  });
});
