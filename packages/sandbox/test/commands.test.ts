import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createSandbox, type Listening, type Sandbox } from '../src/index.ts';
import { controlOf } from './control/support.ts';

// the commands that talk to a running sandbox, each in a process of its own

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const received: string[] = [];
let sandbox: Sandbox;
let server: Listening;
let tail: ChildProcess | undefined;
// each command is a process that loads the package's sources: seconds, on a busy machine
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

beforeAll(async () => {
  sandbox = createSandbox({
    clock: 'virtual',
    receiver: async (request) => {
      received.push(`${request.url} ${await request.text()}`);
      return new Response(null, { status: request.url.includes('broken') ? 500 : 200 });
    },
  });
  server = await sandbox.listen();
});
beforeEach(() => {
  received.length = 0;
});
afterAll(async () => {
  tail?.kill('SIGKILL');
  await sandbox.close();
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function talo(...args: string[]): Promise<Ended> {
  const env = { ...process.env, TALO_SANDBOX_URL: server.url };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--conditions=@talo/source', cli, ...args], { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

async function json(...args: string[]): Promise<unknown> {
  const { code, out, err } = await talo(...args, '--json');
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
}

test('seed, transfer, status: what a first day needs', async () => {
  const seeded = await json(
    'seed',
    '--customers',
    '2',
    '--payments',
    '1',
    '--webhook-url',
    'http://localhost/hook',
  );
  expect(seeded).toMatchObject({
    customers: ['bami.cliente.1', 'bami.cliente.2'],
    payments: [expect.any(String)],
  });
  const sent = await json('transfer', 'bami.cliente.1', '1500.50', '--from', 'Ana');
  expect(sent).toMatchObject({ transfers: [{ amount: { centavos: 150_050 }, from: { name: 'Ana' } }] });
  const status = await talo('status');
  expect(status.out).toMatch(/received {3}\$\s1\.500,50 in 1 transfers/);
  const refused = await talo('transfer', 'nobody.here', '1');
  expect([refused.code, refused.err.trim()]).toEqual([
    1,
    'talo-sandbox: There is no CVU or alias nobody.here.',
  ]);
});

test('trigger sends to any URL and says what came back; replay sends again', async () => {
  received.length = 0;
  const hit = await talo('trigger', 'http://any.example/hook', '--kind', 'payment', '--id', 'order-1');
  expect([hit.code, hit.out]).toEqual([0, expect.stringContaining('http://any.example/hook  200 delivered')]);
  expect(received[0]).toContain('"externalId":"order-1"');
  const broken = await talo('trigger', 'http://any.example/broken', '--body', '{"x":1}');
  expect([broken.code, broken.out]).toEqual([1, expect.stringContaining('500 rejected')]);
  await sandbox.idle();
  const first = sandbox.deliveries[0]?.notificationId ?? '';
  received.length = 0;
  expect((await talo('replay', first, '--times', '3')).code).toBe(0);
  expect(received).toHaveLength(3);
  expect((await talo('replay', 'notice-999')).code).toBe(1);
});

test('faults, scenarios and the clock', async () => {
  await talo('fault', 'add', '{"status":503,"times":3}');
  expect(await json('fault')).toMatchObject({ faults: [{ fault: { status: 503, times: 3 }, met: 0 }] });
  expect((await talo('fault', 'clear')).out).toBe('no faults\n');
  expect((await talo('scenario')).out).toContain('friday-night');
  expect(await json('scenario', 'black-out', '--set', 'minutes=1')).toMatchObject({ running: true });
  expect(await json('scenario', 'stop', 'black-out')).toMatchObject({ running: false });
  expect((await talo('scenario', 'saturday')).err).toContain('only friday-night');
  const before = sandbox.clock.now();
  await talo('clock', 'advance', '30h');
  expect(sandbox.clock.now() - before).toBe(30 * 3_600_000);
});

test('export, reset, and back from the file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talo-sandbox-'));
  const file = join(folder, 'state.json');
  const total = sandbox.bank.total();
  await talo('export', file);
  expect(JSON.parse(readFileSync(file, 'utf8')).format).toBe('talo-sandbox-1');
  await talo('reset');
  expect(sandbox.bank.total().centavos).toBe(0);
  expect((await talo('seed', '--file', file)).code).toBe(0);
  expect(sandbox.bank.total()).toEqual(total);
  rmSync(folder, { recursive: true });
});

test('a file that is no JSON is named, and not shown', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talo-sandbox-'));
  const file = join(folder, 'state.json');
  writeFileSync(file, '{"clientSecret":"hush",');
  const { code, err } = await talo('seed', '--file', file);
  expect([code, err.split('\n')[0]]).toEqual([2, `talo-sandbox: ${file} is not JSON`]);
  expect(err).not.toContain('hush');
  rmSync(folder, { recursive: true });
});

test('tail begins with the last that happened, so that it can be replayed', async () => {
  const { body } = await controlOf(sandbox)('POST /payments', {
    body: { price: 5, webhookUrl: 'http://any.example/hook' },
  });
  sandbox.bank.transfer({ to: body.cvu, amount: 5 });
  await sandbox.idle();
  const id = sandbox.deliveries.at(-1)?.notificationId ?? '';
  const child = spawn(process.execPath, [
    '--conditions=@talo/source',
    cli,
    'tail',
    '--url',
    server.url,
    '--last',
    '3',
  ]);
  let text = '';
  while (!text.includes(id)) text += (await once(child.stdout, 'data'))[0];
  child.kill('SIGKILL');
  const lines = text.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines.at(-1)).toMatch(/^\d\d:\d\d:\d\dZ .* 200 delivered/);
  received.length = 0;
  expect((await talo('replay', id)).code).toBe(0);
  expect(received).toHaveLength(1);
});

test('tail prints what happens, without secrets, until the sandbox stops', async () => {
  const child = spawn(process.execPath, ['--conditions=@talo/source', cli, 'tail', '--url', server.url]);
  tail = child;
  let text = '';
  const until = async (wanted: string): Promise<void> => {
    while (!text.includes(wanted)) {
      const [chunk] = await once(child.stdout, 'data');
      text += chunk;
    }
  };
  // it is there once it hears of something
  const knock = setInterval(() => sandbox.clock.advance({ ms: 1 }), 50);
  await until('clock frozen');
  clearInterval(knock);
  await fetch(`${server.url}/payments/VAR-1?token=hush`, {
    headers: { authorization: 'Bearer TL-hush.a.b' },
  });
  await until('GET /payments/VAR-1  401');
  sandbox.bank.transfer({ to: 'bami.cliente.1', amount: 7 });
  await until('7,00 to');
  expect(text).toMatch(/transfer of \$\s7,00 to \d{22} {2}credited/);
  expect(text).not.toContain('hush');
  const ended = once(child, 'close');
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaint += chunk;
  });
  await server.close();
  expect(await ended).toEqual([3, null]);
  expect(complaint).toBe(`talo-sandbox: The sandbox at ${server.url} has stopped.\n`);
});
