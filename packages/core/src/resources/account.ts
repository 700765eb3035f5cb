import { type AccountConfig, accountConfig } from '../constraints/account-config.ts';
import { path } from '../http/path.ts';
import type { CallOptions } from '../http/transport.ts';
import { type Account, readAccount } from '../models/account.ts';
import { accountOf, anything, type Context, send, together } from './context.ts';
import { toWire } from './wire.ts';

/** The account of this client (talo-api 3.11, 7). */
export class AccountResource {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  async get(options?: CallOptions): Promise<Account> {
    const userId = accountOf(this.#context);
    const at = path`/users/${userId}/account`;
    return readAccount(await send(this.#context, 'GET', at, options), userId);
  }

  /**
   * Changes the keys given and leaves the others; works before activation too.
   * @returns the account as it is afterwards
   * @throws TaloConstraintError with every issue; nothing was sent
   */
  async update(config: AccountConfig, options?: CallOptions): Promise<Account> {
    const body = toWire(accountConfig.parse(config));
    const userId = accountOf(this.#context);
    const at = path`/users/${userId}`;
    return together(this.#context, options, async (shared) => {
      const data = await send(this.#context, 'PATCH', at, shared, { body, answers: anything });
      return data['account_status'] === undefined ? this.get(shared) : readAccount(data, userId);
    });
  }
}
