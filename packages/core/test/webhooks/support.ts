import { type Clock, TaloClient, type TaloClientOptions } from '../../src/index.ts';
import { UrlSigner } from '../../src/signing/signed-url.ts';
import { type Inbox, memoryInbox, TaloWebhooks, type TaloWebhooksOptions } from '../../src/webhooks/index.ts';

export const ACCOUNT = 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6';
export const SECRET = 'a secret of more than sixteen characters';
export const URL_BASE = 'https://shop.example/webhooks/talo';

export const signer = new UrlSigner({ accepted: [SECRET], demoted: [] });

/** The few answers of Talo's that a look needs; what the sandbox does better is tested with the sandbox. */
export class FakeTalo {
  readonly resources = new Map<string, unknown>();
  readonly gets: string[] = [];
  /** Called before each answer; may throw or return a status to answer with. */
  before: (path: string) => Promise<number | undefined> | number | undefined = () => undefined;

  readonly fetch: NonNullable<TaloClientOptions['fetch']> = async (url, init) => {
    const path = new URL(url).pathname;
    if (init.method === 'POST' && path === '/payments/') {
      const body = JSON.parse(init.body ?? '{}');
      return answer(200, this.payment(`VAR-${body.external_id}`, { ...body, payment_status: 'PENDING' }));
    }
    this.gets.push(path);
    const status = await this.before(path);
    const data = this.resources.get(decodeURIComponent(path));
    if (status !== undefined) return answer(status, undefined);
    return data === undefined ? answer(404, undefined) : answer(200, data);
  };

  /** A payment signed as ours, unless said otherwise. */
  payment(id: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
    const externalId = (fields['external_id'] as string | undefined) ?? `order-${id}`;
    const price = (fields['price'] as { amount: number } | undefined) ?? { amount: 30000 };
    const scope = {
      kind: 'payment',
      account: ACCOUNT,
      id: externalId,
      price: Math.round(price.amount * 100),
    } as const;
    const payment = {
      id,
      user_id: ACCOUNT,
      external_id: externalId,
      payment_status: 'PENDING',
      webhook_url: signer.sign(URL_BASE, scope),
      transactions: [],
      last_modified_timestamp: '2026-01-01T00:00:00.000Z',
      ...fields,
      price: { currency: 'ARS', amount: price.amount },
    };
    this.resources.set(`/payments/${id}`, payment);
    return payment;
  }

  transfer(customerId: string, id: string, fields: Record<string, unknown> = {}): void {
    this.resources.set(`/customers/${customerId}/transactions/${id}`, {
      transaction_id: id,
      transaction_status: 'PROCESSED',
      gross_amount: '15000',
      amount: '14818.50',
      commission_amount: '181.50',
      currency: 'ARS',
      creation_timestamp: '2026-01-01T00:00:00.000Z',
      ...fields,
    });
  }
}

export function processed(id: string, amount: string, fields: Record<string, unknown> = {}): object {
  const when = { creation_timestamp: '2026-01-01T00:00:00.000Z' };
  return { transaction_id: id, transaction_status: 'PROCESSED', amount, currency: 'ARS', ...when, ...fields };
}

function answer(status: number, data: unknown) {
  const body = JSON.stringify(
    status < 300 ? { message: 'ok', error: false, data } : { message: 'no', error: true },
  );
  return { status, headers: new Headers(), text: async () => body };
}

export function clientOf(talo: FakeTalo, options: Partial<TaloClientOptions> = {}): TaloClient {
  return new TaloClient({
    environment: { apiUrl: 'http://talo.test' },
    credentials: { userId: ACCOUNT, accessToken: 'TL-token' },
    webhooks: { url: URL_BASE, secret: SECRET },
    fetch: talo.fetch,
    ...options,
  });
}

/** A clock that runs two hundred times as fast, so that floors and delays of seconds pass in milliseconds. */
export function fastClock(): Clock {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) * 200;
  return {
    now: () => Date.UTC(2026, 0, 1) + elapsed(),
    monotonic: elapsed,
    setTimeout: (run, ms) => setTimeout(run, ms / 200),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  };
}

/** Lets everything that waits for no timer run to its end. */
export const settled = async () => {
  for (let i = 0; i < 60; i++) await new Promise((resolve) => setImmediate(resolve));
};

export const silent = { warn: () => {}, error: () => {} };

type EngineOptions = Partial<Omit<TaloWebhooksOptions, 'inbox'>> & {
  readonly client?: TaloClient;
  readonly inbox?: Inbox<never, never>;
};

export function engineOf(talo: FakeTalo, options: EngineOptions = {}): TaloWebhooks<never, never> {
  const client = clientOf(talo);
  const clock = fastClock();
  return new TaloWebhooks({
    client,
    inbox: memoryInbox(),
    logger: silent,
    clock,
    ...options,
  } as TaloWebhooksOptions<never, never>);
}

/** The request Talo would send to the URL that was signed for a payment. */
export function paymentNotice(id: string, externalId = `order-${id}`, price = 3_000_000) {
  const url = signer.sign(URL_BASE, { kind: 'payment', account: ACCOUNT, id: externalId, price });
  return post(url, { message: 'Pago Actualizado', paymentId: id, externalId });
}

export function transferNotice(customerId: string, transactionId: string) {
  const url = signer.sign(URL_BASE, { kind: 'customer', account: ACCOUNT, id: customerId });
  return post(url, { message: 'Pago recibido', transactionId, customerId });
}

export function post(url: string, body: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { method: 'POST', url, headers: { 'content-type': 'application/json' }, body: text };
}
