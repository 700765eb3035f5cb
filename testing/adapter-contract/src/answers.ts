import { afterAll, beforeAll, expect, test } from 'vitest';
import { addressContract } from './address.ts';
import { type Application, application, PATH } from './application.ts';
import type { Driver, Left, Served } from './driver.ts';
import { type Answer, exchange, type Sending } from './exchange.ts';
import { expectAnswer } from './expectation.ts';
import { refusalsContract } from './refusals.ts';
import { storedContract } from './stored.ts';

export interface Given {
  readonly driver: Driver;
  readonly mount: string;
  readonly leaves: Left;
  readonly parser: RegExp | undefined;
  readonly postOnly: boolean;
  /** Milliseconds for a test and for starting and closing a server. */
  readonly timeout: number;
}

/** A server that all tests of a mount share; there once they run. */
export interface Shared extends Given {
  app(): Application;
  served(): Served;
  /** @param query what comes after the path of the route */
  send(query: string, sending: Sending): Promise<Answer>;
}

/** One notification, one answer. */
export function answersContract(given: Given): void {
  const { driver, mount, leaves, timeout } = given;
  let app: Application;
  let served: Served;

  beforeAll(async () => {
    app = application();
    served = await driver.start({ webhooks: app.webhooks, path: PATH, mount });
  }, timeout);
  afterAll(() => served?.close(), timeout);

  const send = (query: string, sending: Sending) => exchange(`${served.url}${query}`, sending);

  if (leaves === 'nothing') {
    test('a notification that somebody read and dropped is refused by name, and explained', async () => {
      const { query, body } = await app.payment('1');
      expectAnswer(await send(query, { body }), 'body-consumed');
      expectAnswer(await send(query, { body, chunked: true }), 'body-consumed');
      expect(app.log.join('\n')).toContain('rawBody');
      expect(await app.answers()).toEqual({ 'body-consumed': 2 });
    });
    return;
  }

  const shared: Shared = { ...given, app: () => app, served: () => served, send };
  storedContract(shared);
  refusalsContract(shared);
  addressContract(shared);

  test('nothing of the address gets into the log', async () => {
    expect(app.log.join('\n')).not.toMatch(/talo=|~/);
  });
}
