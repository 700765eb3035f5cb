export { buildAccount, buildCustomer, buildPayment, buildTransaction } from './builders.ts';
export { type ManualClock, manualClock } from './clock.ts';
export { buildEvent, type EventContent } from './events.ts';
export { type NotificationOf, signedNotification } from './notification.ts';
