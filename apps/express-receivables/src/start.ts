import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TaloClient } from '@talo/core';
import { type Logger, TaloWebhooks } from '@talo/core/webhooks';
import { sqliteInbox } from '@talo/inbox-sqlite';
import { createApp } from './app.ts';
import { Books } from './books.ts';
import { collect } from './collect.ts';

export interface Settings {
  readonly talo: TaloClient;
  /** One file for the invoices and for the inbox. */
  readonly database: string;
  readonly port: number;
  /** Default: this machine alone. */
  readonly host?: string;
  readonly logger?: Logger;
}

/** The whole application, running. */
export async function start({ talo, database, port, host = '127.0.0.1', logger = console }: Settings) {
  const books = new Books(database);
  const webhooks = new TaloWebhooks({ client: talo, inbox: sqliteInbox({ path: database }), logger });
  collect(webhooks);
  await webhooks.start();
  const server = createApp({ talo, webhooks, books }).listen(port, host);
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    webhooks,
    /** No more requests, then no more work, then the file. */
    async close(): Promise<void> {
      server.close();
      await once(server, 'close');
      await webhooks.stop();
      books.close();
    },
  };
}
