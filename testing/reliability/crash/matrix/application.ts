import { type Clock, centavos, TaloClient } from '@talo/core';
import {
  type Backlog,
  type Credit,
  type DeadLetter,
  type Inbox,
  type ReconcileReport,
  type TaloEvent,
  type TaloEventType,
  TaloWebhooks,
} from '@talo/core/webhooks';
import type { SqliteTx } from '@talo/inbox-sqlite';
import type { Fetch } from '../life.ts';
import type { Striker } from './points.ts';

export const SECRET = 'a secret of more than sixteen characters';

/** Handlers that do their work, and one that never does. */
export const WORKING = ['first', 'second'] as const;
export const BROKEN = 'broken';
export const ATTEMPTS = 3;

/** Each event and handler once: doing it twice is an error, and ends as a dead letter that the harness sees. */
export const DONE = `CREATE TABLE IF NOT EXISTS done (
  event TEXT NOT NULL, handler TEXT NOT NULL, type TEXT NOT NULL, payload TEXT NOT NULL, credited INTEGER NOT NULL,
  PRIMARY KEY (event, handler)) STRICT`;

const EVENTS: readonly TaloEventType[] = [
  'customer.transfer',
  'payment.transfer',
  'payment.paid',
  'payment.succeeded',
  'payment.overpaid',
  'payment.underpaid',
  'payment.expired',
  'payment.rejected',
  'payment.cancelled',
  'payment.refunded',
  'payment.updated',
  'payment.foreign',
  'transfer.reversed',
  'account.activated',
  'account.rejected',
  'account.suspended',
  'account.updated',
];

/** How an application stands, as its page shows it. */
export interface Status {
  readonly backlog: Backlog;
  readonly credits: readonly Credit[];
  readonly dead: readonly DeadLetter[];
  /** Calls that the inbox refused, because the work had passed to another process. */
  readonly fenced?: number;
}

/** What whoever runs it asks of it. Plain data, so that it can be asked over a socket. */
export type Command =
  | { readonly do: 'status' }
  | { readonly do: 'reconcile' }
  | { readonly do: 'create'; readonly externalId: string; readonly centavos: number }
  | { readonly do: 'reprice'; readonly id: string; readonly centavos: number }
  | { readonly do: 'advance'; readonly ms: number };

export interface Application {
  readonly webhooks: TaloWebhooks<SqliteTx, 'sync'>;
  status(): Promise<Status>;
  reconcile(): Promise<ReconcileReport>;
  create(wanted: Extract<Command, { do: 'create' }>): Promise<{ id: string; cvu: string | undefined }>;
  reprice(id: string, price: number): Promise<void>;
}

export interface ApplicationPorts {
  readonly talo: {
    readonly apiUrl: string;
    readonly userId: string;
    readonly webhookUrl: string;
    readonly fetch: Fetch;
  };
  readonly clock: Clock;
  /** As the engine uses it, and as it is. */
  readonly inbox: Inbox<SqliteTx, 'sync'>;
  readonly plainInbox: Inbox<SqliteTx, 'sync'>;
  readonly striker: Striker;
  /** Engine milliseconds between two questions to the inbox. */
  readonly pollMs: number;
}

/** An application that keeps its books in the inbox's own database: two handlers that work, one that never does. */
export function createApplication(ports: ApplicationPorts): Application {
  const { talo, clock, inbox, plainInbox, striker, pollMs } = ports;
  const client = new TaloClient({
    environment: { apiUrl: talo.apiUrl },
    credentials: { userId: talo.userId, clientId: 'sandbox', clientSecret: 'sandbox' },
    webhooks: { url: talo.webhookUrl, secret: SECRET },
    fetch: talo.fetch,
    clock,
    random: () => 0,
    // its time may go faster than the machine's
    timeout: 600_000,
  });
  const webhooks = new TaloWebhooks({
    client,
    inbox,
    limits: { attempts: ATTEMPTS, poll: pollMs },
    reconcile: { every: 10 ** 9, pace: 0 },
    // no pause between attempts
    random: () => 0,
    logger: { warn() {}, error() {} },
  });
  const isCredited = async (event: TaloEvent): Promise<boolean> => {
    if (!('transaction' in event)) return true;
    const { transactionId } = event.transaction;
    const kind = event.type === 'transfer.reversed' ? 'reversal' : 'credit';
    const credits = await plainInbox.credits({ accountId: event.accountId });
    return credits.some((credit) => credit.transactionId === transactionId && credit.kind === kind);
  };
  for (const name of WORKING) {
    webhooks.on(
      EVENTS,
      async (event, context) => {
        await striker.around(`before:${name}`);
        const credited = await isCredited(event);
        context.commitWith((tx) => {
          strikeInside(striker, 'before:write');
          tx.run(
            'INSERT INTO done (event, handler, type, payload, credited) VALUES (?, ?, ?, ?, ?)',
            event.id,
            name,
            event.type,
            JSON.stringify(event),
            Number(credited),
          );
          strikeInside(striker, 'after:write');
        });
        await striker.around(`after:${name}`);
      },
      { name },
    );
  }
  webhooks.on(
    EVENTS,
    async () => {
      await striker.around('before:broken');
      throw new Error('broken for ever');
    },
    { name: BROKEN },
  );
  return {
    webhooks,
    async status() {
      const [backlog, credits, dead] = await Promise.all([
        plainInbox.backlog(),
        plainInbox.credits({}),
        plainInbox.dead(),
      ]);
      return { backlog, credits, dead };
    },
    reconcile: () => webhooks.reconcile(),
    async create({ externalId, centavos: price }) {
      const { id, cvu } = await client.payments.ensure({ externalId, price: centavos(price) });
      return { id, cvu };
    },
    async reprice(id, price) {
      await client.payments.updatePrice(id, centavos(price));
    },
  };
}

/** In the middle of a transaction nothing can wait. */
function strikeInside(striker: Striker, step: string): void {
  striker.strike(step);
  if (striker.struck) throw new Error('the process died');
}
