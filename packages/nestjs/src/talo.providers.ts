import {
  type DynamicModule,
  type FactoryProvider,
  Logger,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TaloWebhooks } from '@talo/core/webhooks';
import { REGISTRATION, type Registration } from './registration.ts';
import type { TaloModulePlace, TaloSettings } from './talo.options.ts';
import { getTaloSettingsToken, getTaloToken, getTaloWebhooksToken } from './tokens.ts';
import { webhookController } from './webhook.controller.ts';
import { joined } from './webhook.path.ts';

const DEFAULT_PATH = '/webhooks/talo';

/** Where the settings come from, and what that needs. */
export interface SettingsSource
  extends Pick<FactoryProvider, 'useFactory' | 'inject'>,
    Pick<ModuleMetadata, 'imports' | 'providers'> {
  /** Whether there is a client to inject, where that is known. */
  readonly injectable?: boolean;
}

/** One module with everything of its own: engine, client, route. */
export function definition(
  module: Type,
  { name, isGlobal = false, path: wanted = DEFAULT_PATH }: TaloModulePlace,
  { useFactory, inject = [], imports = [], providers = [], injectable = true }: SettingsSource,
): DynamicModule {
  const path = joined([wanted]);
  const settings = getTaloSettingsToken(name);
  const client = {
    provide: getTaloToken(name),
    inject: [settings],
    useFactory: (given: TaloSettings) => ('client' in given ? given.client : undefined),
  };
  const webhooks = {
    provide: getTaloWebhooksToken(name),
    inject: [settings],
    useFactory: (given: TaloSettings) =>
      new TaloWebhooks({ logger: new Logger(TaloWebhooks.name), ...given }),
  };
  const controller = webhookController(path, webhooks.provide);
  const registration = {
    provide: REGISTRATION,
    inject: [settings, webhooks.provide],
    useFactory: (given: TaloSettings, engine: TaloWebhooks): Registration => ({
      name,
      path,
      controller,
      webhooks: engine,
      accountId: 'client' in given ? given.client.accountId : undefined,
    }),
  };
  const shared = injectable ? [client, webhooks] : [webhooks];
  return {
    module,
    global: isGlobal,
    imports: [DiscoveryModule, ...imports],
    controllers: [controller],
    providers: [
      ...providers,
      // Nest 10 takes two modules that are written alike for one, and would leave the second out without a word
      { provide: Symbol.for('@talo/nestjs/id'), useValue: crypto.randomUUID() },
      { provide: settings, useFactory, inject },
      ...shared,
      registration,
    ],
    exports: shared.map(({ provide }) => provide),
  };
}
