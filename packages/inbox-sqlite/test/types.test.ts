import type { TaloClient } from '@talo/core';
import { TaloWebhooks } from '@talo/core/webhooks';
import { expect, expectTypeOf, test } from 'vitest';
import { type SqliteTx, sqliteInbox } from '../src/index.ts';

test('commitWith is typed by the inbox: its tx, and no asynchronous function', () => {
  const register = (client: TaloClient) => {
    const webhooks = new TaloWebhooks({ client, inbox: sqliteInbox({ path: ':memory:' }) });
    webhooks.on('payment.paid', (_event, context) => {
      context.commitWith((tx) => expectTypeOf(tx).toEqualTypeOf<SqliteTx>());
      context.commitWith((tx) => {
        tx.run('UPDATE orders SET paid = 1');
      });
      // @ts-expect-error a promise would outlive the transaction
      context.commitWith(async (tx) => {
        tx.run('UPDATE orders SET paid = 1');
      });
    });
  };
  expect(register).toBeTypeOf('function');
});
