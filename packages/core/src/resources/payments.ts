import { type PaymentRequest, paymentRequest } from '../constraints/payment-request.ts';
import { type RefundRequest, refundRequest } from '../constraints/refund-request.ts';
import {
  TaloApiError,
  TaloConflictError,
  TaloConstraintError,
  TaloTransportError,
} from '../errors/errors.ts';
import { path } from '../http/path.ts';
import type { CallOptions } from '../http/transport.ts';
import { type Payment, type Refund, readPayment, readRefund } from '../models/payment.ts';
import { centavos, isMoney, type Money, pesos, toDecimal } from '../money.ts';
import type { Scope } from '../signing/signed-url.ts';
import { Comparison, isNotFound, mayExist } from './compare.ts';
import { accountOf, announce, type Context, once, request, send, signedUrl } from './context.ts';

/** In these states a payment takes no more money: `ensure` does not hand it out as something to pay. */
const ENDED: ReadonlySet<string> = /* @__PURE__ */ new Set(['EXPIRED', 'CANCELLED', 'REJECTED']);

/** Payments: an order, a price, and a CVU that is good for this order alone (talo-api 3.1-3.5, 5). */
export class Payments {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * Opens a payment for an order.
   * @throws TaloConstraintError nothing was sent
   * @throws TaloApiError, TaloTransportError; with `outcome: 'unknown'` call {@link ensure}
   */
  async create(wanted: PaymentRequest, options?: CallOptions): Promise<Payment> {
    const context = this.#context;
    paymentRequest.parse(wanted);
    const call = { method: 'POST', path: '/payments/', creates: true, body: this.#body(wanted) } as const;
    const payment = readPayment(await request(context, call, options), '');
    await announce(context, { payment });
    return payment;
  }

  /**
   * Like {@link create}, but safe to call again: on a double click and after an unknown outcome it returns the payment
   * that this order has already, paid or not.
   * @throws TaloConflictError if that payment was asked for differently, is somebody else's, or has ended unpaid
   */
  async ensure(wanted: PaymentRequest, options?: CallOptions): Promise<Payment> {
    paymentRequest.parse(wanted);
    const key = JSON.stringify(['payment', accountOf(this.#context), wanted]);
    return once(this.#context, key, async () => {
      const existing = await this.#find(wanted, options);
      if (existing) return existing;
      try {
        return this.#agreed(wanted, await this.create(wanted, options));
      } catch (error) {
        const found = mayExist(error) ? await this.#find(wanted, options) : undefined;
        if (found) return found;
        throw error;
      }
    });
  }

  /** The payment as it is now: the truth behind every notification. @throws TaloApiError 404 */
  async get(id: string, options?: CallOptions): Promise<Payment> {
    return readPayment(
      await request(this.#context, { method: 'GET', path: path`/payments/${id}` }, options),
      id,
    );
  }

  /** Changes the price of an open payment (talo-api 3.4). */
  async updatePrice(id: string, price: Money, options?: CallOptions): Promise<Payment> {
    return this.#change(
      id,
      'price',
      { currency: price.currency, amount: wireAmount('price', price) },
      options,
    );
  }

  /** Moves the moment at which an unpaid payment expires (talo-api 3.4). */
  async updateExpiration(id: string, expiresAt: Date, options?: CallOptions): Promise<Payment> {
    return this.#change(id, 'expiration', { expiration_timestamp: wireDate(expiresAt) }, options);
  }

  /** Changes the text that the payer sees; of an expired payment, the reason why (talo-api 3.4). */
  async updateMotive(id: string, motive: string, options?: CallOptions): Promise<Payment> {
    return this.#change(id, 'metadata', { motive }, options);
  }

  /**
   * Sends money back, all of it or a part (talo-api 3.5). After an unknown outcome a second refund of the same payment
   * is refused until you have looked whether the first arrived: then pass `{ repeat: true }`.
   * @throws TaloConflictError `code: 'refund_unknown'`
   */
  async refund(
    id: string,
    wanted: RefundRequest,
    options: CallOptions & { readonly repeat?: boolean } = {},
  ): Promise<Refund> {
    const context = this.#context;
    const refund = refundRequest.parse(wanted);
    const at = path`/payments/${id}/refunds`;
    const doubt = JSON.stringify([accountOf(context), id]);
    if (context.doubtfulRefunds.has(doubt) && options.repeat !== true) {
      throw new TaloConflictError(
        'An earlier refund of this payment may have taken effect. Look at the ledger; to refund again pass { repeat: true }.',
        [],
        'refund_unknown',
      );
    }
    const part =
      refund.type === 'PARTIAL' ? { amount: toDecimal(refund.amount), currency: refund.amount.currency } : {};
    const body = {
      refund_type: refund.type,
      ...part,
      blame: { team_id: refund.blame.teamId, mail: refund.blame.mail },
      user_id: accountOf(context),
    };
    context.doubtfulRefunds.add(doubt);
    try {
      const data = await request(context, { method: 'POST', path: at, creates: true, body }, options);
      context.doubtfulRefunds.delete(doubt);
      return readRefund(data, id);
    } catch (error) {
      const known =
        (error instanceof TaloTransportError || error instanceof TaloApiError) && error.outcome !== 'unknown';
      if (known) context.doubtfulRefunds.delete(doubt);
      throw error;
    }
  }

  async #change(id: string, what: string, body: object, options?: CallOptions): Promise<Payment> {
    const at = `${path`/payments/${id}`}/${what}`;
    const data = await send(this.#context, { method: 'PUT', path: at, body }, options);
    const payment = data?.['id'] === undefined ? await this.get(id, options) : readPayment(data, id);
    await announce(this.#context, { payment });
    return payment;
  }

  #body(wanted: PaymentRequest): object {
    const client = wanted.clientData;
    return {
      user_id: accountOf(this.#context),
      price: { amount: wireAmount('price', wanted.price), currency: wanted.price.currency },
      // without it Talo answers 500 (talo-api 3.1)
      payment_options: ['transfer'],
      external_id: wanted.externalId,
      webhook_url: signedUrl(this.#context, wanted.webhookUrl, this.#scope(wanted)),
      redirect_url: wanted.redirectUrl,
      motive: wanted.motive,
      client_data: client && {
        first_name: client.firstName,
        last_name: client.lastName,
        phone: client.phone,
        email: client.email,
        dni: client.dni,
        cuit: client.cuit,
      },
      partner_id: this.#context.partner?.id,
      items: wanted.items?.map(({ title, description, quantity, unitPrice }) => ({
        title,
        description,
        quantity,
        unit_price: { currency: unitPrice.currency, amount: wireAmount('items', unitPrice) },
      })),
      expiration_timestamp: wanted.expiresAt?.toISOString(),
    };
  }

  /**
   * Talo has no search by `externalId`, but builds the payment's id from it in every sample known (talo-api 3.1): a hit
   * is compared before it is believed, a miss leads to the create.
   */
  async #find(wanted: PaymentRequest, options?: CallOptions): Promise<Payment | undefined> {
    const id = `VAR-${accountOf(this.#context).slice(0, 8)}-${wanted.externalId}`;
    try {
      return this.#agreed(wanted, await this.get(id, options));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #agreed(wanted: PaymentRequest, found: Payment): Payment {
    const comparison = new Comparison();
    const scope = this.#scope(wanted);
    comparison.text('externalId', wanted.externalId, found.externalId);
    comparison.text('userId', scope.account, found.userId);
    comparison.money('price', wanted.price, found.price);
    comparison.text('redirectUrl', wanted.redirectUrl, found.redirectUrl);
    comparison.text('motive', wanted.motive, found.motive);
    comparison.text('partnerId', this.#context.partner?.id, found.partnerId);
    const url = signedUrl(this.#context, wanted.webhookUrl, scope);
    comparison.webhookUrl(url, found.webhookUrl, scope, this.#context.signer);
    if (ENDED.has(found.status)) {
      comparison.add('status', 'an open or paid payment; use a new externalId', found.status);
    }
    comparison.settle(`A payment for ${JSON.stringify(wanted.externalId)}`);
    return found;
  }

  #scope(wanted: PaymentRequest): Scope {
    const { externalId, price } = wanted;
    return { kind: 'payment', account: accountOf(this.#context), id: externalId, price: price.centavos };
  }
}

/** Pesos as a JSON number that reads back as exactly these centavos. @throws TaloConstraintError where none does */
export function wireAmount(what: string, amount: Money): number {
  if (!isMoney(amount) || amount.centavos <= 0) {
    const expected = 'Money above zero: pesos(15000)';
    const message = `expected ${expected}.`;
    throw new TaloConstraintError(
      [{ path: what, code: 'type', message, expected, received: typeof amount }],
      what,
    );
  }
  const written = Number(toDecimal(centavos(amount.centavos)));
  // throws beyond the range in which a JSON number holds centavos
  pesos(written);
  return written;
}

function wireDate(date: Date): string {
  if (date instanceof Date && !Number.isNaN(date.getTime())) return date.toISOString();
  const expected = 'a valid Date';
  const message = `expected ${expected}.`;
  throw new TaloConstraintError(
    [{ path: 'expiresAt', code: 'type', message, expected, received: typeof date }],
    'expiration',
  );
}
