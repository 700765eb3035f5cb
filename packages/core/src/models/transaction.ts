import type { Issue } from '../errors/errors.ts';
import type { Money } from '../money.ts';
import { date, defined, type Raw, Reading, record, some, sum, text, type Wire, withHidden } from './read.ts';

/** The only state Talo documents is PROCESSED (talo-api 3.8); others may come. */
export type TransactionStatus = 'PROCESSED' | (string & {});

/** Who sent the money, as far as Talo says (talo-api 3.3, 3.8). */
export interface Payer {
  readonly name?: string;
  /** Eleven digits, as Talo sent it. */
  readonly cuit?: string;
  /** The CBU or CVU that the money came from. */
  readonly account?: string;
}

/** One bank transfer that reached a CVU. */
export interface Transaction extends Raw {
  /** Talo's id for it in this resource. The ledger calls the same transfer something else. */
  readonly transactionId: string;
  readonly status: TransactionStatus;
  /** What the payer sent, and what to credit. `undefined` when Talo did not say: never the net amount. */
  readonly gross?: Money;
  /** What reaches the merchant after commission. */
  readonly net?: Money;
  readonly commission?: Money;
  readonly createdAt: Date | undefined;
  readonly network?: string;
  readonly payer?: Payer;
  /** Amounts that Talo sent and that could not be read exactly. */
  readonly issues?: readonly Issue[];
}

/** A transfer to a customer's CVU: `amount` is net, `gross_amount` what was sent (talo-api 3.8). */
export function readCustomerTransaction(raw: Wire, transactionId: string): Transaction {
  return assemble(raw, {}, raw['gross_amount'], raw['amount'], transactionId);
}

/**
 * A transfer inside a payment (talo-api 3.3). Its `amount` is what counts against the price, so what the payer sent;
 * only where Talo states the gross amount besides, as its ledger does, is `amount` the net one.
 */
export function readPaymentTransaction(raw: Wire): Transaction {
  const processed = record(record(raw['transaction_data'])['PROCESSED']);
  const stated = raw['gross_amount'] ?? undefined;
  const gross = stated ?? processed['amount'] ?? raw['amount'];
  const net = processed['netAmount'] ?? (stated === undefined ? undefined : raw['amount']);
  return assemble(raw, processed, gross, net, text(processed['trxId']));
}

function assemble(
  raw: Wire,
  processed: Wire,
  wireGross: unknown,
  wireNet: unknown,
  otherId: string | undefined,
): Transaction {
  const reading = new Reading();
  const currency = raw['currency'] ?? processed['currency'];
  const gross = reading.money('gross', wireGross, currency);
  const net = reading.money('net', wireNet, currency);
  const commission = reading.money('commission', raw['commission_amount'], currency);
  const transactionId = text(raw['transaction_id']) ?? text(raw['id']) ?? otherId ?? '';
  if (!transactionId) reading.report('transactionId', 'missing', 'an id to tell this transfer by', 'none');
  const payer = defined({
    name: text(processed['senderTitular']),
    cuit: text(processed['senderCuit']) ?? text(raw['senderCuit']),
    account: text(raw['sender_address']) ?? text(processed['sender']) ?? text(raw['senderCvu']),
  });
  return withHidden(
    {
      transactionId,
      status: text(raw['transaction_status']) ?? text(raw['status']) ?? 'UNKNOWN',
      createdAt: date(raw['creation_timestamp']),
      ...defined({
        gross,
        net,
        commission: commission ?? (gross && net && sum(gross.centavos, -net.centavos)),
        network: text(raw['network']),
        payer: some(payer),
        issues: reading.issues,
      }),
    },
    { raw },
  );
}
