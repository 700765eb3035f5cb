import { type Clock, pesos, TaloClient, type TaloClientOptions } from '@talo/core';
import {
  type Inbox,
  memoryInbox,
  type TaloEvent,
  type TaloEventType,
  TaloWebhooks,
  type TaloWebhooksOptions,
} from '@talo/core/webhooks';
import {
  createSandbox,
  type Duration,
  type JournalEntry,
  type Sandbox,
  type SandboxMerchant,
  type SandboxOptions,
} from '@talo/sandbox';
import { vi } from 'vitest';

// a world with thousands of transfers takes its time on two busy cores
vi.setConfig({ testTimeout: 60_000 });

export const SECRET = 'a secret of more than sixteen characters';
export const ROUTE = 'https://shop.example/webhooks/talo';
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** All that can be told: what is to stay untold is told to this handler, if it is told at all. */
const EVERYTHING: readonly TaloEventType[] = [
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

/** An event as the application heard it, and when. */
export interface Told {
  readonly event: TaloEvent;
  readonly at: number;
}

/** Of an engine, what does not depend on its inbox. */
export type Engine = Pick<
  TaloWebhooks<never, never>,
  'receive' | 'fetch' | 'stats' | 'stop' | 'reconcile' | 'track' | 'dead' | 'replay' | 'ledger' | 'drain'
>;

/** A process of the application. */
export interface App {
  readonly talo: TaloClient;
  readonly webhooks: Engine;
  readonly told: Told[];
}

export interface AppOptions<Tx, M extends 'sync' | 'async'>
  extends Pick<
    TaloWebhooksOptions<Tx, M>,
    'unsigned' | 'limits' | 'reconcile' | 'verifier' | 'random' | 'logger'
  > {
  readonly inbox: Inbox<Tx, M>;
  readonly client?: Partial<TaloClientOptions>;
  readonly clock?: Clock;
  /** With it the application serves many merchants. */
  readonly clientFor?: (accountId: string) => TaloClient | undefined;
  /** Runs before an event counts as told; one that throws has it told again. */
  readonly onEvent?: (event: TaloEvent, context: { readonly signal: AbortSignal }) => unknown;
}

/** A town with one Talo, and whatever processes the application has there, all in the same time. */
export interface Shop {
  readonly sandbox: Sandbox;
  /** Every request that Talo has answered. */
  readonly requests: JournalEntry[];
  /** Begins a process with an empty memory, or with whatever store it is given. It has no notifications yet. */
  open(options?: Partial<AppOptions<never, never>>): Promise<App>;
  openOn<Tx, M extends 'sync' | 'async'>(options: AppOptions<Tx, M>): Promise<App>;
  /** Sends Talo's notifications to this process from now on; to nobody, and they get 503. */
  route(app: App | undefined): void;
  client(options?: Partial<TaloClientOptions>, merchant?: SandboxMerchant): TaloClient;
  /** Moves time, and lets everybody come to rest. */
  pass(by: Duration): Promise<void>;
}

export function createShop(options: SandboxOptions = {}): Shop {
  const requests: JournalEntry[] = [];
  let door: App | undefined;
  const sandbox = createSandbox({
    clock: 'virtual',
    receiver: (request) => door?.webhooks.fetch(request) ?? new Response(null, { status: 503 }),
    onRequest: (entry) => requests.push(entry),
    ...options,
  });
  const { clock } = sandbox;
  const client: Shop['client'] = (own, merchant = sandbox.merchant) =>
    new TaloClient({
      ...merchant,
      fetch: sandbox.fetch,
      clock,
      random: () => 0.5,
      webhooks: { url: ROUTE, secret: SECRET },
      ...own,
    });
  const openOn: Shop['openOn'] = async ({ client: own, clientFor, onEvent, ...engine }) => {
    const talo = client(own);
    const webhooks = new TaloWebhooks({
      clock,
      random: () => 0.5,
      logger: { warn() {}, error() {} },
      ...engine,
      reconcile: engine.reconcile ?? { pace: 0 },
      ...(clientFor ? { clientFor } : { client: talo }),
    });
    const told: Told[] = [];
    webhooks.on(EVERYTHING, async (event, context) => {
      await onEvent?.(event, context);
      told.push({ event, at: clock.now() });
    });
    await webhooks.start();
    return { talo, webhooks, told };
  };
  return {
    sandbox,
    requests,
    client,
    openOn,
    open: (given = {}) => openOn({ inbox: memoryInbox({ bound: 1_000_000 }), ...given }),
    route(app) {
      door = app;
    },
    async pass(by) {
      await sandbox.clock.advance(by);
      await sandbox.idle();
    },
  };
}

export function eventsOf<Type extends TaloEventType>(
  told: readonly Told[],
  ...types: readonly Type[]
): Extract<TaloEvent, { readonly type: Type }>[] {
  const wanted: ReadonlySet<TaloEventType> = new Set<TaloEventType>(types);
  return told
    .map(({ event }) => event)
    .filter((event): event is Extract<TaloEvent, { readonly type: Type }> => wanted.has(event.type));
}

/** What the application was told of, in centavos: transfers less what went back. */
export function toldMoney(told: readonly Told[]): number {
  const gross = ({
    transaction,
  }: {
    readonly transaction: { readonly gross?: { readonly centavos: number } };
  }) => transaction.gross?.centavos ?? Number.NaN;
  const sum = (list: readonly number[]) => list.reduce((total, value) => total + value, 0);
  return (
    sum(eventsOf(told, 'customer.transfer', 'payment.transfer').map(gross)) -
    sum(eventsOf(told, 'transfer.reversed').map(gross))
  );
}

/** How long after the money each transfer was told: the number that nobody may be kept waiting beyond. */
export function delays(told: readonly Told[]): number[] {
  return told.flatMap(({ event, at }) =>
    event.type === 'customer.transfer' || event.type === 'payment.transfer'
      ? [at - (event.transaction.createdAt?.getTime() ?? Number.NaN)]
      : [],
  );
}

export function gets(requests: readonly JournalEntry[], path = ''): JournalEntry[] {
  return requests.filter((entry) => entry.method === 'GET' && entry.path.includes(path));
}

export function customerNamed(talo: TaloClient, customerId: string) {
  const alias = `a${customerId.replaceAll(/[^a-z0-9]/g, '')}`.padEnd(6, 'x');
  return talo.customers.create({ customerId, alias, name: 'Carla Pérez', email: 'carla@example.com' });
}

export const hundred = pesos(100);
