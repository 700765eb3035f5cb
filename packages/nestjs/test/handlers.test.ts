import { Controller, type DynamicModule, Inject, Injectable, Logger, Module, Scope } from '@nestjs/common';
import { pesos, type TaloContext, type TaloEventOf } from '@talo/core';
import { memoryInbox, TaloWebhooks } from '@talo/core/webhooks';
import { type SqliteTx, sqliteInbox } from '@talo/inbox-sqlite';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { getTaloWebhooksToken, OnTaloEvent, TaloModule } from '../src/index.ts';
import { local, notify, quiet, rootOf, type Started, settings, start } from './support.ts';

let started: Started | undefined;
afterEach(async () => {
  await started?.app.close();
  started = undefined;
  vi.restoreAllMocks();
});

type Metadata = Parameters<typeof start>[1];

/** An application in which one payment is paid, and every handler has done what it does. */
async function paid(metadata: Metadata, before?: (started: Started) => void): Promise<Started> {
  const { sandbox, client } = local();
  const { imports = [], ...rest } = metadata;
  started = await start('express', { ...rest, imports: [TaloModule.forRoot(settings(client)), ...imports] });
  before?.(started);
  const payment = await client.payments.create({ externalId: 'order-1', price: pesos(1000) });
  sandbox.bank.transfer({ to: payment.alias ?? '', amount: pesos(1000) });
  await notify(started.url, client, 'order-1');
  await started.app.get<TaloWebhooks>(getTaloWebhooksToken()).idle();
  return started;
}

/** For an application that has to refuse to start. */
async function starting(metadata: Metadata): Promise<string> {
  const { imports = [], ...rest } = metadata;
  const { client } = local();
  started = await start('express', { ...rest, imports: [TaloModule.forRoot(settings(client)), ...imports] });
  return 'started';
}

class Heard {
  readonly by: string[] = [];
}

describe('a handler is found', () => {
  @Injectable()
  class Base {
    readonly heard: Heard;

    constructor(@Inject(Heard) heard: Heard) {
      this.heard = heard;
    }

    @OnTaloEvent('payment.paid')
    onPaid(event: TaloEventOf<'payment.paid'>): void {
      this.heard.by.push(`${this.constructor.name} ${event.payment.externalId}`);
    }
  }

  test('on a provider and on a controller', async () => {
    @Controller('shop')
    class ShopController extends Base {}
    const { app } = await paid({ providers: [Heard, Base], controllers: [ShopController] });
    expect(app.get(Heard).by.sort()).toEqual(['Base order-1', 'ShopController order-1']);
  });

  test('on a provider of a module that is imported somewhere', async () => {
    @Module({ providers: [Heard, Base] })
    class Inner {}
    const { app } = await paid({ imports: [rootOf({ imports: [Inner] })] });
    expect(app.get(Heard, { strict: false }).by).toEqual(['Base order-1']);
  });

  test('where a class overrides the method, once', async () => {
    @Injectable()
    class Derived extends Base {
      override onPaid(): void {
        this.heard.by.push('overridden');
      }
    }
    const { app } = await paid({ providers: [Heard, Derived] });
    expect(app.get(Heard).by).toEqual(['overridden']);
  });

  test('on what a factory makes, and once where it has several tokens', async () => {
    const { app } = await paid({
      providers: [
        Heard,
        { provide: 'made', inject: [Heard], useFactory: (heard: Heard) => new Base(heard) },
        { provide: 'alias', useExisting: 'made' },
      ],
    });
    expect(app.get(Heard).by).toEqual(['Base order-1']);
  });

  test('under a decorator that replaces the function', async () => {
    const counted: MethodDecorator = (_target, _name, descriptor: PropertyDescriptor) => {
      const original: unknown = descriptor.value;
      descriptor.value = function (this: unknown, ...args: unknown[]): unknown {
        return typeof original === 'function' ? Reflect.apply(original, this, args) : undefined;
      };
    };

    @Injectable()
    class Wrapped {
      readonly heard: string[] = [];

      @counted
      @OnTaloEvent('payment.paid')
      onPaid(event: TaloEventOf<'payment.paid'>): void {
        this.heard.push(event.type);
      }
    }
    const { app } = await paid({ providers: [Wrapped] });
    expect(app.get(Wrapped).heard).toEqual(['payment.paid']);
  });

  test('and called through the instance, so that a test can spy on it', async () => {
    const spy = vi.fn();
    await paid({ providers: [Heard, Base] }, ({ app }) => {
      vi.spyOn(app.get(Base), 'onPaid').mockImplementation(spy);
    });
    expect(spy).toHaveBeenCalledOnce();
  });

  test('with several events, and several handlers of one', async () => {
    @Injectable()
    class Many {
      readonly heard: string[] = [];

      @OnTaloEvent(['payment.paid', 'payment.transfer'])
      both(event: TaloEventOf<'payment.paid' | 'payment.transfer'>): void {
        this.heard.push(`both ${event.type}`);
      }

      @OnTaloEvent('payment.transfer')
      one(event: TaloEventOf<'payment.transfer'>): void {
        this.heard.push(`one ${event.type}`);
      }
    }
    const { app } = await paid({ providers: [Many] });
    expect(app.get(Many).heard.sort()).toEqual([
      'both payment.paid',
      'both payment.transfer',
      'one payment.transfer',
    ]);
  });
});

describe('a handler is refused', () => {
  class OnRequest {
    @OnTaloEvent('payment.paid')
    onPaid(): void {}
  }

  test.each([
    ['request-scoped', Scope.REQUEST],
    ['transient', Scope.TRANSIENT],
  ])('on a %s provider', async (_name, scope) => {
    @Injectable({ scope })
    class Short extends OnRequest {}
    await expect(starting({ providers: [Short] })).rejects.toThrow(/Short\.onPaid.*request-scoped/);
  });

  test('on a provider that depends on a request-scoped one', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Tenant {}

    @Injectable()
    class Dependent extends OnRequest {
      @Inject(Tenant) readonly tenant: Tenant | undefined;
    }
    await expect(starting({ providers: [Tenant, Dependent] })).rejects.toThrow('Dependent.onPaid');
  });

  test('on a static method', () => {
    expect(() => {
      class Orders {
        readonly paid = false;

        @OnTaloEvent('payment.paid')
        static onPaid(): void {}
      }
      return Orders;
    }).toThrow('Orders.onPaid is static');
  });

  test('on what discovery would not find: a symbol, a property, a getter', () => {
    const paid = Symbol('paid');
    expect(() => {
      class Orders {
        @OnTaloEvent('payment.paid')
        [paid](): void {}
      }
      return Orders;
    }).toThrow('Orders.Symbol(paid) is named by a symbol');
    expect(() => {
      class Orders {
        // @ts-expect-error: from JavaScript
        @OnTaloEvent('payment.paid')
        onPaid = (): void => {};
      }
      return Orders;
    }).toThrow('Orders.onPaid is no method');
    expect(() => {
      class Orders {
        @OnTaloEvent('payment.paid')
        get onPaid(): () => void {
          return () => {};
        }
      }
      return Orders;
    }).toThrow('Orders.onPaid is no method');
  });

  test('where its class is provided twice, for it would credit twice', async () => {
    @Injectable()
    class Orders extends OnRequest {}
    @Module({ providers: [Orders] })
    class ShopModule {}
    @Module({ providers: [Orders] })
    class BillingModule {}
    await expect(starting({ imports: [ShopModule, BillingModule] })).rejects.toThrow(
      /Orders\.onPaid is there twice, from ShopModule and BillingModule/,
    );
  });

  test('where two have one name, by which stored work is kept', async () => {
    class Twice {
      @OnTaloEvent('payment.paid', { name: 'ship' })
      one(): void {}

      @OnTaloEvent('payment.transfer', { name: 'ship' })
      two(): void {}
    }
    await expect(starting({ providers: [Twice] })).rejects.toThrow(
      'Two handlers are named "ship": Twice.one and Twice.two',
    );
  });

  test('for an event that there is not', async () => {
    class Wrong {
      // @ts-expect-error there is no such event
      @OnTaloEvent('payment.payed')
      onPaid(): void {}
    }
    await expect(starting({ providers: [Wrong] })).rejects.toThrow('There is no event "payment.payed"');
  });

  test('for an account that no module has', async () => {
    class Elsewhere {
      @OnTaloEvent('payment.paid', { account: 'nobody' })
      onPaid(): void {}
    }
    await expect(starting({ providers: [Elsewhere] })).rejects.toThrow(
      /Elsewhere\.onPaid: no TaloModule has the account "nobody"\. There are: f61876b0/,
    );
  });
});

test('a handler that fails delays no other, and is named in what waits', async () => {
  @Injectable()
  class Mixed {
    readonly heard: number[] = [];

    @OnTaloEvent('payment.paid')
    broken(): void {
      throw new Error('the printer is out of paper');
    }

    @OnTaloEvent('payment.paid', { name: 'sound' })
    sound(_event: TaloEventOf<'payment.paid'>, context: TaloContext): void {
      this.heard.push(context.attempt);
    }
  }
  const { sandbox, client } = local();
  const talo = TaloModule.forRoot({ ...settings(client), limits: { attempts: 1 } });
  started = await start('fastify', { imports: [talo], providers: [Mixed] });
  const payment = await client.payments.create({ externalId: 'order-1', price: pesos(1000) });
  sandbox.bank.transfer({ to: payment.alias ?? '', amount: pesos(1000) });
  await notify(started.url, client, 'order-1');
  const webhooks = started.app.get<TaloWebhooks>(getTaloWebhooksToken());
  await webhooks.idle();
  expect(started.app.get(Mixed).heard).toEqual([1]);
  const [letter] = (await webhooks.dead()).filter(({ type }) => type === 'payment.paid');
  expect(letter).toMatchObject({ handler: 'Mixed.broken', reason: expect.stringContaining('out of paper') });
});

test('commitWith has the transaction of the inbox', async () => {
  @Injectable()
  class Books {
    rows: unknown;

    @OnTaloEvent('payment.paid')
    onPaid(event: TaloEventOf<'payment.paid'>, context: TaloContext<SqliteTx, 'sync'>): void {
      context.commitWith((tx) => {
        tx.run('CREATE TABLE book (id TEXT)');
        tx.run('INSERT INTO book VALUES (?)', event.payment.externalId ?? '');
        this.rows = tx.all('SELECT id FROM book');
      });
    }
  }
  const { sandbox, client } = local();
  const inbox = sqliteInbox({ path: ':memory:' });
  started = await start('express', {
    imports: [TaloModule.forRoot({ client, inbox, logger: quiet })],
    providers: [Books],
  });
  const payment = await client.payments.create({ externalId: 'order-1', price: pesos(1000) });
  sandbox.bank.transfer({ to: payment.alias ?? '', amount: pesos(1000) });
  await notify(started.url, client, 'order-1');
  const webhooks = started.app.get<TaloWebhooks>(getTaloWebhooksToken());
  await webhooks.idle();
  expect(started.app.get(Books).rows).toEqual([{ id: 'order-1' }]);
});

test('the log of the start lists the handlers, and says when there are none', async () => {
  const log = vi.spyOn(Logger.prototype, 'log').mockReturnValue(undefined);

  class Orders {
    @OnTaloEvent(['payment.paid', 'payment.refunded'])
    settle(): void {}
  }
  await starting({ providers: [Orders] });
  expect(log.mock.calls.flat()).toContain('payment.paid, payment.refunded → Orders.settle');
  expect(log.mock.calls.flat()).not.toContain('no method with @OnTaloEvent found');
  await started?.app.close();
  await starting({});
  expect(log.mock.calls.flat()).toContain('no method with @OnTaloEvent found');
});

test('handlers that are registered by hand are no reason for a warning', async () => {
  const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);

  @Injectable()
  class Orders {
    @Inject(getTaloWebhooksToken()) readonly webhooks: TaloWebhooks | undefined;

    onModuleInit(): void {
      this.webhooks?.on('payment.paid', () => {});
    }
  }
  const { client } = local();
  const talo = (): DynamicModule => TaloModule.forRoot({ client, inbox: memoryInbox() });
  started = await start('express', { imports: [talo()], providers: [Orders] });
  expect(warn.mock.calls.flat().join()).not.toContain('no handler');
  await started.app.close();
  started = await start('express', { imports: [talo()] });
  expect(warn.mock.calls.flat().join()).toContain('no handler is registered');
});
