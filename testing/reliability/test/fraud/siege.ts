import { type Payment, pesos, type TaloClient } from '@talo/core';
import { signedNotification } from '@talo/core/testing';
import type { Unsigned } from '@talo/core/webhooks';
import type { JournalEntry, SandboxOptions } from '@talo/sandbox';
import { expect } from 'vitest';
import {
  type App,
  createShop,
  customerNamed,
  delays,
  eventsOf,
  ROUTE,
  SECOND,
  type Shop,
  toldMoney,
} from '../life/shop.ts';

/** A shop that trades, and a stranger who has whatever a test gives him. */
export interface Siege {
  readonly shop: Shop;
  readonly app: App;
  /** Orders of the shop, all made through its own client. */
  readonly orders: Payment[];
  /** CVUs that are ours, of orders and of customers. */
  readonly cvus: Set<string>;
  readonly carla: { readonly customerId: string; readonly cvu: string };
  readonly diego: { readonly customerId: string; readonly cvu: string };
  order(externalId: string, price: number): Promise<Payment>;
}

/** So much longer than the money nobody waits for an event, whatever strangers do. */
export const AT_ONCE = 5 * SECOND;

export async function besiege(
  options: SandboxOptions = {},
  { open, ...engine }: { readonly unsigned?: Unsigned; readonly open?: (shop: Shop) => Promise<App> } = {},
): Promise<Siege> {
  const shop = createShop({ historyLimit: 100_000, ...options });
  const app = (await open?.(shop)) ?? (await shop.open(engine));
  shop.route(app);
  const orders: Payment[] = [];
  const cvus = new Set<string>();
  const customer = async (customerId: string) => {
    const { cvu = '' } = await customerNamed(app.talo, customerId);
    cvus.add(cvu);
    return { customerId, cvu };
  };
  return {
    shop,
    app,
    orders,
    cvus,
    carla: await customer('carla'),
    diego: await customer('diego'),
    async order(externalId, price) {
      const payment = await app.talo.payments.create({ externalId, price: pesos(price) });
      orders.push(payment);
      cvus.add(payment.cvu ?? '');
      return payment;
    },
  };
}

/** What must hold, whatever the stranger did: only our money was told, all of it, once, and in time. */
export async function expectHeld(siege: Siege, { within = AT_ONCE } = {}): Promise<void> {
  const { shop, app, orders, cvus } = siege;
  const ours = new Set(orders.map(({ id }) => id));
  for (const { event } of app.told) {
    if (event.type === 'payment.foreign' || !('payment' in event) || event.payment === undefined) continue;
    expect(ours, `${event.type} of ${event.payment.id}`).toContain(event.payment.id);
  }
  const received = [...cvus].reduce((sum, cvu) => sum + shop.sandbox.bank.received(cvu).centavos, 0);
  expect(toldMoney(app.told), 'what our CVUs received was told').toBe(received);
  expect((await app.webhooks.ledger.total())?.centavos, 'and credited').toBe(received);
  const paid = eventsOf(app.told, 'payment.paid').map(({ payment }) => payment.id);
  const truly = orders.filter(({ cvu, price }) => {
    return shop.sandbox.bank.received(cvu).centavos >= (price?.centavos ?? Number.NaN);
  });
  expect(paid.sort(), 'paid is what was paid for').toEqual(truly.map(({ id }) => id).sort());
  expect(Math.max(0, ...delays(app.told)), 'nobody waited').toBeLessThan(within);
}

/** Anybody can create payments in our name: it takes our user id and no token (talo-api 2.3). */
export async function strangersPayment(
  { shop, app }: Pick<Siege, 'shop' | 'app'>,
  externalId: string,
  webhookUrl: string,
  amount = 1,
): Promise<{ readonly id: string; readonly cvu: string }> {
  const response = await shop.sandbox.fetch(`${shop.sandbox.merchant.environment.apiUrl}/payments/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      user_id: app.talo.accountId,
      price: { amount, currency: 'ARS' },
      payment_options: ['transfer'],
      external_id: externalId,
      webhook_url: webhookUrl,
    }),
  });
  expect(response.status, 'Talo takes it').toBe(200);
  const { data } = (await response.json()) as { data: { id: string; quotes: { address: string }[] } };
  return { id: data.id, cvu: data.quotes[0]?.address ?? '' };
}

/** The URL that Talo was given for an order: what leaks when somebody reads it there. */
export function urlOf(
  talo: TaloClient,
  { externalId = '', price = pesos(0) }: Pick<Payment, 'externalId' | 'price'>,
): string {
  return signedNotification(talo, { payment: { id: 'any', externalId, price } }).url;
}

export function urlOfCustomer(talo: TaloClient, customerId: string): string {
  return signedNotification(talo, { customerId, transactionId: 'any' }).url;
}

export const BARE = ROUTE;

/** Knocks at our route, with any bytes at any of its URLs. @returns the answer's status */
export async function knock({ app }: Pick<Siege, 'app'>, url: string, body: unknown): Promise<number> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { 'content-type': 'application/json' };
  return (await app.webhooks.fetch(new Request(url, { method: 'POST', headers, body: text }))).status;
}

/** In no span more than the burst and the rate allow, give or take the look that was made a moment after it was due. */
export function expectBudget(
  requests: readonly JournalEntry[],
  { burst, perSecond }: { readonly burst: number; readonly perSecond: number },
): void {
  const times = requests.map(({ at }) => at.getTime()).sort((a, b) => a - b);
  times.forEach((from, i) => {
    for (let j = i; j < times.length; j++) {
      const allowed = burst + ((times[j] ?? 0) - from) * (perSecond / SECOND) + 2;
      if (j - i + 1 > allowed)
        expect(j - i + 1, `GETs within ${(times[j] ?? 0) - from} ms`).toBeLessThanOrEqual(allowed);
    }
  });
}
