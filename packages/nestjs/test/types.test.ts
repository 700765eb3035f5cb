import type { TaloContext, TaloEventOf } from '@talo/core';
import { memoryInbox } from '@talo/core/webhooks';
import { type SqliteTx, sqliteInbox } from '@talo/inbox-sqlite';
import { expect, test } from 'vitest';
import { OnTaloEvent, TaloModule, type TaloOptions } from '../src/index.ts';
import { local } from './support.ts';

// Checked by tsc: an error that is expected and does not come is an error itself.

test('a handler takes the event that it subscribes to', () => {
  class Handlers {
    @OnTaloEvent('payment.paid')
    exact(event: TaloEventOf<'payment.paid'>): string | undefined {
      return event.payment.externalId;
    }

    @OnTaloEvent('payment.paid')
    wider(_event: TaloEventOf<'payment.paid' | 'payment.overpaid'>): void {}

    @OnTaloEvent('customer.transfer')
    part(_event: { readonly id: string }): void {}

    @OnTaloEvent(['payment.paid', 'customer.transfer'])
    several(event: TaloEventOf<'payment.paid' | 'customer.transfer'>): string {
      return event.type === 'payment.paid' ? event.payment.id : event.customerId;
    }

    @OnTaloEvent('payment.paid')
    async withContext(
      _event: TaloEventOf<'payment.paid'>,
      context: TaloContext<SqliteTx, 'sync'>,
    ): Promise<void> {
      context.commitWith((tx) => void tx.run('SELECT 1'));
    }

    @OnTaloEvent('payment.paid')
    nothing(): void {}

    // @ts-expect-error another event
    @OnTaloEvent('payment.paid')
    another(_event: TaloEventOf<'customer.transfer'>): void {}

    // @ts-expect-error one of two events
    @OnTaloEvent(['payment.paid', 'customer.transfer'])
    narrower(_event: TaloEventOf<'payment.paid'>): void {}

    // @ts-expect-error no event
    @OnTaloEvent('payment.paid')
    text(_event: string): void {}

    // @ts-expect-error nobody gives a third parameter
    @OnTaloEvent('payment.paid')
    three(_event: TaloEventOf<'payment.paid'>, _context: TaloContext, _more: string): void {}

    // @ts-expect-error the second parameter is the context
    @OnTaloEvent('payment.paid')
    order(_event: TaloEventOf<'payment.paid'>, _more: string): void {}
  }
  expect(Object.getOwnPropertyNames(Handlers.prototype)).toHaveLength(12);
});

test('a module takes one client or many, and the settings one by one', () => {
  const { client } = local();
  TaloModule.forRoot({ client, inbox: sqliteInbox({ path: ':memory:' }), name: 'a', limits: { looks: 2 } });
  TaloModule.forRoot({ clientFor: () => client, inbox: memoryInbox(), isGlobal: true, path: 'a/b' });
  TaloModule.forRootAsync({ useFactory: (): TaloOptions => ({ client, inbox: memoryInbox() }) });
  TaloModule.forRootAsync({
    inject: ['a'],
    useFactory: (_a: string) => ({ client, inbox: sqliteInbox({ path: ':memory:' }) }),
  });
  // @ts-expect-error no inbox
  TaloModule.forRoot({ client });
  // @ts-expect-error whose account?
  TaloModule.forRoot({ inbox: memoryInbox() });
  // @ts-expect-error nothing to make settings with
  expect(() => TaloModule.forRootAsync({ name: 'a' })).toThrow('useFactory');
  class NoFactory {}
  // @ts-expect-error makes no settings
  TaloModule.forRootAsync({ useClass: NoFactory });
  expect(TaloModule.forRoot({ client, inbox: memoryInbox() }).module).toBe(TaloModule);
});
