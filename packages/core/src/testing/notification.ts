import { contextOf, type TaloClient } from '../client.ts';
import { TaloConfigError } from '../errors/errors.ts';
import type { Money } from '../money.ts';
import { signedUrl } from '../resources/context.ts';
import type { Scope } from '../signing/signed-url.ts';

/** What Talo would notify of. */
export type NotificationOf =
  | { readonly payment: { readonly id: string; readonly externalId: string; readonly price: Money } }
  | { readonly customerId: string; readonly transactionId: string }
  | { readonly userId: string; readonly referredUserId?: string };

/**
 * The request that Talo would send, to the address that `client` signed for it: for tests of a webhook route.
 * @throws TaloConfigError if the client has no `webhooks`
 */
export function signedNotification(client: TaloClient, of: NotificationOf): Request {
  const context = client[contextOf];
  const account = client.accountId ?? '';
  let scope: Scope;
  let body: object;
  if ('payment' in of) {
    const { id, externalId, price } = of.payment;
    scope = { kind: 'payment', account, id: externalId, price: price.centavos };
    body = { message: 'Pago Actualizado', paymentId: id, externalId };
  } else if ('customerId' in of) {
    scope = { kind: 'customer', account, id: of.customerId };
    body = { message: 'Pago recibido', transactionId: of.transactionId, customerId: of.customerId };
  } else {
    scope = { kind: 'account', account: '', id: context.partner?.id ?? account };
    body = { message: 'account_activated', user_id: of.userId, referred_user_id: of.referredUserId };
  }
  const url = signedUrl(context, undefined, scope);
  if (url === undefined)
    throw new TaloConfigError('Set the address: new TaloClient({ webhooks: { url, secret } }).');
  const headers = { 'content-type': 'application/json' };
  return new Request(url, { method: 'POST', headers, body: JSON.stringify(body) });
}
