import type { IncomingMessage, RequestListener } from 'node:http';
import { type Middleware, taloWebhookHandler } from '@talo/express';
import express5 from 'express';
import express4 from 'express-4';
import type { Driver, Mount } from '../driver.ts';
import { listen } from './listen.ts';

/** Of an application or a Router what is used here, in Node's types: those of the two majors differ. */
interface Mountable {
  use(handler: Middleware): unknown;
  use(path: string, handler: Middleware | Mountable): unknown;
  post(path: string, handler: Middleware): unknown;
}

/** A major of Express. */
interface Express {
  (): Mountable & RequestListener;
  Router(): Mountable;
  json(options?: { verify(request: IncomingMessage, response: unknown, bytes: Buffer): void }): Middleware;
  raw(options: { type: string }): Middleware;
  text(options: { type: string }): Middleware;
  urlencoded(options: { extended: boolean }): Middleware;
}

type Put = (app: Mountable, path: string, handler: Middleware, express: Express) => void;

/** `app.use`, with something before it. */
const behind =
  (before: (express: Express) => Middleware): Put =>
  (app, path, handler, express) => {
    app.use(before(express));
    app.use(path, handler);
  };

const JSON_TYPE = /^application\/json/i;

const MOUNTS: Readonly<Record<string, Mount & { readonly put: Put }>> = {
  'app.use': { leaves: 'stream', put: (app, path, handler) => app.use(path, handler) },
  'app.post': { leaves: 'stream', postOnly: true, put: (app, path, handler) => app.post(path, handler) },
  'a Router': {
    leaves: 'stream',
    put: (app, path, handler, express) => {
      const [, first = '', rest = ''] = /^(\/[^/]*)(.*)$/.exec(path) ?? [];
      const router = express.Router();
      router.use(rest, handler);
      app.use(first, router);
    },
  },
  'an app within the app': {
    leaves: 'stream',
    put: (app, path, handler, express) => {
      const inner = express();
      inner.use(handler);
      app.use(path, inner);
    },
  },
  'behind express.urlencoded()': {
    leaves: 'stream',
    parser: /urlencoded/,
    put: behind((express) => express.urlencoded({ extended: false })),
  },
  'behind express.raw()': { leaves: 'bytes', put: behind((express) => express.raw({ type: '*/*' })) },
  'behind express.text()': { leaves: 'bytes', put: behind((express) => express.text({ type: '*/*' })) },
  'behind express.json() that keeps the bytes': {
    leaves: 'bytes',
    parser: JSON_TYPE,
    put: behind((express) =>
      express.json({
        verify: (request, _response, bytes) => void Object.assign(request, { rawBody: bytes }),
      }),
    ),
  },
  'behind express.json()': { leaves: 'parsed', parser: JSON_TYPE, put: behind((express) => express.json()) },
  'behind what listens while the bytes pass': {
    leaves: 'stream',
    put: behind(() => (request, _response, next) => {
      request.on('data', () => {});
      next();
    }),
  },
  'behind what gathers the text while it passes': {
    leaves: 'stream',
    put: behind(() => (request, _response, next) => {
      const kept = Object.assign(request, { rawBody: '' });
      request.on('data', (chunk) => {
        kept.rawBody += chunk;
      });
      next();
    }),
  },
  'behind what gathers the bytes while they pass': {
    leaves: 'stream',
    put: behind(() => (request, _response, next) => {
      const kept = Object.assign(request, { rawBody: Buffer.alloc(0) });
      request.on('data', (chunk: Buffer) => {
        kept.rawBody = Buffer.concat([kept.rawBody, chunk]);
      });
      next();
    }),
  },
  'behind what reads and keeps nothing': {
    leaves: 'nothing',
    put: behind(() => (request, _response, next) => void request.resume().once('end', () => next())),
  },
};

function driverOf(express: Express): Driver {
  return {
    mounts: MOUNTS,
    start(options) {
      const app = express();
      MOUNTS[options.mount]?.put(app, options.path, taloWebhookHandler(options.webhooks), express);
      return listen(app, options);
    },
  };
}

export const express4Driver: Driver = driverOf(express4);
export const express5Driver: Driver = driverOf(express5);
