import { pesos, TaloApiError, TaloConflictError } from '@talo/core';
import { describe, expect, test } from 'vitest';
import { eventsOf, ROUTE } from '../life/shop.ts';
import {
  BARE,
  besiege,
  expectHeld,
  knock,
  type Siege,
  strangersPayment,
  urlOf,
  urlOfCustomer,
} from './siege.ts';

/** What a stranger may write into the payment that he makes in our name. */
const addresses: Record<string, (siege: Siege) => string> = {
  'his own address': () => 'https://stranger.example/',
  'our address without a signature': () => BARE,
  'the signed address of another order of ours': ({ app, orders }) => {
    const [order] = orders;
    if (order === undefined) throw new Error('there is an order');
    return urlOf(app.talo, order);
  },
  'the signed address of a customer of ours': ({ app }) => urlOfCustomer(app.talo, 'carla'),
  'our signed address of that order, which has another price': ({ app }) =>
    urlOf(app.talo, { externalId: 'order-7', price: pesos(30_000) }),
  'an address that another account signed for the same order': ({ shop }) => {
    const merchant = shop.sandbox.addMerchant();
    const other = shop.client({ webhooks: { url: ROUTE, secret: 'the secret of somebody else' } }, merchant);
    return urlOf(other, { externalId: 'order-7', price: pesos(1) });
  },
};

describe("a stranger's payment in our name, at an order number of ours, for 1 peso, and paid", () => {
  const cases = Object.keys(addresses).flatMap((address) =>
    (['refuse', 'accept'] as const).flatMap((unsigned) =>
      (['notified', 'found by reconciling', 'knocked'] as const).map((found) => ({
        address,
        unsigned,
        found,
      })),
    ),
  );
  test.each(cases)(
    'with $address, unsigned: $unsigned, $found: foreign at most',
    async ({ address, unsigned, found }) => {
      const lost = found === 'found by reconciling' ? { delivery: { dropEvery: 1 } } : {};
      const siege = await besiege(lost, { unsigned });
      const { shop, app } = siege;
      const six = await siege.order('order-6', 30_000);
      const his = await strangersPayment(siege, 'order-7', addresses[address]?.(siege) ?? '');
      shop.sandbox.bank.transfer({ to: his.cvu, amount: pesos(1) });
      if (found === 'knocked') {
        for (const url of [BARE, urlOf(app.talo, six)]) {
          await knock(siege, url, { message: 'Pago Actualizado', paymentId: his.id, externalId: 'order-6' });
        }
      }
      await shop.pass({ hours: 1 });
      shop.sandbox.bank.transfer({ to: six.cvu, amount: pesos(30_000) });
      await shop.pass(found === 'found by reconciling' ? { hours: 1 } : { seconds: 4 });
      await expectHeld(siege, found === 'found by reconciling' ? { within: 3_600_000 } : {});
      const foreign = eventsOf(app.told, 'payment.foreign').map(({ payment }) => payment.id);
      expect(foreign, 'told once, by whichever way it is found').toEqual([his.id]);
      await app.webhooks.stop({ deadline: 0 });
    },
  );

  test('where he was first, our own create fails instead of selling his', async () => {
    for (const duplicateExternalId of ['conflict', 'return-existing'] as const) {
      const siege = await besiege({ oddities: { duplicateExternalId } });
      const his = await strangersPayment(siege, 'order-7', BARE);
      for (const call of ['create', 'ensure'] as const) {
        const wanted = { externalId: 'order-7', price: pesos(30_000) };
        const error = await siege.app.talo.payments[call](wanted).catch((thrown: unknown) => thrown);
        expect(
          [TaloApiError, TaloConflictError].some((type) => error instanceof type),
          call,
        ).toBe(true);
      }
      siege.shop.sandbox.bank.transfer({ to: his.cvu, amount: pesos(1) });
      await siege.shop.pass({ hours: 1 });
      await expectHeld(siege);
      await siege.app.webhooks.stop({ deadline: 0 });
    }
  });

  const replacing = ['his own address', 'our signed address of that order, which has another price'].flatMap(
    (address) => (['notified', 'reconciled'] as const).map((found) => ({ address, found })),
  );
  test.each(replacing)(
    'where Talo lets him replace ours, with $address ($found): he does not get for 1 what costs 30,000',
    async ({ address, found }) => {
      const siege = await besiege({
        oddities: { duplicateExternalId: 'replace-unpaid' },
        ...(found === 'reconciled' && { delivery: { dropEvery: 1 } }),
      });
      const { shop, app } = siege;
      const seven = await siege.order('order-7', 30_000);
      await shop.pass({ minutes: 1 });
      const his = await strangersPayment(siege, 'order-7', addresses[address]?.(siege) ?? '');
      expect(his.id, 'the id derives from the order number').toBe(seven.id);
      shop.sandbox.bank.transfer({ to: his.cvu, amount: pesos(1) });
      await knock(siege, urlOf(app.talo, seven), { message: 'Pago Actualizado', paymentId: his.id });
      await shop.pass({ hours: 2 });
      await app.webhooks.stop({ deadline: 0 });
      expect(eventsOf(app.told, 'payment.paid', 'payment.succeeded')).toEqual([]);
      expect(eventsOf(app.told, 'payment.foreign').map(({ payment }) => payment.id)).toEqual([his.id]);
    },
  );

  test('where Talo lets him replace ours after we have changed its price, with the address it had: he does not get it at the first price', async () => {
    const siege = await besiege({ oddities: { duplicateExternalId: 'replace-unpaid' } });
    const { shop, app } = siege;
    const seven = await siege.order('order-7', 1);
    const old = urlOf(app.talo, seven);
    await app.talo.payments.updatePrice(seven.id, pesos(30_000));
    await shop.pass({ minutes: 1 });
    const his = await strangersPayment(siege, 'order-7', old);
    expect(his.id, 'the id derives from the order number').toBe(seven.id);
    shop.sandbox.bank.transfer({ to: his.cvu, amount: pesos(1) });
    await knock(siege, old, { message: 'Pago Actualizado', paymentId: his.id });
    await shop.pass({ hours: 2 });
    await app.webhooks.stop({ deadline: 0 });
    expect(eventsOf(app.told, 'payment.paid', 'payment.succeeded')).toEqual([]);
    expect(eventsOf(app.told, 'payment.foreign').map(({ reason }) => reason)).toEqual(['replaced']);
  });
});
