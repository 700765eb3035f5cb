import { contextOf, type TaloClient } from '../../client.ts';
import type { Clock } from '../../clock.ts';
import type { Inbox } from '../inbox/inbox.ts';
import type { World } from '../resource.ts';

/** Windows overlap: rows may be inserted late. */
const OVERLAP_MS = 48 * 3_600_000;
/** The newest rows are left to their webhooks. */
const MARGIN_MS = 10 * 60_000;

/** Of Talo's ledger, in milliseconds since 1970. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** `at` is 0 of a row that Talo does not date: it may be of any window. */
export type SeenRow = readonly [id: string, at: number];

/** What the last pass that got to the end of the ledger had found. */
interface LastPass {
  readonly to: number;
  readonly rows: readonly SeenRow[];
}

/** What the next pass is to read. @param since nothing before this is asked for */
export async function nextWindow(
  client: TaloClient,
  world: World,
  since: () => Promise<number>,
  { inbox, clock }: { readonly inbox: Inbox; readonly clock: Clock },
): Promise<Window> {
  const now = await timeOf(client, clock);
  const earliest = await since();
  const completeTo = Number((await inbox.recall(mark(world, 'to'))) ?? earliest);
  const from = Math.max(earliest, completeTo - OVERLAP_MS);
  return { from, to: Math.max(from, now - MARGIN_MS) };
}

/**
 * Remembers what a pass found in its window.
 * @returns whether the rows of the last pass were found again and no others: nothing was inserted between the two
 */
export async function sealWindow(
  { from, to }: Window,
  rows: readonly SeenRow[],
  world: World,
  inbox: Inbox,
): Promise<boolean> {
  const stored = await inbox.recall(mark(world, 'seen'));
  const last: LastPass | undefined = stored === undefined ? undefined : JSON.parse(stored);
  const again = rows.filter(([, at]) => last !== undefined && at <= last.to);
  const before = last?.rows.filter(([, at]) => at === 0 || at >= from);
  const complete = before !== undefined && same(again, before);
  const seen: LastPass = { to, rows };
  const entries = [{ key: mark(world, 'seen'), value: JSON.stringify(seen) }];
  if (complete && last !== undefined) entries.push({ key: mark(world, 'to'), value: String(last.to) });
  await inbox.remember(entries);
  return complete;
}

function mark({ environment, accountId }: World, name: string): string {
  return JSON.stringify([environment, accountId, 'reconcile', name]);
}

/** The rows are dated by Talo, and our clock may be wrong: a window ends by Talo's own. */
async function timeOf(client: TaloClient, clock: Clock): Promise<number> {
  const { transport } = client[contextOf];
  if (transport.talosTime() === undefined) await client.account.get().catch(() => undefined);
  return transport.talosTime() ?? clock.now();
}

function same(a: readonly SeenRow[], b: readonly SeenRow[]): boolean {
  const text = (rows: readonly SeenRow[]) => JSON.stringify(rows.map(([id]) => id).sort());
  return text(a) === text(b);
}
