import { once } from 'node:events';
import { connect } from 'node:http2';
import { TaloClient, TaloConfigError } from '@talo/core';
import type { TaloWebhooks } from '@talo/core/webhooks';
import fastify, { type FastifyPluginAsync, type FastifyTypeProvider } from 'fastify';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { taloPlugin, type WebhookEngine } from '../src/index.ts';
import { engine, notification, options, path, talo } from './support.ts';

describe('the client', () => {
  test('is fastify.talo, in encapsulated plugins too', async () => {
    const app = fastify();
    await app.register(taloPlugin, { client: talo });
    await app.register((scope, _options, done) => {
      scope.get('/inner', async () => ({ same: scope.talo === talo }));
      done();
    });
    expect(app.talo).toBe(talo);
    expectTypeOf(app.talo).toEqualTypeOf<TaloClient>();
    expect((await app.inject('/inner')).json()).toEqual({ same: true });
    await app.close();
  });

  test('is made from options, and the engine from the client', async () => {
    const app = fastify();
    const made: TaloClient[] = [];
    const webhooks = (client: TaloClient): TaloWebhooks<never, never> => {
      made.push(client);
      return engine(client);
    };
    await app.register(taloPlugin, { options, webhooks, path });
    expect(app.talo).toBeInstanceOf(TaloClient);
    expect(made).toEqual([app.talo]);
    expect((await app.inject(await notification())).statusCode).toBe(200);
    await app.close();
  });

  test('without webhooks there is no route', async () => {
    const app = fastify();
    await app.register(taloPlugin, { client: talo });
    expect((await app.inject(await notification())).statusCode).toBe(404);
    await app.close();
  });
});

describe('what cannot work is said when it is registered', () => {
  const refusal = async (given: object) => {
    const app = fastify();
    // @ts-expect-error: from JavaScript
    app.register(taloPlugin, given);
    const error: unknown = await app.ready().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    await app.close();
    expect(error).toBeInstanceOf(TaloConfigError);
    return String(error);
  };

  test('no client', async () => {
    expect(await refusal({ path })).toContain(
      "register(taloPlugin, { client: talo, webhooks, path: '/webhooks/talo' })",
    );
  });

  test('no path', async () => {
    expect(await refusal({ client: talo, webhooks: engine() })).toContain("path: '/webhooks/talo'");
  });

  test('a path, and nothing to answer there', async () => {
    expect(await refusal({ client: talo, webhooks: undefined, path })).toContain(
      'client: talo, webhooks, path',
    );
  });

  test('what is no engine', async () => {
    for (const webhooks of [{ client: talo }, talo, null, () => undefined, async () => engine()]) {
      expect(await refusal({ client: talo, webhooks, path })).toContain('client: talo, webhooks, path');
    }
  });

  test('twice in one place', async () => {
    const app = fastify();
    await app.register(taloPlugin, { client: talo });
    await expect(
      (async () => {
        await app.register(taloPlugin, { client: talo });
      })(),
    ).rejects.toThrow(/registered here already.*forAccount.*side by side/);
    await app.close();
  });

  test('in two scopes beside each other it is not twice', async () => {
    const other = new TaloClient({
      ...options,
      credentials: { userId: 'another', accessToken: 'TL-another' },
      webhooks: { ...options.webhooks, url: 'https://shop.example/webhooks/other' },
    });
    const app = fastify();
    const accounts: (string | undefined)[] = [];
    for (const [client, at] of [
      [talo, path],
      [other, '/webhooks/other'],
    ] as const) {
      const merchant: FastifyPluginAsync = async (scope) => {
        await scope.register(taloPlugin, { client, webhooks: engine(client), path: at });
        accounts.push(scope.talo.accountId);
      };
      await app.register(merchant);
    }
    expect(accounts).toEqual([talo.accountId, 'another']);
    expect((await app.inject(await notification(talo))).statusCode).toBe(200);
    expect((await app.inject(await notification(other))).statusCode).toBe(200);
    const crossed = {
      ...(await notification(other)),
      url: (await notification(talo)).url.replace('talo?', 'other?'),
    };
    expect((await app.inject(crossed)).statusCode).toBe(401);
    await app.close();
  });
});

test('slashes at the end of the path change nothing: Talo may be told either', async () => {
  for (const at of [`${path}/`, `${path}//`, path.slice(1)]) {
    const app = fastify();
    await app.register(taloPlugin, { client: talo, webhooks: engine(), path: at });
    const given = await notification();
    expect((await app.inject(given)).statusCode, at).toBe(200);
    expect((await app.inject({ ...given, url: given.url.replace('?', '/?') })).statusCode, at).toBe(200);
    await app.close();
  }
});

test('a prefix given to register() stands before the path, though Fastify leaves it to plugins like this one', async () => {
  for (const [prefix, at] of [
    ['/webhooks', '/talo'],
    ['webhooks/', 'talo/'],
  ] as const) {
    const app = fastify();
    await app.register(taloPlugin, { client: talo, webhooks: engine(), path: at, prefix });
    expect((await app.inject(await notification())).statusCode, prefix).toBe(200);
    await app.close();
  }
});

test('the import of the package can be registered as it is', async () => {
  const app = fastify();
  await app.register(import('../src/index.ts'), { client: talo, webhooks: engine(), path });
  await app.ready();
  expect(app.talo).toBe(talo);
  expect((await app.inject(await notification())).statusCode).toBe(200);
  await app.close();
});

test('a small body limit of the application is not for the route', async () => {
  const app = fastify({ bodyLimit: 16 });
  await app.register(taloPlugin, { client: talo, webhooks: engine(), path });
  expect((await app.inject(await notification())).statusCode).toBe(200);
  await app.close();
});

test('a path of slashes alone is that of the place itself', async () => {
  const client = new TaloClient({
    ...options,
    webhooks: { ...options.webhooks, url: 'https://shop.example/webhooks' },
  });
  const app = fastify();
  const scoped: FastifyPluginAsync = async (scope) => {
    await scope.register(taloPlugin, { client, webhooks: engine(client), path: '/' });
  };
  await app.register(scoped, { prefix: '/webhooks' });
  expect((await app.inject(await notification(client))).statusCode).toBe(200);
  await app.close();
});

describe('the engine lives as Fastify does', () => {
  /** An engine that only says what it is told to do. */
  const recorder = (does: Partial<WebhookEngine> = {}) => {
    const told: string[] = [];
    const tell = (what: string) => async () => void told.push(what);
    const webhooks: WebhookEngine = {
      start: tell('start'),
      stop: tell('stop'),
      mountedAt: (at) => void told.push(`at ${at}`),
      receive: async () => {
        told.push('receive');
        return { status: 299, headers: { 'x-ours': '1' }, body: '{}', reason: 'stored' };
      },
      ...does,
    };
    return { told, webhooks };
  };

  test('it is told its whole path, started once, stopped last', async () => {
    const { told, webhooks } = recorder();
    const app = fastify();
    const version1: FastifyPluginAsync = async (scope) => {
      await scope.register(taloPlugin, { client: talo, webhooks, path: '/hooks' });
    };
    await app.register(version1, { prefix: '/v1' });
    expect(told).toEqual(['at /v1/hooks']);
    await app.ready();
    const answer = await app.inject({ method: 'POST', url: '/v1/hooks', payload: {} });
    expect([answer.statusCode, answer.headers['x-ours']]).toEqual([299, '1']);
    await app.close();
    expect(told).toEqual(['at /v1/hooks', 'start', 'receive', 'stop']);
  });

  test('an engine that cannot start keeps the server from starting', async () => {
    const { told, webhooks } = recorder({ start: () => Promise.reject(new Error('the disk is full')) });
    const app = fastify();
    app.register(taloPlugin, { client: talo, webhooks, path });
    await expect(app.listen({ host: '127.0.0.1', port: 0 })).rejects.toThrow('the disk is full');
    await app.close();
    expect(told).toContain('stop');
  });

  test("what fails unexpectedly goes to the application's error handler", async () => {
    const { webhooks } = recorder({ receive: () => Promise.reject(new Error('broken')) });
    const app = fastify();
    app.setErrorHandler((error: Error, _request, reply) => reply.code(500).send(`caught: ${error.message}`));
    await app.register(taloPlugin, { client: talo, webhooks, path });
    const answer = await app.inject(await notification());
    expect([answer.statusCode, answer.body]).toEqual([500, 'caught: broken']);
    await app.close();
  });
});

test("the application's own parsers stay as they are", async () => {
  const app = fastify();
  await app.register(taloPlugin, { client: talo, webhooks: engine(), path });
  app.post('/echo', async (request) => request.body);
  const echo = { method: 'POST', url: '/echo' } as const;
  expect((await app.inject({ ...echo, payload: { a: 1 } })).json()).toEqual({ a: 1 });
  const odd = await app.inject({
    ...echo,
    headers: { 'content-type': 'application/octet-stream' },
    payload: 'a',
  });
  expect(odd.statusCode).toBe(415);
  await app.close();
});

test('every log line of the route goes without the query that authenticates it', async () => {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  const app = fastify({ logger: { level: 'trace', stream } });
  app.addHook('onRequest', async (request) => request.log.info({ req: request }, 'seen by the application'));
  app.setErrorHandler((error: Error, request, reply) => {
    request.log.error({ err: error, req: request }, 'failed');
    return reply.code(500).send('failed');
  });
  await app.register(taloPlugin, { client: talo, webhooks: engine(), path });
  const given = await notification();
  await app.inject(given);
  await app.inject({ ...given, url: `${given.url}x` });
  await app.inject({ ...given, url: given.url.replace('?', '/?'), headers: { 'content-type': 'none' } });
  await app.close();
  const log = lines.join('');
  expect(log).not.toContain('talo=');
  expect(log).toContain(`"url":"${path}"`);
  const reasons = lines.flatMap((line) => JSON.parse(line).reason ?? []);
  expect(reasons).toEqual(['stored', 'unauthenticated', 'coalesced']);
});

test('a route that is missed is logged without the query too, set up as the README says', async () => {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  const req = ({ method, url }: { readonly method: string; readonly url: string }) => ({
    method,
    url: url.replace(/\?.*/, ''),
  });
  const app = fastify({ logger: { level: 'trace', stream, serializers: { req } } });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'Not Found' }));
  await app.register(taloPlugin, { client: talo, webhooks: engine(), path });
  const given = await notification();
  const answer = await app.inject({ ...given, url: given.url.replace('?', '/x?') });
  await app.close();
  expect(answer.statusCode).toBe(404);
  expect(lines.join('')).toContain(`"url":"${path}/x"`);
  expect(lines.join('')).not.toContain('talo=');
});

test('over HTTP/2 it is the same', async () => {
  const app = fastify({ http2: true });
  await app.register(taloPlugin, { client: talo, webhooks: engine(), path });
  const session = connect(await app.listen({ host: '127.0.0.1', port: 0 }));
  const { url, payload } = await notification();
  const stream = session.request({ ':method': 'POST', ':path': url, 'content-type': 'application/json' });
  stream.end(payload);
  const [headers] = await once(stream, 'response');
  expect(headers[':status']).toBe(200);
  expect(headers['content-type']).toBe('application/json');
  expect(Buffer.concat(await stream.toArray()).toString()).toBe('{"received":true}');
  session.close();
  await app.close();
});

interface OwnTypes extends FastifyTypeProvider {
  readonly validator: this['schema'];
}

test('registers with any server, logger and type provider', () => {
  // compiling is the test
  const apps = [
    () => fastify({ http2: true }).register(taloPlugin, { client: talo }),
    () => fastify({ https: {} }).register(taloPlugin, { client: talo, webhooks: engine(), path }),
    () => fastify({ logger: { level: 'warn' } }).register(taloPlugin, { options }),
    () => fastify().withTypeProvider<OwnTypes>().register(taloPlugin, { client: talo, prefix: '/shop' }),
    // @ts-expect-error: an engine needs a path
    () => fastify().register(taloPlugin, { client: talo, webhooks: engine() }),
    // @ts-expect-error: a path needs an engine
    () => fastify().register(taloPlugin, { client: talo, path }),
  ];
  expect(apps).toHaveLength(6);
});
