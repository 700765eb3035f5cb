import assert from 'node:assert/strict';
import {
  claimOne,
  commitFor,
  conforms,
  creditFor,
  deliveryOf,
  eventFor,
  hintFor,
  keyFor,
  LEASE,
  T0,
  unitFor,
} from '../make.ts';
import type { ConformanceCase } from '../under-test.ts';

const key = keyFor('p1');

/** `commit`, `state`, `credits`, `recall`: what a look leaves behind. */
export const commits: readonly ConformanceCase[] = [
  conforms('a unit leaves its state, credits and deliveries, and the claim open', async ({ inbox }) => {
    const credit = creditFor('c1');
    const claim = await commitFor(inbox, key, { credits: [credit], events: [eventFor('e1', key)] });
    assert.equal(await inbox.state(key), '{"status":"SUCCESS"}');
    assert.deepEqual(await inbox.credits({}), [credit]);
    const { token, ...delivery } = await deliveryOf(inbox);
    assert.deepEqual(delivery, {
      eventId: 'e1',
      type: 'payment.paid',
      key,
      handler: 'ship',
      payload: '{"id":"e1"}',
      failures: 0,
      superseded: false,
    });
    assert.ok(Number.isSafeInteger(token));
    await inbox.complete(claim, T0);
  }),

  conforms('a state that is not given is left as it was', async ({ inbox }) => {
    assert.equal(await inbox.state(key), undefined);
    const claim = await commitFor(inbox, key, { state: 'one' });
    await inbox.commit(unitFor(claim, { state: undefined }));
    assert.equal(await inbox.state(key), 'one');
    await inbox.commit(unitFor(claim, { state: 'two' }));
    assert.equal(await inbox.state(key), 'two');
  }),

  conforms('a credit is stored once per key, as it was the first time', async ({ inbox }) => {
    const claim = await commitFor(inbox, key, { credits: [creditFor('c1')] });
    const again = creditFor('c1', { gross: { currency: 'ARS', centavos: 1 }, at: T0 + 1 });
    await inbox.commit(unitFor(claim, { credits: [again, creditFor('c2'), creditFor('c2')] }));
    const credits = await inbox.credits({});
    assert.deepEqual(
      new Map(credits.map((credit) => [credit.key, credit])),
      new Map([
        ['c1', creditFor('c1')],
        ['c2', creditFor('c2')],
      ]),
    );
    assert.equal(credits.length, 2);
  }),

  conforms(
    'an event is delivered once per id, also when it is committed again after delivery',
    async ({ inbox }) => {
      const event = eventFor('e1', key);
      const claim = await commitFor(inbox, key, { events: [event, event] });
      await inbox.finish(await deliveryOf(inbox), []);
      await inbox.commit(unitFor(claim, { events: [event] }));
      assert.deepEqual(await inbox.claimDeliveries(10, T0, LEASE), []);
      assert.equal((await inbox.backlog()).deliveries, 0);
    },
  ),

  conforms('what is new in a unit is applied beside what is known already', async ({ inbox }) => {
    const claim = await commitFor(inbox, key, { credits: [creditFor('c1')], events: [eventFor('e1', key)] });
    await inbox.commit(
      unitFor(claim, {
        state: 'two',
        credits: [creditFor('c1'), creditFor('c2')],
        events: [eventFor('e1', key), eventFor('e2', key)],
      }),
    );
    assert.equal(await inbox.state(key), 'two');
    assert.equal((await inbox.credits({})).length, 2);
    assert.equal((await inbox.backlog()).deliveries, 2);
  }),

  conforms(
    'a crash between commit and complete looks again, and a repeated unit changes nothing',
    async ({ inbox }) => {
      const unit = { credits: [creditFor('c1')], events: [eventFor('e1', key)] };
      await commitFor(inbox, key, unit);
      const claim = await claimOne(inbox, T0 + LEASE + 1);
      await inbox.commit(unitFor(claim, unit));
      await inbox.complete(claim, T0 + LEASE + 1);
      assert.equal((await inbox.credits({})).length, 1);
      assert.equal((await inbox.backlog()).deliveries, 1);
    },
  ),

  conforms('credits keep what they said, an unknown amount stays unknown', async ({ inbox }) => {
    const money = (centavos: number) => ({ currency: 'ARS', centavos }) as const;
    const credits = [
      creditFor('all', { net: money(1_481_850), commission: money(18_150), customerId: 'c' }),
      {
        key: 'none',
        kind: 'reversal',
        madeAt: T0 - 5,
        environment: 'https://talo.example',
        accountId: 'account-2',
        transactionId: 'CRS-198-304855#ñ',
        at: T0 + 7,
      },
      creditFor('before us', { kind: 'baseline' }),
      creditFor('large', { gross: money(Number.MAX_SAFE_INTEGER) }),
    ] as const;
    await commitFor(inbox, key, { credits });
    const byKey = new Map((await inbox.credits({})).map((credit) => [credit.key, { ...credit }]));
    for (const credit of credits) assert.deepEqual(byKey.get(credit.key), credit);
  }),

  conforms(
    'credits are filtered by environment, account, payment and customer, all at once',
    async ({ inbox }) => {
      const { paymentId: _, ...noPayment } = creditFor('3', { customerId: 'c1' });
      const credits = [
        creditFor('1'),
        creditFor('2', { paymentId: 'p2' }),
        noPayment,
        creditFor('4', { accountId: 'account-2' }),
        creditFor('5', { environment: 'http://127.0.0.1:4600' }),
      ];
      await commitFor(inbox, key, { credits });
      const found = async (filter: Parameters<typeof inbox.credits>[0]) =>
        (await inbox.credits(filter)).map((credit) => credit.key).sort();
      assert.deepEqual(await found({}), ['1', '2', '3', '4', '5']);
      assert.deepEqual(await found({ accountId: 'account-1' }), ['1', '2', '3', '5']);
      assert.deepEqual(await found({ environment: noPayment.environment, accountId: 'account-1' }), [
        '1',
        '2',
        '3',
      ]);
      assert.deepEqual(await found({ environment: 'http://127.0.0.1:4600' }), ['5']);
      assert.deepEqual(await found({ paymentId: 'p1' }), ['1', '4', '5']);
      assert.deepEqual(await found({ accountId: 'account-2', paymentId: 'p1' }), ['4']);
      assert.deepEqual(await found({ customerId: 'c1' }), ['3']);
      assert.deepEqual(await found({ customerId: 'c1', paymentId: 'p1' }), []);
      assert.deepEqual(await found({ accountId: 'nobody' }), []);
    },
  ),

  conforms('what is remembered is recalled, the last value of a key', async ({ inbox }) => {
    assert.equal(await inbox.recall('a'), undefined);
    await inbox.remember([]);
    await inbox.remember([
      { key: 'a', value: '1' },
      { key: 'b', value: '' },
      { key: '__proto__', value: 'x' },
    ]);
    await inbox.remember([{ key: 'a', value: '2' }]);
    assert.deepEqual(
      [await inbox.recall('a'), await inbox.recall('b'), await inbox.recall('__proto__')],
      ['2', '', 'x'],
    );
    assert.equal(await inbox.recall('A'), undefined);
  }),

  conforms('what is remembered is no state, and the other way round', async ({ inbox }) => {
    await inbox.remember([{ key, value: 'mark' }]);
    await commitFor(inbox, key, { state: 'state' });
    assert.deepEqual([await inbox.state(key), await inbox.recall(key)], ['state', 'mark']);
  }),

  conforms('two accounts with the same ids never meet', async ({ inbox }) => {
    const other = keyFor('p1', 'account-2');
    await inbox.put(hintFor(key));
    assert.equal(await inbox.put(hintFor(other)), 'stored');
    const claims = await inbox.claim(10, T0, LEASE);
    assert.deepEqual(new Set(claims.map((claim) => claim.key)), new Set([key, other]));
    for (const claim of claims) {
      const accountId = claim.key === key ? 'account-1' : 'account-2';
      const unit = {
        state: accountId,
        credits: [creditFor(`${accountId} t1`, { accountId })],
        events: [eventFor(`e of ${accountId}`, claim.key)],
      };
      await inbox.commit(unitFor(claim, unit));
      await inbox.complete(claim, T0 + 1);
    }
    assert.deepEqual([await inbox.state(key), await inbox.state(other)], ['account-1', 'account-2']);
    const deliveries = await inbox.claimDeliveries(10, T0 + 1, LEASE);
    assert.equal(
      deliveries.length,
      2,
      'one does not wait for the other, though handler and ids are the same',
    );
    assert.equal((await inbox.credits({ accountId: 'account-2', paymentId: 'p1' })).length, 1);
    for (const delivery of deliveries) await inbox.park(delivery, 'broken');
    assert.equal((await inbox.dead()).length, 2);
  }),
];
