import { need } from '../check.ts';
import { object } from '../constraints/object.ts';
import { someText } from '../constraints/text.ts';
import type { Call, CallOptions } from '../http/transport.ts';
import { type PartnerAccess, readPartnerAccess } from '../models/partner.ts';
import { text } from '../models/read.ts';
import type { Context } from './context.ts';

const REFERRED = /* @__PURE__ */ object<{ referredUserId: string }>({ referredUserId: someText });

/** Bringing merchants to Talo as a partner (talo-api 2.2, 7). */
export class Partners {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Where to send a merchant for consent; it comes back to your redirect address with a `code`. */
  authorizationUrl(merchant: { readonly referredUserId: string }): string {
    const { partner, appUrl } = this.#context;
    need(partner, 'new TaloClient({ partner: { id, secret } })', 'Not a partner');
    const search = new URLSearchParams({ referred_user_id: REFERRED.parse(merchant).referredUserId });
    return `${appUrl}/authorize/${encodeURIComponent(partner.id)}?${search}`;
  }

  /**
   * Turns the code into the merchant's token. A code works once: after `outcome: 'unknown'` send the merchant for
   * consent again.
   */
  async exchangeCode(code: string, options?: CallOptions): Promise<PartnerAccess> {
    const { partner, transport } = this.#context;
    need(partner?.secret, 'new TaloClient({ partner: { id, secret } })', 'Not a partner with a secret');
    const body = { code: someText.parse(code), client_id: partner.id, client_secret: partner.secret };
    const answers: Call['answers'] = (data) => text(data?.['token']) && text(data?.['user_id']);
    const call: Call = { method: 'POST', path: '/auth/tokens', creates: true, body, answers };
    return readPartnerAccess(await transport.send(call, options));
  }
}
