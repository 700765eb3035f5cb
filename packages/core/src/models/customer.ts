import type { Issue } from '../errors/errors.ts';
import type { Money } from '../money.ts';
import { date, defined, type Raw, Reading, record, text, type Wire, withHidden } from './read.ts';

/** A customer with a CVU and alias of its own, to which it can transfer for ever (talo-api 3.6, 6). */
export interface Customer extends Raw {
  readonly customerId: string;
  /** 22 digits. Never changes. */
  readonly cvu: string | undefined;
  /** The whole alias, prefix included, as Talo assigned it: show and store this one, not the one asked for. */
  readonly alias: string | undefined;
  /** As Talo keeps it; whether gross or net is undocumented (talo-api 3.7). */
  readonly balance: Money | undefined;
  readonly name?: string;
  readonly email?: string;
  readonly createdAt: Date | undefined;
  /** Where Talo notifies. Not enumerable: its signature is a secret. */
  readonly webhookUrl?: string;
  /** Unreadable amounts, and `alias_differs` when Talo assigned another alias than was asked for. */
  readonly issues?: readonly Issue[];
}

/** Talo composes prefix + "." + suffix and cuts it at 20 characters without a word (talo-api 6). */
const ALIAS_LENGTH = 20;

/** @param wantedAlias the suffix that was asked for, to compare with what was assigned */
export function readCustomer(raw: Wire, customerId: string, wantedAlias?: string): Customer {
  const reading = new Reading();
  const bank = record(raw['bank_info']);
  const alias = text(bank['alias']) ?? text(raw['alias']);
  const balance = reading.money('balance', raw['balance'], undefined);
  if (wantedAlias && alias && aliasAgreement(alias, wantedAlias) !== 'same') {
    reading.report('alias', 'alias_differs', `an alias ending in ".${wantedAlias}"`, `"${alias}"`);
  }
  return withHidden(
    {
      customerId: text(raw['customer_id']) ?? customerId,
      cvu: text(bank['cvu']) ?? text(bank['address']) ?? text(raw['cvu']),
      alias,
      balance,
      createdAt: date(raw['creation_timestamp']),
      ...defined({
        name: text(raw['name']),
        email: text(record(raw['contact'])['email']),
        issues: reading.issues,
      }),
    },
    { raw, ...defined({ webhookUrl: text(raw['webhook_url']) }) },
  );
}

/** `cut` is our own suffix, truncated by Talo at 20 characters: still the same customer. */
export function aliasAgreement(assigned: string, wantedSuffix: string): 'same' | 'cut' | 'other' {
  const alias = assigned.toLowerCase();
  const wanted = wantedSuffix.toLowerCase();
  const dot = alias.indexOf('.');
  // a prefix holds no dot (talo-api 7): the first one ends it
  const suffix = alias.slice(dot + 1);
  if (dot === -1) return 'other';
  if (suffix === wanted) return 'same';
  return alias.length === ALIAS_LENGTH && wanted.startsWith(suffix) ? 'cut' : 'other';
}
