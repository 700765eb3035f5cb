import type { FactoryProvider, ModuleMetadata, Type } from '@nestjs/common';
import type { TaloWebhooksOptions } from '@talo/core/webhooks';

/**
 * What the module works with: the options of `new TaloWebhooks(…)`, `client` or `clientFor` and `inbox` among them.
 * Whatever transaction the inbox has: handlers say which they write through, `TaloContext<SqliteTx, 'sync'>`.
 */
export type TaloOptions = TaloWebhooksOptions;

/** What Nest has to know before anything is made. */
export interface TaloModulePlace {
  /** Tells several modules in one application apart; goes into `@InjectTalo(name)`. */
  readonly name?: string;
  /** Makes client and webhooks injectable everywhere. Default `false`. */
  readonly isGlobal?: boolean;
  /**
   * Of the webhook route, below the application's prefix. Default `/webhooks/talo`. The client's `webhooks.url` has to
   * end in the same.
   */
  readonly path?: string;
}

export type TaloModuleOptions = TaloModulePlace & TaloOptions;

/** For `useClass` and `useExisting`. */
export interface TaloOptionsFactory {
  createTaloOptions(): TaloOptions | Promise<TaloOptions>;
}

/** One of `useFactory` (with `inject`), `useClass` and `useExisting`. */
export type TaloModuleAsyncOptions = TaloModulePlace & { readonly imports?: ModuleMetadata['imports'] } & (
    | Pick<FactoryProvider<TaloOptions | Promise<TaloOptions>>, 'useFactory' | 'inject'>
    | { readonly useClass: Type<TaloOptionsFactory> }
    | { readonly useExisting: Type<TaloOptionsFactory> }
  );
