export type { Clock } from './clock.ts';
export type { ApiFailure, Difference, Issue, Outcome, TransportReason } from './errors/errors.ts';
export {
  TaloApiError,
  TaloConfigError,
  TaloConflictError,
  TaloConstraintError,
  TaloError,
  TaloTransportError,
  TaloWebhookError,
} from './errors/errors.ts';
export type { Currency, Money } from './money.ts';
export { addMoney, centavos, formatMoney, isMoney, pesos, subtractMoney, toDecimal } from './money.ts';
