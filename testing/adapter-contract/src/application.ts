import { type Clock, pesos, TaloClient } from '@talo/core';
import { signedNotification } from '@talo/core/testing';
import { type Inbox, memoryInbox, TaloWebhooks, type Verifier } from '@talo/core/webhooks';

export const PATH = '/webhooks/talo';
export const ACCOUNT = 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6';

/** What Talo would send: the query that authenticates it, and its body. */
export interface Notification {
  readonly query: string;
  readonly body: string;
}

export interface Application {
  readonly talo: TaloClient;
  readonly webhooks: TaloWebhooks<never, never>;
  /** What an operator would read. */
  readonly log: readonly string[];
  /** A payment's, signed as ours, with the id that Talo composes of the order's. */
  payment(id: string): Promise<Notification>;
  transfer(customerId: string, transactionId: string): Promise<Notification>;
  account(): Promise<Notification>;
  /** How many notifications were answered for each reason. */
  answers(): Promise<Readonly<Record<string, number>>>;
}

interface ApplicationOptions {
  readonly inbox?: Inbox<never, never>;
  readonly verifier?: Verifier;
  readonly clock?: Clock;
}

/** An application without a framework: a client, an engine, and a Talo that knows of nothing. */
export function application({
  inbox = memoryInbox(),
  verifier,
  clock = patient,
}: ApplicationOptions = {}): Application {
  const log: string[] = [];
  const say = (message: string) => void log.push(message);
  const talo = new TaloClient({
    environment: { apiUrl: 'http://talo.test' },
    credentials: { userId: ACCOUNT, accessToken: 'TL-token' },
    webhooks: { url: `https://shop.example${PATH}`, secret: 'a secret of more than sixteen characters' },
    fetch: async () => ({
      status: 404,
      headers: new Headers(),
      text: async () => '{"message":"no","error":true,"code":404}',
    }),
  });
  const webhooks = new TaloWebhooks({
    client: talo,
    inbox,
    ...(verifier && { verifier }),
    reconcile: false,
    clock,
    logger: { warn: say, error: say },
  });
  const notificationOf = async (request: Request): Promise<Notification> => ({
    query: new URL(request.url).search,
    body: await request.text(),
  });
  return {
    talo,
    webhooks,
    log,
    payment: (id) =>
      notificationOf(
        signedNotification(talo, {
          payment: {
            id: `VAR-${ACCOUNT.slice(0, 8)}-order-${id}`,
            externalId: `order-${id}`,
            price: pesos(30000),
          },
        }),
      ),
    transfer: (customerId, transactionId) =>
      notificationOf(signedNotification(talo, { customerId, transactionId })),
    account: () =>
      notificationOf(signedNotification(talo, { userId: ACCOUNT, referredUserId: 'merchant-1' })),
    answers: async () => (await webhooks.stats()).answers,
  };
}

/** Real time, but for the waits of the engine. */
function clockWithWaits(factor: number): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimeout: (run, ms) => setTimeout(run, ms * factor),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  };
}

/** A busy machine makes no slow sender of us: the engine waits 20 times as long. */
const patient = clockWithWaits(20);
/** For senders that are slow on purpose: the 1.5 s that the engine gives them pass ten times as fast. */
export const hasty: Clock = clockWithWaits(0.1);
