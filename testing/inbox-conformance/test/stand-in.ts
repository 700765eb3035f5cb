import { type DeliveryClaim, Fenced, type Inbox, memoryInbox } from '@talo/core/webhooks';
import type { InboxUnderTest } from '../src/index.ts';

/** What a function for `commitWith` writes with: kept if the transaction is committed. */
export type Transaction = (text: string) => Promise<void>;

export type StandIn = Inbox<Transaction, 'async'>;

/**
 * An inbox with everything that one may have, for the tests of the suite itself: the memory inbox, which outlives its
 * `close` and has transactions whose functions may be asynchronous.
 */
export function standIn(spoil: (inbox: StandIn) => StandIn = (inbox) => inbox): InboxUnderTest {
  const memory = memoryInbox({ bound: 25_000 });
  const written: string[] = [];
  const current = new Map<string, number>();
  const laneOf = ({ key, handler }: DeliveryClaim) => JSON.stringify([key, handler]);
  const inbox: StandIn = {
    ...memory,
    durable: true,
    transactions: 'async',
    // read to its end before anything of it is stored
    commit: async (unit) => memory.commit(structuredClone(unit)),
    async claimDeliveries(...asked) {
      const claims = await memory.claimDeliveries(...asked);
      for (const claim of claims) current.set(laneOf(claim), claim.token);
      return claims;
    },
    async finish(claim, writes) {
      // the fence comes before the functions
      if (current.get(laneOf(claim)) !== claim.token) throw new Fenced(claim.key);
      const texts: string[] = [];
      for (const write of writes) {
        await write(async (text) => {
          texts.push(text);
        });
      }
      await memory.finish(claim, []);
      written.push(...texts);
    },
  };
  const spoilt = spoil(inbox);
  return {
    inbox: spoilt,
    reopen: () => spoilt,
    probe: {
      write: (text) => (tx: Transaction) => tx(text),
      written: () => written,
    },
  };
}
