import { Controller, Get, type INestApplication, RequestMethod, VersioningType } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { afterEach, describe, expect, test } from 'vitest';
import { TaloModule } from '../src/index.ts';
import { local, notify, PLATFORMS, type Started, settings, start } from './support.ts';

let started: Started | undefined;
afterEach(async () => {
  await started?.app.close();
  started = undefined;
});

@Controller('shop')
class Shop {
  @Get()
  hello(): string {
    return 'hello';
  }
}

interface Place {
  readonly told?: string;
  readonly path?: string;
  readonly imports?: Parameters<typeof start>[1]['imports'];
  readonly before?: (app: INestApplication) => unknown;
}

/** How a notification is answered at each of these paths, and what was said of the path at the start. */
async function answers(
  platform: (typeof PLATFORMS)[number],
  place: Place,
  at: readonly string[],
): Promise<{ readonly statuses: Readonly<Record<string, number>>; readonly said: readonly string[] }> {
  const { told = 'http://127.0.0.1/webhooks/talo', imports = [], path, before } = place;
  const { client } = local(told);
  const said: string[] = [];
  const logger = {
    warn: (line: string) => void said.push(line),
    error: (line: string) => void said.push(line),
  };
  const talo = TaloModule.forRoot({ ...settings(client), logger, ...(path !== undefined && { path }) });
  started = await start(
    platform,
    { imports: [talo, ...imports], controllers: [Shop] },
    { ...(before && { before }) },
  );
  const told404 = said.filter((line) => line.includes('Talo is told to notify'));
  const statuses: Record<string, number> = {};
  for (const place of at) statuses[place] = (await notify(started.url, client, 'a', undefined, place)).status;
  return { statuses, said: told404 };
}

describe.each(PLATFORMS)('where the route is: %s', (platform) => {
  test('at the path of the module, with a slash before it or without', async () => {
    for (const path of [undefined, 'webhooks/talo', '/webhooks/talo', 'webhooks/talo/']) {
      const { statuses, said } = await answers(platform, path === undefined ? {} : { path }, [
        '/webhooks/talo',
        '/webhooks/talo/',
        '/webhooks',
        '/webhooks/talo/more',
        '/other',
      ]);
      expect(statuses).toEqual({
        '/webhooks/talo': 200,
        '/webhooks/talo/': 200,
        '/webhooks': 404,
        '/webhooks/talo/more': 404,
        '/other': 404,
      });
      expect(said).toEqual([]);
      await started?.app.close();
    }
  });

  test('under the global prefix', async () => {
    const place: Place = {
      told: 'http://127.0.0.1/api/webhooks/talo',
      before: (app) => app.setGlobalPrefix('api'),
    };
    const { statuses, said } = await answers(platform, place, ['/api/webhooks/talo', '/webhooks/talo']);
    expect(statuses).toEqual({ '/api/webhooks/talo': 200, '/webhooks/talo': 404 });
    expect(said).toEqual([]);
  });

  test('outside of the global prefix where it is excluded', async () => {
    const exclude = ['webhooks/talo'];
    const place: Place = { before: (app) => app.setGlobalPrefix('api', { exclude }) };
    const { statuses, said } = await answers(platform, place, ['/webhooks/talo', '/api/webhooks/talo']);
    expect(statuses).toEqual({ '/webhooks/talo': 200, '/api/webhooks/talo': 404 });
    expect(said).toEqual([]);
  });

  test('under the path that RouterModule gives to the module', async () => {
    const place: Place = {
      told: 'http://127.0.0.1/api/money/webhooks/talo',
      imports: [RouterModule.register([{ path: 'money', module: TaloModule }])],
      before: (app) => app.setGlobalPrefix('api'),
    };
    const { statuses, said } = await answers(platform, place, ['/api/money/webhooks/talo', '/webhooks/talo']);
    expect(statuses).toEqual({ '/api/money/webhooks/talo': 200, '/webhooks/talo': 404 });
    expect(said).toEqual([]);
  });

  test('with versions in the URL: without one, and under the default one', async () => {
    const type = VersioningType.URI as const;
    const none = await answers(platform, { before: (app) => app.enableVersioning({ type }) }, [
      '/webhooks/talo',
    ]);
    expect(none).toEqual({ statuses: { '/webhooks/talo': 200 }, said: [] });
    await started?.app.close();
    const place: Place = {
      told: 'http://127.0.0.1/api/v1/webhooks/talo',
      before: (app) => app.setGlobalPrefix('api').enableVersioning({ type, defaultVersion: ['1', '2'] }),
    };
    const { statuses, said } = await answers(platform, place, [
      '/api/webhooks/talo',
      '/api/v1/webhooks/talo',
      '/api/v2/webhooks/talo',
      '/api/v3/webhooks/talo',
    ]);
    expect(statuses).toEqual({
      '/api/webhooks/talo': 200,
      '/api/v1/webhooks/talo': 200,
      '/api/v2/webhooks/talo': 200,
      '/api/v3/webhooks/talo': 404,
    });
    expect(said).toEqual([]);
  });

  test('with versions in a header, of which Talo sends none', async () => {
    const place: Place = {
      before: (app) =>
        app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version', defaultVersion: '1' }),
    };
    const { statuses } = await answers(platform, place, ['/webhooks/talo']);
    expect(statuses).toEqual({ '/webhooks/talo': 200 });
    expect((await fetch(`${started?.url}/shop`)).status).toBe(404);
    expect((await fetch(`${started?.url}/shop`, { headers: { 'x-version': '1' } })).status).toBe(200);
  });

  test('somewhere else than Talo is told: said at the start, once', async () => {
    const place: Place = { before: (app) => app.setGlobalPrefix('api') };
    const { said } = await answers(platform, place, ['/api/webhooks/talo']);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('/api/webhooks/talo');
    await started?.app.close();

    const excluding: Place = {
      before: (app) =>
        app.setGlobalPrefix('api', { exclude: [{ path: 'webhooks/talo', method: RequestMethod.GET }] }),
    };
    expect((await answers(platform, excluding, [])).said).toHaveLength(1);
  });

  test('a spelling of the path that only the router takes, gets the same answer', async () => {
    const { client } = local();
    started = await start(platform, { imports: [TaloModule.forRoot(settings(client))] });
    const spelled = await notify(started.url, client, 'a', undefined, '/webhooks/%74alo');
    const taken = platform === 'fastify';
    expect(spelled.status).toBe(taken ? 200 : 404);
    if (taken) expect(await spelled.text()).toBe('{"received":true}');
  });

  test('other routes are left alone', async () => {
    await answers(platform, {}, ['/webhooks/talo']);
    const response = await fetch(`${started?.url}/shop`);
    expect([response.status, await response.text()]).toEqual([200, 'hello']);
  });
});
