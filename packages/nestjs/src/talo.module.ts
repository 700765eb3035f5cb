import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Logger,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ApplicationConfig, DiscoveryService, ModulesContainer } from '@nestjs/core';
import { findHandlers } from './handlers.explorer.ts';
import { checkRegistrations, REGISTRATION, type Registration } from './registration.ts';
import { checkAccounts, subscribe } from './subscribe.ts';
import type { TaloModuleAsyncOptions, TaloModuleOptions } from './talo.options.ts';
import { definition, given, made } from './talo.providers.ts';
import { type Answer, answer } from './webhook.controller.ts';
import { applyVersions, mountPath } from './webhook.path.ts';

/**
 * Talo in a Nest application: client and webhook engine to inject, the webhook route, handlers by `@OnTaloEvent`. The
 * engine starts when the application has, and is drained when it shuts down.
 */
@Module({})
export class TaloModule implements NestModule, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #registration: Registration;
  readonly #discovery: DiscoveryService;
  readonly #modules: ModulesContainer;
  readonly #config: ApplicationConfig;
  readonly #log = new Logger(TaloModule.name);

  constructor(
    @Inject(REGISTRATION) registration: Registration,
    @Inject(DiscoveryService) discovery: DiscoveryService,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(ApplicationConfig) config: ApplicationConfig,
  ) {
    this.#registration = registration;
    this.#discovery = discovery;
    this.#modules = modules;
    this.#config = config;
  }

  /**
   * @example
   * TaloModule.forRoot({ client: TaloClient.fromEnv(), inbox: sqliteInbox({ path: './data/shop.db' }), isGlobal: true })
   */
  static forRoot(options: TaloModuleOptions): DynamicModule {
    return definition(TaloModule, options, given(options));
  }

  /**
   * `forRoot` with options that the application makes: `useFactory` with `inject`, `useClass` or `useExisting`.
   * @example
   * TaloModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ client: clientFrom(config), inbox: sqliteInbox({ path: config.get('DB') }) }),
   * })
   */
  static forRootAsync(options: TaloModuleAsyncOptions): DynamicModule {
    return definition(TaloModule, options, made(options));
  }

  /** Before any guard of the application, and on Fastify before its parsers. */
  configure(consumer: MiddlewareConsumer): void {
    const { controller, path, webhooks } = this.#registration;
    checkRegistrations(this.#all());
    applyVersions(controller, path, this.#config);
    const middleware: Answer = (request, response) => answer(webhooks, request, response);
    consumer.apply(middleware).forRoutes(controller);
    const mounted = mountPath(TaloModule, path, this.#modules, this.#config);
    if (mounted !== undefined) webhooks.mountedAt(mounted);
  }

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      // an application that does not start is not shut down either
      await this.#stopAll();
      throw error;
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#stopAll();
  }

  async #start(): Promise<void> {
    const all = this.#all();
    checkRegistrations(all);
    const found = findHandlers(this.#discovery);
    checkAccounts(all, found);
    const lines = subscribe(this.#registration, found);
    const { name, webhooks } = this.#registration;
    const whose = name === undefined ? '' : `${name}: `;
    // what it means that there is none, the engine says as it starts
    const said = lines.length > 0 ? lines : ['no method with @OnTaloEvent found'];
    for (const line of said) this.#log.log(whose + line);
    await webhooks.start();
  }

  /** At once: Nest waits for one module after another, and each engine may take its whole deadline. */
  async #stopAll(): Promise<void> {
    await Promise.all(this.#all().map(({ webhooks }) => webhooks.stop()));
  }

  #all(): readonly Registration[] {
    return this.#discovery
      .getProviders()
      .filter(({ token }) => token === REGISTRATION)
      .map(({ instance }) => instance);
  }
}
