import type { TaloClient } from '../../client.ts';
import type { Clock } from '../../clock.ts';
import { TaloWebhookError } from '../../errors/errors.ts';
import { describe } from '../describe.ts';
import { decodeEvent } from '../events.ts';
import type { DeliveryClaim, Inbox } from '../inbox/inbox.ts';
import { type Place, placeOf } from '../resource.ts';
import type { AnyHandler, Handlers, TaloContext } from './handlers.ts';

export interface DeliveryPorts {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly random: () => number;
  readonly handlers: Handlers;
  readonly clientFor: (accountId: string) => Promise<TaloClient | undefined>;
  readonly signal: AbortSignal;
  readonly maxAttempts: number;
  readonly handlerMs: number;
  /** Says what no handler gets any more. */
  readonly parked: (what: string) => void;
}

type Write = (tx: never) => unknown;

/**
 * Bounds of the pauses between attempts: 5 s, 15 s, 45 s … up to 7.5 h. Each pause is anything up to its bound (full
 * jitter), so half of it on average: about 6 h in all for ten attempts, 12 h at most.
 */
const FIRST_MS = 5_000;
const LARGEST_MS = 7.5 * 3_600_000;

/** Gives one event to one handler, and records by itself how that ended. */
export async function deliver(claim: DeliveryClaim, ports: DeliveryPorts): Promise<void> {
  const { inbox, clock, random, handlers, maxAttempts } = ports;
  const park = async (reason: string, told: string) => {
    await inbox.park(claim, reason);
    ports.parked(`${claim.type} is parked as dead, ${told}; dead() has the reason, replay() tries again.`);
  };
  const handler = handlers.get(claim.handler);
  if (handler === undefined) {
    const told = `because no handler named "${claim.handler}" is registered`;
    await park(`no handler named "${claim.handler}" is registered any more`, told);
    return;
  }
  try {
    const writes = await attempt(claim, handler, ports);
    await inbox.finish(claim, writes);
  } catch (error) {
    if (ports.signal.aborted) {
      // the engine ended it: that is no failure of the handler's
      await inbox.release([], [claim], clock.now());
      return;
    }
    const reason = describe(error);
    const failures = claim.failures + 1;
    if (failures >= maxAttempts) {
      await park(reason, `after ${failures} attempts of "${claim.handler}"`);
      return;
    }
    const pause = Math.ceil(random() * Math.min(LARGEST_MS, FIRST_MS * 3 ** claim.failures));
    await inbox.retry(claim, clock.now() + pause, reason);
  }
}

/**
 * One run of the handler. Ends when the handler does, when its time is over, and when the engine stops; one that goes on
 * after that is left alone.
 * @returns what it gave to `commitWith`
 */
async function attempt(
  claim: DeliveryClaim,
  handler: AnyHandler,
  { inbox, clock, signal: stopping, handlerMs, clientFor }: DeliveryPorts,
): Promise<readonly Write[]> {
  const place = placeOf(claim.key);
  const writes: Write[] = [];
  const ending = new AbortController();
  const { signal } = ending;
  const stop = () => ending.abort(stopping.reason);
  const late = () =>
    ending.abort(new TaloWebhookError('handler-timeout', `The handler took longer than ${handlerMs} ms.`));
  let open = true;
  const run = async () => {
    const client = await clientFor(place.accountId);
    if (client === undefined)
      throw new TaloWebhookError('no-client', `No client for account ${place.accountId}.`);
    signal.throwIfAborted();
    const context: TaloContext<never> = {
      client,
      attempt: claim.failures + 1,
      signal,
      current: () => current(client, place, signal),
      commitWith(write) {
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
    await handler(decodeEvent(claim.payload, claim.superseded), context);
  };
  const timer = clock.setTimeout(late, handlerMs);
  stopping.addEventListener('abort', stop, { once: true });
  try {
    const ended = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    if (stopping.aborted) stop();
    await Promise.race([ended, run()]);
    return writes;
  } catch (error) {
    // whatever the handler began for this attempt is told that it is over
    ending.abort(error);
    throw error;
  } finally {
    open = false;
    clock.clearTimeout(timer);
    stopping.removeEventListener('abort', stop);
  }
}

function current(
  client: TaloClient,
  { resource }: Place,
  signal: AbortSignal,
): ReturnType<TaloContext['current']> {
  switch (resource.kind) {
    case 'payment':
      return client.payments.get(resource.id, { signal });
    case 'transfer':
      return client.customers.getTransaction(resource.customerId, resource.id, { signal });
    case 'account':
      return client.account.get({ signal });
  }
}
