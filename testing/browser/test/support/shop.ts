import { once } from 'node:events';
import { createServer } from 'node:http';

/** Where a browser comes back to: a page of somebody else, which says how it was asked for. */
export interface Shop {
  readonly url: string;
  /** It answers nobody before, so that what a browser leaves can be looked at for as long as it takes. */
  open(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openShop(): Promise<Shop> {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const server = createServer(async (_request, response) => {
    await opened;
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(
      '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Shop</title><h1>The shop</h1>',
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The shop has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    open,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
