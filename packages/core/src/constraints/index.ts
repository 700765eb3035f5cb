export type { AccountConfig, PayoutFrequency, PayoutSchedule } from './account-config.ts';
export {
  accountConfig,
  cancellationPeriod,
  payoutFrequency,
  payoutSchedule,
  transferTolerance,
} from './account-config.ts';
export { aliasPrefix, bankAlias, customerAlias } from './alias.ts';
export { bankCheckDigit, cbu, cvu } from './bank-account.ts';
export type { Constraint, IssueCode } from './constraint.ts';
export { cuit } from './cuit.ts';
export type { CustomerRequest } from './customer-request.ts';
export { customerRequest } from './customer-request.ts';
export type { ClientData, PaymentItem, PaymentRequest } from './payment-request.ts';
export { paymentRequest } from './payment-request.ts';
export type { RefundBlame, RefundRequest } from './refund-request.ts';
export { refundRequest } from './refund-request.ts';
export type { FoundIssue, StandardResult, StandardSchema } from './standard-schema.ts';
