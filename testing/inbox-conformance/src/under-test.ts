import type { Inbox } from '@talo/core/webhooks';

/** An inbox with storage of its own that nothing else uses. Not open yet. */
export interface InboxUnderTest {
  /** Holds at least 25,000 hints. */
  readonly inbox: Inbox;
  /** The same storage once more, after `close`. Needed where `inbox.durable`. */
  readonly reopen?: () => Inbox | Promise<Inbox>;
  /** How to write in a transaction and see what is left of it. Needed where `inbox.transactions`. */
  readonly probe?: TransactionProbe;
  /** Removes the storage; called once, after everything is closed. */
  readonly dispose?: () => void | Promise<void>;
}

export interface TransactionProbe {
  /** A function for `commitWith` that writes `text` through the transaction. May return what the write returns. */
  readonly write: (text: string) => (tx: never) => unknown;
  /** What was committed, oldest first. */
  readonly written: () => readonly string[] | Promise<readonly string[]>;
}

/** Called for every case, and many times by the random walks. */
export type InboxFactory = () => InboxUnderTest | Promise<InboxUnderTest>;

export interface ConformanceCase {
  readonly name: string;
  /** A case about what an inbox may lack passes at once where it is lacking. */
  readonly needs?: 'durable' | 'transactions';
  /** Rejects with an error that says what was expected and what came. */
  run(make: InboxFactory): Promise<void>;
}
