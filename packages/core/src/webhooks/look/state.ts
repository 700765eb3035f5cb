import type { Origin } from '../events.ts';
import type { Place } from '../resource.ts';
import type { KnownTransaction } from './movements.ts';

/** The last confirmed state of a resource, as it is kept between looks. */
export interface ResourceState {
  readonly status: string;
  /** Of a payment, in centavos. */
  readonly price?: number | undefined;
  readonly cvu?: string | undefined;
  readonly updatedAt?: string | undefined;
  /** Every transaction ever seen, by id: a snapshot that lacks one does not undo it. */
  readonly transactions: Readonly<Record<string, KnownTransaction>>;
  /** How often each fact has been told: the same fact again, after another, is a new event. */
  readonly told: Readonly<Record<string, number>>;
  /** Ids of the refunds that have an entry. */
  readonly refunds?: readonly string[];
  /** Looks in a row that found nothing new. */
  readonly quiet?: number;
  /** Stale snapshots in a row. */
  readonly stale?: number;
  readonly paid?: boolean;
  readonly proven?: boolean;
  /** What material change is judged by. */
  readonly fingerprint?: string;
}

/** How a snapshot came to be seen. */
export interface Seen {
  readonly place: Place;
  readonly origin: Origin;
  readonly at: Date;
  /** Milliseconds since 1970: what is older and was not notified is no news. */
  readonly baseline?: number;
  /** Talo kept to a snapshot that lacks a transfer we know: take it as it is. */
  readonly final?: boolean;
}

/** Whether it was there before us. */
export function isOlder(date: Date | undefined, { baseline }: Seen): boolean {
  return baseline !== undefined && date !== undefined && date.getTime() < baseline;
}
