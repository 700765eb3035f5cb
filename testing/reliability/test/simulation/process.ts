import { TaloClient } from '@talo/core';
import { type Inbox, type TaloEvent, TaloWebhooks } from '@talo/core/webhooks';
import type { SqliteTx } from '@talo/inbox-sqlite';
import type { Sandbox } from '@talo/sandbox';
import { clockOf, type Fetch, fetchOf, inboxOf, Life, storeOf } from '../../crash/life.ts';
import { SECRET } from '../support.ts';

/** One process of the application, alive until it crashes. */
export interface Process {
  readonly life: Life;
  readonly talo: TaloClient;
  readonly webhooks: TaloWebhooks<never, never>;
  receive(request: Request): Promise<Response>;
}

/** Where processes keep what they know: an inbox that they share, or the path of one. */
export type Store = { readonly inbox: Inbox<never, never> } | { readonly path: string };

export interface ProcessPorts {
  readonly handler: (event: TaloEvent, attempt: number) => void;
  /** To Talo. */
  readonly fetch: Fetch;
}

export const TAKEOVER_MS = 600_000;

export async function begin(
  sandbox: Sandbox,
  store: Store,
  { handler, fetch }: ProcessPorts,
): Promise<Process> {
  const life = new Life();
  const clock = clockOf(life, sandbox.clock);
  const talo = new TaloClient({
    ...sandbox.merchant,
    fetch: fetchOf(life, fetch),
    clock,
    random: () => 0.5,
    webhooks: { url: 'https://shop.example/webhooks/talo', secret: SECRET },
  });
  const webhooks = new TaloWebhooks<never, never>({
    client: talo,
    inbox: inboxFor(life, store),
    logger: { warn() {}, error() {} },
    random: () => 0.5,
    // of two processes each has to notice what the other put
    limits: { poll: 'path' in store ? 3 * 3_600_000 : 10 ** 9 },
    reconcile: { every: 10 ** 10, pace: 0 },
  });
  webhooks.on(
    [
      'customer.transfer',
      'payment.transfer',
      'payment.paid',
      'payment.updated',
      'transfer.reversed',
      'payment.foreign',
    ],
    (event, { attempt }) => life.hold(() => handler(event, attempt)),
    { name: 'books' },
  );
  await webhooks.start();
  return { life, talo, webhooks, receive: (request) => life.answer(() => webhooks.fetch(request)) };
}

function inboxFor(life: Life, store: Store): Inbox<never, never> {
  if ('inbox' in store) return keptOpen(inboxOf(life, store.inbox));
  const sqlite: Inbox<SqliteTx, 'sync'> = storeOf(life, { path: store.path, takeover: TAKEOVER_MS });
  return inboxOf(life, sqlite) as Inbox<never, never>;
}

/** The memory that stands for a disk outlives its processes. */
function keptOpen(inbox: Inbox<never, never>): Inbox<never, never> {
  return new Proxy(inbox, {
    get(target, name) {
      return name === 'close' ? async () => {} : Reflect.get(target, name, target);
    },
  });
}
