// Adapters with one mistake each, held to the contract: run by test/contract.test.ts, which expects them to be found out.
import { nodeRequest, type ReceivedRequest } from '@talo/core/webhooks';
import express, { type RequestHandler } from 'express';
import { listen } from '../src/drivers/listen.ts';
import { adapterContract as contract, type Driver, type Left, type StartOptions } from '../src/index.ts';

type Engine = StartOptions['webhooks'];

/** What hangs because of a mistake is not waited for. */
const adapterContract = (name: string, driver: Driver) => contract(name, driver, 2_000);

const driver = (leaves: Left, handler: (webhooks: Engine) => RequestHandler[]): Driver => ({
  mounts: { sloppy: { leaves } },
  start(options) {
    const app = express();
    for (const each of handler(options.webhooks)) app.use(options.path, each);
    return listen(app, options);
  },
});

/** The adapter as it should be, but for what `change` does to the request. */
const changing =
  (change: (request: ReceivedRequest) => ReceivedRequest) =>
  (webhooks: Engine): RequestHandler[] => [
    async (request, response) => {
      const { status, headers, body } = await webhooks.receive(change(nodeRequest(request)));
      response.writeHead(status, headers).end(body);
    },
  ];

const right = changing((request) => request);

// these first, before the mistakes of others leave connections open; a slow machine is no mistake
contract('as it should be', driver('stream', right));

adapterContract('never stops the engine', {
  mounts: { sloppy: { leaves: 'stream' } },
  start: (options) => {
    const { webhooks } = options;
    const start = async () => {};
    const app = express();
    app.use(options.path, ...right(webhooks));
    return listen(app, {
      ...options,
      webhooks: { ...webhooks, start, stop: start, receive: webhooks.receive },
    });
  },
});

adapterContract('refuses by itself what comes while it closes', {
  mounts: { sloppy: { leaves: 'stream' } },
  async start(options) {
    let closing = false;
    const app = express();
    app.use((_request, response, next) => {
      if (closing) response.status(503).end();
      else next();
    });
    app.use(options.path, ...right(options.webhooks));
    const { url, close } = await listen(app, options);
    return {
      url,
      close() {
        closing = true;
        return close();
      },
    };
  },
});

adapterContract(
  'answers with send()',
  driver('stream', (webhooks) => [
    async (request, response) => {
      const { status, headers, body } = await webhooks.receive(nodeRequest(request));
      response.status(status).set(headers).send(body);
    },
  ]),
);

adapterContract(
  'makes the bytes anew',
  driver('bytes', (webhooks) => [
    express.json({ type: () => true, strict: false }),
    ...changing((request) => ({ ...request, body: JSON.stringify(request.body) }))(webhooks),
  ]),
);

adapterContract(
  'decodes each piece by itself',
  driver('stream', (webhooks) => [
    async (request, _response, next) => {
      let body = '';
      for await (const piece of request) body += String(piece);
      Object.assign(request, { body });
      next();
    },
    ...right(webhooks),
  ]),
);

adapterContract(
  'loses the query',
  driver(
    'stream',
    changing((request) => ({ ...request, url: request.url.split('?', 1)[0] ?? '' })),
  ),
);

adapterContract(
  'answers before it has stored',
  driver('stream', (webhooks) => [
    (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end('{"received":true}');
      void webhooks.receive(nodeRequest(request));
    },
  ]),
);

adapterContract(
  'waits for all of the body',
  driver('stream', (webhooks) => [express.raw({ type: () => true }), ...right(webhooks)]),
);
