import { once } from 'node:events';
import { connect } from 'node:net';
import { pesos } from '@talo/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { World } from './world.ts';

// processes are started and killed here
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let world: World;
beforeEach(async () => {
  world = await World.begin();
});
afterEach(() => world.end());

interface Shown {
  readonly cvu: string;
  readonly alias: string;
  readonly received: string;
  readonly owed: string;
  readonly paidAhead: string;
  readonly instalments: readonly { readonly paid: string; readonly status: string }[];
}

const CARLA = '20123456786';
const ARS = (amount: string) => `$\u00a0${amount}`;
/** Soon: notifications are confirmed within seconds. */
const soon = { timeout: 30_000, interval: 50 };

const put = (path: string, body: object) =>
  fetch(`${world.url}/${path}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const shown = async (response: Response) => (await response.json()) as Shown;
const carla = async () => shown(await fetch(`${world.url}/borrowers/${CARLA}`));
const paid = async () => (await carla()).instalments.map(({ status }) => status);

const borrow = async () =>
  shown(
    await put(`borrowers/${CARLA}`, { name: 'Carla Perez', email: 'carla@example.com', alias: 'carlaperez' }),
  );
const lend = (loan: string, ...amounts: string[]) =>
  put(`loans/${loan}`, {
    borrower: CARLA,
    instalments: amounts.map((amount, month) => ({ due: `2027-0${month + 1}-10`, amount })),
  });

test('a borrower pays to one CVU, and the instalments settle in their order', async () => {
  const { cvu, alias } = await borrow();
  expect(alias).toBe('bami.carlaperez');
  expect((await lend('L-1', '15000', '15000')).status).toBe(200);

  world.sandbox.bank.transfer({ to: cvu, amount: pesos(18000) });
  await expect.poll(paid, soon).toEqual(['paid', 'partly paid']);
  world.sandbox.bank.transfer({ to: alias, amount: pesos('13000.25') });
  await expect.poll(paid, soon).toEqual(['paid', 'paid']);

  expect(await carla()).toMatchObject({
    received: ARS('31.000,25'),
    owed: ARS('0,00'),
    paidAhead: ARS('1.000,25'),
  });
  // what was paid ahead goes to the next loan, with nobody doing anything
  await lend('L-2', '1000.25', '500');
  expect(await paid()).toEqual(['paid', 'paid', 'paid', 'open']);
  expect((await carla()).owed).toBe(ARS('500,00'));
  expect(world.received()).toBe(world.sandbox.bank.total().centavos);
  expect(world.open()).toEqual([]);
  expect(await world.stop('SIGTERM')).toBe(0);
});

test('a webhook that comes again, and one that is forged, change nothing', async () => {
  const { cvu } = await borrow();
  await lend('L-1', '15000', '15000');
  world.sandbox.bank.transfer({ to: cvu, amount: pesos(15000) });
  await expect.poll(paid, soon).toEqual(['paid', 'open']);
  const genuine = world.sandbox.deliveries.find(({ outcome }) => outcome === 'delivered');
  const looks = () => world.sandbox.requests.filter(({ path }) => path.includes('/transactions/')).length;
  const before = looks();

  const send = async (url = '', body: object = genuine?.body ?? {}) => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
  };
  expect(await Promise.all([send(genuine?.url), send(genuine?.url), send(genuine?.url)])).toEqual([
    200, 200, 200,
  ]);
  expect(await send(genuine?.url.split('?')[0])).toBe(401);
  expect(await send(genuine?.url, { ...genuine?.body, customerId: 'another' })).toBe(401);
  // it is looked at once more, and nothing is new
  await expect.poll(looks, soon).toBeGreaterThan(before);
  await world.sandbox.idle();

  expect(await paid()).toEqual(['paid', 'open']);
  expect(world.received()).toBe(world.sandbox.bank.total().centavos);
});

test('killed while money comes in, it ends with the books of the bank', async () => {
  const { cvu } = await borrow();
  await lend('L-1', '15000', '15000', '15000');
  world.sandbox.bank.transfer({ to: cvu, amount: pesos(15000) });
  await world.stop('SIGKILL');
  world.sandbox.bank.transfer({ to: cvu, amount: pesos(15000) });
  await world.start();
  world.sandbox.bank.transfer({ to: cvu, amount: pesos(15000) });
  await world.stop('SIGKILL');
  await world.start();

  await expect.poll(paid, soon).toEqual(['paid', 'paid', 'paid']);
  expect(world.received()).toBe(world.sandbox.bank.total().centavos);
});

test('a notification that comes while it closes is taken', async () => {
  const { cvu } = await borrow();
  world.sandbox.faults.add({ side: 'webhook', effect: 'drop' });
  world.sandbox.bank.transfer({ to: cvu, amount: pesos(15000) });
  await world.sandbox.idle();
  const [lost] = world.sandbox.deliveries;
  const { host, port, pathname, search } = new URL(lost?.url ?? '');
  const body = JSON.stringify(lost?.body);

  // a request whose headers are still on their way when the closing begins
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8');
  socket.write(`POST ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n`);
  const up = () =>
    fetch(world.url)
      .then(() => true)
      .catch(() => false);
  expect(await up()).toBe(true);
  const stopped = world.stop('SIGTERM');
  await expect.poll(up, soon).toBe(false);
  socket.write(`content-length: ${body.length}\r\n\r\n${body}`);
  const [answer] = await once(socket, 'data');
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(await stopped).toBe(0);

  await world.start();
  await expect.poll(() => world.received(), soon).toBe(world.sandbox.bank.total().centavos);
});

test('a PUT that is repeated changes nothing, another loan under the same id is refused', async () => {
  const first = await borrow();
  expect(await borrow()).toEqual(first);
  await lend('L-1', '15000', '15000');
  expect((await lend('L-1', '15000', '15000')).status).toBe(200);
  expect((await lend('L-1', '15000', '1')).status).toBe(409);
  await put('borrowers/juan', { name: 'Juan Gomez', email: 'juan@example.com', alias: 'juangomez' });
  const instalments = [
    { due: '2027-01-10', amount: '15000' },
    { due: '2027-02-10', amount: '15000' },
  ];
  expect((await put('loans/L-1', { borrower: 'juan', instalments })).status).toBe(409);
  expect((await carla()).instalments).toHaveLength(2);
});

test('what Talo refuses does not change what is known of a borrower', async () => {
  const first = await borrow();
  const other = { name: 'Juan Gomez', email: 'juan@example.com', alias: 'juangomez' };
  expect((await put(`borrowers/${CARLA}`, other)).status).toBe(409);
  expect(await carla()).toEqual(first);
});

test('money that the bank takes back is owed again', async () => {
  const { cvu } = await borrow();
  await lend('L-1', '15000', '15000');
  const { id } = world.sandbox.bank.transfer({ to: cvu, amount: pesos(15000) });
  await expect.poll(paid, soon).toEqual(['paid', 'open']);
  world.sandbox.bank.reverse(id);
  await expect.poll(paid, soon).toEqual(['open', 'open']);
  expect(await carla()).toMatchObject({
    owed: ARS('30.000,00'),
    attention: expect.stringContaining('reversed'),
  });
  expect(world.received()).toBe(world.sandbox.bank.total().centavos);
});

test('what Talo would not take is refused with every reason', async () => {
  const response = await put(`borrowers/${CARLA}`, {
    name: 'Carla',
    email: 'carla',
    alias: 'Carla Perez',
  });
  expect(response.status).toBe(422);
  const { issues } = (await response.json()) as { readonly issues: readonly { readonly path: string }[] };
  expect(new Set(issues.map(({ path }) => path))).toEqual(new Set(['alias', 'email']));
  expect((await lend('L-1', '15000')).status).toBe(404);
  await borrow();
  expect((await lend('L-1', '1.234')).status).toBe(422);
  // an instalment of less than nothing would pay for the others
  expect((await lend('L-1', '15000', '-15000')).status).toBe(422);
  expect((await lend('L-1', '0')).status).toBe(422);
  expect((await carla()).instalments).toEqual([]);
});
