import type { INestApplication, NestApplicationOptions, Type } from '@nestjs/common';
import { Catch, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, RouterModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { TaloClient } from '@talo/core';
import { memoryInbox } from '@talo/core/webhooks';
// by its name, and decorators as functions: Node serves this file with the package as built, to measure it
import { getTaloWebhooksToken, TaloModule } from '@talo/nestjs';
import type { Driver, Mount } from '@talo-testing/adapter-contract';
import { adapterOf, type Platform, rootOf } from './support.ts';

interface NestMount extends Mount {
  readonly options?: NestApplicationOptions;
  /** How much of the path the module is told. */
  readonly path?: (path: string) => string;
  readonly imports?: (
    path: string,
  ) => readonly NonNullable<Parameters<typeof rootOf>[0]['imports']>[number][];
  readonly before?: (app: INestApplication, path: string) => unknown;
}

const [first, rest] = [
  (path: string) => path.split('/')[1] ?? '',
  (path: string) => path.split('/').slice(2).join('/'),
];

class Swallow {
  catch(): void {}
}
Catch()(Swallow);

/** Everything that an application may have for the requests of its users, at its least helpful. */
class ForUsersOnly {}
Module({
  providers: [
    { provide: APP_GUARD, useValue: { canActivate: () => false } },
    { provide: APP_FILTER, useClass: Swallow },
    {
      provide: APP_INTERCEPTOR,
      useValue: {
        intercept() {
          throw new Error('not for the webhook route');
        },
      },
    },
    {
      provide: APP_PIPE,
      useValue: {
        transform() {
          throw new Error('not for the webhook route');
        },
      },
    },
  ],
})(ForUsersOnly);

/** What is the same on both platforms. */
const PLACES = {
  'under a global prefix': { path: rest, before: (app, path) => app.setGlobalPrefix(first(path)) },
  'under RouterModule': {
    path: rest,
    imports: (path) => [RouterModule.register([{ path: first(path), module: TaloModule }])],
  },
  'behind guards, filters, interceptors and pipes': { imports: () => [ForUsersOnly] },
} satisfies Readonly<Record<string, Omit<NestMount, 'leaves'>>>;

const json = /^application\/json|x-www-form-urlencoded/;

const MOUNTS: Readonly<Record<Platform, Readonly<Record<string, NestMount>>>> = {
  express: {
    'with its parsers': { leaves: 'parsed', parser: json },
    'rawBody: true': { leaves: 'bytes', parser: json, options: { rawBody: true } },
    'bodyParser: false': { leaves: 'stream', options: { bodyParser: false } },
  },
  fastify: {
    'with its parsers': { leaves: 'stream' },
    'rawBody: true': { leaves: 'stream', options: { rawBody: true } },
    'bodyParser: false': { leaves: 'stream', options: { bodyParser: false } },
  },
};

/** The module in a real application, with the suite's engine in place of its own. */
function driverOn(platform: Platform): Driver {
  const places = Object.entries(PLACES).map(([name, place]): [string, NestMount] => [
    name,
    { ...place, leaves: 'stream', options: { bodyParser: false } },
  ]);
  const mounts: Readonly<Record<string, NestMount>> = { ...MOUNTS[platform], ...Object.fromEntries(places) };
  return {
    mounts,
    async start({ webhooks, path, mount }) {
      const { options = {}, path: told = (whole: string) => whole, imports, before } = mounts[mount] ?? {};
      const client = new TaloClient({ credentials: { userId: 'none', accessToken: 'TL-none' } });
      const talo = TaloModule.forRoot({ client, inbox: memoryInbox(), unsigned: 'accept', path: told(path) });
      const root: Type = rootOf({ imports: [talo, ...(imports?.(path) ?? [])] });
      const module = await Test.createTestingModule({ imports: [root] })
        .overrideProvider(getTaloWebhooksToken())
        .useValue(webhooks)
        .compile();
      const app = module.createNestApplication(adapterOf(platform), { logger: false, ...options });
      before?.(app, path);
      await app.listen(0, '127.0.0.1');
      return { url: `${await app.getUrl()}${path}`, close: () => app.close() };
    },
  };
}

export const nestOnExpress: Driver = driverOn('express');
export const nestOnFastify: Driver = driverOn('fastify');
