import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Logger,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type Provider,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, ModuleRef, ModulesContainer } from '@nestjs/core';
import { TaloWebhooks } from '@talo/core/webhooks';
import { findHandlers } from './handlers.explorer.ts';
import { checkRegistrations, REGISTRATION, type Registration } from './registration.ts';
import { checkAccounts, subscribe } from './subscribe.ts';
import type {
  TaloModuleAsyncOptions,
  TaloModuleOptions,
  TaloModulePlace,
  TaloSettings,
  TaloSettingsFactory,
} from './talo.options.ts';
import { getTaloSettingsToken, getTaloToken, getTaloWebhooksToken } from './tokens.ts';
import { type Answer, answer, webhookController } from './webhook.controller.ts';
import { applyVersions, configOf, mountPaths } from './webhook.path.ts';

const DEFAULT_PATH = 'webhooks/talo';

/**
 * Talo in a Nest application: client and webhook engine to inject, the webhook route, handlers by `@OnTaloEvent`. The
 * engine starts when the application has, and is drained when it shuts down.
 */
@Module({})
export class TaloModule implements NestModule, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #registration: Registration;
  readonly #discovery: DiscoveryService;
  readonly #modules: ModulesContainer;
  readonly #moduleRef: ModuleRef;
  readonly #log = new Logger(TaloModule.name);

  constructor(
    @Inject(REGISTRATION) registration: Registration,
    @Inject(DiscoveryService) discovery: DiscoveryService,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(ModuleRef) moduleRef: ModuleRef,
  ) {
    this.#registration = registration;
    this.#discovery = discovery;
    this.#modules = modules;
    this.#moduleRef = moduleRef;
  }

  /**
   * @example
   * TaloModule.forRoot({ client: TaloClient.fromEnv(), inbox: sqliteInbox({ path: './data/shop.db' }), isGlobal: true })
   */
  static forRoot<Tx = never, Mode extends 'sync' | 'async' = 'sync' | 'async'>(
    options: TaloModuleOptions<Tx, Mode>,
  ): DynamicModule {
    // not useValue, which Nest 10 would write out, client and all, to tell modules apart
    return build(options, { useFactory: () => options });
  }

  /**
   * `forRoot` with settings that are made by the application: `useFactory` with `inject`, `useClass` or `useExisting`.
   * @example
   * TaloModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ client: clientFrom(config), inbox: sqliteInbox({ path: config.get('DB') }) }),
   * })
   */
  static forRootAsync<Tx = never, Mode extends 'sync' | 'async' = 'sync' | 'async'>(
    options: TaloModuleAsyncOptions<Tx, Mode>,
  ): DynamicModule {
    const { imports = [] } = options;
    if ('useFactory' in options) {
      const { useFactory, inject = [] } = options;
      return build(options, { useFactory, inject }, imports);
    }
    const create = (factory: TaloSettingsFactory<Tx, Mode>) => factory.createTaloSettings();
    if ('useExisting' in options) {
      return build(options, { useFactory: create, inject: [options.useExisting] }, imports);
    }
    const { useClass } = options;
    const made = { provide: useClass, useClass };
    return build(options, { useFactory: create, inject: [useClass] }, imports, [made]);
  }

  /** Before any guard of the application, and on Fastify before its parsers. */
  configure(consumer: MiddlewareConsumer): void {
    const { controller, path, webhooks } = this.#registration;
    checkRegistrations(this.#all());
    const config = configOf(this.#moduleRef);
    applyVersions(controller, path, config);
    const middleware: Answer = (request, response) => answer(webhooks, request, response);
    consumer.apply(middleware).forRoutes(controller);
    const paths = mountPaths(TaloModule, path, this.#modules, config);
    if (paths.length === 1) for (const only of paths) webhooks.mountedAt(only);
  }

  async onApplicationBootstrap(): Promise<void> {
    const all = this.#all();
    checkRegistrations(all);
    const found = findHandlers(this.#discovery);
    checkAccounts(all, found);
    const lines = subscribe(this.#registration, found);
    const { name, webhooks } = this.#registration;
    const whose = name === undefined ? '' : `${name}: `;
    for (const line of lines) this.#log.log(whose + line);
    if (lines.length === 0) {
      this.#log.warn(
        `${whose}no handlers: put @OnTaloEvent('payment.paid') on a method of a provider, or money that comes is parked as dead.`,
      );
    }
    await webhooks.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#registration.webhooks.stop();
  }

  #all(): readonly Registration[] {
    return this.#discovery
      .getProviders()
      .filter(({ token }) => token === REGISTRATION)
      .map(({ instance }) => instance);
  }
}

type SettingsProvider = Pick<FactoryProvider, 'useFactory' | 'inject'>;

function build(
  { name, isGlobal = false, path = DEFAULT_PATH }: TaloModulePlace,
  settings: SettingsProvider,
  imports: NonNullable<DynamicModule['imports']> = [],
  extra: readonly Provider[] = [],
): DynamicModule {
  const [client, webhooks, settingsToken] = [
    getTaloToken(name),
    getTaloWebhooksToken(name),
    getTaloSettingsToken(name),
  ];
  const controller = webhookController(path, webhooks);
  const log = new Logger(TaloWebhooks.name);
  return {
    module: TaloModule,
    global: isGlobal,
    imports: [DiscoveryModule, ...imports],
    controllers: [controller],
    providers: [
      ...extra,
      // Nest 10 takes two modules of the same settings for one, and would leave the second out without a word
      { provide: Symbol.for('@talo/nestjs/id'), useValue: crypto.randomUUID() },
      { ...settings, provide: settingsToken },
      {
        provide: client,
        inject: [settingsToken],
        useFactory: (given: TaloSettings) => ('client' in given ? given.client : undefined),
      },
      {
        provide: webhooks,
        inject: [settingsToken],
        useFactory: (given: TaloSettings) => new TaloWebhooks({ logger: log, ...given }),
      },
      {
        provide: REGISTRATION,
        inject: [settingsToken, webhooks],
        useFactory: (given: TaloSettings, engine: TaloWebhooks): Registration => ({
          name,
          path,
          controller,
          webhooks: engine,
          accountId: 'client' in given ? given.client.accountId : undefined,
        }),
      },
    ],
    exports: [client, webhooks],
  };
}
