import { type Amount, toMoney } from './bank.ts';
import { notFound } from './problem.ts';
import { changeStatus, findMerchant } from './state/merchants.ts';
import { change } from './state/payments.ts';
import { payOut } from './state/payouts.ts';
import type { AccountStatus, PaymentStatus } from './state/records.ts';
import type { World } from './state/world.ts';

/** What Talo's own people do, and no call of the API can. */
export interface Operator {
  /** Approves, rejects or suspends an account. Only an activation is announced (talo-api 7). */
  setAccountStatus(userId: string, status: AccountStatus): void;
  /** Puts a payment into a state that money does not lead to, such as REJECTED or UNDER_REVIEW, and announces it. */
  setPaymentStatus(paymentId: string, status: PaymentStatus): void;
  /** Pays money out to the account's owner: an OUTBOUND row in its ledger. The schedule of an account is not run. */
  payOut(userId: string, amount: Amount): void;
}

export function createOperator(current: () => World): Operator {
  return {
    setAccountStatus(userId, status) {
      changeStatus(current(), findMerchant(current(), userId), status);
    },
    setPaymentStatus(paymentId, status) {
      const payment = [...current().state.payments.values()].find(({ id }) => id === paymentId);
      if (payment === undefined) throw notFound(`payment ${paymentId}`);
      change(current(), payment, () => {
        payment.status = status;
      });
    },
    payOut(userId, amount) {
      payOut(current(), findMerchant(current(), userId), toMoney(amount));
    },
  };
}
