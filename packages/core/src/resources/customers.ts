import { type CustomerRequest, customerRequest } from '../constraints/customer-request.ts';
import { TaloConstraintError } from '../errors/errors.ts';
import { path } from '../http/path.ts';
import type { CallOptions } from '../http/transport.ts';
import { aliasAgreement, type Customer, readCustomer } from '../models/customer.ts';
import { record } from '../models/read.ts';
import { readCustomerTransaction, type Transaction } from '../models/transaction.ts';
import type { Scope } from '../signing/signed-url.ts';
import { accountOf, announce, type Context, send, signedUrl } from './context.ts';
import { agree, type Compared, comparedUrl, ensure } from './ensure.ts';

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
   * @throws TaloConflictError if Talo answers with another customer than asked for
   * @throws TaloApiError, TaloTransportError; with `outcome: 'unknown'` call {@link ensure}
   */
  async create(wanted: CustomerRequest, options?: CallOptions): Promise<Customer> {
    const { customerId, alias, name, email, webhookUrl } = this.#complete(wanted);
    const body = {
      user_id: accountOf(this.#context),
      alias,
      customer_id: customerId,
      name,
      contact: { email },
      webhook_url: webhookUrl,
    };
    const data = await send(this.#context, 'POST', '/customers/', options, { creates: true, body });
    const customer = readCustomer(data, customerId, alias);
    agree(this.#context, options, describe(wanted), this.#identity(wanted, customer));
    await announce(this.#context, { customer });
    return customer;
  }

  /**
   * Like {@link create}, but safe to call again: a customer that exists, or that an earlier call half-created, is
   * returned if everything Talo shows of it agrees.
   * @throws TaloConflictError if it disagrees
   */
  async ensure(wanted: CustomerRequest, options?: CallOptions): Promise<Customer> {
    const context = this.#context;
    const { customerId, alias, name, email } = this.#complete(wanted);
    const agreed = (found: Customer): Customer => {
      const other = found.alias && aliasAgreement(found.alias, alias) === 'other';
      agree(context, options, describe(wanted), [
        ...this.#identity(wanted, found),
        ['name', name, found.name],
        ['email', email, found.email],
        ['alias', other ? `one that ends in ".${alias}"` : undefined, found.alias],
      ]);
      return found;
    };
    return ensure(context, this.#scope(customerId), options, {
      find: async (shared) => {
        const customer = agreed(await this.#read(customerId, shared, alias));
        // whoever lost the answer of its create heard of nothing yet
        await announce(context, { customer });
        return customer;
      },
      create: async (shared) => agreed(await this.create(wanted, shared)),
    });
  }

  /** The customer with its balance. @throws TaloApiError 404 for an id that is not this account's */
  get(customerId: string, options?: CallOptions): Promise<Customer> {
    return this.#read(customerId, options);
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
    return readCustomerTransaction(await send(this.#context, 'GET', at, options), transactionId);
  }

  async #read(customerId: string, options?: CallOptions, alias?: string): Promise<Customer> {
    const at = path`/customers/${customerId}`;
    return readCustomer(await send(this.#context, 'GET', at, options), customerId, alias);
  }

  /** What tells whether a customer is the one we asked for. */
  #identity({ customerId, webhookUrl }: CustomerRequest, found: Customer): readonly Compared[] {
    return [
      ['customerId', customerId, found.customerId],
      comparedUrl(this.#context, webhookUrl, found.webhookUrl, this.#scope(customerId)),
    ];
  }

  #scope(customerId: string): Scope {
    return { kind: 'customer', account: accountOf(this.#context), id: customerId };
  }

  /** The request with the signed address that Talo is to notify, which it requires. @throws TaloConstraintError */
  #complete(wanted: CustomerRequest): CustomerRequest {
    const issues = customerRequest.check(wanted);
    if (!record(wanted)['webhookUrl'] && !this.#context.webhookUrl) {
      const expected = 'an http or https URL, here or as webhooks: { url } of the client';
      const message = `expected ${expected}.`;
      issues.push({ path: 'webhookUrl', code: 'required', message, expected, received: 'undefined' });
    }
    if (issues.length > 0) throw new TaloConstraintError(issues, 'customer');
    const { webhookUrl, customerId } = wanted;
    return { ...wanted, webhookUrl: signedUrl(this.#context, webhookUrl, this.#scope(customerId)) };
  }
}

function describe({ customerId }: CustomerRequest): string {
  return `Customer ${JSON.stringify(customerId)}`;
}
