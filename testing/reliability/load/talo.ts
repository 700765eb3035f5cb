// Talo in a process of its own: the sandbox, with its bank and a record of who asked it for what.
import { answerParent, givenSettings } from '@talo/bench/lib/child.ts';
import { centavos } from '@talo/core';
import { createSandbox, type DeliveryOptions } from '@talo/sandbox';

export interface TaloSettings {
  readonly seed: number;
  readonly delivery: DeliveryOptions;
  /** Whether transfers to customers can be read by the ids that the ledger gives them, which nobody knows of Talo. */
  readonly ledgerIdsReadable?: boolean;
}

/** A confirming GET as Talo got it. */
export interface Get {
  readonly path: string;
  readonly status: number | undefined;
  /** Milliseconds since 1970; all processes of a run share one clock. */
  readonly at: number;
}

const { seed, delivery, ledgerIdsReadable = false } = givenSettings<TaloSettings>();
let gets: Get[] = [];
const sandbox = createSandbox({
  seed,
  delivery,
  oddities: { ledgerIdsReadable },
  historyLimit: 1,
  onRequest({ method, path, status, at }) {
    if (method === 'GET') gets.push({ path, status, at: at.getTime() });
  },
});
const { url } = await sandbox.listen();

export const commands = {
  url: () => url,
  /** @returns when the money moved */
  transfer: ({ to, amount }: { readonly to: string; readonly amount: number }): number => {
    const receipt = sandbox.bank.transfer({ to, amount: centavos(amount) });
    return receipt.at.getTime();
  },
  bank: () => ({ total: sandbox.bank.total().centavos, transfers: sandbox.bank.transfers.length }),
  /** The GETs since this was asked last. */
  gets: (): readonly Get[] => {
    const seen = gets;
    gets = [];
    return seen;
  },
};
answerParent(commands);
