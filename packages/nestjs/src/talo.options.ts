import type { FactoryProvider, ModuleMetadata, Type } from '@nestjs/common';
import type { TaloWebhooksOptions } from '@talo/core/webhooks';

/** What the module works with: the options of `new TaloWebhooks(…)`, `client` or `clientFor` and `inbox` among them. */
export type TaloSettings<Tx = never, Mode extends 'sync' | 'async' = 'sync' | 'async'> = TaloWebhooksOptions<
  Tx,
  Mode
>;

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

export type TaloModuleOptions<
  Tx = never,
  Mode extends 'sync' | 'async' = 'sync' | 'async',
> = TaloModulePlace & TaloSettings<Tx, Mode>;

/** For `useClass` and `useExisting`. */
export interface TaloSettingsFactory<Tx = never, Mode extends 'sync' | 'async' = 'sync' | 'async'> {
  createTaloSettings(): TaloSettings<Tx, Mode> | Promise<TaloSettings<Tx, Mode>>;
}

/** One of `useFactory` (with `inject`), `useClass` and `useExisting`. */
export type TaloModuleAsyncOptions<
  Tx = never,
  Mode extends 'sync' | 'async' = 'sync' | 'async',
> = TaloModulePlace & { readonly imports?: ModuleMetadata['imports'] } & (
    | Pick<FactoryProvider<TaloSettings<Tx, Mode> | Promise<TaloSettings<Tx, Mode>>>, 'useFactory' | 'inject'>
    | { readonly useClass: Type<TaloSettingsFactory<Tx, Mode>> }
    | { readonly useExisting: Type<TaloSettingsFactory<Tx, Mode>> }
  );
