import { TaloConfigError } from '@talo/core';
import { memoryInbox, TaloWebhooks } from '@talo/core/webhooks';
import express5, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type express4 from 'express-4';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { taloWebhookHandler } from '../src/index.ts';
import { majors } from './majors.ts';
import { engine, notification, served, talo } from './support.ts';

// What is the same in all frameworks is held by testing/adapter-contract; here is what is Express's own.
describe.each(majors)('%s', (_name, express) => {
  test('what fails unexpectedly goes to next(error), once', async () => {
    const failure = new Error('the engine is broken');
    const caught: unknown[] = [];
    const app = express();
    app.use('/webhooks/talo', taloWebhookHandler({ mountedAt() {}, receive: () => Promise.reject(failure) }));
    const onError: ErrorRequestHandler = (error, _request, response, _next) => {
      caught.push(error);
      response.status(500).end('the application says so');
    };
    app.use(onError);
    await served(app, async (origin) => {
      const response = await fetch(await notification(origin));
      expect([response.status, await response.text()]).toEqual([500, 'the application says so']);
    });
    expect(caught).toEqual([failure]);
  });

  test('an engine that throws at once is no different', async () => {
    const app = express();
    const receive = () => {
      throw new Error('at once');
    };
    app.use('/webhooks/talo', taloWebhookHandler({ mountedAt() {}, receive }));
    const onError: ErrorRequestHandler = (error, _request, response, _next) => {
      response.status(500).end(String(error.message));
    };
    app.use(onError);
    const answer = await served(app, async (origin) => (await fetch(await notification(origin))).text());
    expect(answer).toBe('at once');
  });

  test('an answer that somebody gave already is left alone', async () => {
    const webhooks = engine();
    const caught: unknown[] = [];
    const app = express();
    const impatient: RequestHandler = (_request, response, next) => {
      response.status(504).end('too slow');
      next();
    };
    app.use(impatient);
    app.use(taloWebhookHandler(webhooks));
    const onError: ErrorRequestHandler = (error, _request, _response, _next) => {
      caught.push(error.code);
    };
    app.use(onError);
    await served(app, async (origin) => {
      const response = await fetch(await notification(origin));
      expect([response.status, await response.text()]).toEqual([504, 'too slow']);
      await expect.poll(() => caught).toEqual(['ERR_HTTP_HEADERS_SENT']);
    });
    await webhooks.stop();
  });

  test('touches nothing that others own', async () => {
    const webhooks = engine();
    const app = express();
    const own: object[] = [];
    app.use(express.json());
    app.use((request, response, next) => {
      const look = () => {
        const { url, originalUrl, baseUrl, body, headers, query, params } = request;
        const names = Object.keys(request).filter((name) => !name.startsWith('_'));
        own.push(structuredClone({ url, originalUrl, baseUrl, body, headers, query, params, names }));
      };
      Object.freeze(request.body);
      response.setHeader('x-request-id', '42');
      look();
      response.once('finish', look);
      next();
    });
    app.use('/webhooks/talo', taloWebhookHandler(webhooks));
    await served(app, async (origin) => {
      const response = await fetch(await notification(origin));
      expect(response.status).toBe(200);
      expect(response.headers.get('x-request-id')).toBe('42');
      expect(response.headers.get('etag')).toBeNull();
    });
    // Express itself cuts the mount path off `url` on the way in, and puts it back when a handler calls next
    const [before, after] = own.map((seen) => ({ ...seen, url: '', baseUrl: '' }));
    expect(after).toEqual(before);
    await webhooks.stop();
  });
});

test('without an engine it says what to write', () => {
  // @ts-expect-error: from JavaScript
  expect(() => taloWebhookHandler(undefined)).toThrow(TaloConfigError);
  // @ts-expect-error: from JavaScript
  expect(() => taloWebhookHandler(undefined)).toThrow(
    "app.use('/webhooks/talo', taloWebhookHandler(webhooks))",
  );
});

test('what is no engine is refused where it is given, not when money comes', () => {
  for (const wrong of [null, {}, { client: {} }, Promise.resolve(engine())]) {
    // @ts-expect-error: from JavaScript
    expect(() => taloWebhookHandler(wrong)).toThrow(
      "app.use('/webhooks/talo', taloWebhookHandler(webhooks))",
    );
  }
});

test('told its path, the engine is told at once, and a wrong one is in the log before any notification', async () => {
  const lines: string[] = [];
  const warn = (line: string) => void lines.push(line);
  const webhooks = new TaloWebhooks({ client: talo, inbox: memoryInbox(), logger: { warn, error: warn } });
  taloWebhookHandler(webhooks, { path: '/webhooks/talo' });
  expect(lines).toEqual([]);
  taloWebhookHandler(webhooks, { path: '/talo' });
  expect(lines).toEqual([expect.stringContaining('told to notify /webhooks/talo, but this route is /talo')]);
  await webhooks.stop();
});

test('is a handler for both majors, and takes an engine with any inbox', () => {
  const handler = taloWebhookHandler(engine());
  expectTypeOf(handler).toExtend<express5.RequestHandler>();
  expectTypeOf(handler).toExtend<express4.RequestHandler>();
  expect(handler).toHaveLength(3);
});
