import { Inject, Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { pesos, TaloClient, type TaloEventOf } from '@talo/core';
import type { TaloWebhooks } from '@talo/core/webhooks';
import { afterEach, expect, test } from 'vitest';
import {
  getTaloOptionsToken,
  getTaloToken,
  getTaloWebhooksToken,
  InjectTalo,
  OnTaloEvent,
  TaloModule,
} from '../src/index.ts';
import { TaloTesting, TaloTestingModule } from '../src/testing/index.ts';
import { settings } from './support.ts';

let app: TestingModule | undefined;
afterEach(() => app?.close());

@Injectable()
class Orders {
  readonly paid: (string | undefined)[] = [];
  readonly #talo: TaloClient;

  constructor(@InjectTalo() talo: TaloClient) {
    this.#talo = talo;
  }

  async place(externalId: string): Promise<string> {
    const { alias } = await this.#talo.payments.create({ externalId, price: pesos(1000) });
    return alias ?? '';
  }

  @OnTaloEvent('payment.paid')
  onPaid(event: TaloEventOf<'payment.paid'>): void {
    this.paid.push(event.payment.externalId);
  }
}

test('a module that is put together for the test', async () => {
  app = await Test.createTestingModule({
    imports: [TaloTestingModule.forRoot()],
    providers: [Orders],
  }).compile();
  await app.init();
  const [talo, orders] = [app.get(TaloTesting), app.get(Orders)];
  const alias = await orders.place('order-1');
  talo.sandbox.bank.transfer({ to: alias, amount: pesos(400) });
  await talo.settled();
  expect(orders.paid).toEqual([]);
  talo.sandbox.bank.transfer({ to: alias, amount: pesos(600) });
  await talo.settled();
  expect(orders.paid).toEqual(['order-1']);
  const webhooks = app.get<TaloWebhooks>(getTaloWebhooksToken(), { strict: false });
  expect(await webhooks.ledger.total()).toEqual(talo.sandbox.bank.total());
  expect(app.get(getTaloToken(), { strict: false })).toBe(talo.client);
});

@Module({
  imports: [
    TaloModule.forRootAsync({
      useFactory: () =>
        settings(new TaloClient({ credentials: { userId: 'u', clientId: 'c', clientSecret: 's' } })),
    }),
  ],
  providers: [Orders],
  exports: [Orders],
})
class AppModule {}

test("the application's own module, with settings of the test", async () => {
  const talo = new TaloTesting({ sandbox: { clock: 'virtual' } });
  app = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(getTaloOptionsToken())
    .useValue(talo.options)
    .compile();
  await app.init();
  talo.attach(app);
  const orders = app.get(Orders);
  talo.sandbox.bank.transfer({ to: await orders.place('order-2'), amount: pesos(1000) });
  await talo.settled();
  expect(orders.paid).toEqual(['order-2']);
});

test('a module with a name', async () => {
  @Injectable()
  class Shop {
    @Inject(getTaloToken('shop')) readonly talo: TaloClient | undefined;
  }
  const testing = TaloTestingModule.forRoot({ name: 'shop', isGlobal: true });
  app = await Test.createTestingModule({ imports: [testing], providers: [Shop] }).compile();
  await app.init();
  expect(app.get(Shop).talo).toBe(app.get(TaloTesting).client);
  await app.get(TaloTesting).settled();
});

test('not attached, it says what to call', async () => {
  await expect(new TaloTesting().settled()).rejects.toThrow('talo.attach(app)');
});
