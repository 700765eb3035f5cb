import type { TaloClient } from '@talo/core';
import { TaloWebhooks } from '@talo/core/webhooks';
import { sqliteInbox } from '@talo/inbox-sqlite';
import fastify, { type FastifyServerOptions } from 'fastify';
import { addRoutes } from './app.ts';
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
export async function start({ talo, database, port, host = '127.0.0.1', logger = false }: Settings) {
  // the inbox takes notifications until the end, so Fastify is not to turn them away while it closes
  const app = fastify({ logger, return503OnClosing: false });
  const books = new Books(database);
  const inbox = sqliteInbox({ path: database });
  // one log for requests and for what the engine has to say
  const webhooks = new TaloWebhooks({ client: talo, inbox, ...(logger && { logger: app.log }) });
  collect(webhooks);
  await addRoutes(app, { talo, webhooks, books });
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
