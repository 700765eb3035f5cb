import { pesos, TaloClient } from '@talo/core';
import * as constraints from '@talo/core/constraints';
import * as testing from '@talo/core/testing';
import { memoryInbox, TaloWebhooks } from '@talo/core/webhooks';

const client = new TaloClient({ credentials: { userId: 'merchant', accessToken: 'token' } });
const webhooks = new TaloWebhooks({ client, inbox: memoryInbox() });
webhooks.on('payment.paid', ({ payment }) => {
  const order: string | undefined = payment.externalId;
  // @ts-expect-error: an order number is no number
  const wrong: number = payment.externalId;
  void [order, wrong];
});
// @ts-expect-error: money is made from a number or text
pesos({});
void [constraints.cuit, testing.manualClock];
