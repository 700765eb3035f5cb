import { contextOf, type TaloClient } from '../../client.ts';
import type { Clock } from '../../clock.ts';
import type { CallOptions } from '../../http/transport.ts';
import type { LedgerEntry } from '../../models/ledger-entry.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { customerOf, idOfTransfer } from '../reconcile/rows.ts';
import { keyOf, type World } from '../resource.ts';
import { type Budget, laneOfCustomer, type Rate } from './budget.ts';

export interface CallForwardPorts {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly budget: Budget;
  readonly signal: AbortSignal;
}

/** Between two readings of an account's ledger. */
const EVERY: Rate = { burst: 1, everyMs: 2_000 };
/** Between two tries to read the transfer of a row, which may not be there yet. */
const RETRY: Rate = { burst: 1, everyMs: 5_000 };
/** How far back is read: a row may show late. */
const RECENT_MS = 20_000;
/** Rows are dated by Talo, whose time we know to a second or two. */
const AHEAD_MS = 60_000;
const MOST_PAGES = 5;
const TIMEOUT_MS = 5_000;

/**
 * Has what Talo's ledger shows of the last seconds looked at before everything that queues. For customers in whose lane
 * more was asked for than may be looked at: invented ids stand there before the real one, and nothing else tells them
 * apart. Credits nothing by itself; what the ledger does not show, or names in a way that leads nowhere, waits its turn.
 */
export async function callForward(client: TaloClient, world: World, ports: CallForwardPorts): Promise<void> {
  const { environment, accountId } = world;
  const { clock, budget, signal } = ports;
  if (!budget.turn(JSON.stringify([environment, accountId]), EVERY, clock.monotonic())) return;
  const options: CallOptions = { signal, maxRetries: 0, timeout: TIMEOUT_MS };
  const now = client[contextOf].transport.talosTime() ?? clock.now();
  const window = { from: new Date(now - RECENT_MS), to: new Date(now + AHEAD_MS) };
  const listing = client.transactions.list(window, options);
  let page = await listing.page();
  for (let pages = 1; ; pages++) {
    for (const row of page.entries) await callRow(row, client, world, options, ports);
    if (page.next === undefined || pages === MOST_PAGES) return;
    page = await listing.page(page.next);
  }
}

async function callRow(
  row: LedgerEntry,
  client: TaloClient,
  world: World,
  options: CallOptions,
  { inbox, clock, budget }: CallForwardPorts,
): Promise<void> {
  if (row.type !== 'INBOUND' || row.paymentId !== undefined) return;
  const customerId = await customerOf(row, world, inbox);
  if (customerId === undefined) return;
  const lane = laneOfCustomer(world.accountId, customerId);
  if (!budget.crowded(lane, clock.monotonic())) return;
  const keyFor = (id: string) => keyOf({ ...world, resource: { kind: 'transfer', customerId, id } });
  if (!budget.turn(keyFor(row.transactionId), RETRY, clock.monotonic())) return;
  const id = await idOfTransfer(row, (id) => client.customers.getTransaction(customerId, id, options));
  if (id === undefined || (await inbox.state(keyFor(id))) !== undefined) return;
  await inbox.put({ key: keyFor(id), authenticated: true, origin: 'reconcile', at: clock.now() });
}
