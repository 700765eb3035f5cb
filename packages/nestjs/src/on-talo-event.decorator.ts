import 'reflect-metadata';
import { TaloConfigError, type TaloContext, type TaloEventOf, type TaloEventType } from '@talo/core';

export interface OnTaloEventOptions {
  /**
   * Hears of one account only: Talo's user id, or the `name` of a module. Default: of every account there is.
   */
  readonly account?: string;
  /**
   * Names the handler in stored work. Default `Class.method`. Give the old name when you rename either, or what waits
   * for it is parked.
   */
  readonly name?: string;
}

/** One `@OnTaloEvent` on a method. */
export interface Subscription extends OnTaloEventOptions {
  readonly types: readonly TaloEventType[];
}

const SUBSCRIPTIONS = Symbol.for('@talo/nestjs/subscriptions');

/** Any parameter list: what the parameters have to be is said in words of ours by {@link Hears}. */
type Method = (event: never, context: TaloContext<never>) => unknown;

/** Nothing to object, or a property that no descriptor has, so that the compiler's message names what is wrong. */
type Hears<Type extends TaloEventType, Handler extends Method> =
  Parameters<Handler> extends readonly []
    ? unknown
    : [TaloEventOf<Type>] extends [Parameters<Handler>[0]]
      ? unknown
      : { readonly 'the first parameter has to take this event': TaloEventOf<Type> };

/** Checks at compile time that the method takes the event. */
export type TaloEventDecorator<Type extends TaloEventType> = <Handler extends Method>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<Handler> & Hears<Type, Handler>,
) => void;

/**
 * Has a method of a provider or controller called for an event, or for several: in order per resource, again until it
 * succeeds, with the same `event.id` each time. A failing one delays no other.
 *
 * @example
 * \@OnTaloEvent('payment.paid')
 * async onPaid(event: TaloEventOf<'payment.paid'>, context: TaloContext<SqliteTx>) { … }
 */
export function OnTaloEvent<const Type extends TaloEventType>(
  type: Type | readonly Type[],
  options: OnTaloEventOptions = {},
): TaloEventDecorator<Type> {
  const types = typeof type === 'string' ? [type] : type;
  return (target, method, descriptor) => {
    const objection = objectionTo(target, method, descriptor);
    if (objection !== undefined) {
      const name = `${(typeof target === 'function' ? target : target.constructor).name}.${String(method)}`;
      throw new TaloConfigError(`@OnTaloEvent goes on methods of instances; ${name} is ${objection}.`);
    }
    const own: readonly Subscription[] = Reflect.getOwnMetadata(SUBSCRIPTIONS, target, method) ?? [];
    // kept for the name and not on the function, which other decorators may replace
    Reflect.defineMetadata(SUBSCRIPTIONS, [{ ...options, types }, ...own], target, method);
  };
}

/** Why discovery would pass it over without a word. */
function objectionTo(
  target: object,
  method: string | symbol,
  // a decorator of properties gets none, whatever the type says
  descriptor: { readonly value?: unknown } | undefined,
): string | undefined {
  if (typeof target === 'function') return 'static';
  if (typeof method === 'symbol') return 'named by a symbol, which Nest does not find';
  return typeof descriptor?.value === 'function' ? undefined : 'no method';
}

/** What the method of this name subscribes to, in the class or in one that it extends. */
export function subscriptionsOf(prototype: object, method: string): readonly Subscription[] {
  return Reflect.getMetadata(SUBSCRIPTIONS, prototype, method) ?? [];
}
