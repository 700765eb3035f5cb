import { beforeEach, describe, expect, test } from 'vitest';
import {
  centavos,
  type PaymentRequest,
  pesos,
  TaloConfigError,
  TaloConflictError,
  TaloConstraintError,
} from '../../src/index.ts';
import { contextOf } from '../../src/resources/context.ts';
import { UrlSigner } from '../../src/signing/signed-url.ts';
import { settle, type TestClock, testClock } from '../support/clock.ts';
import { ACCOUNT, FakeTalo, failureOf, hangs, lost, ok, refused, WEBHOOKS } from '../support/fake-talo.ts';
import { asAsked, wirePayment } from '../support/wire.ts';

let clock: TestClock;
let talo: FakeTalo;

const order: PaymentRequest = { externalId: 'order-1', price: pesos(1500) };
const ID = `VAR-${ACCOUNT.slice(0, 8)}-order-1`;
const FIND = `GET /payments/${ID}`;
const CREATE = 'POST /payments/';

beforeEach(() => {
  clock = testClock();
  talo = new FakeTalo(clock);
});

describe('create', () => {
  test('sends what is documented, and nothing for what is left out', async () => {
    talo.on(CREATE, ok(wirePayment()));
    await talo.client().payments.create(order);
    expect(talo.sent.at(-1)).toMatchObject({ method: 'POST', path: '/payments/' });
    expect(talo.sent.at(-1)?.body).toEqual({
      user_id: ACCOUNT,
      price: { amount: 1500, currency: 'ARS' },
      payment_options: ['transfer'],
      external_id: 'order-1',
    });
  });

  test('sends everything that can be said', async () => {
    talo.on(CREATE, asAsked);
    await talo.client({ partner: { id: 'partner-7' } }).payments.create({
      externalId: 'order/1 ~ é',
      price: pesos('172029.37'),
      redirectUrl: 'https://shop.example/thanks',
      motive: 'Pedido 1',
      clientData: { firstName: 'Ana', lastName: 'Paz', phone: '+54', email: 'a@b.c', dni: '1', cuit: '2' },
      items: [{ title: 'Yerba', description: '1 kg', quantity: 2, unitPrice: pesos('-10.50') }],
      expiresAt: new Date('2026-01-02T03:04:05.678Z'),
      webhookUrl: 'https://other.example/hook',
    });
    expect(talo.sent.at(-1)?.body).toEqual({
      user_id: ACCOUNT,
      price: { amount: 172029.37, currency: 'ARS' },
      payment_options: ['transfer'],
      external_id: 'order/1 ~ é',
      webhook_url: 'https://other.example/hook',
      redirect_url: 'https://shop.example/thanks',
      motive: 'Pedido 1',
      client_data: { first_name: 'Ana', last_name: 'Paz', phone: '+54', email: 'a@b.c', dni: '1', cuit: '2' },
      partner_id: 'partner-7',
      items: [
        { title: 'Yerba', description: '1 kg', quantity: 2, unit_price: { currency: 'ARS', amount: -10.5 } },
      ],
      expiration_timestamp: '2026-01-02T03:04:05.678Z',
    });
  });

  test.each([
    ['price', { price: { amount: 1, currency: 'ARS' } }],
    ['externalId', { external_id: 'order-2' }],
    ['userId', { user_id: 'somebody else' }],
    ['webhookUrl', { webhook_url: 'https://evil.example/hook' }],
    ['status', { payment_status: 'EXPIRED' }],
  ])('takes no payment that the order has already for the one it asked for: %s', async (path, fields) => {
    talo.on(CREATE, ok(wirePayment(fields)));
    const error = await failureOf(talo.client({ webhooks: WEBHOOKS }).payments.create(order));
    expect(error).toBeInstanceOf(TaloConflictError);
    expect(error).toMatchObject({ differences: [{ path }] });
  });

  test('does not mind how Talo writes what is only shown', async () => {
    talo.on(CREATE, ok(wirePayment({ motive: 'cut', redirect_url: 'https://shop.example/' })));
    const wanted = { ...order, motive: 'cut off', redirectUrl: 'https://shop.example' };
    expect(await talo.client().payments.create(wanted)).toMatchObject({ motive: 'cut' });
  });

  test('signs the webhook URL for this order at this price, the call’s own too', async () => {
    talo.on(CREATE, ok(wirePayment()));
    const { payments } = talo.client({ webhooks: WEBHOOKS });
    const signer = new UrlSigner({ accepted: [WEBHOOKS.secret], demoted: [] });
    const scope = { kind: 'payment', account: ACCOUNT, id: 'order-1', price: 150_000 };
    for (const webhookUrl of [undefined, 'https://other.example/hook?tenant=7']) {
      await payments.create({ ...order, webhookUrl });
      const sent = talo.sent.at(-1)?.body.webhook_url;
      expect(sent.startsWith(webhookUrl ?? WEBHOOKS.url)).toBe(true);
      expect(signer.verify(sent)).toEqual({ scope, demoted: false });
    }
  });

  test('refuses with every issue at once, and sends nothing, not even for a token', async () => {
    const wanted = { externalId: '..', price: centavos(0), redirectUrl: 'x', items: [{}], colour: 1 };
    const error = await failureOf(talo.client().payments.create(wanted as never));
    expect(error).toBeInstanceOf(TaloConstraintError);
    const paths = (error as TaloConstraintError).issues.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['externalId', 'price', 'redirectUrl', 'colour', 'items.0.title']),
    );
    expect(talo.sent).toEqual([]);
  });

  test.each([undefined, null, 7, 'x', [], {}])('refuses %j', async (wanted) => {
    for (const call of ['create', 'ensure'] as const) {
      expect(await failureOf(talo.client().payments[call](wanted as never))).toBeInstanceOf(
        TaloConstraintError,
      );
    }
  });
});

describe('ensure', () => {
  test('creates what does not exist yet', async () => {
    talo.on(CREATE, ok(wirePayment()));
    expect(await talo.client().payments.ensure(order)).toMatchObject({ id: ID, status: 'PENDING' });
    expect(talo.calls).toEqual([FIND, CREATE]);
  });

  test.each(['PENDING', 'UNDERPAID', 'SUCCESS', 'OVERPAID', 'UNDER_REVIEW', 'OF_TOMORROW'])(
    'returns what exists and agrees: %s',
    async (payment_status) => {
      talo.on(FIND, ok(wirePayment({ payment_status })));
      expect(await talo.client().payments.ensure(order)).toMatchObject({ id: ID, status: payment_status });
      expect(talo.calls).toEqual([FIND]);
    },
  );

  test.each([
    ['price', { price: { amount: 1499, currency: 'ARS' } }],
    ['price', { price: { amount: 'x' } }],
    ['price', { price: null }],
    ['externalId', { external_id: 'order-2' }],
    ['userId', { user_id: 'somebody else' }],
    ['redirectUrl', { redirect_url: 'https://evil.example' }],
    ['motive', { motive: 'another' }],
    ['partnerId', { partner_id: 'another' }],
    ['clientData.first_name', { client_data: { first_name: 'Eva' } }],
    ['webhookUrl', { webhook_url: 'https://evil.example/hook' }],
    ['webhookUrl', { webhook_url: `${WEBHOOKS.url}?talo=1~a~b~payment~c~d~1` }],
    ['status', { payment_status: 'EXPIRED' }],
    ['status', { payment_status: 'CANCELLED' }],
    ['status', { payment_status: 'REJECTED' }],
  ])('reports what exists and disagrees as a conflict: %s', async (path, fields) => {
    const full = {
      redirectUrl: 'https://shop.example',
      motive: 'mine',
      clientData: { firstName: 'Ana' },
      expiresAt: new Date('2026-01-06T00:00:00.000Z'),
      ...order,
    };
    const options = { webhooks: WEBHOOKS, partner: { id: 'mine' } };
    talo.on(FIND, ok(wirePayment({ ...fields, id: ID })));
    const error = await failureOf(talo.client(options).payments.ensure(full));
    expect(error).toBeInstanceOf(TaloConflictError);
    expect(error).toMatchObject({ code: 'conflict', differences: [{ path }] });
    expect(talo.to(CREATE)).toHaveLength(0);
  });

  test('takes a webhook URL that another of our keys signed for the same order as ours', async () => {
    const scope = { kind: 'payment', account: ACCOUNT, id: 'order-1', price: 150_000 } as const;
    const by = (secret: string) =>
      new UrlSigner({ accepted: [secret], demoted: [] }).sign('https://old.example', scope);
    const [before, leaked] = ['the secret before this one', 'a secret that leaked'];
    const { payments } = talo.client({
      webhooks: { url: WEBHOOKS.url, secret: [WEBHOOKS.secret, before], demoted: [leaked] },
    });
    talo.on(FIND, ok(wirePayment({ webhook_url: by(before) })));
    expect(await payments.ensure(order)).toMatchObject({ id: ID });
    talo.on(FIND, ok(wirePayment({ webhook_url: by(leaked) })));
    await expect(payments.ensure(order)).rejects.toMatchObject({ differences: [{ path: 'webhookUrl' }] });
  });

  test.each([
    ['a lost response', lost('ECONNRESET')],
    ['a 500', refused(500)],
    ['a page of HTML', { text: '<html>' }],
    ['an answer without data', { json: { message: 'ok', error: false } }],
    ['a refusal that means it is there already', refused(409)],
    ['another such refusal', refused(422)],
  ])('finds what was created in spite of %s', async (_, answer) => {
    talo.on(FIND, refused(404), ok(wirePayment())).on(CREATE, answer);
    expect(await talo.client().payments.ensure(order)).toMatchObject({ id: ID });
    expect(talo.calls).toEqual([FIND, CREATE, FIND]);
  });

  test('fails as the create did when nothing is found after it', async () => {
    talo.on(CREATE, lost('ECONNRESET'));
    const unknown = await failureOf(talo.client().payments.ensure(order));
    expect(unknown).toMatchObject({ code: 'transport', outcome: 'unknown' });
    talo.on(CREATE, refused(422));
    expect(await failureOf(talo.client().payments.ensure(order))).toMatchObject({ status: 422 });
  });

  test.each([
    ['cannot be reached', lost('ECONNREFUSED')],
    ['fails', refused(500)],
    ['refuses', refused(403)],
  ])('keeps saying that the outcome is unknown when Talo %s afterwards', async (_, answer) => {
    talo.on(FIND, refused(404), answer).on(CREATE, lost('ECONNRESET'));
    const error = await failureOf(clock.finish(talo.client().payments.ensure(order)));
    expect(error).toMatchObject({ code: 'transport', outcome: 'unknown' });
    expect(String(error)).toContain(CREATE);
  });

  test('does not create when it cannot tell whether it exists', async () => {
    talo.on(FIND, refused(500));
    expect(await failureOf(clock.finish(talo.client().payments.ensure(order)))).toMatchObject({
      status: 500,
    });
    expect(talo.to(CREATE)).toHaveLength(0);
  });

  test('reports a foreign object that it finds after a lost response as a conflict', async () => {
    const foreign = wirePayment({ price: { amount: 1, currency: 'ARS' } });
    talo.on(FIND, refused(404), ok(foreign)).on(CREATE, lost('ECONNRESET'));
    expect(await failureOf(talo.client().payments.ensure(order))).toMatchObject({ code: 'conflict' });
  });

  test('reports an existing object that the create itself returned as a conflict when it differs', async () => {
    talo.on(CREATE, ok(wirePayment({ price: { amount: 1, currency: 'ARS' } })));
    expect(await failureOf(talo.client().payments.ensure(order))).toMatchObject({ code: 'conflict' });
  });

  test('has one deadline over all its requests', async () => {
    talo.on(FIND, async () => {
      clock.advance(700);
      return refused(404);
    });
    talo.on(CREATE, hangs);
    const error = await failureOf(clock.finish(talo.client().payments.ensure(order, { timeout: 1_000 })));
    expect(error).toMatchObject({ reason: 'TIMEOUT', outcome: 'unknown' });
    expect(clock.monotonic()).toBe(2_000);
  });

  describe('on a double click', () => {
    /** A Talo in which the payment exists from the first create on. */
    const world = () => {
      let made: Record<string, unknown> | undefined;
      talo.on(FIND, () => (made ? ok(made) : refused(404)));
      talo.on(CREATE, async ({ body }) => {
        await settle();
        // Talo does not say what it does with the second one: here it makes another
        made = wirePayment({ price: body.price });
        return ok(made);
      });
    };

    test('creates one payment', async () => {
      world();
      const { payments } = talo.client();
      const both = await Promise.all([payments.ensure(order), payments.ensure({ ...order })]);
      expect(both.map(({ id }) => id)).toEqual([ID, ID]);
      expect(talo.to(CREATE)).toHaveLength(1);
    });

    test('creates one payment when the same fields come in another order', async () => {
      world();
      const { payments } = talo.client();
      const { externalId, price } = order;
      await Promise.all([payments.ensure({ externalId, price }), payments.ensure({ price, externalId })]);
      expect(talo.to(CREATE)).toHaveLength(1);
    });

    test('gives a conflict to the one that asks for another price', async () => {
      world();
      const { payments } = talo.client();
      const first = payments.ensure(order);
      const second = failureOf(payments.ensure({ externalId: 'order-1', price: pesos(1) }));
      expect(await first).toMatchObject({ price: pesos(1500) });
      expect(await second).toMatchObject({ code: 'conflict', differences: [{ path: 'price' }] });
      expect(talo.to(CREATE)).toHaveLength(1);
    });

    test('goes on for the second when the first is aborted or out of time', async () => {
      talo.on(CREATE, hangs, ok(wirePayment()));
      const { payments } = talo.client();
      const controller = new AbortController();
      const first = failureOf(payments.ensure(order, { signal: controller.signal }));
      const second = payments.ensure(order);
      await settle();
      controller.abort();
      expect(await first).toMatchObject({ reason: 'ABORTED' });
      expect(await second).toMatchObject({ id: ID });
    });

    test('keeps the second one’s own deadline and signal', async () => {
      talo.on(CREATE, hangs);
      const { payments } = talo.client();
      const first = failureOf(payments.ensure(order, { timeout: 20_000 }));
      await settle();
      const second = await failureOf(clock.finish(payments.ensure(order, { timeout: 500 })));
      expect(second).toMatchObject({ reason: 'TIMEOUT' });
      expect(clock.monotonic()).toBe(1_500);
      const third = failureOf(payments.ensure(order, { signal: AbortSignal.abort() }));
      expect(await third).toMatchObject({ reason: 'ABORTED' });
      expect(await clock.finish(first)).toMatchObject({ reason: 'TIMEOUT', outcome: 'unknown' });
      expect(clock.pending).toBe(0);
    });

    test('of another account waits for nobody', async () => {
      talo.on(CREATE, hangs);
      const client = talo.client();
      const first = failureOf(client.payments.ensure(order));
      await settle();
      const token = talo.newToken();
      const other = client.forAccount({ userId: '11111111-other', accessToken: token });
      talo.on('GET /payments/VAR-11111111-order-1', ok(wirePayment({ user_id: '11111111-other' })));
      expect(await other.payments.ensure(order)).toMatchObject({ userId: '11111111-other' });
      expect(talo.sent.at(-1)?.token).toBe(token);
      await clock.finish(first);
    });
  });
});

describe('what the webhook engine is told of', () => {
  const told: unknown[] = [];
  const watched = () => {
    told.length = 0;
    const client = talo.client();
    client[contextOf].observers.add(async (made) => {
      told.push(Object.keys(made)[0]);
      throw new Error('the engine has trouble of its own');
    });
    return client.payments;
  };

  test('is a payment that was created or re-priced, before the caller hears of it', async () => {
    talo.on(CREATE, ok(wirePayment())).on('PUT /payments/p/price', ok(wirePayment()));
    const payments = watched();
    await payments.create(order);
    await payments.updatePrice('p', pesos(1));
    expect(told).toEqual(['payment', 'payment']);
  });

  test('is not one that is somebody else’s, or that we only looked at or let expire', async () => {
    talo.on(CREATE, ok(wirePayment({ user_id: 'other' }))).on(FIND, ok(wirePayment()));
    talo
      .on('PUT /payments/p/expiration', ok(wirePayment()))
      .on('PUT /payments/p/metadata', ok(wirePayment()));
    const payments = watched();
    await failureOf(payments.create(order));
    await payments.get(ID);
    await payments.updateExpiration('p', new Date());
    await payments.updateMotive('p', 'm');
    expect(told).toEqual([]);
  });
});

describe('a change', () => {
  test('of the price, the expiry and the motive sends what is documented', async () => {
    talo.on('PUT /payments/p%2F1/price', ok(wirePayment()));
    talo.on('PUT /payments/p%2F1/expiration', ok(wirePayment()));
    talo.on('PUT /payments/p%2F1/metadata', ok(wirePayment()));
    const { payments } = talo.client();
    await payments.updatePrice('p/1', pesos('10.50'));
    await payments.updateExpiration('p/1', new Date('2026-01-02T03:04:05.678Z'));
    await payments.updateMotive('p/1', 'Señal');
    expect(talo.sent.slice(1).map(({ body }) => body)).toEqual([
      { currency: 'ARS', amount: 10.5 },
      { expiration_timestamp: '2026-01-02T03:04:05.678Z' },
      { motive: 'Señal' },
    ]);
  });

  test('looks at the payment where the answer does not show it', async () => {
    talo.on('PUT /payments/p/metadata', { json: { message: 'ok', error: false } }, ok({ refresh: true }));
    talo.on('GET /payments/p', ok(wirePayment()));
    const { payments } = talo.client();
    for (let i = 0; i < 2; i++)
      expect(await payments.updateMotive('p', 'm')).toMatchObject({ externalId: 'order-1' });
  });

  test.each<[string, (payments: ReturnType<FakeTalo['client']>['payments']) => Promise<unknown>]>([
    ['no price', (payments) => payments.updatePrice('p', undefined as never)],
    ['a number as price', (payments) => payments.updatePrice('p', 100 as never)],
    ['a price of zero', (payments) => payments.updatePrice('p', centavos(0))],
    [
      'a price in another currency',
      (payments) => payments.updatePrice('p', { currency: 'USD', centavos: 1 } as never),
    ],
    ['no date', (payments) => payments.updateExpiration('p', undefined as never)],
    ['an invalid date', (payments) => payments.updateExpiration('p', new Date(Number.NaN))],
    ['a text as date', (payments) => payments.updateExpiration('p', '2026-01-01' as never)],
    ['no motive', (payments) => payments.updateMotive('p', undefined as never)],
    ['a motive that no JSON holds', (payments) => payments.updateMotive('p', 1n as never)],
  ])('is refused before anything is sent: %s', async (_, call) => {
    const error = await failureOf(call(talo.client().payments));
    expect(error).toBeInstanceOf(TaloConstraintError);
    expect((error as TaloConstraintError).issues).toHaveLength(1);
    expect(talo.sent).toEqual([]);
  });
});

describe('a refund', () => {
  const blame = { teamId: 'team', mail: 'ana@shop.example' };
  const REFUND = 'POST /payments/p/refunds';
  const receipt = { refund_id: 'r', payment_id: 'p', amount: '500.00', currency: 'ARS', status: 'CREATED' };

  test('of all and of a part sends what is documented', async () => {
    talo.on(REFUND, ok(receipt));
    const { payments } = talo.client();
    await payments.refund('p', { type: 'FULL', blame });
    expect(await payments.refund('p', { type: 'PARTIAL', amount: pesos(500), blame })).toMatchObject({
      refundId: 'r',
      amount: pesos(500),
      status: 'CREATED',
    });
    const base = { blame: { team_id: 'team', mail: 'ana@shop.example' }, user_id: ACCOUNT };
    expect(talo.to(REFUND).map(({ body }) => body)).toEqual([
      { refund_type: 'FULL', ...base },
      { refund_type: 'PARTIAL', amount: '500.00', currency: 'ARS', ...base },
    ]);
  });

  test.each([
    ['lost', lost('ECONNRESET')],
    ['a 500', refused(500)],
    ['unreadable', { text: '<html>' }],
    ['without data', { json: { message: 'ok', error: false } }],
  ])(
    'whose answer is %s blocks another one of that payment until it is asked for in so many words',
    async (_, answer) => {
      talo.on(REFUND, answer, answer, ok(receipt)).on('POST /payments/q/refunds', ok(receipt));
      const { payments } = talo.client();
      const refund = { type: 'FULL', blame } as const;
      expect(await failureOf(payments.refund('p', refund))).toMatchObject({ outcome: 'unknown' });
      // asked for with the request, or as an option
      expect(await failureOf(payments.refund('p', { ...refund, repeat: true }))).toMatchObject({
        outcome: 'unknown',
      });
      const error = await failureOf(payments.refund('p', refund));
      expect(error).toBeInstanceOf(TaloConflictError);
      expect(error).toMatchObject({
        code: 'refund_unknown',
        message: expect.stringContaining('repeat: true'),
      });
      await payments.refund('q', refund);
      await payments.refund('p', refund, { repeat: true });
      await payments.refund('p', refund);
      expect(talo.to(REFUND)).toHaveLength(4);
    },
  );

  test('blocks a second one while the first is under way', async () => {
    talo.on(REFUND, async () => {
      await settle();
      return ok(receipt);
    });
    const { payments } = talo.client();
    const both = await Promise.allSettled([1, 2].map(() => payments.refund('p', { type: 'FULL', blame })));
    expect(both).toMatchObject([{ status: 'fulfilled' }, { reason: { code: 'refund_unknown' } }]);
  });

  test('is still in doubt when one that was forced meanwhile has ended', async () => {
    let end = () => {};
    talo.on(
      REFUND,
      async () => {
        await new Promise<void>((resolve) => {
          end = resolve;
        });
        return lost('ECONNRESET');
      },
      refused(422),
    );
    const { payments } = talo.client();
    const first = failureOf(payments.refund('p', { type: 'FULL', blame }));
    await settle();
    await failureOf(payments.refund('p', { type: 'FULL', blame }, { repeat: true }));
    end();
    expect(await first).toMatchObject({ outcome: 'unknown' });
    const third = await failureOf(payments.refund('p', { type: 'FULL', blame }));
    expect(third).toMatchObject({ code: 'refund_unknown' });
  });

  test.each([
    ['Talo refused', refused(422)],
    ['no connection was made', lost('ECONNREFUSED')],
  ])('that was not made because %s blocks nothing', async (_, answer) => {
    talo.on(REFUND, answer);
    const { payments } = talo.client({ maxRetries: 0 });
    await failureOf(payments.refund('p', { type: 'FULL', blame }));
    expect(await failureOf(payments.refund('p', { type: 'FULL', blame }))).not.toMatchObject({
      code: 'refund_unknown',
    });
  });

  test('that could not even be sent blocks nothing', async () => {
    talo.on(REFUND, ok(receipt));
    const { payments } = talo.client();
    const error = await failureOf(payments.refund('p', { type: 'FULL', blame }, { timeout: -1 }));
    expect(error).toBeInstanceOf(TaloConfigError);
    await payments.refund('p', { type: 'FULL', blame });
  });

  test('is in doubt for every client of that account, and for no other account', async () => {
    talo.on(REFUND, lost('ECONNRESET'));
    const client = talo.client();
    const refund = { type: 'FULL', blame } as const;
    await failureOf(client.payments.refund('p', refund));
    const same = client.forAccount({ userId: ACCOUNT, accessToken: talo.newToken() });
    expect(await failureOf(same.payments.refund('p', refund))).toMatchObject({ code: 'refund_unknown' });
    const other = client.forAccount({ userId: 'other', accessToken: talo.newToken() });
    expect(await failureOf(other.payments.refund('p', refund))).toMatchObject({ outcome: 'unknown' });
  });

  test.each([
    undefined,
    {},
    { type: 'FULL' },
    { type: 'PARTIAL', blame },
    { type: 'FULL', amount: pesos(1), blame },
    { type: 'PARTIAL', amount: centavos(0), blame },
    { type: 'SOME', blame },
    { type: 'FULL', blame: { teamId: '', mail: 'x' } },
  ])('is refused as %j', async (wanted) => {
    expect(await failureOf(talo.client().payments.refund('p', wanted as never))).toBeInstanceOf(
      TaloConstraintError,
    );
    expect(talo.sent).toEqual([]);
  });
});
