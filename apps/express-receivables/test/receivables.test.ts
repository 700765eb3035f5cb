import { pesos, TaloClient } from '@talo/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { World } from './world.ts';

// processes are started and killed here
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let world: World;
beforeEach(async () => {
  world = await World.begin();
});
afterEach(() => world.end());

const put = (number: string, body: object) =>
  fetch(`${world.url}/invoices/${number}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

interface Shown {
  readonly status: string;
  readonly received: string;
  readonly cvu: string;
  readonly alias: string;
}

const shown = async (response: Response) => (await response.json()) as Shown;
const invoice = async (number: string) => shown(await fetch(`${world.url}/invoices/${number}`));
const status = async (number: string) => (await invoice(number)).status;

/** Soon: notifications are confirmed at most once a second for each payment. */
const soon = { timeout: 30_000, interval: 50 };

/** Two handlers write `paid` and the receipts, each in its own time. */
const booksEqualBank = () =>
  expect.poll(() => world.received(), soon).toBe(world.sandbox.bank.total().centavos);

const CARLA = { customer: 'Carla Perez', amount: '30000.50' };

test('an invoice is collected at a CVU of its own, in as many transfers as it takes', async () => {
  const created = await shown(await put('A-0001', CARLA));
  expect(created).toMatchObject({ number: 'A-0001', status: 'open', received: '$\u00a00,00' });
  expect(created.cvu).toMatch(/^\d{22}$/);

  world.sandbox.bank.transfer({ to: created.cvu, amount: pesos(18000) });
  await expect.poll(() => status('A-0001'), soon).toBe('partly paid');
  world.sandbox.bank.transfer({ to: created.alias, amount: pesos('12000.50') });
  await expect.poll(() => status('A-0001'), soon).toBe('paid');

  await booksEqualBank();
  expect((await invoice('A-0001')).received).toBe('$\u00a030.000,50');
  expect(world.open()).toEqual([]);
  expect(await world.stop('SIGTERM')).toBe(0);
});

test('a webhook that comes again, and one that is forged, change nothing', async () => {
  const { cvu } = await shown(await put('A-0002', CARLA));
  world.sandbox.bank.transfer({ to: cvu, amount: pesos('30000.50') });
  await expect.poll(() => status('A-0002'), soon).toBe('paid');
  const genuine = world.sandbox.deliveries.find(({ outcome }) => outcome === 'delivered');
  const looks = () => world.sandbox.requests.filter(({ method }) => method === 'GET').length;
  const before = looks();

  const send = (url = '') =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(genuine?.body),
    }).then(({ status }) => status);
  expect(await Promise.all([send(genuine?.url), send(genuine?.url), send(genuine?.url)])).toEqual([
    200, 200, 200,
  ]);
  expect(await send(genuine?.url.split('?')[0])).toBe(401);
  // it is looked at once more, and nothing is new
  await expect.poll(looks, soon).toBeGreaterThan(before);
  await world.sandbox.idle();

  await booksEqualBank();
  expect((await invoice('A-0002')).received).toBe('$\u00a030.000,50');
});

test('killed while money comes in, it ends with the books of the bank', async () => {
  const { cvu } = await shown(await put('A-0003', { customer: 'Carla Perez', amount: 1000 }));
  world.sandbox.bank.transfer({ to: cvu, amount: pesos(300) });
  await world.stop('SIGKILL');
  world.sandbox.bank.transfer({ to: cvu, amount: pesos(300) });
  await world.start();
  world.sandbox.bank.transfer({ to: cvu, amount: pesos(400) });
  await world.stop('SIGKILL');
  await world.start();

  await expect.poll(() => status('A-0003'), soon).toBe('paid');
  await booksEqualBank();
});

test('a PUT that is repeated is the same invoice and the same payment', async () => {
  const first = await shown(await put('A-0004', CARLA));
  const again = await shown(await put('A-0004', CARLA));
  expect(again).toEqual(first);
  const other = await put('A-0004', { ...CARLA, amount: '1' });
  expect(other.status).toBe(409);
  expect((await put('A-0004', { ...CARLA, customer: 'Juan Gomez' })).status).toBe(409);
  const creates = world.sandbox.requests.filter(
    ({ method, path }) => method === 'POST' && path === '/payments/',
  );
  expect(creates).toHaveLength(1);
});

test('an answer of Talo that is lost is made up for by the same PUT', async () => {
  world.sandbox.faults.add({
    match: { method: 'POST', route: '/payments/' },
    effect: 'lose-response',
    times: 1,
  });
  const lost = await put('A-0005', CARLA);
  const found = lost.status === 200 ? lost : await put('A-0005', CARLA);
  const { cvu } = await shown(found);
  world.sandbox.bank.transfer({ to: cvu, amount: pesos('30000.50') });
  await expect.poll(() => status('A-0005'), soon).toBe('paid');
});

test('an invoice outlives its CVU: the same PUT opens another one for what is missing', async () => {
  const first = await shown(await put('A-0007', CARLA));
  world.sandbox.clock.freeze();
  await world.sandbox.clock.advance({ hours: 300 });
  await expect.poll(() => status('A-0007'), soon).toBe('expired');
  expect(await invoice('A-0007')).not.toHaveProperty('cvu');

  const second = await shown(await put('A-0007', CARLA));
  expect(second.status).toBe('open');
  expect(second.cvu).not.toBe(first.cvu);
  world.sandbox.bank.transfer({ to: second.cvu, amount: pesos('30000.50') });
  await expect.poll(() => status('A-0007'), soon).toBe('paid');
  await booksEqualBank();
  // paid is paid, however often it is asked for
  expect(await shown(await put('A-0007', CARLA))).toEqual(await invoice('A-0007'));
});

/** What Talo asks for, for one of the invoice's payments. */
const priceOf = async (externalId: string) => {
  const { fetch, merchant } = world.sandbox;
  const { price } = await new TaloClient({ fetch, ...merchant }).payments.get(`VAR-f61876b0-${externalId}`);
  return price;
};

/** Talo ends a payment, with what it has received until then. */
const end = (externalId: string) =>
  world.sandbox.operator.setPaymentStatus(`VAR-f61876b0-${externalId}`, 'CANCELLED');

test('a CVU that ended with nobody told is followed by another one, for what Talo did not receive', async () => {
  const { cvu } = await shown(await put('A-0010', CARLA));
  world.sandbox.faults.add({ side: 'webhook', effect: 'drop' });
  world.sandbox.bank.transfer({ to: cvu, amount: pesos(18000) });
  end('A-0010');
  expect(await status('A-0010')).toBe('open');

  const [second, twin] = await Promise.all([
    put('A-0010', CARLA).then(shown),
    put('A-0010', CARLA).then(shown),
  ]);
  expect(second.cvu).not.toBe(cvu);
  expect(twin).toEqual(second);
  expect(await priceOf('A-0010~2')).toEqual(pesos('12000.50'));
  expect(await shown(await put('A-0010', CARLA))).toEqual(second);

  world.sandbox.faults.clear();
  world.sandbox.bank.transfer({ to: second.cvu, amount: pesos('12000.50') });
  await expect.poll(() => world.received(), soon).toBe(1_200_050);
  // the debt is paid when the invoice has its money, not when the last payment has
  expect(await status('A-0010')).toBe('partly paid');
  const lost = world.sandbox.deliveries.find(({ outcome }) => outcome === 'dropped');
  await fetch(lost?.url ?? '', { method: 'POST', body: JSON.stringify(lost?.body) });
  await expect.poll(() => status('A-0010'), soon).toBe('paid');
  await booksEqualBank();
});

test('money of an earlier CVU that the bank takes back is owed, although the last one is paid', async () => {
  const first = await shown(await put('A-0011', CARLA));
  const { id } = world.sandbox.bank.transfer({ to: first.cvu, amount: pesos(18000) });
  await expect.poll(() => status('A-0011'), soon).toBe('partly paid');
  end('A-0011');
  await expect.poll(() => status('A-0011'), soon).toBe('expired');
  const second = await shown(await put('A-0011', CARLA));
  expect(await priceOf('A-0011~2')).toEqual(pesos('12000.50'));

  world.sandbox.bank.reverse(id);
  await expect.poll(() => world.received(), soon).toBe(0);
  world.sandbox.bank.transfer({ to: second.cvu, amount: pesos('12000.50') });
  await booksEqualBank();
  await world.stop('SIGTERM');
  await world.start();
  expect(await status('A-0011')).toBe('partly paid');
});

test('an invoice is not paid any more when the bank takes the money back', async () => {
  const { cvu } = await shown(await put('A-0008', CARLA));
  const { id } = world.sandbox.bank.transfer({ to: cvu, amount: pesos('30000.50') });
  await expect.poll(() => status('A-0008'), soon).toBe('paid');
  await booksEqualBank();

  world.sandbox.bank.reverse(id);
  await expect.poll(() => status('A-0008'), soon).toBe('open');
  expect(await invoice('A-0008')).toMatchObject({
    received: '$\u00a00,00',
    attention: expect.stringContaining('reversed'),
  });

  world.sandbox.bank.transfer({ to: cvu, amount: pesos('30000.50') });
  await expect.poll(() => status('A-0008'), soon).toBe('paid');
  await booksEqualBank();
});

test('what cannot be an invoice is refused with every reason', async () => {
  const response = await put('A-0006', { ...CARLA, amount: '1.234' });
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ issues: [{ code: 'decimals' }] });
  expect((await put('A-0006', { ...CARLA, customer: '' })).status).toBe(422);
  expect((await put('A~2', CARLA)).status).toBe(422);
  expect((await fetch(`${world.url}/invoices/A-0006`)).status).toBe(404);
});

test('whoever sends nonsense gets JSON that says so, and no stack', async () => {
  const send = async (body: string) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${world.url}/invoices/A-0009`, { method: 'PUT', headers, body });
    return [response.status, Object.keys(Object(await response.json()))];
  };
  expect(await send('{"customer":')).toEqual([400, ['error']]);
  expect(await send(JSON.stringify({ customer: 'x'.repeat(200_000) }))).toEqual([413, ['error']]);

  const get = async (path: string) => {
    const response = await fetch(world.url + path);
    return [response.status, await response.json()];
  };
  expect(await get('/invoices/%E0%A4%A')).toEqual([400, { error: expect.any(String) }]);
  expect(await get('/nowhere')).toEqual([404, { error: expect.any(String) }]);
});
