import type { Engine } from '../engine.ts';
import type { Fixture } from '../state/changes.ts';
import type { Snapshot } from './contract.ts';
import { ControlProblem, notFound } from './problem.ts';

const MOST = 20;

/** States to go back to, by name. In memory: for a file, export. */
export interface Snapshots {
  readonly list: readonly Snapshot[];
  /** Of the same name, the newer one is kept. */
  take(name: string | undefined): Snapshot;
  restore(name: string): void;
  remove(name: string): void;
}

export function createSnapshots(engine: Engine): Snapshots {
  const kept = new Map<string, { readonly fixture: Fixture; readonly about: Snapshot }>();
  let count = 0;

  return {
    get list() {
      return [...kept.values()].map(({ about }) => about).reverse();
    },
    take(given) {
      count += 1;
      const name = given ?? `snapshot-${count}`;
      if (!kept.has(name) && kept.size >= MOST) {
        throw new ControlProblem(409, 'conflict', `There are ${MOST} snapshots already. Delete one first.`);
      }
      const { payments, customers, transfers } = engine.world.state;
      const about: Snapshot = {
        name,
        at: new Date(engine.clock.now()).toISOString(),
        counts: { payments: payments.size, customers: customers.size, transfers: transfers.length },
      };
      kept.delete(name);
      kept.set(name, { fixture: engine.snapshot(), about });
      return about;
    },
    restore(name) {
      const found = kept.get(name);
      if (found === undefined) throw notFound(`snapshot ${name}`);
      engine.restore(found.fixture);
    },
    remove(name) {
      if (!kept.delete(name)) throw notFound(`snapshot ${name}`);
    },
  };
}
