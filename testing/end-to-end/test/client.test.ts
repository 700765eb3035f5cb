import { centavos, pesos, TaloApiError, TaloConflictError } from '@talo/core';
import { describe, expect, test } from 'vitest';
import { failureOf, inProcess, WEBHOOKS, worlds } from './support/world.ts';

const carla = {
  customerId: '123456789',
  alias: 'abcdabcd',
  name: 'Carla Perez',
  email: 'carlaperez@gmail.com',
};
const order = { externalId: 'order/1 ~ #1?é', price: pesos('1500.50') };

describe.each(worlds)('the client, %s', (_, start) => {
  test('takes a customer from the first CVU to the transfer in the ledger', async () => {
    const { sandbox, client } = await start();
    const talo = client();
    const customer = await talo.customers.create(carla);
    expect(customer).toMatchObject({
      cvu: '0000630500008064475741',
      alias: 'bami.abcdabcd',
      balance: pesos(0),
    });
    await talo.faucet.transfer(customer.cvu ?? '', pesos(15_000));
    await sandbox.idle();
    const id = '1b5a952a-8a79-4003-b06a-e4043d453456';
    const transfer = await talo.customers.getTransaction(carla.customerId, id);
    expect(transfer).toMatchObject({
      transactionId: id,
      status: 'PROCESSED',
      gross: sandbox.bank.received(customer.cvu),
      net: pesos('14818.50'),
      commission: pesos('181.50'),
    });
    expect((await talo.customers.get(carla.customerId)).balance).toEqual(sandbox.bank.total());
    const rows = [];
    const query = { from: new Date(0), to: new Date(sandbox.clock.now() + 1_000), limit: 1 };
    for await (const row of talo.transactions.list(query)) rows.push(row);
    expect(rows).toMatchObject([{ type: 'INBOUND', cvu: customer.cvu, gross: pesos(15_000) }]);
  });

  test('takes a payment through its life, whatever characters the order has', async () => {
    const { sandbox, client } = await start();
    const talo = client();
    const payment = await talo.payments.create({
      ...order,
      motive: 'Señal',
      redirectUrl: 'https://tu-sitio.com/ok',
    });
    expect(payment).toMatchObject({ externalId: order.externalId, status: 'PENDING', price: order.price });
    expect(payment.webhookUrl).toContain('talo=');
    expect((await talo.payments.updatePrice(payment.id, pesos(1000))).price).toEqual(pesos(1000));
    expect((await talo.payments.updateMotive(payment.id, 'Saldo')).motive).toBe('Saldo');
    const expiresAt = new Date(sandbox.clock.now() + 3_600_000);
    expect((await talo.payments.updateExpiration(payment.id, expiresAt)).expiresAt).toEqual(expiresAt);
    sandbox.bank.transfer({ to: payment.alias, amount: 400, from: { name: 'Ana Paz' } });
    expect(await talo.payments.get(payment.id)).toMatchObject({ status: 'UNDERPAID', received: pesos(400) });
    sandbox.bank.transfer({ to: payment.cvu, amount: 600 });
    const paid = await talo.payments.get(payment.id);
    expect(paid).toMatchObject({ status: 'SUCCESS', received: sandbox.bank.received(payment.cvu) });
    expect(paid.transactions[0]).toMatchObject({ gross: pesos(400), payer: { name: 'Ana Paz' } });
    const blame = { teamId: 'team', mail: 'ana@tu-sitio.com' };
    const refund = await talo.payments.refund(payment.id, {
      type: 'PARTIAL',
      amount: pesos('250.05'),
      blame,
    });
    expect(refund).toMatchObject({ paymentId: payment.id, amount: pesos('250.05'), status: 'CREATED' });
    await talo.payments.refund(payment.id, { type: 'FULL', blame });
  });

  test('reads and changes the account', async () => {
    const { client } = await start();
    const { account } = client();
    expect(await account.get()).toMatchObject({
      status: 'ACTIVE',
      aliasPrefix: 'bami',
      cancellationPeriod: 30,
    });
    const payoutSchedule = { address: 'my.withdraw.alias', frequency: 'daily' } as const;
    const changed = await account.update({
      aliasPrefix: 'myapp',
      cancellationPeriod: 30,
      transferTolerance: 10,
      payoutSchedule,
    });
    expect(changed).toMatchObject({ aliasPrefix: 'myapp', transferTolerance: 10, payoutSchedule });
    expect(changed.partner).toMatchObject({ name: 'La mejor app', commission: 2 });
    expect(await account.get()).toEqual(changed);
  });

  test('brings a merchant to Talo as a partner', async () => {
    const { sandbox, client } = await start();
    const partner = { id: sandbox.partner.id, secret: sandbox.partner.secret };
    const talo = client({ credentials: undefined as never, partner });
    const consent = await sandbox.fetch(
      talo.partners.authorizationUrl({ referredUserId: 'userPrueba1234' }),
      {
        method: 'POST',
      },
    );
    const code = new URL(consent.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const access = await talo.partners.exchangeCode(code);
    expect(access).toMatchObject({
      referredUserId: 'userPrueba1234',
      accessToken: expect.stringMatching(/^PAR-/),
    });
    expect(await failureOf(talo.partners.exchangeCode(code))).toBeInstanceOf(TaloApiError);
    const merchant = talo.forAccount(access);
    expect(await merchant.account.get()).toMatchObject({ userId: access.userId, status: 'PENDING' });
    await merchant.account.update({ aliasPrefix: 'nuevo' });
    sandbox.operator.setAccountStatus(access.userId, 'ACTIVE');
    const payment = await merchant.payments.create({ externalId: '1', price: pesos(1) });
    expect(payment).toMatchObject({ userId: access.userId, partnerId: partner.id });
  });

  test('tells what Talo refuses as what it is', async () => {
    const { client } = await start();
    const talo = client();
    for (const call of [
      talo.payments.get('VAR-unknown'),
      talo.customers.get('unknown'),
      talo.customers.getTransaction('unknown', 'unknown'),
    ]) {
      expect(await failureOf(call)).toMatchObject({
        code: 'api',
        status: 404,
        requestId: expect.any(String),
      });
    }
    const stranger = client({
      credentials: { userId: talo.accountId ?? '', clientId: 'x', clientSecret: 'wrong-secret' },
    });
    const error = await failureOf(stranger.payments.get('VAR-unknown'));
    expect(error).toBeInstanceOf(TaloApiError);
    expect(error).toMatchObject({ status: 401 });
    expect(JSON.stringify(error)).not.toContain('wrong-secret');
  });
});

test('an alias that Talo cuts at 20 characters is reported on the customer', async () => {
  const { sandbox, client } = inProcess();
  const merchant = sandbox.addMerchant({ aliasPrefix: 'halley27' });
  const { customers } = client({}, merchant);
  const long = { ...carla, alias: 'maria-del-carmen' };
  const customer = await customers.create(long);
  expect(customer.alias).toBe('halley27.maria-del-c');
  expect(customer.issues).toMatchObject([{ path: 'alias', code: 'alias_differs' }]);
  expect(await customers.ensure(long)).toEqual(customer);
  // another one whose alias is cut to the same: refused by Talo, not returned as if it were ours
  const error = await failureOf(customers.ensure({ ...long, customerId: '2', alias: 'maria-del-cielo' }));
  expect(error).toMatchObject({ code: 'api', status: 409 });
});

test('a create that Talo answers with an existing object returns it only if it is the one asked for', async () => {
  const { client } = inProcess({
    oddities: { duplicateExternalId: 'return-existing', duplicateCustomerId: 'return-existing' },
  });
  const { payments, customers } = client();
  const first = await payments.create(order);
  expect(await payments.create(order)).toMatchObject({ id: first.id });
  expect(await failureOf(payments.create({ ...order, price: centavos(1) }))).toBeInstanceOf(
    TaloConflictError,
  );
  await customers.create(carla);
  expect(await customers.create(carla)).toMatchObject({ alias: 'bami.abcdabcd' });
});

test('quotes, envelopes and refusals are read in every form that is known of them', async () => {
  const { sandbox, client } = inProcess({ oddities: { quotesUseAddress: false, authFailureWith200: true } });
  const payment = await client().payments.create(order);
  expect(sandbox.bank.received(payment.cvu)).toEqual(pesos(0));
  const wrong = client({ credentials: { ...sandbox.merchant.credentials, clientSecret: 'wrong-secret' } });
  expect(await failureOf(wrong.payments.get(payment.id))).toMatchObject({ code: 'api', status: 200 });
});

test('a partner registers one signed address for all its merchants', () => {
  const { client, sandbox } = inProcess();
  const talo = client({ partner: { id: sandbox.partner.id } });
  expect(talo.webhookUrl({ kind: 'account' })).toContain(`${WEBHOOKS.url}?talo=`);
});
