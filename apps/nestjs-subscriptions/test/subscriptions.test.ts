import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { pesos, TaloClient } from '@talo/core';
import type { TaloWebhooks } from '@talo/core/webhooks';
import type { SqliteTx } from '@talo/inbox-sqlite';
import { getTaloWebhooksToken } from '@talo/nestjs';
import { createSandbox, type Sandbox } from '@talo/sandbox';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { appModule } from '../src/app.module.ts';
import { dayOf, oneMonthAfter } from '../src/months.ts';

// files and sockets are real here
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Soon: notifications are confirmed at most once a second for each resource. */
const soon = { timeout: 15_000, interval: 50 };

interface Shown {
  readonly cvu: string;
  readonly alias: string;
  readonly active: boolean;
  readonly paidUntil?: string;
  readonly credit: string;
  readonly attention?: string;
}

let sandbox: Sandbox;
let api: Awaited<ReturnType<Sandbox['listen']>>;
let app: INestApplication | undefined;
let folder: string;
let port: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'subscriptions-test-'));
  sandbox = createSandbox({ delivery: { retry: 'quick' } });
  api = await sandbox.listen();
  port = await freePort();
  await up();
});
afterEach(async () => {
  await down();
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The application as it is, at the same place each time. */
async function up(): Promise<void> {
  const talo = new TaloClient({
    ...sandbox.merchant,
    webhooks: {
      url: `http://127.0.0.1:${port}/webhooks/talo`,
      secret: 'a secret of more than sixteen characters',
    },
  });
  const module = appModule({ talo, database: join(folder, 'subscriptions.db') });
  app = await NestFactory.create(module, { logger: ['error'], abortOnError: false });
  await app.listen(port, '127.0.0.1');
}

async function down(): Promise<void> {
  await app?.close();
  app = undefined;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
}

const at = (path: string) => `http://127.0.0.1:${port}${path}`;
const put = (id: string, body: object) =>
  fetch(at(`/subscribers/${id}`), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const show = async (id: string) => (await (await fetch(at(`/subscribers/${id}`))).json()) as Shown;
const engine = () => app?.get<TaloWebhooks<SqliteTx>>(getTaloWebhooksToken(), { strict: false });

const CARLA = { name: 'Carla Perez', email: 'carla@example.com', alias: 'carla.gym', price: '15000' };
const today = () => dayOf(new Date());
const inMonths = (count: number) => {
  let day = today();
  for (let month = 0; month < count; month++) day = oneMonthAfter(day, Number(today().slice(8)));
  return day;
};

test('several transfers pay a month, and what is over counts towards the next one', async () => {
  const { cvu, alias, active } = (await (await put('carla', CARLA)).json()) as Shown;
  expect(cvu).toMatch(/^\d{22}$/);
  expect([alias, active]).toEqual(['bami.carla.gym', false]);

  sandbox.bank.transfer({ to: cvu, amount: pesos(9000) });
  await expect.poll(async () => (await show('carla')).credit, soon).toBe('$\u00a09.000,00');
  expect((await show('carla')).active).toBe(false);

  sandbox.bank.transfer({ to: alias, amount: pesos(10000) });
  await expect.poll(async () => (await show('carla')).paidUntil, soon).toBe(inMonths(1));
  expect(await show('carla')).toMatchObject({ active: true, credit: '$\u00a04.000,00' });

  // two months and a half, in one transfer
  sandbox.bank.transfer({ to: cvu, amount: pesos(33500) });
  await expect.poll(async () => (await show('carla')).paidUntil, soon).toBe(inMonths(3));
  expect((await show('carla')).credit).toBe('$\u00a07.500,00');
  expect(await engine()?.ledger.total()).toEqual(sandbox.bank.total());
  // names and CUITs are in there
  expect(readdirSync(folder).filter((name) => statSync(join(folder, name)).mode & 0o077)).toEqual([]);
});

test('a webhook that comes again, and one that is forged, change nothing', async () => {
  const { cvu } = (await (await put('carla', CARLA)).json()) as Shown;
  sandbox.bank.transfer({ to: cvu, amount: pesos(15000) });
  await expect.poll(async () => (await show('carla')).active, soon).toBe(true);
  const genuine = sandbox.deliveries.find(({ outcome }) => outcome === 'delivered');

  const send = async (url = '') => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(genuine?.body) })).status;
  };
  expect([await send(genuine?.url), await send(genuine?.url)]).toEqual([200, 200]);
  expect(await send(genuine?.url.split('?')[0])).toBe(401);
  await engine()?.idle();
  expect(await show('carla')).toMatchObject({ paidUntil: inMonths(1), credit: '$\u00a00,00' });
});

test('stopped while money comes in, it catches up', async () => {
  const { cvu } = (await (await put('carla', CARLA)).json()) as Shown;
  await down();
  sandbox.bank.transfer({ to: cvu, amount: pesos(15000) });
  await up();
  await expect.poll(async () => (await show('carla')).active, soon).toBe(true);
  await down();
  await up();
  expect(await show('carla')).toMatchObject({ paidUntil: inMonths(1), credit: '$\u00a00,00' });
});

test('money that the bank takes back is owed: the next transfer pays it first', async () => {
  const { cvu } = (await (await put('carla', CARLA)).json()) as Shown;
  const { id } = sandbox.bank.transfer({ to: cvu, amount: pesos(15000) });
  await expect.poll(async () => (await show('carla')).active, soon).toBe(true);
  sandbox.bank.reverse(id);
  await expect.poll(async () => (await show('carla')).credit, soon).toBe('-$\u00a015.000,00');
  expect(await show('carla')).toMatchObject({
    paidUntil: inMonths(1),
    attention: expect.stringContaining('reversed'),
  });

  sandbox.bank.transfer({ to: cvu, amount: pesos(15000) });
  await expect.poll(async () => (await show('carla')).credit, soon).toBe('$\u00a00,00');
  expect((await show('carla')).paidUntil).toBe(inMonths(1));
  expect(await engine()?.ledger.total()).toEqual(sandbox.bank.total());
});

test('a PUT that is repeated is the same subscriber; a new price counts from the next month', async () => {
  const first = await (await put('carla', CARLA)).json();
  expect(await (await put('carla', CARLA)).json()).toEqual(first);
  await put('carla', { ...CARLA, price: '20000' });
  sandbox.bank.transfer({ to: String(Reflect.get(Object(first), 'cvu')), amount: pesos(15000) });
  await expect.poll(async () => (await show('carla')).credit, soon).toBe('$\u00a015.000,00');
  expect((await show('carla')).active).toBe(false);
});

test('what cannot be a subscriber is refused with every reason', async () => {
  const response = await put('carla', { ...CARLA, alias: 'not an alias', email: 'nobody' });
  expect(response.status).toBe(422);
  const { issues } = (await response.json()) as { readonly issues: readonly { readonly path: string }[] };
  expect(issues.map(({ path }) => path).sort()).toEqual(['alias', 'email']);
  for (const price of ['1.234', '0', undefined]) {
    expect((await put('carla', { ...CARLA, price })).status).toBe(422);
  }
  expect((await fetch(at('/subscribers/nobody'))).status).toBe(404);
});
