import { TaloConfigError, TaloTransportError } from '../errors/errors.ts';
import type { CallOptions } from '../http/transport.ts';
import { type PartnerAccess, readPartnerAccess } from '../models/partner.ts';
import { text } from '../models/read.ts';
import type { Context } from './context.ts';

/** Bringing merchants to Talo as a partner (talo-api 2.2, 7). */
export class Partners {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Where to send a merchant for consent; it comes back to your redirect address with a `code`. */
  authorizationUrl({ referredUserId }: { readonly referredUserId: string }): string {
    const search = new URLSearchParams({ referred_user_id: referredUserId });
    return `${this.#context.appUrl}/authorize/${encodeURIComponent(this.#partner().id)}?${search}`;
  }

  /**
   * Turns the code into the merchant's token. A code works once: after `outcome: 'unknown'` send the merchant for
   * consent again.
   */
  async exchangeCode(code: string, options?: CallOptions): Promise<PartnerAccess> {
    const { id, secret } = this.#partner();
    if (!secret) throw new TaloConfigError('The code exchange needs partner: { id, secret }.');
    const body = { code, client_id: id, client_secret: secret };
    const call = { method: 'POST', path: '/auth/tokens', creates: true, body } as const;
    const data = (await this.#context.transport.send(call, options)) ?? {};
    const token = text(data['token']);
    if (token !== undefined && text(data['user_id']) !== undefined) return readPartnerAccess(data, token);
    throw new TaloTransportError(
      'BAD_RESPONSE',
      'unknown',
      "Talo's answer to the code has no token or no user id.",
    );
  }

  #partner(): { readonly id: string; readonly secret?: string } {
    if (this.#context.partner) return this.#context.partner;
    throw new TaloConfigError('This client is no partner: new TaloClient({ partner: { id, secret } }).');
  }
}
