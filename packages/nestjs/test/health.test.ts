import { Controller, Get, Inject, Injectable } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { pesos } from '@talo/core';
import { memoryInbox, TaloWebhooks } from '@talo/core/webhooks';
import { afterEach, expect, test, vi } from 'vitest';
import { TaloHealthIndicator, type TaloHealthOptions } from '../src/health/index.ts';
import { getTaloWebhooksToken, OnTaloEvent, TaloModule } from '../src/index.ts';
import { TaloTesting } from '../src/testing/index.ts';
import { local, notify, quiet, type Started, settings, start } from './support.ts';

let started: Started | undefined;
let options: TaloHealthOptions = {};
afterEach(async () => {
  await started?.app.close();
  started = undefined;
  options = {};
  vi.restoreAllMocks();
});

@Controller('health')
class HealthController {
  @Inject(HealthCheckService) readonly health: HealthCheckService | undefined;
  @Inject(TaloHealthIndicator) readonly talo: TaloHealthIndicator | undefined;

  @Get()
  check(): unknown {
    return this.health?.check([async () => (await this.talo?.isHealthy('talo', options)) ?? {}]);
  }
}

@Injectable()
class Broken {
  @OnTaloEvent('payment.paid')
  onPaid(): void {
    throw new Error('no paper');
  }
}

async function healthOf(
  talo: ReturnType<typeof TaloModule.forRoot>,
  providers: never[] | [typeof Broken] = [],
) {
  started ??= await start('express', {
    imports: [TerminusModule.forRoot({ logger: false }), talo],
    controllers: [HealthController],
    providers: [TaloHealthIndicator, ...providers],
  });
  const response = await fetch(`${started.url}/health`);
  const body = (await response.json()) as { readonly details?: unknown };
  return { status: response.status, talo: Reflect.get(Object(body.details), 'talo') };
}

test('up: Talo takes our token, nothing is late', async () => {
  const { client } = local();
  expect(await healthOf(TaloModule.forRoot(settings(client)))).toEqual({
    status: 200,
    talo: { status: 'up', token: 'ok', lag: 0, waiting: 0, dead: 0 },
  });
});

test('down: Talo does not take our token; it is not asked at every call', async () => {
  const { sandbox, client } = local();
  sandbox.faults.add({ status: 403 });
  const module = TaloModule.forRoot({ ...settings(client), reconcile: false });
  for (const _again of [1, 2]) {
    const { status, talo } = await healthOf(module);
    expect(status).toBe(503);
    expect(talo).toMatchObject({ status: 'down', token: 'failed', message: expect.stringContaining('Talo') });
  }
  const asked = sandbox.requests.length;
  sandbox.faults.clear();
  expect((await healthOf(module)).status).toBe(503);
  expect(sandbox.requests).toHaveLength(asked);
  options = { every: 0 };
  expect((await healthOf(module)).status).toBe(200);
});

test('dead letters are shown, and make it down only where that is asked for', async () => {
  const { sandbox, client } = local();
  const module = TaloModule.forRoot({ ...settings(client), limits: { attempts: 1 } });
  await healthOf(module, [Broken]);
  const payment = await client.payments.create({ externalId: 'order-1', price: pesos(1000) });
  sandbox.bank.transfer({ to: payment.alias ?? '', amount: pesos(1000) });
  await notify(started?.url ?? '', client, 'order-1');
  const webhooks = started?.app.get<TaloWebhooks>(getTaloWebhooksToken());
  await webhooks?.idle();
  const shown = await healthOf(module);
  expect(shown).toMatchObject({ status: 200, talo: { status: 'up' } });
  const dead = (await webhooks?.dead())?.length ?? 0;
  expect(dead).toBeGreaterThan(0);
  expect(shown.talo).toMatchObject({ dead });
  options = { maxDead: 0 };
  expect(await healthOf(module)).toMatchObject({
    status: 503,
    talo: { status: 'down', message: `${dead} dead letters: webhooks.dead() has the reasons` },
  });
});

test('down: work is overdue', async () => {
  const { client } = local();
  const module = TaloModule.forRoot(settings(client));
  const stats = TaloWebhooks.prototype.stats;
  vi.spyOn(TaloWebhooks.prototype, 'stats').mockImplementation(async function (this: TaloWebhooks) {
    const seen = await stats.call(this);
    return { ...seen, hints: 1, nextAt: seen.now - 600_000 };
  });
  const { status, talo } = await healthOf(module);
  expect(status).toBe(503);
  expect(talo).toMatchObject({
    status: 'down',
    waiting: 1,
    message: 'work is 600000 ms late',
  });
});

test('down, and not broken: an inbox that is ill is told as what it is', async () => {
  const { client } = local();
  const module = TaloModule.forRoot({ ...settings(client), reconcile: false });
  await healthOf(module);
  const stats = vi.spyOn(TaloWebhooks.prototype, 'stats');
  stats.mockRejectedValueOnce(new Error('the disk is gone'));
  expect(await healthOf(module)).toEqual({
    status: 503,
    talo: { status: 'down', token: 'ok', message: 'the inbox does not tell: the disk is gone' },
  });
  options = { timeout: 20 };
  stats.mockReturnValueOnce(new Promise(() => {}));
  expect(await healthOf(module)).toEqual({
    status: 503,
    talo: { status: 'down', token: 'ok', message: 'the inbox does not tell: no answer within 20 ms' },
  });
  expect(await healthOf(module)).toMatchObject({ status: 200, talo: { status: 'up', waiting: 0 } });
});

test('what is late is late by the time of the engine, whatever the machine says', async () => {
  const { options: engine } = new TaloTesting({ sandbox: { clock: 'virtual' } });
  const module = TaloModule.forRoot({ client: engine.client, inbox: engine.inbox, logger: quiet });
  await healthOf(module);
  const webhooks = started?.app.get<TaloWebhooks>(getTaloWebhooksToken());
  await webhooks?.track([await engine.client.payments.create({ externalId: 'order-1', price: pesos(1000) })]);
  await webhooks?.reconcile();
  await webhooks?.idle();
  expect((await webhooks?.stats())?.nextAt).toBeDefined();
  options = { maxReconcileAge: 3_600_000 };
  expect(await healthOf(module)).toMatchObject({ status: 200, talo: { status: 'up', lag: 0 } });
});

test('the last pass over the ledger: its time, and its age if that is asked for', async () => {
  const { client } = local();
  const module = TaloModule.forRoot({ ...settings(client), reconcile: false });
  options = { maxReconcileAge: 3_600_000 };
  expect(await healthOf(module)).toMatchObject({
    status: 503,
    talo: { message: "the last pass over Talo's ledger is still to come" },
  });
  const before = Date.now();
  await started?.app.get<TaloWebhooks>(getTaloWebhooksToken()).reconcile();
  const { status, talo } = await healthOf(module);
  expect(status).toBe(200);
  expect(Date.parse(String(Reflect.get(Object(talo), 'reconciled')))).toBeGreaterThanOrEqual(before);
});

test('a module with a name, and one of many accounts', async () => {
  const module = TaloModule.forRoot({
    name: 'many',
    clientFor: () => undefined,
    inbox: memoryInbox(),
    logger: quiet,
  });
  options = { name: 'many' };
  expect(await healthOf(module)).toEqual({
    status: 200,
    talo: { status: 'up', lag: 0, waiting: 0, dead: 0 },
  });
});
