import { pesos } from '@talo/core';
import { describe, expect, test } from 'vitest';
import { gets, HOUR, MINUTE, SECOND } from '../life/shop.ts';
import { BARE, besiege, expectHeld, knock, type Siege, urlOf, urlOfCustomer } from './siege.ts';

const WEEK = 7 * 24 * HOUR;

/** The ids of the future: another sandbox of the same seed hands out the same ones. */
async function nextTransferOf(customerId: string): Promise<string> {
  const twin = await besiege();
  twin.shop.sandbox.bank.transfer({ to: twin.carla.cvu, amount: pesos(1) });
  await twin.shop.pass({ seconds: 1 });
  const [notice] = twin.shop.sandbox.deliveries;
  expect(notice?.body['customerId']).toBe(customerId);
  await twin.app.webhooks.stop({ deadline: 0 });
  return notice?.body['transactionId'] ?? '';
}

/** Lets a guess in at the given moments before now, the last one right before. */
async function guess(siege: Siege, { url, body, ahead, every }: Guess): Promise<void> {
  for (let left = ahead; left > 0; left -= every ?? ahead) {
    expect(await knock(siege, url, body)).toBe(200);
    await siege.shop.pass({ ms: Math.min(left, every ?? ahead) });
  }
}

interface Guess {
  readonly url: string;
  readonly body: object;
  readonly ahead: number;
  readonly every?: number;
}

const moments = [
  { when: 'a week before', ahead: WEEK },
  { when: 'a week before and every three hours since', ahead: WEEK, every: 3 * HOUR },
  { when: 'two hours before and every minute since', ahead: 2 * HOUR, every: MINUTE },
  { when: 'a minute before', ahead: MINUTE },
  { when: 'a second before', ahead: SECOND },
];

describe('an id that was guessed', () => {
  const cases = moments.flatMap((moment) => ['with her URL', 'unsigned'].map((how) => ({ ...moment, how })));
  test.each(cases)('of a transfer, $when, $how: told at once when it happens', async ({ how, ...moment }) => {
    const signed = how === 'with her URL';
    const siege = await besiege({}, { unsigned: signed ? 'refuse' : 'accept' });
    const { shop, app } = siege;
    const transactionId = await nextTransferOf('carla');
    const url = signed ? urlOfCustomer(app.talo, 'carla') : BARE;
    await guess(siege, {
      url,
      body: { message: 'Pago recibido', transactionId, customerId: 'carla' },
      ...moment,
    });
    expect(app.told).toEqual([]);
    const asked = gets(shop.requests, transactionId);
    expect(asked.length).toBeGreaterThan(0);
    // once a minute or once in five, whatever came, and a few at the beginning of each new try
    expect(asked.length).toBeLessThanOrEqual(
      16 + (moment.ahead / MINUTE) * (moment.every === MINUTE ? 1 : 0.2) * 2,
    );

    shop.sandbox.bank.transfer({ to: siege.carla.cvu, amount: pesos(1) });
    await shop.pass({ seconds: 5 });
    await expectHeld(siege);
    expect(app.told.map(({ event }) => 'transaction' in event && event.transaction.transactionId)).toEqual([
      transactionId,
    ]);
    await app.webhooks.stop({ deadline: 0 });
  });

  test.each(moments)(
    "of an order of ours, $when, with another order's URL: told at once when it is paid",
    async (moment) => {
      const siege = await besiege();
      const { shop, app } = siege;
      const six = await siege.order('order-6', 30_000);
      const id = six.id.replace('order-6', 'order-7');
      await guess(siege, {
        url: urlOf(app.talo, six),
        body: { message: 'Pago Actualizado', paymentId: id },
        ...moment,
      });
      const seven = await siege.order('order-7', 40_000);
      expect(seven.id).toBe(id);
      shop.sandbox.bank.transfer({ to: seven.cvu, amount: pesos(40_000) });
      await shop.pass({ seconds: 5 });
      await expectHeld(siege);
      await app.webhooks.stop({ deadline: 0 });
    },
  );
});
