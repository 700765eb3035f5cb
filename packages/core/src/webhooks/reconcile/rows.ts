import { TaloApiError } from '../../errors/errors.ts';
import type { LedgerEntry } from '../../models/ledger-entry.ts';
import type { Transaction } from '../../models/transaction.ts';
import type { Inbox } from '../inbox/inbox.ts';
import type { World } from '../resource.ts';
import { trackedCvu } from './balances.ts';
import { idsOf } from './matching.ts';

/** Whose money a row is, where it says so or its CVU is one that we remember. */
export async function customerOf(
  { customerId, cvu }: LedgerEntry,
  world: World,
  inbox: Pick<Inbox, 'recall'>,
): Promise<string | undefined> {
  if (customerId !== undefined || cvu === undefined) return customerId;
  return inbox.recall(trackedCvu(world, cvu));
}

/** Reads a customer's transfer. */
export type Read = (id: string) => Promise<Transaction>;

/**
 * By which id the transfer of a row is to be looked at. A customer's transactions cannot be listed: the ids that the
 * ledger has are tried.
 * @returns `undefined` where none of them leads to it
 */
export async function idOfTransfer(row: LedgerEntry, read: Read): Promise<string | undefined> {
  for (const id of idsOf(row)) {
    const transaction = await unlessMissing(read(id));
    if (transaction !== undefined) return lastingId(id, transaction, read);
  }
  return undefined;
}

/**
 * What a transfer calls itself, which need not be what it was found by: what is credited and taken back goes by that.
 * Unless it leads nowhere: then it is looked at as it was found.
 */
async function lastingId(found: string, { transactionId }: Transaction, read: Read): Promise<string> {
  const same = transactionId === '' || transactionId === found;
  return same || (await unlessMissing(read(transactionId))) === undefined ? found : transactionId;
}

async function unlessMissing(reading: Promise<Transaction>): Promise<Transaction | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof TaloApiError && error.status === 404) return undefined;
    throw error;
  }
}
