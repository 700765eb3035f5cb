import type { TaloClient } from '@talo/core';
import { TaloWebhooks } from '@talo/core/webhooks';
import { sqliteInbox } from '@talo/inbox-sqlite';

declare const client: TaloClient;
const webhooks = new TaloWebhooks({ client, inbox: sqliteInbox({ path: 'talo.db' }) });
webhooks.on('payment.paid', (event, { commitWith }) => {
  commitWith((tx) => {
    tx.run('INSERT INTO books VALUES (?)', event.id);
  });
  // @ts-expect-error: a transaction of SQLite's is synchronous
  commitWith(async () => {});
});
