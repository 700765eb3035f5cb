// Nest 12 on either platform. Node strips types and knows no decorators, so those are called as the functions they are.
import 'reflect-metadata';
import { Body, Controller, HttpCode, type INestApplication, Module, Post, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TaloModule } from '@talo/nestjs';
import { type Framework, PATH, portOf } from '../frameworks/framework.ts';

/** What a platform makes of a module. */
export type Platform = (module: Type) => Promise<INestApplication>;

export function nestOn(platform: Platform): Framework {
  return {
    bare: () => listen(platform, moduleOf({ controllers: [bareController()] })),
    // the module makes its own engine and starts it with the application
    adapted: ({ client, inbox }) =>
      listen(
        platform,
        moduleOf({
          imports: [TaloModule.forRoot({ client, inbox, path: PATH, logger: { warn() {}, error() {} } })],
        }),
      ),
  };
}

/** Nest's own logger would print every start. */
export const QUIET = { logger: false } as const;
export { NestFactory };

function moduleOf(metadata: Parameters<typeof Module>[0]): Type {
  class App {}
  Module(metadata)(App);
  return App;
}

function bareController(): Type {
  class Bare {
    receive(_body: object): object {
      return { received: true };
    }
  }
  Controller(PATH)(Bare);
  const { prototype } = Bare;
  Reflect.defineMetadata('design:paramtypes', [Object], prototype, 'receive');
  Body()(prototype, 'receive', 0);
  const method = Object.getOwnPropertyDescriptor(prototype, 'receive') ?? {};
  Post()(prototype, 'receive', method);
  HttpCode(200)(prototype, 'receive', method);
  return Bare;
}

async function listen(platform: Platform, module: Type): Promise<number> {
  const app = await platform(module);
  await app.listen(0, '127.0.0.1');
  return portOf(app.getHttpServer().address());
}
