import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/index.ts';
import { controlOf } from '../control/support.ts';

let folder = '';
let open: Sandbox[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'talo-sandbox-'));
});
afterEach(async () => {
  for (const sandbox of open) await sandbox.close();
  open = [];
  rmSync(folder, { recursive: true });
});

function path(): string {
  return join(folder, 'talo.db');
}

function begin(options: SandboxOptions = {}): Sandbox {
  const sandbox = createSandbox({ storage: path(), clock: 'virtual', ...options });
  open.push(sandbox);
  return sandbox;
}

test('everything is there again: money, accounts, partner, settings, time, and ids go on', async () => {
  const first = begin({ delivery: { retry: 'none' } });
  const control = controlOf(first);
  const { body: payment } = await control('POST /payments', { body: { price: 1000, motive: 'uno' } });
  const { body: customer } = await control('POST /customers', {
    body: { webhookUrl: 'http://127.0.0.1:9/' },
  });
  await control('POST /transfers', { body: { to: payment.cvu, kind: 'split' } });
  await control('POST /transfers', { body: { to: customer.alias, amount: '12.34' } });
  await control('PATCH /partner', { body: { webhookUrl: 'http://localhost:1/partner' } });
  await control('PATCH /settings', { body: { oddities: { readDelayMs: 5 } } });
  await control('POST /merchants', { body: { aliasPrefix: 'otra' } });
  await first.clock.advance({ hours: 3 });
  const before = first.snapshot();
  const total = first.bank.total();
  await first.close();

  const second = begin();
  expect(second.snapshot()).toEqual(before);
  expect(second.bank.total()).toEqual(total);
  expect(second.partner.webhookUrl).toBe('http://localhost:1/partner');
  const { body: settings } = await controlOf(second)('GET /settings');
  expect(settings.oddities.find(({ name }) => name === 'readDelayMs')?.current).toBe(5);
  // the timeline tells at least what the state knows
  const params = { userId: payment.userId, id: payment.id };
  const { body: again } = await controlOf(second)('GET /payments/:userId/:id', { params });
  expect(again.timeline.map(({ type }) => type)).toEqual(['created', 'transfer', 'transfer']);
  const { body: next } = await controlOf(second)('POST /payments', { body: { price: 1 } });
  expect(next.cvu).not.toBe(payment.cvu);
});

test('what is asked for at the start goes before what was changed, and what was changed before the rest', async () => {
  const first = begin({ delivery: { retry: 'none' } });
  await controlOf(first)('PATCH /settings', {
    body: { delivery: { retry: 'quick', dropEvery: 7, duplicate: 2 }, activationDelayMs: 5 },
  });
  await first.close();
  const settingsOf = async (sandbox: Sandbox) => (await controlOf(sandbox)('GET /settings')).body;
  const second = begin({ delivery: { retry: 'stripe-like', dropEvery: 0, allowRemote: true } });
  expect(await settingsOf(second)).toMatchObject({
    delivery: { retry: 'stripe-like', dropEvery: 0, duplicate: 2, allowRemote: true },
    activationDelayMs: 5,
  });
  await second.close();
  const third = begin({ activationDelayMs: 6 });
  expect(await settingsOf(third)).toMatchObject({
    delivery: { duplicate: 2, allowRemote: false },
    activationDelayMs: 6,
  });
});

test('a file with a virtual clock keeps the time that an activation takes there', async () => {
  await begin().close();
  const again = createSandbox({ storage: path() });
  open.push(again);
  const { body } = await controlOf(again)('GET /settings');
  expect(body.activationDelayMs).toBe(24 * 3_600_000);
});

test('what was to come comes: expiries, activations, payouts, webhooks to be sent again', async () => {
  const first = begin({
    delivery: { retry: [60_000, 60_000] },
    receiver: () => new Response(null, { status: 500 }),
  });
  const control = controlOf(first);
  const { body: payment } = await control('POST /payments', {
    body: { price: 10, webhookUrl: 'http://a.example/' },
  });
  const { body: onboarded } = await control('POST /partner/onboard', { body: { referredUserId: 'u' } });
  await control('POST /transfers', { body: { to: payment.cvu, amount: 4 } });
  const { body: open } = await control('POST /payments', { body: { price: 10 } });
  await first.idle();
  expect(first.deliveries.map(({ attempt }) => attempt)).toEqual([1]);
  await first.close();

  const second = begin({ receiver: () => new Response() });
  await second.clock.advance({ minutes: 1 });
  expect(second.deliveries).toMatchObject([{ attempt: 2, outcome: 'delivered', notificationId: 'notice-1' }]);
  await second.clock.advance({ hours: 40 });
  const { body: merchant } = await controlOf(second)('GET /merchants/:userId', {
    params: { userId: onboarded.merchant.userId },
  });
  expect(merchant.status).toBe('ACTIVE');
  const { body: list } = await controlOf(second)('GET /payments', { query: { q: open.id } });
  expect(list.items).toMatchObject([{ status: 'EXPIRED' }]);
  const { body: own } = await controlOf(second)('GET /merchants/:userId', {
    params: { userId: payment.userId },
  });
  expect(own.balance.centavos).toBeLessThanOrEqual(1); // paid out at nine
});

test('a clock that was frozen by hand is frozen again, and one that runs ahead stays ahead', async () => {
  const first = createSandbox({ storage: path() });
  await controlOf(first)('POST /clock/advance', { body: { days: 2 } });
  await first.close();
  const second = createSandbox({ storage: path() });
  expect(second.clock.now() - Date.now()).toBeGreaterThan(47 * 3_600_000);
  second.clock.freeze();
  const now = second.clock.now();
  await second.close();
  const third = createSandbox({ storage: path() });
  expect([third.clock.kind, third.clock.now()]).toEqual(['virtual', now]);
  await third.close();
});

test('reset and restore are on disk too', async () => {
  const first = begin();
  const { body: payment } = await controlOf(first)('POST /payments', { body: { price: 1 } });
  const kept = first.snapshot();
  first.reset();
  await first.close();
  const second = begin();
  expect((await controlOf(second)('GET /payments')).body.total).toBe(0);
  second.restore(kept);
  await second.close();
  const { body } = await controlOf(begin())('GET /payments');
  expect(body.items).toMatchObject([{ id: payment.id }]);
});

interface Said {
  readonly payment?: string;
  readonly userId?: string;
  readonly transfer?: string;
  readonly centavos?: number;
  readonly answered?: string;
}

test('killed at any moment, nothing that was accepted is lost', async () => {
  const kills = Number(process.env['KILLS'] ?? 4);
  const child = fileURLToPath(new URL('child.ts', import.meta.url));
  const said: Said[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const running = spawn(process.execPath, ['--conditions=@talo/source', child, path(), String(kill)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    let shot: NodeJS.Timeout | undefined;
    running.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      // not before something happened, and then at any moment, between two lines or within the work for one
      if (text.split('\n').length > 10)
        shot ??= setTimeout(() => running.kill('SIGKILL'), Math.random() * 300);
    });
    await once(running, 'close');
    clearTimeout(shot);
    const lines = text.split('\n').slice(0, -1);
    expect(lines.length).toBeGreaterThan(9);
    said.push(...lines.map((line): Said => JSON.parse(line)));
  }

  const sandbox = begin({ clock: 'real', delivery: { retry: 'none' } });
  const state = sandbox.snapshot().rows;
  const has = (kind: string): Set<string> =>
    new Set(state.filter((row) => row.kind === kind).map(({ key }) => key));
  const transfers = has('transfer');
  const payments = has('payment');
  for (const { transfer, payment, userId } of said) {
    if (transfer !== undefined) expect(transfers).toContain(transfer);
    if (payment !== undefined) expect(payments).toContain(`${userId}\n${payment}`);
  }
  const byId = new Map(sandbox.bank.transfers.map((receipt) => [receipt.id, receipt.amount.centavos]));
  for (const { transfer = '', centavos } of said)
    if (centavos !== undefined) expect(byId.get(transfer)).toBe(centavos);
  // each answered transfer is a second one, of one peso, to the same payment
  const parts = new Map<string, number>();
  for (const row of state.filter(({ kind }) => kind === 'transaction')) {
    const owner = z.object({ owner: z.object({ key: z.string() }) }).parse(row.value).owner.key;
    parts.set(owner, (parts.get(owner) ?? 0) + 1);
  }
  const { userId } = sandbox.merchant.credentials;
  for (const { answered } of said)
    if (answered !== undefined) expect(parts.get(`${userId}\n${answered}`)).toBe(2);
  // and the books agree: what the bank moved is what the resources received
  let received = 0;
  for (const key of payments) {
    const [owner = '', id = ''] = key.split('\n');
    const params = { userId: owner, id };
    received += (await controlOf(sandbox)('GET /payments/:userId/:id', { params })).body.received.centavos;
  }
  expect(received).toBe(sandbox.bank.total().centavos);
}, 240_000);

test('a file is for one sandbox, and its owner alone', () => {
  begin();
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(() => createSandbox({ storage: path() })).toThrow(/another process uses it/);
});

/** A file of the sandbox that somebody wrote to. */
function spoilt(statement: string): (file: string) => Promise<void> {
  return async (file) => {
    await createSandbox({ storage: file }).close();
    const database = new DatabaseSync(file);
    database.exec(statement);
    database.close();
  };
}

test.each<[string, (file: string) => void | Promise<void>, RegExp]>([
  ['is no database', (file) => writeFileSync(file, 'x'.repeat(5000)), /damaged, or no SQLite file/],
  [
    "is another program's",
    (file) => {
      const other = new DatabaseSync(file);
      other.exec('CREATE TABLE users (id)');
      other.close();
    },
    /a database of another program/,
  ],
  [
    'is of a newer version',
    spoilt('PRAGMA user_version = 99'),
    /written by a newer version .*its format is 99, this one reads 1/,
  ],
  ['is of an older version', spoilt('PRAGMA user_version = 0'), /written by an older version/],
  [
    'has other tables',
    spoilt('DROP TABLE records; CREATE TABLE records (id)'),
    /its tables are not those of a sandbox/,
  ],
  ['lacks a table', spoilt('DROP TABLE kept'), /its tables are not those of a sandbox/],
  ['has a record that is none', spoilt(`UPDATE records SET value = '{"userId":1}'`), /rows\.0\.value\./],
  ['has a record that is cut off', spoilt(`UPDATE records SET value = '{"userId":'`), /is not JSON/],
  [
    'has a date that is none',
    spoilt(`UPDATE records SET value = json_set(value, '$.nextPayoutAt', 1e300)`),
    /rows\.0\.value\.nextPayoutAt/,
  ],
  ['does not say its time', spoilt(`UPDATE kept SET value = json_remove(value, '$.clock')`), /kept\.clock/],
  ['says nothing of itself', spoilt('DELETE FROM kept'), /kept: /],
  [
    'has a switch with a value that it does not take',
    spoilt(`UPDATE kept SET value = json_set(value, '$.oddities.lateTransfers', 'perhaps')`),
    /lateTransfers \} \}\): expected 'credit', 'keep-expired' or 'bounce'/,
  ],
])('a file that %s is refused with what to do', async (_name, spoil, message) => {
  const file = path();
  await spoil(file);
  const begin = (): unknown => createSandbox({ storage: file });
  expect(begin).toThrow(message);
  expect(begin).toThrow(new RegExp(`^${file} cannot be (opened|read): |^${file} (is|was) `)); // and holds no lock
  // and what was there before is still there
  expect(statSync(file).size).toBeGreaterThan(0);
});

test('a folder that is missing, a folder in place of the file, and another seed', async () => {
  expect(() => createSandbox({ storage: join(folder, 'no', 'talo.db') })).toThrow(
    /its folder does not exist/,
  );
  expect(() => createSandbox({ storage: folder })).toThrow(/it is a folder/);
  // whatever the words in its path
  const worded = join(folder, 'full locked busy corrupt readonly');
  mkdirSync(worded);
  expect(() => createSandbox({ storage: join(worded, 'no', 'talo.db') })).toThrow(
    /its folder does not exist/,
  );
  expect(() => createSandbox({ storage: worded })).toThrow(/it is a folder/);
  writeFileSync(join(worded, 'file'), '');
  expect(() => createSandbox({ storage: join(worded, 'file', 'talo.db') })).toThrow(/its folder is a file/);
  await createSandbox({ storage: path(), seed: 'one' }).close();
  expect(() => createSandbox({ storage: path(), seed: 'two' })).toThrow("was begun with the seed 'one'");
  begin({ seed: 'one' });
});

test('a full disk is said, nothing is half written, and it goes on when there is room', async () => {
  await createSandbox({ storage: path() }).close();
  const disk = new DatabaseSync(path());
  // full from the third record on, in SQLite's own words
  disk.exec(`CREATE TRIGGER full BEFORE INSERT ON records WHEN (SELECT count(*) FROM records) >= 2
    BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END`);
  disk.close();
  const errors: unknown[] = [];
  const sandbox = begin({ onError: (error) => errors.push(error) });
  const control = controlOf(sandbox);
  const { body: payment } = await control('POST /payments', { body: { price: 10 } });
  expect(() => sandbox.bank.transfer({ to: payment.alias, amount: 1 })).toThrow(
    /cannot be written: the disk is full/,
  );
  const refused = await control('POST /transfers', { body: { to: payment.cvu, amount: 1 } });
  expect([refused.status, JSON.stringify(refused.body)]).toEqual([
    500,
    expect.stringContaining('disk is full'),
  ]);
  // and at Talo's own door, in its words, by both ways in
  const { url } = await sandbox.listen();
  const { userId } = sandbox.merchant.credentials;
  const order = { user_id: userId, external_id: 'two', price: { amount: 1, currency: 'ARS' } };
  const body = JSON.stringify({ ...order, payment_options: ['transfer'] });
  for (const door of [sandbox.fetch, fetch]) {
    const answer = await door(`${url}/payments/`, { method: 'POST', body });
    expect([answer.status, await answer.json()]).toMatchObject([
      500,
      { error: true, code: 'storage_error', message: expect.stringContaining('the disk is full') },
    ]);
  }
  expect(sandbox.requests.at(-1)).toMatchObject({ path: '/payments/', status: 500 });
  expect(errors.map(String)).toContainEqual(expect.stringContaining('the disk is full'));
  await sandbox.close();

  const second = begin();
  expect(second.snapshot().rows.map(({ kind }) => kind)).toEqual(['merchant', 'payment']);
  expect(() => second.bank.transfer({ to: payment.alias, amount: 1 })).toThrow(/the disk is full/);
  second.reset(); // there is room again
  const { status } = await controlOf(second)('POST /payments', { body: { price: 1 } });
  expect(status).toBe(200);
});

test('what could not be written is not announced before it is', async () => {
  await createSandbox({ storage: path() }).close();
  const disk = new DatabaseSync(path());
  // no room for transactions until the account is revoked, which is written before them
  disk.exec(`CREATE TRIGGER full BEFORE INSERT ON records WHEN NEW.kind = 'transaction' AND
    (SELECT json_extract(value, '$.revoked') FROM records WHERE kind = 'merchant') = 0
    BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END`);
  disk.close();
  const told: unknown[] = [];
  const sandbox = begin({
    receiver: async (request) => {
      told.push(await request.json());
      return new Response();
    },
  });
  const control = controlOf(sandbox);
  const { body: payment } = await control('POST /payments', {
    body: { price: 10, webhookUrl: 'http://a.example/' },
  });
  const refused = (): unknown => sandbox.bank.transfer({ to: payment.alias, amount: 10 });
  expect(refused).toThrow(/the disk is full/);
  await sandbox.idle();
  await sandbox.clock.advance({ hours: 1 });
  expect([told, sandbox.deliveries]).toEqual([[], []]);

  sandbox.operator.revoke(sandbox.merchant.credentials.userId); // there is room again
  await sandbox.idle();
  expect(told).toMatchObject([{ paymentId: payment.id }]);
  expect(sandbox.snapshot().rows.map(({ kind }) => kind)).toContain('transaction');
});
