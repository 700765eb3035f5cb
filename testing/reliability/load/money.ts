import { setTimeout as sleep } from 'node:timers/promises';
import { pick, type Random } from '@talo/bench/lib/random.ts';
import type { Transfer } from './ages.ts';
import type { Receiver, Talo } from './processes.ts';

/** The transfers of the one customer whose address strangers may have. */
export const ATTACKED = 'the attacked customer';

export interface Customers {
  /** The address for its notifications is known to strangers. */
  readonly attacked: { readonly customerId: string; readonly cvu: string };
  readonly others: readonly { readonly customerId: string; readonly cvu: string }[];
}

export async function openCustomers(receiver: Receiver): Promise<Customers> {
  const [attacked, ...others] = await Promise.all(
    ['leaked', 'quiet', 'calm'].map(async (customerId) => {
      const { cvu } = await receiver.ask('createCustomer', { customerId, alias: customerId });
      return { customerId, cvu: cvu ?? '' };
    }),
  );
  if (attacked === undefined) throw new Error('No customer.');
  return { attacked, others };
}

/** Pays until it is stopped. Every amount comes once, so that an effect names its transfer. */
export function payers(given: {
  readonly talo: Talo;
  readonly receiver: Receiver;
  readonly random: Random;
  readonly customers: Customers;
  readonly sent: Omit<Transfer, 'deliveredAt'>[];
  readonly perSecond: number;
}) {
  const { talo, receiver, random, customers, sent, perSecond } = given;
  const stopping = new AbortController();
  let count = 0;
  const pay = async (): Promise<void> => {
    const number = ++count;
    const amount = 100_000 + number;
    const chance = random();
    if (chance < 0.5) {
      const payment = await receiver.ask('createPayment', { externalId: `order-${number}`, price: amount });
      const at = await talo.ask('transfer', { to: payment.cvu ?? '', amount });
      sent.push({ group: 'payments', amount, at });
      return;
    }
    const attacked = chance < 0.65;
    const { cvu } = attacked ? customers.attacked : pick(customers.others, random);
    const at = await talo.ask('transfer', { to: cvu, amount });
    sent.push({ group: attacked ? ATTACKED : 'customers', amount, at });
  };
  const loop = async (): Promise<void> => {
    const under: Promise<void>[] = [];
    while (!stopping.signal.aborted) {
      under.push(pay());
      await sleep((-Math.log(1 - random()) / perSecond) * 1000, undefined, { signal: stopping.signal }).catch(
        () => {},
      );
    }
    await Promise.all(under);
  };
  const running = loop();
  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}
