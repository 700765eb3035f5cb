import { TaloConfigError } from '@talo/core';
import type { FoundHandler } from './handlers.explorer.ts';
import type { Registration } from './registration.ts';

/**
 * Gives the engine of one module its handlers.
 * @returns what was registered, for the log
 * @throws TaloConfigError if two handlers share a name, which stored work is kept under
 */
export function subscribe(registration: Registration, found: readonly FoundHandler[]): readonly string[] {
  const byName = new Map<string, FoundHandler>();
  for (const handler of found) {
    const { subscription, instance, method, label } = handler;
    const { types, account, name = label } = subscription;
    const scope = scopeOf(registration, account);
    if (scope === undefined) continue;
    const other = byName.get(name);
    if (other !== undefined) throw new TaloConfigError(sharedName(name, other, handler));
    byName.set(name, handler);
    registration.webhooks.on(
      types,
      // looked up when it is called, so that a spy of a test is called too
      (event, context) => Reflect.apply(Reflect.get(instance, method), instance, [event, context]),
      { name, ...scope },
    );
  }
  return [...byName].map(([name, { subscription }]) => `${subscription.types.join(', ')} → ${name}`);
}

/** @throws TaloConfigError for a handler that would never be called */
export function checkAccounts(all: readonly Registration[], found: readonly FoundHandler[]): void {
  for (const { subscription, label } of found) {
    const { account } = subscription;
    if (all.some((registration) => scopeOf(registration, account) !== undefined)) continue;
    const known = all.map(({ name, accountId }) => name ?? accountId).join(', ');
    throw new TaloConfigError(
      `@OnTaloEvent on ${label}: no TaloModule has the account "${account}". There are: ${known}.`,
    );
  }
}

/** What the engine has to keep a handler to; `undefined` if this module has nothing for it. */
function scopeOf(
  { name, accountId }: Registration,
  account: string | undefined,
): { readonly account?: string } | undefined {
  if (account === undefined || account === name || account === accountId) return {};
  // accounts that come at run time are known to the engine alone
  return accountId === undefined ? { account } : undefined;
}

function sharedName(name: string, first: FoundHandler, second: FoundHandler): string {
  if (first.label === second.label && first.instance !== second.instance) {
    return `@OnTaloEvent on ${first.label} is there twice, from ${first.module} and ${second.module}: each transfer would be handled twice. Provide the class in one module and export it; if these are two classes of one name, name one handler: @OnTaloEvent('…', { name: '…' }).`;
  }
  return `Two handlers are named "${name}": ${first.label} and ${second.label}. Name one: @OnTaloEvent('…', { name: '…' }); of one method with several events, list them: @OnTaloEvent(['…', '…']).`;
}
