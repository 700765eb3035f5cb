import { centavos, type Money } from '@talo/core';
import type { Engine } from '../engine.ts';
import type { Fault } from '../http/faults.ts';
import type { Ids } from '../ids.ts';
import { receive } from '../state/bank.ts';
import { createCustomer } from '../state/customers.ts';
import { createPayment, isOpen, receivedBy } from '../state/payments.ts';
import type { BankTransfer, Customer, Payment } from '../state/records.ts';

/** Where a scenario plays: what it does here is counted, seeded, and ends with it. */
export interface Stage {
  readonly engine: Engine;
  /** The same seed plays the same scenarios; one that is played again goes on with other numbers. */
  readonly ids: Omit<Ids, 'positions'>;
  number(name: string): number;
  /** A fault for as long as the scenario runs. */
  fault(fault: Fault): void;
  /** Runs in so many milliseconds of the sandbox's time, unless the scenario is stopped before. */
  after(ms: number, run: () => void): void;
  /** Spreads `times` runs evenly over so many milliseconds, the first at once. */
  spread(times: number, overMs: number, run: (index: number) => void): void;
  /** Adds to the report. */
  count(what: string): void;
  /** Where the application wants its webhooks. */
  readonly webhookUrl: string;
  transfer(to: string, amount: Money): BankTransfer | undefined;
  /** Somebody of the application's, or a new one where it has none. */
  someCustomer(userId: string): Customer;
  /** An open payment of the application's, or a new one. */
  somePayment(userId: string): Payment;
  /** The ids of the accounts that can collect. */
  accounts(): readonly string[];
  /** From 0 to just below 1. */
  chance(): number;
  pick<T>(from: readonly T[]): T | undefined;
  stop(): void;
}

/** Of the newest resources, so that a large sandbox is not searched for each transfer. */
const LOOKED_AT = 200;

export function createStage(
  engine: Engine,
  name: string,
  values: Readonly<Record<string, number | string>>,
  webhookUrl: string,
  stop: () => void,
  report: Map<string, number>,
): Stage & { end(): void } {
  const ids = sequencesOf(engine.world.ids, `scenario ${name}`);
  const cleanups: (() => void)[] = [];
  let ended = false;

  function count(what: string): void {
    report.set(what, (report.get(what) ?? 0) + 1);
  }

  function chance(): number {
    return ids.fraction('chance');
  }

  function pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(chance() * from.length)];
  }

  function after(ms: number, run: () => void): void {
    const cancel = engine.world.schedule(engine.clock.now() + ms, () => {
      if (!ended) run();
    });
    cleanups.push(cancel);
  }

  function newest<T extends { readonly userId: string }>(records: Map<string, T>, userId: string): T[] {
    return [...records.values()].slice(-LOOKED_AT).filter((record) => record.userId === userId);
  }

  return {
    engine,
    ids,
    number: (parameter) => Number(values[parameter]),
    fault(fault) {
      const { id } = engine.faults.put(fault, name);
      cleanups.push(() => void engine.faults.remove(id));
    },
    after,
    spread(times, overMs, run) {
      for (let index = 0; index < times; index++) {
        const at = times === 1 ? 0 : Math.round((overMs * index) / (times - 1));
        if (at === 0) run(index);
        else after(at, () => run(index));
      }
    },
    count,
    webhookUrl,
    transfer(to, amount) {
      const made = receive(engine.world, to, amount, undefined);
      if (made !== undefined) count('transfers');
      return made;
    },
    someCustomer(userId) {
      const existing = pick(newest(engine.world.state.customers, userId));
      if (existing !== undefined) return existing;
      count('customers');
      const number = ids.next('customer');
      return createCustomer(engine.world, {
        user_id: userId,
        customer_id: `${name}-${number}`,
        alias: `${ids.hex('alias', 6)}.${number}`.slice(0, 11),
        name: `Cliente ${number}`,
        contact: { email: `cliente${number}@example.com` },
        webhook_url: webhookUrl,
      });
    },
    somePayment(userId) {
      const open = newest(engine.world.state.payments, userId).filter(
        (payment) => isOpen(payment) && receivedBy(payment).centavos === 0,
      );
      const existing = pick(open);
      if (existing !== undefined) return existing;
      count('payments');
      return createPayment(engine.world, {
        userId,
        externalId: `${name}-${ids.hex('order', 6)}-${ids.next('payment')}`,
        price: centavos(100_000 + Math.floor(chance() * 9_900_000)),
        echo: { webhook_url: webhookUrl, payment_options: ['transfer'] },
      });
    },
    accounts: () =>
      [...engine.world.state.merchants.values()]
        .filter(({ status, revoked }) => status === 'ACTIVE' && !revoked)
        .map(({ userId }) => userId),
    chance,
    pick,
    stop,
    end() {
      ended = true;
      for (const run of cleanups.splice(0)) run();
    },
  };
}

/** Out of the sandbox's own sequences, which know how far they are also after a restore. */
function sequencesOf(ids: Ids, owner: string): Stage['ids'] {
  const own = (kind: string): string => `${owner} ${kind}`;
  return {
    uuid: (kind) => ids.uuid(own(kind)),
    digits: (kind, length) => ids.digits(own(kind), length),
    hex: (kind, length) => ids.hex(own(kind), length),
    fraction: (kind) => ids.fraction(own(kind)),
    next: (kind) => ids.next(own(kind)),
  };
}
