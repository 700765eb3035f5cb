import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { nodeRequest } from '@talo/core/webhooks';
import { type Framework, portOf } from './framework.ts';

/** `node:http` with nothing on it. */
export const framework: Framework = {
  bare: () =>
    listen(async (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      JSON.parse(Buffer.concat(chunks).toString());
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{"received":true}');
    }),
  adapted(application) {
    const webhooks = application.engine();
    return listen(async (incoming, outgoing) => {
      const { status, headers, body } = await webhooks.receive(nodeRequest(incoming));
      outgoing.writeHead(status, headers).end(body);
    });
  },
};

async function listen(listener: (...given: Parameters<RequestListener>) => Promise<void>): Promise<number> {
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server.address());
}
