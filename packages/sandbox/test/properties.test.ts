import { addMoney, centavos, subtractMoney } from '@talo/core';
import { cbu, cvu } from '@talo/core/constraints';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { composeCuit, composeCvu } from '../src/cvu.ts';
import { moneyNumber, moneyText, share } from '../src/wire-money.ts';
import { type Answer, aCustomer, aPayment, login, start } from './support/api.ts';

const amount = fc.integer({ min: 1, max: 5_000_000 }).map(centavos);

test('money: ledger, resources and bank agree to the centavo, whatever is transferred', async () => {
  const transfers = fc.array(fc.record({ to: fc.constantFrom('one', 'two', 'payment'), amount }), {
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(transfers, fc.integer({ min: 0, max: 20_000 }), async (orders, commission) => {
      const { sandbox } = await start({ oddities: { ledgerCustomers: 'customer_id' } });
      const merchant = sandbox.addMerchant({ commissionPercent: commission / 1000, aliasPrefix: 'p' });
      const api = await login(sandbox, merchant);
      await api.post('/customers/', aCustomer(api.userId, { customer_id: 'one', alias: 'number.one' }));
      await api.post('/customers/', aCustomer(api.userId, { customer_id: 'two', alias: 'number.two' }));
      const { data: payment } = await api.post('/payments/', aPayment(api.userId));
      const alias = { one: 'p.number.one', two: 'p.number.two', payment: payment.quotes[0].alias };
      for (const order of orders)
        sandbox.bank.transfer({ to: alias[order.to as 'one'], amount: order.amount });

      const total = addMoney(...orders.map((order) => order.amount));
      expect(sandbox.bank.total()).toEqual(total);
      const { data } = await api.get(`/transactions/?user_id=${api.userId}&limit=1000`);
      const rows: { amount: string; gross_amount: string; commission_amount: string }[] = data.transactions;
      const sum = (pick: (row: (typeof rows)[number]) => string) =>
        rows.reduce((cents, row) => cents + Math.round(Number(pick(row)) * 100), 0);
      expect(sum((row) => row.gross_amount)).toBe(total.centavos);
      expect(sum((row) => row.amount) + sum((row) => row.commission_amount)).toBe(total.centavos);
      for (const id of ['one', 'two'] as const) {
        const { data: customer }: Answer = await api.get(`/customers/${id}`);
        expect(customer.balance).toBe(moneyNumber(sandbox.bank.received(alias[id])));
      }
      const { data: paid } = await api.get(`/payments/${payment.id}`);
      const received = sandbox.bank.received(alias.payment).centavos;
      const expected =
        received === 0
          ? 'PENDING'
          : received < 100_000
            ? 'UNDERPAID'
            : received > 100_000
              ? 'OVERPAID'
              : 'SUCCESS';
      expect(paid.status).toBe(expected);
      expect(paid.transactions).toHaveLength(orders.filter(({ to }) => to === 'payment').length);
    }),
    { numRuns: 25 },
  );
}, 60_000);

test('commission and what is left of it make the whole, and a wire text is the number', () => {
  fc.assert(
    fc.property(amount, fc.integer({ min: 0, max: 1_000_000 }), (gross, ppm) => {
      const commission = share(gross, ppm);
      const exact = (gross.centavos * ppm) / 1_000_000; // small enough to be exact to far less than a centavo
      expect(Math.abs(commission.centavos - exact)).toBeLessThanOrEqual(0.5 + 1e-6);
      expect(addMoney(commission, subtractMoney(gross, commission))).toEqual(gross);
      expect(Number(moneyText(gross))).toBe(moneyNumber(gross));
    }),
  );
});

test('a composed CVU is valid and no single wrong digit is', () => {
  const digits = (length: number) =>
    fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
      .map((all) => all.join(''));
  fc.assert(
    fc.property(
      digits(7),
      digits(13),
      fc.nat(21),
      fc.integer({ min: 1, max: 9 }),
      (provider, account, at, change) => {
        const composed = composeCvu(provider, account);
        const isAccount = (digits: string): boolean => cvu.is(digits) || cbu.is(digits);
        expect(isAccount(composed)).toBe(true);
        const wrong = (Number(composed[at]) + change) % 10;
        expect(isAccount(`${composed.slice(0, at)}${wrong}${composed.slice(at + 1)}`)).toBe(false);
      },
    ),
  );
});

test('check digits are those of real CVUs and CUITs', () => {
  for (const real of ['0000630500008064475741', '0000630500000060195375', '0000335100000000004774']) {
    expect(composeCvu(real.slice(0, 7), real.slice(8, 21))).toBe(real);
  }
  expect(composeCuit('30', '50001091')).toBe('30500010912');
});
