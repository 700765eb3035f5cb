import type { ModuleRef } from '@nestjs/core';
import { TaloClient } from '@talo/core';
import { memoryInbox, type TaloWebhooks } from '@talo/core/webhooks';
import { createSandbox, type Sandbox, type SandboxOptions } from '@talo/sandbox';
import type { TaloOptions } from '../talo.options.ts';
import { getTaloWebhooksToken } from '../tokens.ts';

export interface TaloTestingOptions {
  /** Of the `TaloModule` under test, if it was given one. */
  readonly name?: string;
  /** Seed, faults, oddities, a clock that the test moves. Where webhooks go is settled: to the application. */
  readonly sandbox?: Omit<SandboxOptions, 'receiver'>;
}

/**
 * A Talo in the process of the test, bound to the application under test: no network, no port, no waiting for luck.
 *
 * @example
 * const talo = new TaloTesting();
 * const app = await Test.createTestingModule({ imports: [AppModule] })
 *   .overrideProvider(getTaloOptionsToken())
 *   .useValue(talo.options)
 *   .compile();
 * await app.init();
 * talo.attach(app);
 */
export class TaloTesting {
  readonly sandbox: Sandbox;
  /** Of the sandbox's merchant. The application has the same. */
  readonly client: TaloClient;
  /** What a `TaloModule` is given in place of its own options. */
  readonly options: Extract<TaloOptions, { readonly client: TaloClient }>;
  readonly #name: string | undefined;
  #webhooks: TaloWebhooks | undefined;

  constructor({ name, sandbox = {} }: TaloTestingOptions = {}) {
    this.#name = name;
    this.sandbox = createSandbox({ ...sandbox, receiver: (request) => this.#engine().fetch(request) });
    this.client = new TaloClient({
      ...this.sandbox.merchant,
      fetch: this.sandbox.fetch,
      clock: this.sandbox.clock,
      webhooks: { url: 'http://localhost/webhooks/talo', secret: 'only for tests' },
    });
    // no passes over the ledger: they would find by themselves what a test wants to see lost
    this.options = { client: this.client, inbox: memoryInbox(), reconcile: false, logger: onlyErrors };
  }

  /** Has webhooks delivered to this application, without a route or a port. */
  attach(app: Pick<ModuleRef, 'get'>): void {
    this.#webhooks = app.get<TaloWebhooks>(getTaloWebhooksToken(this.#name), { strict: false });
  }

  /** Resolves when every webhook that is due was delivered and confirmed, and every handler is done with it. */
  async settled(): Promise<void> {
    await this.sandbox.idle();
    await this.#engine().idle();
  }

  #engine(): TaloWebhooks {
    if (this.#webhooks !== undefined) return this.#webhooks;
    throw new Error('Bind the application first: await app.init(); talo.attach(app).');
  }
}

/** That a memory inbox loses everything with the process is no news to a test. */
const onlyErrors = {
  warn() {},
  error: (message: string) => console.error(message),
};
