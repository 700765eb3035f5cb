import { defined, type Raw, text, type Wire, withHidden } from './read.ts';

/** What a merchant's consent gives to a partner (talo-api 2.2). Pass it to `talo.forAccount`. */
export interface PartnerAccess extends Raw {
  /** Talo's id of the merchant. */
  readonly userId: string;
  /** Your own id of the merchant, as given to `authorizationUrl`. */
  readonly referredUserId?: string;
  /**
   * The merchant's token; Talo documents no expiry. Not enumerable, so that no log shows it: take it by name and
   * store it, the code it came from works once.
   */
  readonly accessToken: string;
}

export function readPartnerAccess(raw: Wire): PartnerAccess {
  const fields = {
    userId: text(raw['user_id']) ?? '',
    ...defined({ referredUserId: text(raw['referred_user_id']) }),
  };
  return withHidden(fields, { raw, accessToken: text(raw['token']) ?? '' });
}
