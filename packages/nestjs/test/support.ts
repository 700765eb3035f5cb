import { type INestApplication, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type Money, pesos, TaloClient } from '@talo/core';
import { signedNotification } from '@talo/core/testing';
import { memoryInbox } from '@talo/core/webhooks';
import { createSandbox, type Sandbox } from '@talo/sandbox';

export type Platform = 'express' | 'fastify';
export const PLATFORMS: readonly Platform[] = ['express', 'fastify'];

export const WEBHOOKS_URL = 'http://127.0.0.1/webhooks/talo';
export const quiet = { warn() {}, error() {} };

export interface Started {
  readonly app: INestApplication;
  readonly url: string;
}

/** A sandbox and a client of its merchant, which signs `url`. */
export function local(url: string = WEBHOOKS_URL): { sandbox: Sandbox; client: TaloClient } {
  const sandbox = createSandbox();
  const client = new TaloClient({
    ...sandbox.merchant,
    fetch: sandbox.fetch,
    webhooks: { url, secret: 'only for tests' },
  });
  return { sandbox, client };
}

export function settings(client: TaloClient) {
  return { client, inbox: memoryInbox(), logger: quiet };
}

export function rootOf(metadata: ModuleMetadata): Type {
  class AppModule {}
  Module(metadata)(AppModule);
  return AppModule;
}

export function adapterOf(platform: Platform): AbstractHttpAdapter {
  return platform === 'express' ? new ExpressAdapter() : new FastifyAdapter({ return503OnClosing: false });
}

export async function start(
  platform: Platform,
  metadata: ModuleMetadata,
  { before = () => undefined, ...options }: StartOptions = {},
): Promise<Started> {
  const app = await NestFactory.create(rootOf(metadata), adapterOf(platform), {
    logger: false,
    abortOnError: false,
    ...options,
  });
  before(app);
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}

export interface StartOptions {
  readonly bodyParser?: boolean;
  readonly rawBody?: boolean;
  readonly before?: (app: INestApplication) => unknown;
}

/** Sends what Talo would, to the path that the client signs unless said otherwise. */
export async function notify(
  url: string,
  client: TaloClient,
  externalId: string,
  price: Money = pesos(1000),
  path?: string,
): Promise<Response> {
  const id = `VAR-${client.accountId?.slice(0, 8)}-${externalId}`;
  const notification = signedNotification(client, { payment: { id, externalId, price } });
  const { pathname, search } = new URL(notification.url);
  return fetch(`${url}${path ?? pathname}${search}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: await notification.text(),
  });
}
