import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** `webhooks.fetch`, and whatever else answers web-standard requests. */
export type WebHandler = (request: Request) => Promise<Response>;

/** The whole application: one route that hands Talo's notifications to the engine. */
export function createApp(receive: WebHandler): Server {
  return createServer(async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = 'GET', url = '/' } = incoming;
    const isWebhook = url.split('?', 1)[0] === '/webhooks/talo';
    const response = isWebhook
      ? await receive(toRequest(incoming, method, url))
      : new Response('This app has one route: POST /webhooks/talo\n', { status: 404 });
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(await response.text());
  });
}

function toRequest(incoming: IncomingMessage, method: string, url: string): Request {
  const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  const withBody = method !== 'GET' && method !== 'HEAD';
  const body = withBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' as const } : {};
  return new Request(new URL(url, 'http://localhost'), { method, headers, ...body });
}
