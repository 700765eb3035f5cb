import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StartOptions } from '../driver.ts';

/** On a free port, with the engine started and stopped around it: what an application does by hand. */
export async function listen(listener: RequestListener, { webhooks, path }: StartOptions) {
  await webhooks.start();
  const server = createServer(listener);
  return served(server, path, () => webhooks.stop());
}

export async function served(server: Server, path: string, stop: () => Promise<void>) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    async close() {
      server.close();
      await once(server, 'close');
      await stop();
    },
  };
}
