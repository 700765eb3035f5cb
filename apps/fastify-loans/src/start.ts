import type { TaloClient } from '@talo/core';
import { TaloWebhooks } from '@talo/core/webhooks';
import { sqliteInbox } from '@talo/inbox-sqlite';
import type { FastifyServerOptions } from 'fastify';
import { createApp } from './app.ts';
import { Books } from './books.ts';
import { collect } from './collect.ts';

export interface Settings {
  readonly talo: TaloClient;
  /** One file for the loans and for the inbox. */
  readonly database: string;
  readonly port: number;
  /** Default: this machine alone. */
  readonly host?: string;
  readonly logger?: FastifyServerOptions['logger'];
}

/** The whole application, running. `app.close()` ends it: requests, then the engine, then the books. */
export async function start({ talo, database, port, host = '127.0.0.1', logger }: Settings) {
  const books = new Books(database);
  const webhooks = new TaloWebhooks({ client: talo, inbox: sqliteInbox({ path: database }) });
  collect(webhooks);
  const app = await createApp({ talo, webhooks, books, logger });
  const url = await app.listen({ port, host });
  return {
    url,
    webhooks,
    async close(): Promise<void> {
      await app.close();
      books.close();
    },
  };
}
