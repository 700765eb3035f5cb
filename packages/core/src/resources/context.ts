import { need } from '../check.ts';
import type { AccessToken } from '../http/access-token.ts';
import type { Deadline } from '../http/deadline.ts';
import type { Call, CallOptions, SharedOptions } from '../http/transport.ts';
import type { Customer } from '../models/customer.ts';
import type { Payment } from '../models/payment.ts';
import type { Wire } from '../models/read.ts';
import type { Resolved } from '../options.ts';
import type { Scope } from '../signing/signed-url.ts';

/**
 * How the webhook engine, an entry point of its own, reaches what a client keeps to itself. Registered, so that the ESM
 * and the CommonJS copy agree on it.
 */
export const contextOf: unique symbol = Symbol.for('@talo/core/context') as never;

/**
 * Told of every object that this process created, found as its own or re-priced, before the caller is: the webhook engine
 * tracks it. Clients made with `forAccount` share their observers, so each is told whose object it is.
 */
export type Observer = (
  made: { readonly payment: Payment } | { readonly customer: Customer },
  accountId: string | undefined,
) => Promise<void>;

/** What a resource needs: the shared options, and the account it speaks for. */
export interface Context extends Resolved {
  readonly userId: string | undefined;
  readonly token: AccessToken | undefined;
  readonly observers: Set<Observer>;
  /** Payments with a refund of unknown outcome. */
  readonly doubtfulRefunds: Set<string>;
  /** The last creation under way of each of our ids: the next one of the same id waits for it. */
  readonly creations: Map<string, Promise<unknown>>;
}

/** @throws TaloConfigError where the client stands for no account */
export function accountOf({ userId }: Context): string {
  need(userId, 'credentials: { userId, … }, or talo.forAccount({ userId, accessToken })', 'No user id');
  return userId;
}

/** Sends with the account's token. @throws TaloConfigError where there is none */
export async function send(
  { transport, token }: Context,
  method: Call['method'],
  path: string,
  options: CallOptions | undefined,
  more?: Omit<Call, 'method' | 'path'>,
): Promise<Wire> {
  need(token, 'credentials: { … }, or talo.forAccount({ userId, accessToken })', 'No credentials');
  return transport.send({ method, path, ...more }, options, token);
}

/** Of a call whose answer may be without data. */
export const anything = (): boolean => true;

/** Runs what takes several requests under one deadline, that of the call. */
export async function together<T>(
  { transport }: Context,
  options: SharedOptions | undefined,
  run: (options: SharedOptions & { readonly deadline: Deadline }) => Promise<T>,
): Promise<T> {
  const deadline = transport.deadline(options);
  try {
    return await run({ ...options, deadline });
  } finally {
    deadline.release();
  }
}

/** The address that Talo is to notify: the one given, else the client's, signed where there is a secret. */
export function signedUrl(context: Context, own: string | undefined, scope: Scope): string | undefined {
  const url = own ?? context.webhookUrl;
  return url === undefined ? undefined : (context.signer?.sign(url, scope) ?? url);
}

/** Tells the observers and waits for them; what they throw is theirs. */
export async function announce(context: Context, made: Parameters<Observer>[0]): Promise<void> {
  await Promise.allSettled([...context.observers].map((observe) => observe(made, context.userId)));
}
