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

/** A transfer, and the id by which it was found: it may call itself something else. */
export interface Found {
  readonly id: string;
  readonly transaction: Transaction;
}

/**
 * The transfer of a row. A customer's transactions cannot be listed: the ids that the ledger has are tried.
 * @returns `undefined` where none of them leads to it
 */
export async function findTransfer(
  row: LedgerEntry,
  read: (id: string) => Promise<Transaction>,
): Promise<Found | undefined> {
  for (const id of idsOf(row)) {
    try {
      return { id, transaction: await read(id) };
    } catch (error) {
      if (!(error instanceof TaloApiError) || error.status !== 404) throw error;
    }
  }
  return undefined;
}
