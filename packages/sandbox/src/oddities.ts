/**
 * What Talo does, or may do, that a client would not expect. Each is a switch; the defaults are what was observed,
 * or, where nobody knows, the choice stated here. Sections are those of talo-api.
 */
export interface Oddities {
  /** A GET of a customer's transaction that carries a Content-Type fails with 500 (3.6, observed). */
  readonly contentTypeOnGetFails: boolean;
  /** A customer alias over 20 characters is cut without a word (6, observed); off: 422. */
  readonly aliasTruncation: boolean;
  /** A payment without `payment_options` fails with 500 (3.1, observed); off: 400. */
  readonly missingPaymentOptionsFails: boolean;
  /** Quotes show the CVU as `address`, with network and amount (real payload); off: `{ cvu, alias }` as documented. */
  readonly quotesUseAddress: boolean;
  /** Payments can be created without a token (2.3, observed); off: 401. */
  readonly publicPayments: boolean;
  /** A failed authentication answers HTTP 200 with `error: true` in the body (2.1, inferred). */
  readonly authFailureWith200: boolean;
  /** The status for a token past its hour (2.1). */
  readonly expiredTokenStatus: 401 | 403;
  /** Collections answer only with their slash, `/payments/`, as everything documented writes them (3). */
  readonly collectionsNeedSlash: boolean;
  /** The payment notice lacks `externalId` (4, one report). */
  readonly webhookOmitsExternalId: boolean;
  /** A payment that expires is notified (5, unknown; "any change" is documented). */
  readonly webhookOnExpiry: boolean;
  /** Changes made through the API (price, expiration, metadata) are notified too ("any change", 4). */
  readonly webhookOnApiChanges: boolean;
  /** Every nth transfer does not say what was sent, 1 none of them does (3.3 and 3.8, unknown); 0: all do. */
  readonly grossMissingEvery: number;
  /** What was sent has a third decimal in every nth transfer, 1 in all of them (3.12, unknown); 0: in none. */
  readonly threeDecimalsEvery: number;
  /** A payment that is SUCCESS or OVERPAID shows none of its transfers (3.3, unknown). */
  readonly settledHidesTransfers: boolean;
  /**
   * How long a transfer has a status that nobody documents, IN_REVIEW, in milliseconds (3.8, unknown). Its end is not
   * notified.
   */
  readonly unknownStatusMs: number;
  /** Payments and transfers come without their timestamps (3.1 and 3.8, unknown). */
  readonly timestampsMissing: boolean;
  /** How long after a transfer the API still shows the state before it, in milliseconds (3.8, observed as a race). */
  readonly readDelayMs: number;
  /**
   * A transfer to an expired CVU (5, unknown): `credit` counts it and settles the payment, `keep-expired` counts it
   * and leaves the status EXPIRED, `bounce` sends it back.
   */
  readonly lateTransfers: 'credit' | 'keep-expired' | 'bounce';
  /** The tolerance absorbs an overpayment too, which is then SUCCESS (5, unknown). */
  readonly toleranceAbsorbsOverpayment: boolean;
  /** A payment that is UNDERPAID when its time is up becomes EXPIRED (5, unknown); off: it stays UNDERPAID. */
  readonly underpaidExpires: boolean;
  /**
   * A second payment with the same `external_id` (3.1, undocumented; the id derives from it, so they collide):
   * `conflict` answers 409, `return-existing` 200 with the first one unchanged, `replace-unpaid` replaces one that
   * never got money and answers 409 otherwise.
   */
  readonly duplicateExternalId: 'conflict' | 'return-existing' | 'replace-unpaid';
  /** A second customer with the same `customer_id` (6, undocumented). */
  readonly duplicateCustomerId: 409 | 422 | 'return-existing';
  /** A customer whose composed alias is taken (6, undocumented). */
  readonly duplicateAlias: 409 | 422;
  /** How a customer's transfer shows in `GET /transactions/` (3.9, unknown): with its id, only by CVU, or not at all. */
  readonly ledgerCustomers: 'customer_id' | 'cvu' | 'none';
  /** The order of `GET /transactions/` (3.9, unknown). */
  readonly ledgerOrder: 'newest-first' | 'oldest-first';
  /**
   * A customer's transaction can be read by the id of its ledger row too, with or without `TX#`; the answer has its own
   * transaction_id (3.9, unknown).
   */
  readonly ledgerIdsReadable: boolean;
  /**
   * How long after a transfer its row shows in the ledger, in milliseconds (3.9, unknown). Its timestamp is the
   * transfer's, so it comes up behind newer rows.
   */
  readonly ledgerLateRowsMs: number;
  /** Whether a customer's balance sums what was sent or what was left after commission (3.7, undocumented). */
  readonly customerBalance: 'gross' | 'net';
  /** What a refund changes (3.5, unknown): a REFUND row in the ledger, or also the payment's status and a notice. */
  readonly refundShows: 'ledger' | 'payment-status';
  /** Hours that a `PAR-` token lives (2.2, undocumented); 0: for ever, without an `exp`. */
  readonly partnerTokenHours: number;
  /** An account's payout schedule runs at 9:00 in Argentina and pays out its whole balance (8, the hour is unknown). */
  readonly payoutsRun: boolean;
  /** How far the Date header of answers is ahead of the sandbox's clock, in milliseconds; negative: behind. */
  readonly dateSkewMs: number;
}

export const observed: Oddities = {
  contentTypeOnGetFails: true,
  aliasTruncation: true,
  missingPaymentOptionsFails: true,
  quotesUseAddress: true,
  publicPayments: true,
  authFailureWith200: false,
  expiredTokenStatus: 401,
  collectionsNeedSlash: true,
  webhookOmitsExternalId: false,
  webhookOnExpiry: true,
  webhookOnApiChanges: true,
  grossMissingEvery: 0,
  threeDecimalsEvery: 0,
  settledHidesTransfers: false,
  unknownStatusMs: 0,
  timestampsMissing: false,
  readDelayMs: 0,
  lateTransfers: 'credit',
  toleranceAbsorbsOverpayment: false,
  underpaidExpires: false,
  duplicateExternalId: 'conflict',
  duplicateCustomerId: 409,
  duplicateAlias: 409,
  ledgerCustomers: 'cvu',
  ledgerOrder: 'newest-first',
  ledgerIdsReadable: false,
  ledgerLateRowsMs: 0,
  customerBalance: 'gross',
  refundShows: 'ledger',
  partnerTokenHours: 0,
  payoutsRun: true,
  dateSkewMs: 0,
};
