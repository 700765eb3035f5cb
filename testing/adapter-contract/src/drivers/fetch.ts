import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import type { Driver, Mount, StartOptions } from '../driver.ts';
import { listen } from './listen.ts';

type Fetch = (request: Request) => Response | Promise<Response>;
type Put = (options: StartOptions) => Fetch;

/** A Hono application, with something before the route. */
const hono =
  (before: (app: Hono) => void = () => {}): Put =>
  ({ webhooks, path }) => {
    const app = new Hono();
    before(app);
    app.all(`${path}/*`, (context) => webhooks.fetch(context.req.raw));
    return app.fetch;
  };

function driverOf(mounts: Readonly<Record<string, Mount & { readonly put: Put }>>): Driver {
  return {
    mounts,
    start(options) {
      const fetch = mounts[options.mount]?.put(options) ?? options.webhooks.fetch;
      return listen(
        getRequestListener((request) => fetch(request)),
        options,
      );
    },
  };
}

export const fetchDriver: Driver = driverOf({
  'on its own': {
    leaves: 'stream',
    put:
      ({ webhooks }) =>
      (request) =>
        webhooks.fetch(request),
  },
});

export const honoDriver: Driver = driverOf({
  'app.all': { leaves: 'stream', put: hono() },
  'an app within the app': {
    leaves: 'stream',
    put: ({ webhooks, path }) => {
      const inner = new Hono().all('/*', (context) => webhooks.fetch(context.req.raw));
      return new Hono().route(path, inner).fetch;
    },
  },
  'behind what read a copy': {
    leaves: 'bytes',
    put: hono((app) =>
      app.use(async (context, next) => {
        await context.req.raw.clone().text();
        await next();
      }),
    ),
  },
  'behind what read the body': {
    leaves: 'nothing',
    put: hono((app) =>
      app.use(async (context, next) => {
        await context.req.text();
        await next();
      }),
    ),
  },
});
