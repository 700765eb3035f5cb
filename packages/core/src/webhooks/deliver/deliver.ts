import type { TaloClient } from '../../client.ts';
import type { Clock } from '../../clock.ts';
import { TaloWebhookError } from '../../errors/errors.ts';
import { describe } from '../describe.ts';
import { decodeEvent } from '../events.ts';
import type { DeliveryClaim, Inbox } from '../inbox/inbox.ts';
import { type Place, placeOf } from '../resource.ts';
import type { Handlers, TaloContext } from './handlers.ts';

export interface DeliveryPorts {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly random: () => number;
  readonly handlers: Handlers;
  readonly clientFor: (accountId: string) => Promise<TaloClient | undefined>;
  readonly signal: AbortSignal;
  readonly maxAttempts: number;
  readonly handlerMs: number;
}

/**
 * Bounds of the pauses between attempts: 5 s, 15 s, 45 s … up to 7.5 h. Each pause is anything up to its bound (full
 * jitter), so half of it on average: about 6 h in all for ten attempts, 12 h at most.
 */
const FIRST_MS = 5_000;
const LARGEST_MS = 7.5 * 3_600_000;

/** Gives one event to one handler, and records by itself how that ended. */
export async function deliver(claim: DeliveryClaim, ports: DeliveryPorts): Promise<void> {
  const { inbox, clock, random, handlers, maxAttempts, handlerMs } = ports;
  const handler = handlers.get(claim.handler);
  if (handler === undefined) {
    await inbox.park(claim, `no handler named "${claim.handler}" is registered any more`);
    return;
  }
  const writes: ((tx: never) => unknown)[] = [];
  const ending = new AbortController();
  const abort = () => ending.abort();
  ports.signal.addEventListener('abort', abort, { once: true });
  let open = true;
  let timer: unknown;
  try {
    const place = placeOf(claim.key);
    const client = await ports.clientFor(place.accountId);
    if (client === undefined)
      throw new TaloWebhookError('no-client', `No client for account ${place.accountId}.`);
    const context: TaloContext<never> = {
      client,
      attempt: claim.failures + 1,
      signal: ending.signal,
      current: () => current(client, place),
      commitWith: (write) => {
        if (!open) throw new TaloWebhookError('ended', 'commitWith was called after its handler had ended.');
        if (inbox.transactions === undefined) {
          const advice = "use sqliteInbox({ path: ':memory:' }) of @talo/inbox-sqlite";
          throw new TaloWebhookError(
            'no-transactions',
            `The ${inbox.name} inbox has no transactions: ${advice}.`,
          );
        }
        writes.push(write);
      },
    };
    const late = new Promise<never>((_, reject) => {
      const error = new TaloWebhookError('handler-timeout', `The handler took longer than ${handlerMs} ms.`);
      timer = clock.setTimeout(() => reject(error), handlerMs);
    });
    await Promise.race([
      late,
      Promise.resolve(handler(decodeEvent(claim.payload, claim.superseded), context)),
    ]);
    open = false;
    await inbox.finish(claim, writes);
  } catch (error) {
    open = false;
    ending.abort();
    if (ports.signal.aborted) {
      // the engine ended it: that is no failure of the handler's
      await inbox.release([], [claim], clock.now());
      return;
    }
    const reason = describe(error);
    if (claim.failures + 1 >= maxAttempts) {
      await inbox.park(claim, reason);
      return;
    }
    const pause = Math.ceil(random() * Math.min(LARGEST_MS, FIRST_MS * 3 ** claim.failures));
    await inbox.retry(claim, clock.now() + pause, reason);
  } finally {
    clock.clearTimeout(timer);
    ports.signal.removeEventListener('abort', abort);
  }
}

function current(client: TaloClient, { resource }: Place): ReturnType<TaloContext['current']> {
  switch (resource.kind) {
    case 'payment':
      return client.payments.get(resource.id);
    case 'transfer':
      return client.customers.getTransaction(resource.customerId, resource.id);
    case 'account':
      return client.account.get();
  }
}
