import type { Credit, Hint, HintClaim, StoredEvent, Unit } from '@talo/core/webhooks';

export const T0 = Date.UTC(2026, 0, 1);
export const LEASE = 60_000;

export function keyFor(id: string | number, account = 'account-1'): string {
  return JSON.stringify(['production', account, 'payment', String(id)]);
}

export function hintFor(id: string | number, fields: Partial<Hint> = {}): Hint {
  return { key: keyFor(id), authenticated: true, origin: 'webhook', at: T0, ...fields };
}

export function eventFor(id: string, key: string, fields: Partial<StoredEvent> = {}): StoredEvent {
  return { id, type: 'payment.paid', key, payload: JSON.stringify({ id }), handlers: ['ship'], ...fields };
}

export function creditFor(key: string, fields: Partial<Credit> = {}): Credit {
  return {
    key,
    kind: 'credit',
    environment: 'production',
    accountId: 'account-1',
    paymentId: 'p1',
    transactionId: 't1',
    gross: { currency: 'ARS', centavos: 1_500_000 },
    at: T0,
    ...fields,
  };
}

export function unitFor(claim: HintClaim, fields: Partial<Unit> = {}): Unit {
  return { claim, state: '{"status":"SUCCESS"}', credits: [], events: [], now: T0, ...fields };
}
