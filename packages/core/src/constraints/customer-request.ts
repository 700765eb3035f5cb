import { anySuffix, customerAlias } from './alias.ts';
import type { Constraint } from './constraint.ts';
import { object } from './object.ts';
import { email, id, someText, url } from './text.ts';

/** A customer to create, with a CVU and an alias that stay (talo-api 3.6). */
export interface CustomerRequest {
  /** Your id of the customer, 1 to 256 characters: a UUID, a DNI or CUIT. */
  readonly customerId: string;
  /** The suffix; Talo puts the account's prefix and a dot before it. */
  readonly alias: string;
  readonly name: string;
  readonly email: string;
  /** Where Talo notifies of every transfer, for ever. http or https. Default: the client's signed `webhooks.url`. */
  readonly webhookUrl?: string | undefined;
}

function request(alias: Constraint<string>): Constraint<CustomerRequest> {
  return object({ customerId: id, alias, name: someText, email }, { webhookUrl: url });
}

/**
 * What `customers.create` takes (talo-api 3.6). The alias is checked as far as one can without the account's prefix;
 * `customerRequest.withPrefix('bami')` checks it whole, as `customerAlias` does.
 */
export const customerRequest: Constraint<CustomerRequest> & {
  readonly withPrefix: (prefix: string) => Constraint<CustomerRequest>;
} = /* @__PURE__ */ Object.assign(/* @__PURE__ */ request(anySuffix), {
  withPrefix: (prefix: string) => request(customerAlias(prefix)),
});
