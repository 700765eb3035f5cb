import { type AccountConfig, accountConfig } from '../constraints/account-config.ts';
import { path } from '../http/path.ts';
import type { CallOptions } from '../http/transport.ts';
import { type Account, readAccount } from '../models/account.ts';
import { accountOf, type Context, request, send } from './context.ts';

/** The account of this client (talo-api 3.11, 7). */
export class AccountResource {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  async get(options?: CallOptions): Promise<Account> {
    const userId = accountOf(this.#context);
    const data = await request(
      this.#context,
      { method: 'GET', path: path`/users/${userId}/account` },
      options,
    );
    return readAccount(data, userId);
  }

  /**
   * Changes the keys given and leaves the others; works before activation too.
   * @returns the account as it is afterwards
   * @throws TaloConstraintError with every issue; nothing was sent
   */
  async update(config: AccountConfig, options?: CallOptions): Promise<Account> {
    const { aliasPrefix, cancellationPeriod, transferTolerance, payoutSchedule } =
      accountConfig.parse(config);
    const userId = accountOf(this.#context);
    const body = {
      alias_prefix: aliasPrefix,
      cancellation_period: cancellationPeriod,
      transfer_tolerance: transferTolerance,
      payout_schedule: payoutSchedule && {
        address: payoutSchedule.address,
        frequency: payoutSchedule.frequency,
      },
    };
    const data = await send(this.#context, { method: 'PATCH', path: path`/users/${userId}`, body }, options);
    return data?.['account_status'] === undefined ? this.get(options) : readAccount(data, userId);
  }
}
