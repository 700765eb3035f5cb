import { Injectable, Module } from '@nestjs/common';
import { pesos, TaloClient } from '@talo/core';
import type { TaloEventOf } from '@talo/core/webhooks';
import { memoryInbox } from '@talo/core/webhooks';
import { InjectTalo, OnTaloEvent, TaloModule } from '@talo/nestjs';

/** What an application does: it makes an order, and hears when it was paid. */
@Injectable()
export class Orders {
  readonly paid: (string | undefined)[] = [];

  constructor(@InjectTalo() private readonly talo: TaloClient) {}

  async create(externalId: string): Promise<string> {
    const payment = await this.talo.payments.create({ externalId, price: pesos('1500.50') });
    return payment.cvu ?? '';
  }

  @OnTaloEvent('payment.paid')
  onPaid(event: TaloEventOf<'payment.paid'>): void {
    this.paid.push(event.payment.externalId);
  }
}

/** The application's module, with a client that the test makes. */
export function appModule(client: TaloClient): new () => object {
  @Module({
    imports: [TaloModule.forRoot({ client, inbox: memoryInbox(), path: '/webhooks/talo' })],
    providers: [Orders],
  })
  class AppModule {}
  return AppModule;
}
