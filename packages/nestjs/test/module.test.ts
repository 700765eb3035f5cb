import { Inject, Injectable, Module } from '@nestjs/common';
import { pesos, TaloClient, type TaloEventOf } from '@talo/core';
import { memoryInbox, TaloWebhooks } from '@talo/core/webhooks';
import { afterEach, describe, expect, test } from 'vitest';
import {
  getTaloToken,
  getTaloWebhooksToken,
  InjectTalo,
  InjectTaloWebhooks,
  OnTaloEvent,
  TaloModule,
  type TaloOptions,
  type TaloOptionsFactory,
} from '../src/index.ts';
import { local, notify, PLATFORMS, quiet, rootOf, type Started, settings, start } from './support.ts';

let started: Started | undefined;
afterEach(async () => {
  await started?.app.close();
  started = undefined;
});

@Injectable()
class Orders {
  readonly paid: (string | undefined)[] = [];

  @OnTaloEvent('payment.paid')
  onPaid(event: TaloEventOf<'payment.paid'>): void {
    this.paid.push(event.payment.externalId);
  }
}

test.each(PLATFORMS)('a transfer reaches the handler of a provider: %s', async (platform) => {
  const { sandbox, client } = local();
  started = await start(platform, { imports: [TaloModule.forRoot(settings(client))], providers: [Orders] });
  const payment = await client.payments.create({ externalId: 'order-1', price: pesos(1000) });
  sandbox.bank.transfer({ to: payment.alias ?? '', amount: pesos(1000) });
  const response = await notify(started.url, client, 'order-1');
  expect([response.status, await response.text()]).toEqual([200, '{"received":true}']);
  await started.app.get(getTaloWebhooksToken()).idle();
  expect(started.app.get(Orders).paid).toEqual(['order-1']);
});

/** For one that is refused: an application that starts all the same would be printed as a whole. */
async function starting(...args: Parameters<typeof start>): Promise<string> {
  started = await start(...args);
  return 'started';
}

describe('what can be injected', () => {
  @Injectable()
  class Checkout {
    readonly talo: TaloClient;
    readonly webhooks: TaloWebhooks;
    @InjectTalo() readonly again: TaloClient | undefined;

    constructor(@InjectTalo() talo: TaloClient, @InjectTaloWebhooks() webhooks: TaloWebhooks) {
      this.talo = talo;
      this.webhooks = webhooks;
    }
  }

  test('the client that was given, and the engine', async () => {
    const { client } = local();
    started = await start('express', {
      imports: [TaloModule.forRoot(settings(client))],
      providers: [Checkout],
    });
    const checkout = started.app.get(Checkout);
    expect(checkout.talo).toBe(client);
    expect(checkout.again).toBe(client);
    expect(checkout.webhooks).toBeInstanceOf(TaloWebhooks);
    expect(checkout.webhooks).toBe(started.app.get(getTaloWebhooksToken()));
  });

  test('in another module with isGlobal, and only then', async () => {
    const { client } = local();
    const elsewhere = () => rootOf({ providers: [Checkout] });
    started = await start('express', {
      imports: [TaloModule.forRoot({ ...settings(client), isGlobal: true }), elsewhere()],
    });
    expect(started.app.get(Checkout, { strict: false }).talo).toBe(client);

    const apart = starting('express', { imports: [TaloModule.forRoot(settings(client)), elsewhere()] });
    await expect(apart).rejects.toThrow('@talo/nestjs/client');
  });

  test('tokens are the same in every copy of the package', () => {
    expect(getTaloToken()).toBe(Symbol.for('@talo/nestjs/client'));
    expect(getTaloToken('a')).toBe(Symbol.for('@talo/nestjs/client/a'));
    expect(getTaloToken('a')).not.toBe(getTaloToken());
  });
});

describe('forRootAsync', () => {
  const { client } = local();

  @Injectable()
  class Config {
    readonly client = client;
  }

  @Module({ providers: [Config], exports: [Config] })
  class ConfigModule {}

  @Injectable()
  class Settings implements TaloOptionsFactory {
    readonly #config: Config;

    constructor(@Inject(Config) config: Config) {
      this.#config = config;
    }

    async createTaloOptions(): Promise<TaloOptions> {
      return settings(this.#config.client);
    }
  }

  @Module({ imports: [ConfigModule], providers: [Settings], exports: [Settings] })
  class SettingsModule {}

  const refused = (options: object) =>
    // @ts-expect-error: from JavaScript, or what the compiler lets pass
    starting('express', { imports: [TaloModule.forRootAsync(options)] });

  test('a factory that forgets to return is refused', async () => {
    class Forgetful {
      createTaloOptions() {}
    }
    for (const options of [{ useFactory: () => undefined }, { useClass: Forgetful }]) {
      await expect(refused(options)).rejects.toThrow(
        /returned nothing: TaloModule\.forRootAsync\(\{ useFactory: \(\) => \(\{ client: talo, inbox \}\) \}\)/,
      );
    }
  });

  test('what Nest has to know before is refused from a factory, and not passed over', async () => {
    const useFactory = async () => ({ ...settings(client), name: 'shop', path: '/hooks' });
    await expect(refused({ useFactory })).rejects.toThrow(
      /forRootAsync\(\{ path: …, name: …, useFactory: \(\) => \(\{ client: talo, inbox \}\) \}\)/,
    );
  });

  test('nothing that makes options is refused', () => {
    // @ts-expect-error: from JavaScript
    expect(() => TaloModule.forRootAsync({ path: '/hooks' })).toThrow('TaloModule.forRootAsync({ useFactory');
    // @ts-expect-error: from JavaScript
    expect(() => TaloModule.forRoot()).toThrow('TaloModule.forRoot({ client: talo, inbox })');
  });

  test.each([
    [
      'useFactory',
      TaloModule.forRootAsync({
        imports: [ConfigModule],
        inject: [Config],
        useFactory: async (config: Config) => settings(config.client),
      }),
    ],
    ['useClass', TaloModule.forRootAsync({ imports: [ConfigModule], useClass: Settings })],
    ['useExisting', TaloModule.forRootAsync({ imports: [SettingsModule], useExisting: Settings })],
  ])('%s', async (_name, talo) => {
    started = await start('express', { imports: [talo] });
    expect(started.app.get(getTaloToken())).toBe(client);
    expect((await notify(started.url, client, 'order-1')).status).toBe(200);
  });

  test('place and name are outside of the factory', async () => {
    const { client } = local('http://127.0.0.1/hooks/second');
    const talo = TaloModule.forRootAsync({
      name: 'second',
      path: '/hooks/second',
      isGlobal: true,
      useFactory: () => settings(client),
    });
    started = await start('express', { imports: [talo] });
    expect(started.app.get(getTaloToken('second'))).toBe(client);
    expect((await notify(started.url, client, 'order-1')).status).toBe(200);
  });

  test('a factory that fails keeps the application from starting', async () => {
    const talo = TaloModule.forRootAsync({
      useFactory: () => Promise.reject(new Error('the vault is closed')),
    });
    await expect(starting('express', { imports: [talo] })).rejects.toThrow('the vault is closed');
  });
});

describe('several accounts', () => {
  const two = () => {
    const { sandbox, client: first } = local();
    const second = new TaloClient({
      ...sandbox.addMerchant({ aliasPrefix: 'otro' }),
      fetch: sandbox.fetch,
      webhooks: { url: 'http://127.0.0.1/webhooks/second', secret: 'another only for tests' },
    });
    return { sandbox, first, second };
  };

  @Injectable()
  class Shops {
    readonly heard: string[] = [];

    @OnTaloEvent('payment.paid', { account: 'second' })
    second(event: TaloEventOf<'payment.paid'>): void {
      this.heard.push(`second ${event.payment.externalId}`);
    }

    @OnTaloEvent('payment.paid', { account: 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6' })
    first(event: TaloEventOf<'payment.paid'>): void {
      this.heard.push(`first ${event.payment.externalId}`);
    }

    @OnTaloEvent(['payment.paid', 'payment.overpaid'])
    any(event: TaloEventOf<'payment.paid' | 'payment.overpaid'>): void {
      this.heard.push(`any ${event.payment.externalId}`);
    }
  }

  test.each(PLATFORMS)('each module has its path, its client and its handlers: %s', async (platform) => {
    const { sandbox, first, second } = two();
    started = await start(platform, {
      imports: [
        TaloModule.forRoot(settings(first)),
        TaloModule.forRoot({ ...settings(second), name: 'second', path: 'webhooks/second' }),
      ],
      providers: [Shops],
    });
    for (const [client, order] of [
      [first, 'order-1'],
      [second, 'order-2'],
    ] as const) {
      const payment = await client.payments.create({ externalId: order, price: pesos(10) });
      sandbox.bank.transfer({ to: payment.alias ?? '', amount: pesos(10) });
      expect((await notify(started.url, client, order, pesos(10))).status).toBe(200);
    }
    await started.app.get(getTaloWebhooksToken()).idle();
    await started.app.get(getTaloWebhooksToken('second')).idle();
    expect(started.app.get(Shops).heard.sort()).toEqual([
      'any order-1',
      'any order-2',
      'first order-1',
      'second order-2',
    ]);
  });

  test('accounts that come at run time: one module, handlers by account id', async () => {
    const { sandbox, first, second } = two();
    const byId = new Map([first, second].map((client) => [client.accountId, client]));
    const clientFor = (accountId: string) => byId.get(accountId);

    @Injectable()
    class Merchants {
      readonly heard: string[] = [];

      @OnTaloEvent('payment.paid', { account: first.accountId ?? '' })
      onPaid(event: TaloEventOf<'payment.paid'>): void {
        this.heard.push(event.accountId);
      }
    }

    started = await start('express', {
      imports: [TaloModule.forRoot({ clientFor, inbox: memoryInbox(), logger: quiet })],
      providers: [Merchants],
    });
    for (const client of [first, second]) {
      const payment = await client.payments.create({ externalId: 'order-1', price: pesos(10) });
      sandbox.bank.transfer({ to: payment.alias ?? '', amount: pesos(10) });
      expect((await notify(started.url, client, 'order-1', pesos(10), '/webhooks/talo')).status).toBe(200);
    }
    const webhooks: TaloWebhooks = started.app.get(getTaloWebhooksToken());
    await webhooks.idle();
    expect(started.app.get(Merchants).heard).toEqual([first.accountId]);
    // the other account's money is heard by nobody, and kept
    expect((await webhooks.dead()).map(({ type }) => type)).toContain('payment.transfer');
  });

  test('one client cannot be injected where there are many', async () => {
    const talo = TaloModule.forRoot({ clientFor: () => undefined, inbox: memoryInbox(), logger: quiet });

    @Injectable()
    class Checkout {
      @InjectTalo() readonly talo: TaloClient | undefined;
    }
    await expect(starting('express', { imports: [talo], providers: [Checkout] })).rejects.toThrow(
      '@talo/nestjs/client',
    );
  });

  test.each(PLATFORMS)('two modules of the same name or path are refused: %s', async (platform) => {
    const { first, second } = two();
    const nameless = [TaloModule.forRoot(settings(first)), TaloModule.forRoot(settings(second))];
    await expect(starting(platform, { imports: nameless })).rejects.toThrow('two TaloModules without a name');
    const samePath = [
      TaloModule.forRoot(settings(first)),
      TaloModule.forRoot({ ...settings(second), name: 'b', path: '/webhooks/talo/' }),
    ];
    await expect(starting(platform, { imports: samePath })).rejects.toThrow("path: '/webhooks/talo-b'");
  });
});

test('imported without forRoot, it says what to write', async () => {
  await expect(starting('express', { imports: [TaloModule] })).rejects.toThrow(
    'TaloModule.forRoot({ client, inbox })',
  );
});
