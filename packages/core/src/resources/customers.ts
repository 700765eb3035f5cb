import { type CustomerRequest, customerRequest } from '../constraints/customer-request.ts';
import { TaloConstraintError } from '../errors/errors.ts';
import { path } from '../http/path.ts';
import type { CallOptions } from '../http/transport.ts';
import { aliasAgreement, type Customer, readCustomer } from '../models/customer.ts';
import { readCustomerTransaction, type Transaction } from '../models/transaction.ts';
import type { Scope } from '../signing/signed-url.ts';
import { Comparison, isNotFound, mayExist } from './compare.ts';
import { accountOf, announce, type Context, once, request, signedUrl } from './context.ts';

/** Customers with a CVU and alias of their own, to which they can transfer again and again (talo-api 3.6-3.8, 6). */
export class Customers {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * Gives a customer its CVU and alias. Talo composes the alias as account prefix + "." + `alias` and cuts it at 20
   * characters without a word: `customerAlias(prefix)` checks before, and `issues` has `alias_differs` after.
   * @throws TaloConstraintError nothing was sent
   * @throws TaloApiError, TaloTransportError; with `outcome: 'unknown'` call {@link ensure}
   */
  async create(wanted: CustomerRequest, options?: CallOptions): Promise<Customer> {
    const context = this.#context;
    const { customerId, alias, name, email } = customerRequest.parse(wanted);
    const data = await request(
      context,
      {
        method: 'POST',
        path: '/customers/',
        creates: true,
        body: {
          user_id: accountOf(context),
          alias,
          customer_id: customerId,
          name,
          contact: { email },
          webhook_url: this.#notificationUrl(wanted),
        },
      },
      options,
    );
    const customer = readCustomer(data, customerId, alias);
    await announce(context, { customer });
    return customer;
  }

  /**
   * Like {@link create}, but safe to call again: a customer that exists, or that an earlier call half-created, is
   * returned if everything Talo shows of it agrees.
   * @throws TaloConflictError if it disagrees
   */
  async ensure(wanted: CustomerRequest, options?: CallOptions): Promise<Customer> {
    customerRequest.parse(wanted);
    this.#notificationUrl(wanted);
    const key = JSON.stringify(['customer', accountOf(this.#context), wanted]);
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

  /** The customer with its balance. @throws TaloApiError 404 for an id that is not this account's */
  async get(customerId: string, options?: CallOptions): Promise<Customer> {
    const data = await request(
      this.#context,
      { method: 'GET', path: path`/customers/${customerId}` },
      options,
    );
    return readCustomer(data, customerId);
  }

  /**
   * One transfer to the customer's CVU: the truth behind its notification. It may not be readable yet when the
   * notification comes (talo-api 3.8).
   */
  async getTransaction(
    customerId: string,
    transactionId: string,
    options?: CallOptions,
  ): Promise<Transaction> {
    const at = path`/customers/${customerId}/transactions/${transactionId}`;
    return readCustomerTransaction(
      await request(this.#context, { method: 'GET', path: at }, options),
      transactionId,
    );
  }

  async #find(wanted: CustomerRequest, options?: CallOptions): Promise<Customer | undefined> {
    try {
      const at = path`/customers/${wanted.customerId}`;
      const data = await request(this.#context, { method: 'GET', path: at }, options);
      return this.#agreed(wanted, readCustomer(data, wanted.customerId, wanted.alias));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #agreed(wanted: CustomerRequest, found: Customer): Customer {
    const comparison = new Comparison();
    comparison.text('customerId', wanted.customerId, found.customerId);
    comparison.text('name', wanted.name, found.name);
    comparison.text('email', wanted.email, found.email);
    if (found.alias !== undefined && aliasAgreement(found.alias, wanted.alias) === 'other') {
      comparison.add('alias', `one that ends in ".${wanted.alias}"`, JSON.stringify(found.alias));
    }
    const scope = this.#scope(wanted);
    comparison.webhookUrl(this.#notificationUrl(wanted), found.webhookUrl, scope, this.#context.signer);
    comparison.settle(`Customer ${JSON.stringify(wanted.customerId)}`);
    return found;
  }

  #scope(wanted: CustomerRequest): Scope {
    return { kind: 'customer', account: accountOf(this.#context), id: wanted.customerId };
  }

  #notificationUrl(wanted: CustomerRequest): string {
    const url = signedUrl(this.#context, wanted.webhookUrl, this.#scope(wanted));
    if (url !== undefined) return url;
    const expected = 'an http(s) address, here or as webhooks.url of the client';
    const message = `expected ${expected}: Talo requires one per customer.`;
    throw new TaloConstraintError(
      [{ path: 'webhookUrl', code: 'required', message, expected, received: 'undefined' }],
      'customer',
    );
  }
}
