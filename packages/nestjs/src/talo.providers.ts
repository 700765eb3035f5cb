import {
  type DynamicModule,
  type FactoryProvider,
  Logger,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TaloConfigError } from '@talo/core';
import { TaloWebhooks } from '@talo/core/webhooks';
import { REGISTRATION, type Registration } from './registration.ts';
import type {
  TaloModuleAsyncOptions,
  TaloModuleOptions,
  TaloModulePlace,
  TaloOptions,
  TaloOptionsFactory,
} from './talo.options.ts';
import { getTaloOptionsToken, getTaloToken, getTaloWebhooksToken } from './tokens.ts';
import { webhookController } from './webhook.controller.ts';
import { joined } from './webhook.path.ts';

const DEFAULT_PATH = '/webhooks/talo';
const ASYNC = 'TaloModule.forRootAsync({ useFactory: () => ({ client: talo, inbox }) })';

/** Where the options come from, and what that needs. */
export interface OptionsSource
  extends Pick<FactoryProvider, 'useFactory' | 'inject'>,
    Pick<ModuleMetadata, 'imports' | 'providers'> {
  /** Whether there is a client to inject, where that is known. */
  readonly injectable?: boolean;
}

/** `forRoot`. */
export function given(options: TaloModuleOptions): OptionsSource {
  if (!options) throw new TaloConfigError('Give the options: TaloModule.forRoot({ client: talo, inbox }).');
  // a factory, and not useValue, which Nest 10 would write out, client and all, to tell modules apart
  return { useFactory: () => options, injectable: 'client' in options };
}

/** `forRootAsync`. */
export function made({ imports = [], ...options }: TaloModuleAsyncOptions): OptionsSource {
  if ('useFactory' in options) {
    const { useFactory, inject = [] } = options;
    return { imports, inject, useFactory: async (...parts) => checked(await useFactory(...parts)) };
  }
  const useFactory = async (factory: TaloOptionsFactory) => checked(await factory.createTaloOptions());
  if ('useExisting' in options) return { imports, useFactory, inject: [options.useExisting] };
  if ('useClass' in options) {
    return { imports, useFactory, inject: [options.useClass], providers: [options.useClass] };
  }
  throw new TaloConfigError(`Say what makes the options: ${ASYNC}.`);
}

/** What the compiler lets pass, because a function may return more than it has to. */
function checked(options: TaloOptions): TaloOptions {
  if (!options) throw new TaloConfigError(`What makes the options has returned nothing: ${ASYNC}.`);
  const misplaced = ['path', 'name', 'isGlobal'].filter((key) => key in options);
  if (misplaced.length === 0) return options;
  throw new TaloConfigError(
    `Nest has to know ${misplaced.join(' and ')} before the options are made. Put it beside what makes them: TaloModule.forRootAsync({ ${misplaced.map((key) => `${key}: …, `).join('')}useFactory: () => ({ client: talo, inbox }) }).`,
  );
}

/** One module with everything of its own: engine, client, route. */
export function definition(
  module: Type,
  { name, isGlobal = false, path: wanted = DEFAULT_PATH }: TaloModulePlace,
  { useFactory, inject = [], imports = [], providers = [], injectable = true }: OptionsSource,
): DynamicModule {
  const path = joined([wanted]);
  const options = getTaloOptionsToken(name);
  const client = {
    provide: getTaloToken(name),
    inject: [options],
    useFactory: (chosen: TaloOptions) => ('client' in chosen ? chosen.client : undefined),
  };
  const webhooks = {
    provide: getTaloWebhooksToken(name),
    inject: [options],
    useFactory: (chosen: TaloOptions) =>
      new TaloWebhooks({ logger: new Logger(TaloWebhooks.name), ...chosen }),
  };
  const controller = webhookController(path, webhooks.provide);
  const registration = {
    provide: REGISTRATION,
    inject: [options, webhooks.provide],
    useFactory: (chosen: TaloOptions, engine: TaloWebhooks): Registration => ({
      name,
      path,
      controller,
      webhooks: engine,
      accountId: 'client' in chosen ? chosen.client.accountId : undefined,
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
      { provide: options, useFactory, inject },
      ...shared,
      registration,
    ],
    exports: shared.map(({ provide }) => provide),
  };
}
