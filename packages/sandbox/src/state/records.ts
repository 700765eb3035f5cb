import { centavos, type Money } from '@talo/core';

/** Everything the sandbox remembers, as plain data. Times are milliseconds since 1970. */
export interface State {
  /** By user id. */
  readonly merchants: Map<string, Merchant>;
  /** By {@link ownKey} of user id and payment id. */
  readonly payments: Map<string, Payment>;
  /** By {@link ownKey} of user id and customer id. */
  readonly customers: Map<string, Customer>;
  /** By CVU. */
  readonly destinations: Map<string, Destination>;
  /** Alias in lower case to CVU. */
  readonly aliases: Map<string, string>;
  readonly transfers: BankTransfer[];
  /** The sum of the credited ones. */
  credited: Money;
  readonly ledger: LedgerRow[];
  /** Consents waiting to be exchanged, by code. */
  readonly codes: Map<string, Grant>;
  /** Webhooks that are still to be delivered, by key. */
  readonly pending: Map<string, PendingAttempt>;
}

/** A consent that was not exchanged yet. */
export interface Grant {
  readonly userId: string;
  readonly expiresAt: number;
}

/** What a notice or a request is about. */
export type ResourceRef =
  | { readonly kind: 'payment' | 'customer'; readonly userId: string; readonly id: string }
  | { readonly kind: 'merchant'; readonly userId: string };

/** A notice on its way: kept until it is delivered or given up. */
export interface PendingAttempt {
  readonly key: string;
  readonly noticeId: string;
  readonly url: string;
  /** JSON. */
  readonly body: string;
  readonly about?: ResourceRef;
  readonly origin: NoticeOrigin;
  readonly createdAt: number;
  /** Of the attempt that comes next, from 1. */
  readonly number: number;
  readonly dueAt: number;
  /** After each failed attempt. */
  readonly waits: readonly number[];
  /** Its answers reach Talo so much later. */
  readonly slowMs?: number;
}

export type NoticeOrigin = 'talo' | 'replay' | 'forged';

export function emptyState(): State {
  return {
    merchants: new Map(),
    payments: new Map(),
    customers: new Map(),
    destinations: new Map(),
    aliases: new Map(),
    transfers: [],
    credited: centavos(0),
    ledger: [],
    codes: new Map(),
    pending: new Map(),
  };
}

/** Two merchants may use the same ids: every key holds the account. Joined, as a CVU is, to be one string. */
export function ownKey(userId: string, id: string): string {
  return [userId, id].join('\n');
}

export type AccountStatus = 'ACTIVE' | 'PENDING' | 'REJECTED' | 'SUSPENDED';

export interface Merchant {
  readonly userId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The legal holder, shown to payers. */
  readonly holder: { readonly name: string; readonly cuit: string };
  status: AccountStatus;
  aliasPrefix: string;
  cancellationPeriodHours: number;
  tolerance: Money;
  payout?: { readonly address: string; readonly frequency: string };
  /** Commission with its tax, in parts per million: 12100 is 1 % + 21 % VAT. */
  readonly commissionPpm: number;
  /** Referred by the partner, as this user of the partner's platform. */
  readonly referredUserId?: string;
  readonly ofPartner: boolean;
  /** Its credentials and tokens are refused. */
  revoked: boolean;
  /** When an account that is PENDING is activated by itself. */
  activatesAt?: number;
  /** When the payout schedule runs next. */
  nextPayoutAt?: number;
  /** Net of what came in, less refunds and payouts. */
  balance: Money;
}

export interface Destination {
  readonly kind: 'payment' | 'customer';
  readonly userId: string;
  readonly id: string;
  readonly alias: string;
}

/** Who sends a transfer. */
export interface Sender {
  readonly name: string;
  readonly cuit: string;
  /** CBU or CVU. */
  readonly account: string;
}

/** One movement between banks, before Talo gives it any id. The oracle of the sandbox. */
export interface BankTransfer {
  readonly id: string;
  readonly cvu: string;
  readonly amount: Money;
  readonly from: Sender;
  readonly at: number;
  /** `bounced`: sent back at once. `reversed`: credited, then taken back. */
  status: 'credited' | 'bounced' | 'reversed';
}

/** What a transfer became in the resource it was for. */
export interface Transaction {
  /** As this resource names it: `CRS-…` in a payment, a UUID in a customer. */
  readonly id: string;
  readonly transferId: string;
  /** The clearing's reference, in `transaction_data`. */
  readonly trxId: string;
  readonly gross: Money;
  readonly net: Money;
  readonly commission: Money;
  readonly from: Sender;
  readonly at: number;
  /** When the API starts to show it. */
  readonly readableAt: number;
  status: 'PROCESSED' | 'REVERSED';
}

export type PaymentStatus =
  | 'PENDING'
  | 'SUCCESS'
  | 'OVERPAID'
  | 'UNDERPAID'
  | 'EXPIRED'
  | 'REJECTED'
  | 'CANCELLED'
  | 'UNDER_REVIEW'
  | 'REFUNDED';

/** What the creator said and only gets back. */
export interface PaymentEcho {
  readonly webhook_url?: string | undefined;
  readonly redirect_url?: string | undefined;
  readonly client_data?: Record<string, unknown> | undefined;
  readonly items?: Record<string, unknown>[] | undefined;
  readonly partner_id?: string | undefined;
  readonly magento?: Record<string, unknown> | undefined;
  readonly payment_options: string[];
}

export interface Payment {
  readonly id: string;
  readonly userId: string;
  readonly externalId: string;
  readonly echo: PaymentEcho;
  readonly cvu: string;
  readonly alias: string;
  readonly createdAt: number;
  price: Money;
  motive?: string;
  status: PaymentStatus;
  updatedAt: number;
  expiresAt: number;
  /** Added to by {@link append}. */
  transactions: Transaction[];
  readonly refunds: Refund[];
  /** The states before each of the last changes, oldest first, for as long as reads lag behind. */
  lagging?: readonly Lag[];
}

/** What readers are shown until then. */
export interface Lag {
  readonly until: number;
  readonly as: Payment;
}

export interface Refund {
  readonly id: string;
  readonly amount: Money;
  readonly createdAt: number;
}

export interface Customer {
  readonly customerId: string;
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly webhookUrl: string;
  readonly cvu: string;
  readonly alias: string;
  readonly createdAt: number;
  /** Added to by {@link append}. */
  transactions: Transaction[];
}

/** Most resources have one transaction, and a list that grows from none has room for seventeen. */
export function append(owner: Payment | Customer, transaction: Transaction): void {
  if (owner.transactions.length === 0) owner.transactions = [transaction];
  else owner.transactions.push(transaction);
}

export interface LedgerRow {
  /** `TX#` goes before it on the wire. Not the id that the payment or the customer uses. */
  readonly id: string;
  readonly userId: string;
  readonly type: 'INBOUND' | 'OUTBOUND' | 'REFUND';
  /** Of what left, negative. */
  readonly gross: Money;
  readonly net: Money;
  readonly commission: Money;
  readonly commissionPpm: number;
  readonly cvu: string;
  readonly alias: string;
  readonly paymentId?: string;
  readonly customerId?: string;
  readonly transferId?: string;
  readonly at: number;
  /** When the API starts to show it. */
  readonly readableAt: number;
  status: 'PROCESSED' | 'REVERSED';
}
