import { type FetchPort, pesos } from '@talo/core';
import { expect, test } from 'vitest';
import { createShop, delays, eventsOf, gets, SECOND } from '../life/shop.ts';

/** How long Talo's answer is under way: it is true of the time when it was made. */
const UNDER_WAY = 3 * SECOND;

test('money that comes while an older answer is under way is told as soon as that one is done with', async () => {
  const shop = createShop();
  const { sandbox } = shop;
  const fetch: FetchPort = async (url, init) => {
    const response = await sandbox.fetch(url, { ...init });
    const slow = init.method === 'GET' && new URL(url).pathname.startsWith('/payments/');
    if (slow) await new Promise<void>((resolve) => void sandbox.clock.setTimeout(resolve, UNDER_WAY));
    return response;
  };
  const app = await shop.open({ client: { fetch } });
  shop.route(app);
  const { id, cvu } = await app.talo.payments.create({ externalId: 'order', price: pesos(30) });
  sandbox.bank.transfer({ to: cvu, amount: pesos(10) });
  await shop.pass({ seconds: 1 });
  expect(gets(shop.requests, id), 'a look is under way').toHaveLength(1);
  for (const amount of [8, 7, 5]) {
    sandbox.bank.transfer({ to: cvu, amount: pesos(amount) });
    await shop.pass({ ms: 100 });
  }
  await shop.pass({ seconds: 8 });
  expect(eventsOf(app.told, 'payment.transfer')).toHaveLength(4);
  expect(eventsOf(app.told, 'payment.paid')).toHaveLength(1);
  expect(Math.max(...delays(app.told))).toBeLessThan(2 * UNDER_WAY + 2 * SECOND);
  await shop.pass({ seconds: 20 });
  expect(gets(shop.requests, id), 'three hints during a look are one more look').toHaveLength(2);
  await app.webhooks.stop({ deadline: 0 });
});
