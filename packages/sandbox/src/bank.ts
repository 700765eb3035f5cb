import { centavos, formatMoney, isMoney, type Money, pesos } from '@talo/core';
import { check } from './check.ts';
import { TransferOptions } from './schemas/options.ts';
import { resolveAddress } from './state/addresses.ts';
import { creditedTotal, receive, reverse } from './state/bank.ts';
import type { BankTransfer, Sender } from './state/records.ts';
import type { World } from './state/world.ts';
import { LARGEST } from './wire-money.ts';

/** Money as a test writes it: `pesos('172029.37')`, or plain pesos. */
export type Amount = Money | number | string;

/** A transfer as the bank knows it. */
export interface TransferReceipt {
  readonly id: string;
  readonly cvu: string;
  readonly amount: Money;
  readonly from: Sender;
  readonly at: Date;
  /** `bounced`: sent back at once, see the switch `lateTransfers`. `reversed`: taken back later. */
  readonly status: 'credited' | 'bounced' | 'reversed';
}

/**
 * The banks behind the sandbox, and its oracle: what really moved, whatever Talo's API and webhooks say about it.
 * "Money credited equals money received" is one assertion against it.
 */
export interface Bank {
  /**
   * Sends money to a CVU or an alias, as a payer would. `undefined`, as a model has for what it could not read, is
   * nobody's address.
   * @throws if nobody has that address or the amount is not above zero; TaloConfigError for what it does not understand
   */
  transfer(order: {
    readonly to: string | undefined;
    readonly amount: Amount;
    readonly from?: Partial<Sender>;
  }): TransferReceipt;
  /** What a CVU or alias received and kept, gross. Refunds do not change it: they are other movements. */
  received(cvuOrAlias: string | undefined): Money;
  /** What all CVUs received and kept, gross. */
  total(): Money;
  /** Every transfer so far, oldest first, also those that bounced. */
  readonly transfers: readonly TransferReceipt[];
  /** Takes a credited transfer back. Not known to happen at Talo; for what an integration does if it ever does. */
  reverse(transferId: string): void;
}

/** @param accepted whatever it ran is on disk when it returns */
export function createBank(current: () => World, accepted: <T>(run: () => T) => T): Bank {
  function cvuOf(address: string | undefined): string {
    const cvu = address === undefined ? undefined : resolveAddress(current(), address);
    if (cvu === undefined) throw new Error(`No CVU or alias ${JSON.stringify(address)} in this sandbox.`);
    return cvu;
  }

  return {
    transfer(order) {
      check('sandbox.bank.transfer', TransferOptions, order);
      const { to, amount, from } = order;
      const money = toMoney(amount);
      const transfer = accepted(() => receive(current(), cvuOf(to), money, from));
      if (transfer === undefined) throw new Error(`No CVU or alias ${JSON.stringify(to)} in this sandbox.`);
      return receipt(transfer);
    },
    received(address) {
      const cvu = cvuOf(address);
      return creditedTotal(current().state.transfers.filter((transfer) => transfer.cvu === cvu));
    },
    total: () => creditedTotal(current().state.transfers),
    get transfers() {
      return current().state.transfers.map(receipt);
    },
    reverse(transferId) {
      const transfer = current().state.transfers.find(({ id }) => id === transferId);
      if (transfer === undefined)
        throw new Error(`No transfer ${JSON.stringify(transferId)} in this sandbox.`);
      accepted(() => reverse(current(), transfer));
    },
  };
}

/** @throws unless it is an amount that can be moved */
export function toMoney(amount: Amount): Money {
  const money = isMoney(amount) ? centavos(amount.centavos) : pesos(amount);
  if (money.centavos <= 0 || money.centavos > LARGEST.centavos) {
    throw new RangeError(`A transfer is above zero and at most ${formatMoney(LARGEST)}.`);
  }
  return money;
}

function receipt(transfer: BankTransfer): TransferReceipt {
  const { id, cvu, amount, from, at, status } = transfer;
  return { id, cvu, amount, from, at: new Date(at), status };
}
