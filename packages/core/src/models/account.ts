import { defined, number, type Raw, record, text, type Wire, withHidden } from './read.ts';

/** Talo's states of an account (talo-api 7), and any that it may add. */
export type AccountStatus = 'ACTIVE' | 'PENDING' | 'REJECTED' | 'SUSPENDED' | (string & {});

/** A merchant's account and its configuration (talo-api 3.11, 7). */
export interface Account extends Raw {
  readonly userId: string;
  readonly status: AccountStatus;
  /** What Talo puts before a customer's alias, without the dot. */
  readonly aliasPrefix: string | undefined;
  /** Hours until an unpaid payment expires. */
  readonly cancellationPeriod: number | undefined;
  /** Pesos by which a payment may fall short and still be SUCCESS. */
  readonly transferTolerance: number | undefined;
  readonly payoutSchedule?: { readonly address: string; readonly frequency: string };
  /** The partner that brought the account; `commission` in percent. */
  readonly partner?: {
    readonly id: string;
    readonly name?: string;
    readonly slug?: string;
    readonly commission?: number;
  };
}

export function readAccount(raw: Wire, userId: string): Account {
  const payout = record(raw['payout_schedule']);
  const partner = record(raw['partner_config']);
  const address = text(payout['address']);
  const partnerId = text(partner['partner_id']);
  return withHidden(
    {
      userId: text(raw['user_id']) ?? userId,
      status: text(raw['account_status']) ?? 'UNKNOWN',
      aliasPrefix: text(raw['alias_prefix']),
      cancellationPeriod: number(raw['cancellation_period']),
      transferTolerance: number(raw['transfer_tolerance']),
      ...(address && { payoutSchedule: { address, frequency: text(payout['frequency']) ?? 'UNKNOWN' } }),
      ...(partnerId && {
        partner: {
          id: partnerId,
          ...defined({
            name: text(partner['partner_name']),
            slug: text(partner['partner_slug']),
            commission: number(partner['commission']),
          }),
        },
      }),
    },
    { raw },
  );
}
