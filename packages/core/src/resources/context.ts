import { TaloConfigError, TaloTransportError } from '../errors/errors.ts';
import type { AccessToken } from '../http/access-token.ts';
import type { Call, CallOptions } from '../http/transport.ts';
import type { Customer } from '../models/customer.ts';
import type { Payment } from '../models/payment.ts';
import type { Wire } from '../models/read.ts';
import type { Resolved } from '../options.ts';
import type { Scope } from '../signing/signed-url.ts';

/** Told of every object that this process created or re-priced, before the caller is: the webhook engine tracks it. */
export type Observer = (
  made: { readonly payment: Payment } | { readonly customer: Customer },
) => Promise<void>;

/** What a resource needs: the shared options, and the account it speaks for. */
export interface Context extends Resolved {
  readonly userId: string | undefined;
  readonly token: AccessToken | undefined;
  readonly observers: Set<Observer>;
  /** Payments with a refund of unknown outcome. */
  readonly doubtfulRefunds: Set<string>;
  /** Creations under way, by resource and our id: a double click joins the first. */
  readonly ensuring: Map<string, Promise<unknown>>;
}

/** @throws TaloConfigError where the client stands for no account */
export function accountOf(context: Context): string {
  if (context.userId !== undefined && context.userId !== '') return context.userId;
  throw new TaloConfigError(
    'This call needs a user id: give credentials.userId, or use talo.forAccount({ userId, accessToken }).',
  );
}

/** Sends with the account's token. @throws TaloConfigError where there is none */
export function send(context: Context, call: Call, options?: CallOptions): Promise<Wire | undefined> {
  if (context.token === undefined) {
    throw new TaloConfigError(
      'This client has no credentials: give them, or use talo.forAccount({ userId, accessToken }).',
    );
  }
  return context.transport.send(call, options, context.token);
}

/** Like {@link send}, for answers that must carry data. @throws TaloTransportError `BAD_RESPONSE` where they do not */
export async function request(context: Context, call: Call, options?: CallOptions): Promise<Wire> {
  const data = await send(context, call, options);
  if (data !== undefined) return data;
  throw new TaloTransportError(
    'BAD_RESPONSE',
    'unknown',
    `Talo's answer to ${call.method} ${call.path} has no data.`,
  );
}

/** The address that Talo is to notify: the one given, else the client's, signed where there is a secret. */
export function signedUrl(context: Context, own: string | undefined, scope: Scope): string | undefined {
  const url = own ?? context.webhookUrl;
  return url === undefined ? undefined : (context.signer?.sign(url, scope) ?? url);
}

/** Runs `make` once per key at a time; whoever asks meanwhile gets the same answer. */
export function once<T>(context: Context, key: string, make: () => Promise<T>): Promise<T> {
  const underWay = context.ensuring.get(key) as Promise<T> | undefined;
  if (underWay) return underWay;
  const made = make().finally(() => context.ensuring.delete(key));
  context.ensuring.set(key, made);
  return made;
}

/** Tells the observers and waits for them; what they throw is theirs. */
export async function announce(context: Context, made: Parameters<Observer>[0]): Promise<void> {
  await Promise.allSettled([...context.observers].map((observe) => observe(made)));
}
