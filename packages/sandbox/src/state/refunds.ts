import { centavos, type Money, subtractMoney } from '@talo/core';
import { invalid } from '../problem.ts';
import { sumMoney } from '../wire-money.ts';
import { book, findMerchant } from './merchants.ts';
import { aboutPayment, change, receivedBy } from './payments.ts';
import type { LedgerRow, Payment, Refund } from './records.ts';
import type { World } from './world.ts';

/** Sends back all that is left of a payment's money, or a part of it (talo-api 3.5). */
export function refund(world: World, payment: Payment, part: Money | undefined): Refund {
  const left = subtractMoney(receivedBy(payment), sumMoney(payment.refunds.map(({ amount }) => amount)));
  const amount = part ?? left;
  if (left.centavos <= 0) throw invalid('payment has no money to refund');
  if (amount.centavos > left.centavos) throw invalid('amount is more than what is left of the payment');
  const made: Refund = { id: world.ids.uuid('refund'), amount, createdAt: world.clock.now() };
  const whole = amount.centavos === left.centavos;
  if (world.oddities.refundShows === 'payment-status') {
    change(world, payment, 'api', () => {
      payment.refunds.push(made);
      if (whole) payment.status = 'REFUNDED';
    });
  } else {
    payment.refunds.push(made);
    world.save({ kind: 'payment', record: payment });
  }
  world.note(aboutPayment(payment), { type: 'changed', what: 'refund' });
  const merchant = findMerchant(world, payment.userId);
  book(world, merchant, centavos(-amount.centavos));
  const none = centavos(0);
  const row: LedgerRow = {
    id: world.ids.uuid('ledger'),
    userId: payment.userId,
    type: 'REFUND',
    gross: centavos(-amount.centavos),
    net: centavos(-amount.centavos),
    commission: none,
    commissionPpm: merchant.commissionPpm,
    cvu: payment.cvu,
    alias: payment.alias,
    paymentId: payment.id,
    at: made.createdAt,
    readableAt: made.createdAt,
    status: 'PROCESSED',
  };
  world.state.ledger.push(row);
  world.save({ kind: 'ledger', record: row });
  return made;
}
