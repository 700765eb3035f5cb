import { type Amount, toMoney } from './bank.ts';
import { notFound } from './problem.ts';
import { changeStatus, findMerchant, revoke } from './state/merchants.ts';
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
  /** Pays money out to the account's owner: an OUTBOUND row in its ledger. See the switch `payoutsRun` for an account's own schedule. */
  payOut(userId: string, amount: Amount): void;
  /** The account's credentials and tokens stop working; with `false` they work again. */
  revoke(userId: string, revoked?: boolean): void;
}

/** @param accepted whatever it ran is on disk when it returns */
export function createOperator(current: () => World, accepted: (run: () => void) => void): Operator {
  return {
    setAccountStatus(userId, status) {
      accepted(() => changeStatus(current(), findMerchant(current(), userId), status, 'operator'));
    },
    setPaymentStatus(paymentId, status) {
      const payment = [...current().state.payments.values()].find(({ id }) => id === paymentId);
      if (payment === undefined) throw notFound(`payment ${paymentId}`);
      accepted(() =>
        change(current(), payment, 'operator', () => {
          payment.status = status;
        }),
      );
    },
    payOut(userId, amount) {
      const money = toMoney(amount);
      accepted(() => payOut(current(), findMerchant(current(), userId), money));
    },
    revoke(userId, revoked = true) {
      accepted(() => revoke(current(), findMerchant(current(), userId), revoked));
    },
  };
}
