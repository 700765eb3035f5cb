import { describe, expect, test } from 'vitest';
import { centavos, pesos } from '../../src/index.ts';
import { readAccount } from '../../src/models/account.ts';
import { readCustomer } from '../../src/models/customer.ts';
import { readLedgerEntry } from '../../src/models/ledger-entry.ts';
import { readPartnerAccess } from '../../src/models/partner.ts';
import { readPayment, readRefund } from '../../src/models/payment.ts';
import { readCustomerTransaction, readPaymentTransaction } from '../../src/models/transaction.ts';

// every sample that is publicly known, as it was published

describe('a payment', () => {
  /** A production payment: address and network instead of cvu, amounts as text, keys that no page documents. */
  const production = {
    id: 'VAR-f61876b0-FDF_124',
    payment_status: 'SUCCESS',
    status: 'SUCCESS',
    user_id: 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6',
    external_id: 'FDF_124',
    price: { amount: 100, currency: 'ARS' },
    payment_options: ['transfer'],
    webhook_url: 'https://shop.example/hook?talo=secret-canary',
    redirect_url: 'https://shop.example/thanks',
    motive: 'Pedido 124',
    metadata: {},
    client_data: { first_name: 'Juan', email: null },
    quotes: [
      {
        alias: 'talo.ago.1468',
        amount: '100',
        address: '0000335100000000004774',
        network: 'CRESIUM',
        currency: 'ARS',
      },
    ],
    payment_url: 'https://talo.com.ar/payments/VAR-f61876b0-FDF_124',
    transaction_fields: { amount: '100', commission_amount: '0', currency: 'ARS' },
    transactions: [
      {
        transaction_id: 'CRS-198-304855',
        amount: '100',
        currency: 'ARS',
        network: 'CRESIUM',
        transaction_status: 'PROCESSED',
        creation_timestamp: '2026-02-11T14:03:21.123Z',
        address: '0000335100000000004774',
        sender_address: '0000003100010000000001',
        commission: 1.21,
        transaction_data: {
          PROCESSED: {
            amount: 100,
            netAmount: 98.79,
            currency: 'ARS',
            sender: '0000003100010000000001',
            recipient: '0000335100000000004774',
            senderCuit: '20123456786',
            senderTitular: 'PEREZ CARLA',
            recipientCuit: '30717171717',
            recipientTitular: 'POLLUX CAPITAL',
            trxId: '198-304855',
          },
        },
      },
    ],
    user_info: { full_name: 'Pollux Capital', cuit: '30717171717' },
    creation_timestamp: '2026-02-11T14:00:00.000Z',
    last_modified_timestamp: '2026-02-11T14:03:22.000Z',
    expiration_timestamp: '2026-02-12T13:00:00.000Z',
    key_of_tomorrow: { nested: [1] },
  };

  test('of production parses whole', () => {
    const payment = readPayment(production, 'asked');
    expect(payment).toEqual({
      id: 'VAR-f61876b0-FDF_124',
      externalId: 'FDF_124',
      userId: 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6',
      status: 'SUCCESS',
      price: pesos(100),
      received: pesos(100),
      cvu: '0000335100000000004774',
      alias: 'talo.ago.1468',
      paymentUrl: 'https://talo.com.ar/payments/VAR-f61876b0-FDF_124',
      redirectUrl: 'https://shop.example/thanks',
      motive: 'Pedido 124',
      transactions: [
        {
          transactionId: 'CRS-198-304855',
          status: 'PROCESSED',
          gross: pesos(100),
          net: pesos('98.79'),
          commission: pesos('1.21'),
          createdAt: new Date('2026-02-11T14:03:21.123Z'),
          network: 'CRESIUM',
          payer: { name: 'PEREZ CARLA', cuit: '20123456786', account: '0000003100010000000001' },
        },
      ],
      holder: { name: 'Pollux Capital', cuit: '30717171717' },
      createdAt: new Date('2026-02-11T14:00:00.000Z'),
      updatedAt: new Date('2026-02-11T14:03:22.000Z'),
      expiresAt: new Date('2026-02-12T13:00:00.000Z'),
    });
  });

  test('shows raw and webhookUrl to whoever asks, and to nothing that prints, copies or sends it', () => {
    const payment = readPayment(production, 'asked');
    expect(payment.raw).toBe(production);
    expect(payment.webhookUrl).toBe(production.webhook_url);
    for (const copy of [
      JSON.stringify(payment),
      { ...payment },
      structuredClone(payment),
      Object.keys(payment),
    ]) {
      expect(JSON.stringify(copy)).not.toContain('canary');
      expect(JSON.stringify(copy)).not.toContain('key_of_tomorrow');
    }
  });

  test('as the page documents it, with cvu', () => {
    const payment = readPayment(
      {
        id: 'VAR-f61876b0-FDF_124',
        payment_status: 'PENDING',
        price: { currency: 'ARS', amount: 1000 },
        quotes: [{ cvu: '0000630500000060195375', alias: 'kamrot.8881.talo' }],
        payment_url: 'https://talo.com.ar/payments/VAR-f61876b0-FDF_124',
        expiration_timestamp: '2025-03-01T00:00:00.000Z',
      },
      'asked',
    );
    expect(payment).toMatchObject({
      status: 'PENDING',
      cvu: '0000630500000060195375',
      received: pesos(0),
      transactions: [],
    });
    expect(payment).not.toHaveProperty('issues');
  });

  test.each([
    ['payment_status', { payment_status: 'UNDERPAID' }, 'UNDERPAID'],
    ['status alone', { status: 'OVERPAID' }, 'OVERPAID'],
    ['both, of which the documented one counts', { payment_status: 'SUCCESS', status: 'ok' }, 'SUCCESS'],
    ['one that nobody knows yet', { payment_status: 'FROZEN' }, 'FROZEN'],
    ['null', { payment_status: null, status: 'EXPIRED' }, 'EXPIRED'],
    ['none', {}, 'UNKNOWN'],
  ])('has its status from %s', (_, raw, status) => {
    expect(readPayment(raw, 'p').status).toBe(status);
  });

  test('adds up the processed transfers, and no others', () => {
    const transactions = [
      { transaction_id: 'a', transaction_status: 'PROCESSED', amount: '18000.10' },
      { transaction_id: 'b', status: 'PROCESSED', amount: 11999.9 },
      { transaction_id: 'c', transaction_status: 'REVERSED', amount: '5' },
    ];
    expect(readPayment({ payment_status: 'SUCCESS', transactions }, 'p').received).toEqual(pesos(30000));
  });

  test('adds up a transfer that is listed twice once, and those without an id each', () => {
    const listed = { transaction_id: 'a', transaction_status: 'PROCESSED', amount: '100' };
    const nameless = { transaction_status: 'PROCESSED', amount: '7' };
    const transactions = [listed, nameless, listed, nameless];
    expect(readPayment({ payment_status: 'SUCCESS', transactions }, 'p').received).toEqual(pesos(114));
  });

  test.each([
    ['a settled payment shows no transfer', 'SUCCESS', []],
    ['a status is not known', 'FROZEN', []],
    ['one amount is unreadable', 'UNDERPAID', [{ transaction_status: 'PROCESSED', amount: '1.234,56' }]],
    ['one amount is missing', 'UNDERPAID', [{ transaction_status: 'PROCESSED' }]],
    [
      'the sum is more than money holds',
      'OVERPAID',
      [
        { transaction_status: 'PROCESSED', amount: '90071992547409.91' },
        { transaction_status: 'PROCESSED', amount: '0.01' },
      ],
    ],
  ])('does not know what it received when %s', (_, status, transactions) => {
    expect(readPayment({ payment_status: status, transactions }, 'p').received).toBeUndefined();
  });

  test('tells which amount it could not read, and reads the rest', () => {
    const payment = readPayment(
      {
        payment_status: 'SUCCESS',
        price: { amount: '12,50' },
        transactions: [{ transaction_id: 't', transaction_status: 'PROCESSED', amount: 0.001 }],
      },
      'p',
    );
    expect(payment.price).toBeUndefined();
    expect(payment.issues?.map(({ path, code }) => [path, code])).toEqual([
      ['price', 'unreadable'],
      ['transactions.0.gross', 'unreadable'],
    ]);
    expect(payment.transactions[0]?.issues).toHaveLength(1);
    expect(payment.transactions[0]?.gross).toBeUndefined();
  });
});

describe('a transfer inside a payment', () => {
  test('was sent as its amount, unless Talo states the gross one besides', () => {
    expect(readPaymentTransaction({ amount: '100' })).toMatchObject({ gross: pesos(100) });
    expect(readPaymentTransaction({ amount: '100' })).not.toHaveProperty('net');
    expect(readPaymentTransaction({ amount: '98.79', gross_amount: '100' })).toMatchObject({
      gross: pesos(100),
      net: pesos('98.79'),
      commission: pesos('1.21'),
    });
    expect(readPaymentTransaction({ amount: '100', gross_amount: null })).not.toHaveProperty('net');
  });

  test('without transaction_id is known by its bank id', () => {
    const transaction_data = { PROCESSED: { trxId: '198-304855' } };
    expect(readPaymentTransaction({ transaction_data }).transactionId).toBe('198-304855');
  });

  test('without any id says so', () => {
    expect(readPaymentTransaction({ amount: '1' }).issues).toMatchObject([{ path: 'transactionId' }]);
  });
});

describe('a transfer to a customer', () => {
  test('as observed: gross, net, commission', () => {
    const transaction = readCustomerTransaction(
      {
        transaction_id: '1b5a952a-8a79-4003-b06a-e4043d453456',
        transaction_status: 'PROCESSED',
        gross_amount: '100',
        amount: '98.79',
        commission_amount: '1.21',
        currency: 'ARS',
        creation_timestamp: '2026-07-01T12:00:00.000Z',
        senderCvu: '0000003100010000000001',
        senderCuit: '20123456786',
        tax_amount: '0',
      },
      'asked',
    );
    expect(transaction).toEqual({
      transactionId: '1b5a952a-8a79-4003-b06a-e4043d453456',
      status: 'PROCESSED',
      gross: pesos(100),
      net: pesos('98.79'),
      commission: pesos('1.21'),
      createdAt: new Date('2026-07-01T12:00:00.000Z'),
      payer: { cuit: '20123456786', account: '0000003100010000000001' },
    });
  });

  test('never takes the net amount for the gross one', () => {
    const transaction = readCustomerTransaction({ amount: '98.79', status: 'PROCESSED' }, 't');
    expect(transaction.gross).toBeUndefined();
    expect(transaction.net).toEqual(pesos('98.79'));
  });

  test.each([
    ['1,200.50'],
    ['1.200,50'],
    ['98.795'],
    ['1e3'],
    [' 1'],
    ['NaN'],
    [true],
    [{}],
    [[100]],
    [1e-7],
    [1e300],
    ['9'.repeat(40)],
  ])('with an amount of %j has none, and an issue', (gross_amount) => {
    const transaction = readCustomerTransaction({ gross_amount }, 't');
    expect(transaction.gross).toBeUndefined();
    expect(transaction.issues).toMatchObject([{ path: 'gross', code: 'unreadable' }]);
  });

  test.each([[undefined], [null], ['']])('with an amount of %j has none, and no issue', (gross_amount) => {
    const transaction = readCustomerTransaction({ gross_amount }, 't');
    expect(transaction).not.toHaveProperty('gross');
    expect(transaction).not.toHaveProperty('issues');
  });

  test('in another currency has no amounts', () => {
    const transaction = readCustomerTransaction({ gross_amount: '100', currency: 'USD' }, 't');
    expect(transaction.gross).toBeUndefined();
    expect(transaction.issues?.[0]?.received).toContain('USD');
  });
});

describe('a customer', () => {
  const documented = {
    customer_id: '123456789',
    bank_info: { cvu: '0000630500008064475741', alias: 'bami.abcdabcd' },
    balance: 0,
    creation_timestamp: '2025-02-18T19:57:26.674Z',
  };

  test('as documented', () => {
    expect(readCustomer(documented, 'asked')).toEqual({
      customerId: '123456789',
      cvu: '0000630500008064475741',
      alias: 'bami.abcdabcd',
      balance: pesos(0),
      createdAt: new Date('2025-02-18T19:57:26.674Z'),
    });
  });

  test.each([
    [0.1, 10],
    [15000.55, 1500055],
    ['15000.55', 1500055],
    [-3, -300],
  ])('has a balance of %j', (balance, expected) => {
    expect(readCustomer({ ...documented, balance }, 'c').balance).toEqual(centavos(expected));
  });

  test.each([
    ['bami.abcdabcd', 'abcdabcd', false],
    ['BAMI.ABCDABCD', 'abcdabcd', false],
    ['a_b.x.y', 'x.y', false],
    ['halley27.a-long-name', 'a-long-name-that-was-cut', true],
    ['bami.other', 'abcdabcd', true],
    ['bami.x.abcdabcd', 'abcdabcd', true],
    ['abcdabcd', 'abcdabcd', true],
  ])('whose alias is %s where %s was asked for says so: %j', (alias, wanted, differs) => {
    const { issues } = readCustomer({ ...documented, bank_info: { alias } }, 'c', wanted);
    expect(issues?.map(({ code }) => code)).toEqual(differs ? ['alias_differs'] : undefined);
  });
});

describe('the ledger', () => {
  const sample = {
    transaction_id: 'TX#0f0e',
    id: '0f0e',
    user_id: 'u',
    transactionType: 'INBOUND',
    amount: '1185.48',
    gross_amount: '1200',
    address: '0000716149000693369021',
    address_alias: 'jul.807995.talo',
    currency: 'ARS',
    network: 'POLLUX',
    commission: 1.21,
    commission_amount: '14.52',
    taxes: [],
    transaction_status: 'PROCESSED',
    payment_id: 'VAR-u-1',
    creation_timestamp: '2026-07-01T12:00:00.000Z',
  };

  test('as documented', () => {
    expect(readLedgerEntry(sample)).toEqual({
      transactionId: 'TX#0f0e',
      type: 'INBOUND',
      status: 'PROCESSED',
      gross: pesos(1200),
      net: pesos('1185.48'),
      commission: pesos('14.52'),
      cvu: '0000716149000693369021',
      alias: 'jul.807995.talo',
      network: 'POLLUX',
      paymentId: 'VAR-u-1',
      createdAt: new Date('2026-07-01T12:00:00.000Z'),
    });
  });

  test('gives money that left as a negative net amount', () => {
    const out = readLedgerEntry({
      ...sample,
      transactionType: 'OUTBOUND',
      amount: '-1.00',
      gross_amount: '1.01',
    });
    expect(out).toMatchObject({ type: 'OUTBOUND', net: centavos(-100), gross: centavos(101) });
  });
});

describe('an account', () => {
  test('as documented', () => {
    const account = readAccount(
      {
        account_status: 'ACTIVE',
        alias_prefix: 'myapp',
        cancellation_period: 30,
        transfer_tolerance: 10,
        payout_schedule: { address: 'my.withdraw.alias', frequency: 'daily' },
        user_id: '507d3c2ret-36g9-6f22-99ab-427d0sdfsdfff21',
        partner_config: {
          commission: 2,
          partner_id: '75b4bf61-afac-453f-939e-181a2c1de579',
          partner_name: 'La mejor app',
          partner_slug: 'la_mejor_app',
        },
      },
      'asked',
    );
    expect(account).toEqual({
      userId: '507d3c2ret-36g9-6f22-99ab-427d0sdfsdfff21',
      status: 'ACTIVE',
      aliasPrefix: 'myapp',
      cancellationPeriod: 30,
      transferTolerance: 10,
      payoutSchedule: { address: 'my.withdraw.alias', frequency: 'daily' },
      partner: {
        id: '75b4bf61-afac-453f-939e-181a2c1de579',
        name: 'La mejor app',
        slug: 'la_mejor_app',
        commission: 2,
      },
    });
  });

  test('that waits for its activation has gaps', () => {
    const account = readAccount(
      { account_status: 'PENDING', payout_schedule: null, partner_config: null },
      'u',
    );
    expect(account).toEqual({ userId: 'u', status: 'PENDING' });
  });
});

test('a refund as documented', () => {
  const refund = readRefund(
    {
      refund_id: 'r',
      payment_id: 'p',
      amount: '500.00',
      currency: 'ARS',
      status: 'CREATED',
      created_at: '2026-02-25T10:00:00.000Z',
    },
    'asked',
  );
  expect(refund).toEqual({
    refundId: 'r',
    paymentId: 'p',
    amount: pesos(500),
    status: 'CREATED',
    createdAt: new Date('2026-02-25T10:00:00.000Z'),
  });
});

test('a partner’s token is there by name and nowhere else', () => {
  const access = readPartnerAccess({ token: 'PAR-canary', user_id: 'u', referred_user_id: 'r' });
  expect(access.accessToken).toBe('PAR-canary');
  expect(access).toEqual({ userId: 'u', referredUserId: 'r' });
  expect(JSON.stringify([access, { ...access }, structuredClone(access)])).not.toContain('canary');
});

test('zeros at the end of an amount of Talo are no other amount, a third decimal is', () => {
  const transactions = ['100.0000', '100.500', '100.505'].map((amount, i) => ({
    transaction_id: `t${i}`,
    amount,
  }));
  const { transactions: read } = readPayment({ transactions }, 'VAR-1');
  expect(read.map(({ gross }) => gross?.centavos)).toEqual([10_000, 10_050, undefined]);
});
