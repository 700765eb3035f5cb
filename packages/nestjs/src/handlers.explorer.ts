import { type DiscoveryService, MetadataScanner } from '@nestjs/core';
import { TaloConfigError } from '@talo/core';
import { type Subscription, subscriptionsOf } from './on-talo-event.decorator.ts';

/** A method that `@OnTaloEvent` was found on. */
export interface FoundHandler {
  readonly subscription: Subscription;
  readonly instance: object;
  readonly method: string;
  /** `Class.method`. */
  readonly label: string;
  /** Of the module that has the provider. */
  readonly module: string;
}

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/**
 * Every handler of the application's providers and controllers.
 * @throws TaloConfigError for one whose instance exists only during a request
 */
export function findHandlers(discovery: DiscoveryService): readonly FoundHandler[] {
  const scanner = new MetadataScanner();
  const seen = new Set<object>();
  const found: FoundHandler[] = [];
  for (const wrapper of [...discovery.getProviders(), ...discovery.getControllers()]) {
    const instance: unknown = wrapper.instance;
    // one object under several tokens is one provider
    if (typeof instance !== 'object' || instance === null || seen.has(instance)) continue;
    seen.add(instance);
    const prototype: object | null = Object.getPrototypeOf(instance);
    if (prototype === null) continue;
    for (const method of scanner.getAllMethodNames(prototype)) {
      for (const subscription of subscriptionsOf(prototype, method)) {
        const label = `${prototype.constructor.name}.${method}`;
        if (!isSingleton(wrapper)) {
          throw new TaloConfigError(
            `@OnTaloEvent on ${label}: an event is no request, and this provider is request-scoped or transient, or depends on one that is. Put the method on a provider of the default scope, and take what belongs to a request from moduleRef.resolve().`,
          );
        }
        found.push({ subscription, instance, method, label, module: wrapper.host?.name ?? '' });
      }
    }
  }
  return found;
}

function isSingleton(wrapper: Wrapper): boolean {
  return wrapper.isDependencyTreeStatic() && !wrapper.isTransient;
}
