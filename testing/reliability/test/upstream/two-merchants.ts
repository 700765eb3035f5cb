import { type Clock, pesos, type TaloClient } from '@talo/core';
import type { TaloEvent } from '@talo/core/webhooks';
import type { ApiFault, JournalEntry, SandboxOptions } from '@talo/sandbox';
import { type App, createShop, customerNamed, ROUTE, SECRET, type Shop } from '../life/shop.ts';

/** What a look can be at. */
export const RESOURCES = ['payment', 'transfer', 'account'] as const;
export type ResourceKind = (typeof RESOURCES)[number];

/** A merchant with an order, two customers and an account that may be activated. */
export interface Merchant {
  readonly id: string;
  readonly talo: TaloClient;
  /** Something happens that is notified: money, or an activation. */
  happen(kind: ResourceKind): void;
  /** Money for a customer whom no fault concerns. */
  otherMoney(): void;
  /** The requests of Talo's API that a look at this is. */
  route(kind: ResourceKind): NonNullable<ApiFault['match']>;
  /** What was told of this merchant, of this kind. */
  told(kind: ResourceKind): { readonly event: TaloEvent; readonly at: number }[];
  requests(kind: ResourceKind): JournalEntry[];
  /** What this merchant's bank accounts received. */
  received(): number;
}

export interface Town {
  readonly shop: Shop;
  readonly app: App;
  /** Talo fails for this one alone. */
  readonly unlucky: Merchant;
  readonly lucky: Merchant;
}

const FIRST: Readonly<Record<ResourceKind, TaloEvent['type']>> = {
  payment: 'payment.paid',
  transfer: 'customer.transfer',
  account: 'account.activated',
};

export interface TownOptions extends SandboxOptions {
  /** How the clients see time. */
  readonly clientClock?: (talos: Clock) => Clock;
  /** Whether anything is looked at without a notification. Default true. */
  readonly watching?: boolean;
}

/** One engine, two merchants at the same Talo. Where accounts are looked at, both still wait for their activation. */
export async function twoMerchants(kind: ResourceKind, given: TownOptions = {}): Promise<Town> {
  const { clientClock, watching = true, ...options } = given;
  const shop = createShop(options);
  const clients = new Map<string, TaloClient>();
  const app = await shop.open({ clientFor: (id) => clients.get(id), ...(!watching && { reconcile: false }) });
  shop.route(app);
  const own = clientClock && { clock: clientClock(shop.sandbox.clock) };
  const unlucky = await settle(shop, app, clients, 'unlucky', own);
  const lucky = await settle(shop, app, clients, 'lucky', own);
  const partner = shop.client({ partner: { id: shop.sandbox.partner.id } });
  shop.sandbox.partner.webhookUrl = partner.webhookUrl({ kind: 'account' });
  for (const { id, talo } of kind === 'account' ? [unlucky, lucky] : []) {
    shop.sandbox.operator.setAccountStatus(id, 'PENDING');
    await app.webhooks.track([await talo.account.get()]);
  }
  await shop.pass({ minutes: 1 });
  shop.requests.length = 0;
  app.told.length = 0;
  return { shop, app, unlucky, lucky };
}

async function settle(
  shop: Shop,
  app: App,
  clients: Map<string, TaloClient>,
  name: string,
  own: { readonly clock: Clock } | undefined,
): Promise<Merchant> {
  const { sandbox } = shop;
  const merchant = sandbox.addMerchant({ ofPartner: true });
  const talo = shop.client({ webhooks: { url: ROUTE, secret: SECRET }, ...own }, merchant);
  const { userId: id } = merchant.credentials;
  clients.set(id, talo);
  // whom the engine has asked for once, it hears of what he creates
  await app.webhooks.track([await talo.account.get()]);
  const order = await talo.payments.create({ externalId: `${name}-order`, price: pesos(100) });
  const customer = await customerNamed(talo, name);
  const other = await customerNamed(talo, `${name}-other`);
  const paths: Record<ResourceKind, string> = {
    payment: `/payments/${order.id}`,
    transfer: `/customers/${customer.customerId}/transactions/:id`,
    account: `/users/${id}/account`,
  };
  return {
    id,
    talo,
    happen(kind) {
      if (kind === 'payment') sandbox.bank.transfer({ to: order.cvu, amount: pesos(100) });
      if (kind === 'transfer') sandbox.bank.transfer({ to: customer.cvu, amount: pesos(20) });
      if (kind === 'account') sandbox.operator.setAccountStatus(id, 'ACTIVE');
    },
    otherMoney() {
      sandbox.bank.transfer({ to: other.cvu, amount: pesos(3) });
    },
    route: (kind) => ({ method: 'GET', route: paths[kind] }),
    told: (kind) => app.told.filter(({ event }) => event.accountId === id && event.type === FIRST[kind]),
    requests: (kind) =>
      shop.requests.filter(
        ({ method, path }) => method === 'GET' && path.startsWith(paths[kind].replace(':id', '')),
      ),
    received: () =>
      [order, customer, other].reduce((sum, { cvu }) => sum + sandbox.bank.received(cvu).centavos, 0),
  };
}
