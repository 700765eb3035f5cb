import type { Money } from '../money.ts';
import { type Constraint, constraint } from './constraint.ts';
import { integer, money, positiveMoney } from './number.ts';
import { list, object } from './object.ts';
import { anyText, email, id, someText, url } from './text.ts';

/** Who pays, as far as you know; shown or passed on by Talo (talo-api 3.1). */
export interface ClientData {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly phone?: string | undefined;
  readonly email?: string | undefined;
  /** Free text at Talo, but not empty (talo-api 10.4). */
  readonly dni?: string | undefined;
  /** Free text at Talo; the constraint `cuit` checks one if you want that. */
  readonly cuit?: string | undefined;
}

/** One line of the order, shown on Talo's checkout page. Talo does not compare the sum with the price. */
export interface PaymentItem {
  readonly title: string;
  readonly description?: string | undefined;
  /** Whole, from 1. */
  readonly quantity: number;
  /** Any amount: a discount can be negative. */
  readonly unitPrice: Money;
}

/** A payment to ask for: a CVU and an alias that serve this order alone (talo-api 3.1). */
export interface PaymentRequest {
  /** Your id of the order, 1 to 256 characters. Use it once. */
  readonly externalId: string;
  /** Above zero. */
  readonly price: Money;
  /** Where the payer returns to. http or https. */
  readonly redirectUrl?: string | undefined;
  /** Shown to the payer. */
  readonly motive?: string | undefined;
  readonly clientData?: ClientData | undefined;
  readonly items?: readonly PaymentItem[] | undefined;
  /** Default: the account's `cancellationPeriod` from now. */
  readonly expiresAt?: Date | undefined;
  /** Where Talo notifies. http or https. Default: the client's signed `webhooks.url`. */
  readonly webhookUrl?: string | undefined;
}

/** A Date, of whichever realm, that holds a time. */
const date: Constraint<Date> = /* @__PURE__ */ constraint('a valid Date', (value, fail) => {
  try {
    Date.prototype.toISOString.call(value); // throws for another object and for an invalid Date alike
  } catch {
    fail('type');
  }
});

const clientData: Constraint<ClientData> = /* @__PURE__ */ object(
  {},
  { firstName: anyText, lastName: anyText, phone: anyText, email, dni: someText, cuit: anyText },
);

const item: Constraint<PaymentItem> = /* @__PURE__ */ object(
  {
    title: someText,
    quantity: /* @__PURE__ */ integer(1, Number.MAX_SAFE_INTEGER, 'units'),
    unitPrice: /* @__PURE__ */ money('Money', -Infinity),
  },
  { description: anyText },
);

/** What `payments.create` takes (talo-api 3.1). Lengths that Talo does not document are not limited. */
export const paymentRequest: Constraint<PaymentRequest> = /* @__PURE__ */ object(
  { externalId: id, price: positiveMoney },
  {
    redirectUrl: url,
    motive: anyText,
    clientData,
    items: /* @__PURE__ */ list(item),
    expiresAt: date,
    webhookUrl: url,
  },
);
