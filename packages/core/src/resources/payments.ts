import { positiveMoney } from '../constraints/number.ts';
import { object } from '../constraints/object.ts';
import { type PaymentRequest, paymentRequest } from '../constraints/payment-request.ts';
import { type RefundRequest, refundRequest } from '../constraints/refund-request.ts';
import { anyText } from '../constraints/text.ts';
import { TaloApiError, TaloConflictError, TaloTransportError } from '../errors/errors.ts';
import { path } from '../http/path.ts';
import type { Call, CallOptions } from '../http/transport.ts';
import { type Payment, type Refund, readPayment, readRefund } from '../models/payment.ts';
import { record, text } from '../models/read.ts';
import { formatMoney, type Money, toDecimal } from '../money.ts';
import type { Scope } from '../signing/signed-url.ts';
import { accountOf, announce, anything, type Context, send, signedUrl, together } from './context.ts';
import { agree, type Compared, comparedUrl, ensure } from './ensure.ts';
import { composedId } from './payment-id.ts';
import { validDate } from './valid-date.ts';
import { toWire } from './wire.ts';

/** In these states a payment takes no more money: `ensure` does not hand it out as something to pay. */
const ENDED: readonly string[] = ['EXPIRED', 'CANCELLED', 'REJECTED'];

/** What is asked of each change, under the name that the caller gives it. */
const PRICE = /* @__PURE__ */ object<{ price: Money }>({ price: positiveMoney });
const MOTIVE = /* @__PURE__ */ object<{ motive: string }>({ motive: anyText });
const EXPIRY = /* @__PURE__ */ object<{ expiresAt: Date }>({ expiresAt: validDate });

/** Payments: an order, a price, and a CVU that is good for this order alone (talo-api 3.1-3.5, 5). */
export class Payments {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * Opens a payment for an order.
   * @throws TaloConstraintError nothing was sent
   * @throws TaloConflictError if Talo answers with another payment than asked for: one that the order has already
   * @throws TaloApiError, TaloTransportError; with `outcome: 'unknown'` call {@link ensure}
   */
  async create(wanted: PaymentRequest, options?: CallOptions): Promise<Payment> {
    const body = this.#body(paymentRequest.parse(wanted));
    const answers: Call['answers'] = (data) => text(data?.['id']);
    const data = await send(this.#context, 'POST', '/payments/', options, { creates: true, body, answers });
    const payment = readPayment(data, '');
    agree(this.#context, options, describe(wanted), this.#identity(wanted, payment));
    await announce(this.#context, { payment });
    return payment;
  }

  /**
   * Like {@link create}, but safe to call again: on a double click and after an unknown outcome it returns the payment
   * that this order has already, paid or not. It is looked for by the id that Talo derives from `externalId`
   * (talo-api 3.1).
   * @throws TaloConflictError if that payment was asked for differently, is somebody else's, or has ended unpaid:
   * compared is what Talo shows of price, `redirectUrl`, `motive`, `clientData`, partner and webhook address
   */
  async ensure(wanted: PaymentRequest, options?: CallOptions): Promise<Payment> {
    const context = this.#context;
    const { externalId, redirectUrl, motive } = paymentRequest.parse(wanted);
    const scope = this.#scope(wanted);
    const agreed = (found: Payment): Payment => {
      agree(context, options, describe(wanted), [
        ...this.#identity(wanted, found),
        ['price', 'one that can be read', found.price ? undefined : 'none'],
        ['redirectUrl', redirectUrl, found.redirectUrl],
        ['motive', motive, found.motive],
        ...comparedClient(wanted, found),
        ['partnerId', context.partner?.id, found.partnerId],
      ]);
      return found;
    };
    const id = composedId(scope.account, externalId);
    return ensure(context, scope, options, {
      find: async (shared) => {
        const payment = agreed(await this.get(id, shared));
        // whoever lost the answer of its create heard of nothing yet
        await announce(context, { payment });
        return payment;
      },
      create: async (shared) => agreed(await this.create(wanted, shared)),
    });
  }

  /** The payment as it is now: the truth behind every notification. @throws TaloApiError 404 */
  async get(id: string, options?: CallOptions): Promise<Payment> {
    return readPayment(await send(this.#context, 'GET', path`/payments/${id}`, options), id);
  }

  /**
   * Changes the price of an open payment (talo-api 3.4). Its notifications stay signed for the first price: where the
   * webhooks run in another process that did not create it either, give the result to `webhooks.track` there, or the
   * payment is told as `payment.foreign` with the reason `price-differs`.
   * @throws TaloConstraintError unless it is above zero
   */
  async updatePrice(id: string, price: Money, options?: CallOptions): Promise<Payment> {
    PRICE.parse({ price });
    const payment = await this.#change(path`/payments/${id}/price`, id, toWire(price), options);
    await announce(this.#context, { payment });
    return payment;
  }

  /** Moves the moment at which an unpaid payment expires (talo-api 3.4). */
  async updateExpiration(id: string, expiresAt: Date, options?: CallOptions): Promise<Payment> {
    EXPIRY.parse({ expiresAt });
    const body = { expiration_timestamp: expiresAt };
    return this.#change(path`/payments/${id}/expiration`, id, body, options);
  }

  /** Changes the text that the payer sees; of an expired payment, the reason why (talo-api 3.4). */
  async updateMotive(id: string, motive: string, options?: CallOptions): Promise<Payment> {
    return this.#change(path`/payments/${id}/metadata`, id, MOTIVE.parse({ motive }), options);
  }

  /**
   * Sends money back, all of it or a part (talo-api 3.5). While a refund is under way, and after an unknown outcome, a
   * second one of the same payment is refused until you have looked whether the first arrived: then pass
   * `{ repeat: true }`. Remembered by this client and those it made with `forAccount`, not by other processes.
   * @throws TaloConflictError `code: 'refund_unknown'`
   */
  async refund(
    id: string,
    wanted: RefundRequest & { readonly repeat?: boolean },
    options: CallOptions & { readonly repeat?: boolean } = {},
  ): Promise<Refund> {
    const { doubtfulRefunds } = this.#context;
    const { repeat = options.repeat, ...request } = wanted ?? {};
    const { type, amount, blame } = refundRequest.parse(request);
    const user_id = accountOf(this.#context);
    const body = {
      refund_type: type,
      ...(amount && { amount: toDecimal(amount), currency: amount.currency }),
      blame: toWire(blame),
      user_id,
    };
    const at = path`/payments/${id}/refunds`;
    const doubt = JSON.stringify([user_id, id]);
    if (doubtfulRefunds.has(doubt) && repeat !== true) {
      const message =
        'An earlier refund of this payment may have taken effect: look at the ledger, then pass { repeat: true }.';
      throw new TaloConflictError(message, [], 'refund_unknown');
    }
    doubtfulRefunds.add(doubt);
    try {
      const data = await send(this.#context, 'POST', at, options, { creates: true, body });
      doubtfulRefunds.delete(doubt);
      return readRefund(data, id);
    } catch (error) {
      const sent = error instanceof TaloApiError || error instanceof TaloTransportError;
      // added again: another refund that was forced meanwhile may have taken it away
      if (sent && error.outcome === 'unknown') doubtfulRefunds.add(doubt);
      else doubtfulRefunds.delete(doubt);
      throw error;
    }
  }

  #change(at: string, id: string, body: unknown, options?: CallOptions): Promise<Payment> {
    return together(this.#context, options, async (shared) => {
      const data = await send(this.#context, 'PUT', at, shared, { body, answers: anything });
      return data['id'] === undefined ? this.get(id, shared) : readPayment(data, id);
    });
  }

  #body(wanted: PaymentRequest): object {
    return {
      user_id: accountOf(this.#context),
      price: toWire(wanted.price),
      // without it Talo answers 500 (talo-api 3.1)
      payment_options: ['transfer'],
      external_id: wanted.externalId,
      webhook_url: signedUrl(this.#context, wanted.webhookUrl, this.#scope(wanted)),
      redirect_url: wanted.redirectUrl,
      motive: wanted.motive,
      client_data: toWire(wanted.clientData),
      partner_id: this.#context.partner?.id,
      items: toWire(wanted.items),
      expiration_timestamp: wanted.expiresAt,
    };
  }

  /** What tells whether a payment is the one we asked for, and can be paid. */
  #identity(wanted: PaymentRequest, found: Payment): readonly Compared[] {
    const scope = this.#scope(wanted);
    return [
      ['externalId', wanted.externalId, found.externalId],
      ['userId', scope.account, found.userId],
      ['price', formatMoney(wanted.price), found.price && formatMoney(found.price)],
      comparedUrl(this.#context, wanted.webhookUrl, found.webhookUrl, scope),
      [
        'status',
        ENDED.includes(found.status) ? 'open or paid; use a new externalId' : undefined,
        found.status,
      ],
    ];
  }

  #scope({ externalId, price }: PaymentRequest): Scope {
    return { kind: 'payment', account: accountOf(this.#context), id: externalId, price: price.centavos };
  }
}

function describe({ externalId }: PaymentRequest): string {
  return `A payment for ${JSON.stringify(externalId)}`;
}

function comparedClient({ clientData }: PaymentRequest, found: Payment): readonly Compared[] {
  const shown = record(found.raw['client_data']);
  const asked = Object.entries(record(toWire(clientData)));
  return asked.map(([field, value]) => [`clientData.${field}`, text(value), text(shown[field])]);
}
