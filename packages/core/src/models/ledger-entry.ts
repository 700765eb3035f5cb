import type { Issue } from '../errors/errors.ts';
import type { Money } from '../money.ts';
import { date, defined, type Raw, Reading, text, type Wire, withHidden } from './read.ts';

/** A movement of the account in Talo's ledger (talo-api 3.9). A hint to look at a resource, never a credit. */
export interface LedgerEntry extends Raw {
  /** The ledger's own id (`TX#…`): a payment or a customer calls the same transfer something else. */
  readonly transactionId: string;
  readonly type: 'INBOUND' | 'OUTBOUND' | 'REFUND' | (string & {});
  readonly status: string;
  /** What was sent; of an OUTBOUND row Talo gives it without a sign. */
  readonly gross?: Money;
  /** What moved in the account; negative for money that left. */
  readonly net?: Money;
  readonly commission?: Money;
  readonly cvu?: string;
  readonly alias?: string;
  readonly network?: string;
  readonly paymentId?: string;
  readonly customerId?: string;
  readonly createdAt: Date | undefined;
  readonly issues?: readonly Issue[];
}

export function readLedgerEntry(raw: Wire): LedgerEntry {
  const reading = new Reading();
  const currency = raw['currency'];
  const amounts = {
    gross: reading.money('gross', raw['gross_amount'], currency),
    net: reading.money('net', raw['amount'], currency),
    commission: reading.money('commission', raw['commission_amount'], currency),
  };
  return withHidden(
    {
      transactionId: text(raw['transaction_id']) ?? text(raw['id']) ?? '',
      type: text(raw['transactionType']) ?? text(raw['transaction_type']) ?? 'UNKNOWN',
      status: text(raw['transaction_status']) ?? text(raw['status']) ?? 'UNKNOWN',
      createdAt: date(raw['creation_timestamp']),
      ...defined({
        ...amounts,
        cvu: text(raw['address']),
        alias: text(raw['address_alias']),
        network: text(raw['network']),
        paymentId: text(raw['payment_id']),
        customerId: text(raw['customer_id']),
        issues: reading.issues,
      }),
    },
    { raw },
  );
}
