/** Every view of the dashboard by the name of its picture. `{…}` is filled in with what the story made. */
export const views = {
  overview: '#/',
  payments: '#/payments',
  payment: '#/payments/{user}/{payment}',
  customers: '#/customers',
  customer: '#/customers/{user}/{customer}',
  bank: '#/bank',
  webhooks: '#/webhooks',
  webhook: '#/webhooks/{notice}',
  requests: '#/requests',
  request: '#/requests/{request}',
  merchants: '#/merchants',
  merchant: '#/merchants/{user}',
  partner: '#/partner',
  faults: '#/faults',
  clock: '#/clock',
  settings: '#/settings',
} as const;

export type ViewName = keyof typeof views;

export function fill(hash: string, values: Readonly<Record<string, string>>): string {
  return hash.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(values[name] ?? ''));
}
