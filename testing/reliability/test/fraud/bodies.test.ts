import { pesos } from '@talo/core';
import { expect, test } from 'vitest';
import { gets } from '../life/shop.ts';
import { BARE, besiege, expectHeld, knock, urlOf, urlOfCustomer } from './siege.ts';

const MEBIBYTE = 1024 * 1024;
const json = JSON.stringify;

const traversals = [
  '../users/x/account',
  '../../transactions/',
  'x/../../../users/x/account',
  '..%2f..%2ftransactions%2f',
  '%2e%2e/transactions',
  '..\\..\\transactions',
  'VAR-x?user_id=y',
  'VAR-x#fragment',
  '//stranger.example/x',
  'https://stranger.example/',
  ' ',
  '%',
  '%00',
  'ünïcödé',
  '0',
];

/** What a stranger sends, at whichever of our URLs. The names say what it tries. */
const bodies: Record<string, string> = {
  'nothing at all': '',
  'no JSON': '<xml/>',
  'a number': '5',
  null: 'null',
  'half a body': '{"message":"Pago Actualizado","paymentId":"VAR',
  'a mebibyte of text': json({ message: 'x'.repeat(MEBIBYTE), paymentId: 'VAR-x' }),
  'a mebibyte of spaces before it': ' '.repeat(MEBIBYTE) + json({ message: 'x', paymentId: 'VAR-x' }),
  'a mebibyte of keys': json(Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`k${i}`, 'xxxx']))),
  'eight thousand brackets': `{"message":"x","paymentId":${'['.repeat(8_000)}${']'.repeat(8_000)}}`,
  'eight thousand brackets beside an id': `{"message":"x","paymentId":"VAR-x","more":${'['.repeat(7_000)}${']'.repeat(7_000)}}`,
  'half a million brackets': `${'['.repeat(500_000)}`,
  'an id on the prototype': '{"message":"x","__proto__":{"paymentId":"VAR-x"}}',
  'a prototype with an account': '{"__proto__":{"user_id":"x","message":"account_activated"}}',
  'a constructor': '{"message":"x","constructor":{"prototype":{"paymentId":"VAR-x"}}}',
  'a toJSON': '{"message":"x","paymentId":"VAR-x","toJSON":1,"toString":2,"then":3}',
  'the id twice': '{"message":"x","paymentId":"VAR-x","paymentId":"VAR-y"}',
  'an id that is an object': '{"message":"x","paymentId":{"$ne":null}}',
  'an id that is a list': '{"message":"x","paymentId":["VAR-x"]}',
  'all kinds at once': json({
    message: 'x',
    paymentId: 'VAR-x',
    transactionId: 't',
    customerId: 'carla',
    user_id: 'x',
    referred_user_id: 'y',
  }),
  'a state of its own': json({ message: 'x', paymentId: 'VAR-x', status: 'SUCCESS', price: { amount: 1 } }),
  ...Object.fromEntries(
    traversals.flatMap((id) => [
      [`a payment ${json(id)}`, json({ message: 'Pago Actualizado', paymentId: id })],
      [`a transaction ${json(id)}`, json({ message: 'x', transactionId: id, customerId: 'carla' })],
      [`a customer ${json(id)}`, json({ message: 'x', transactionId: 't', customerId: id })],
      [`an account ${json(id)}`, json({ message: 'account_activated', user_id: id })],
    ]),
  ),
};

test.each(['refuse', 'accept'] as const)(
  'whatever bytes a stranger sends to each of our URLs, nothing is believed, nothing else is asked, nobody waits (unsigned: %s)',
  async (unsigned) => {
    const siege = await besiege({}, { unsigned });
    const { shop, app } = siege;
    const six = await siege.order('order-6', 30_000);
    const doors = [
      BARE,
      urlOf(app.talo, six),
      urlOfCustomer(app.talo, 'carla'),
      app.talo.webhookUrl({ kind: 'account' }),
    ];
    shop.requests.length = 0;
    const answers = new Map<number, number>();
    for (const door of doors) {
      for (const [name, body] of Object.entries(bodies)) {
        const status = await knock(siege, door, body);
        answers.set(status, (answers.get(status) ?? 0) + 1);
        expect([200, 400, 401, 413], name).toContain(status);
        if (body.length > 16_384) expect(status, name).toBe(413);
      }
    }
    shop.sandbox.bank.transfer({ to: siege.carla.cvu, amount: pesos(3) });
    shop.sandbox.bank.transfer({ to: six.cvu, amount: pesos(30_000) });
    await shop.pass({ seconds: 5 });
    await expectHeld(siege);
    await shop.pass({ minutes: 20 });
    await expectHeld(siege);
    expect(answers.get(413)).toBe(4 * doors.length);
    // an id stays one segment of one path, whatever it holds
    for (const { path } of gets(shop.requests)) {
      expect(path).toMatch(
        /^\/(payments\/[^/]+|customers\/[^/]+(\/transactions\/[^/]+)?|transactions\/|users\/[^/]+\/account)$/,
      );
      if (path.startsWith('/users/')) expect(path).toBe(`/users/${app.talo.accountId}/account`);
      if (unsigned === 'refuse' && path.startsWith('/customers/')) {
        expect(path, "a signed URL's own customer, or the balance of one of ours").toMatch(
          /^\/customers\/(carla\/|(carla|diego)$)/,
        );
      }
    }
    expect(Reflect.get({}, 'paymentId')).toBeUndefined();
    await app.webhooks.stop({ deadline: 0 });
  },
  20_000,
);
