import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { VERSION } from '../src/version.ts';

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function run(...args: string[]): {
  child: ChildProcess;
  output: () => string;
  until: (text: string) => Promise<string>;
} {
  const child = spawn(process.execPath, ['--conditions=@talo/source', cli, ...args]);
  started.push(child);
  let text = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const check of waiting) check();
    });
  }
  return {
    child,
    output: () => text,
    until: (wanted) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (text.includes(wanted)) resolve(text);
        };
        waiting.add(check);
        check();
      }),
  };
}

test('serves, prints what happens without secrets, and stops on a signal', async () => {
  const { child, until, output } = run('--port', '0');
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await until('Ctrl+C'))?.[0] ?? '';
  const token = await fetch(`${url}/users/f61876b0-10a5-4e39-8e2c-17343b3fa1b6/tokens`, {
    method: 'POST',
    body: '{"client_id":"sandbox","client_secret":"sandbox"}',
  });
  const { data } = (await token.json()) as { data: { token: string } };
  const headers = { authorization: `Bearer ${data.token}` };
  const customer = {
    user_id: 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6',
    alias: 'abcdabcd',
    customer_id: '1',
    name: 'C',
    contact: { email: 'c@x.com' },
    webhook_url: 'https://tu-sitio.com/hook?secret=hush',
  };
  const created = await fetch(`${url}/customers/`, {
    method: 'POST',
    headers,
    body: JSON.stringify(customer),
  });
  const { bank_info } = ((await created.json()) as { data: { bank_info: { cvu: string } } }).data;
  await fetch(`${url}/cvu/${bank_info.cvu}/faucet`, { method: 'POST', headers, body: '{"amount":1}' });
  // with the id that "replay" wants
  await until('webhook to https://tu-sitio.com/hook  refused');
  await vi.waitFor(() =>
    expect(output()).toMatch(/^\d\d:\d\d:\d\dZ {2}webhook to \S+ {2}refused .* {2}notice-1$/m),
  );
  expect(output()).toContain('POST /customers/  200');
  expect(output()).not.toContain('hush');
  expect(output()).not.toContain(data.token);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test.each([
  [['--help'], 0, 'Exit codes:'],
  [['help'], 0, 'Exit codes:'],
  [['-h'], 0, 'Exit codes:'],
  [['--version'], 0, VERSION],
  [['start', '-h'], 0, '--db <file>'],
  [['tail', '--help'], 0, 'Examples'],
  [['start', '--help'], 0, '--db <file>'],
  [['transfer', '--help'], 0, '--kind <kind>'],
  [['--port', 'x'], 2, '--port must be a number'],
  [['--port', '70000'], 2, '--port must be a number'],
  [['--retry', 'often'], 2, '--retry must be one of none, quick, backoff, stripe-like'],
  [['--partner-webhook', 'nowhere'], 2, '--partner-webhook must be a URL'],
  [['--partner-webhook', 'localhost:3000/hook'], 2, '--partner-webhook must be a URL'],
  [['--public-url', 'talo-sandbox:4600'], 2, '--public-url must be a URL'],
  [['--db', '/nowhere/talo.db', '--port', '0'], 1, 'its folder does not exist'],
  [['transfre'], 2, 'there is no command transfre'],
  [['transfer'], 2, 'say a CVU or alias'],
  [['transfer', 'a', '1', '2'], 2, 'too much: 2'],
  [['seed'], 2, 'say what: --customers, --payments or --file'],
  [['clock', 'advance', 'soon'], 2, 'a span is 30h, 5d, 90m, 10s or 500ms'],
  [['fault', 'add', '{'], 2, 'not JSON: {'],
  [['status', '--url', 'http://127.0.0.1:9'], 3, 'No sandbox answers at http://127.0.0.1:9'],
  [['--nonsense'], 2, 'Try talo-sandbox --help.'],
  [['fault', 'clear', 'now'], 2, 'too much: now'],
  [['fault', 'add', '{}', 'x'], 2, 'too much: x'],
  [['clock', 'run', '1h'], 2, 'too much: 1h'],
  [['clock', 'advance', '1h', 'extra'], 2, 'too much: extra'],
  [['trigger', 'http://127.0.0.1:9/', 'extra'], 2, 'too much: extra'],
  [['scenario', 'black-out', 'now'], 2, 'too much: now'],
  [['scenario', 'stop', 'black-out', 'now'], 2, 'too much: now'],
  [['export', 'a.json', 'b.json'], 2, 'too much: b.json'],
  [['tail', '--last', 'few'], 2, '--last must be a whole number, not few'],
  [['--json', 'status', '--url', 'http://127.0.0.1:9'], 3, 'No sandbox answers at http://127.0.0.1:9'],
  [['--url', 'http://127.0.0.1:9', '--json', 'status'], 3, 'No sandbox answers at http://127.0.0.1:9'],
  [['--url=http://127.0.0.1:9', 'statsu'], 2, 'there is no command statsu'],
])('%j ends with %i', async (args, code, text) => {
  const { child, output } = run(...args);
  expect(await once(child, 'close')).toEqual([code, null]);
  expect(output()).toContain(text);
});

test('what the container runs is understood, and says the address that it is given', async () => {
  const dockerfile = readFileSync(new URL('../Dockerfile', import.meta.url), 'utf8');
  const args: string[] = JSON.parse(/^CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]');
  const folder = mkdtempSync(join(tmpdir(), 'talo-sandbox-'));
  const given = args.map((arg) =>
    arg === '/data/talo.db' ? join(folder, 'talo.db') : arg === '0.0.0.0' ? '127.0.0.1' : arg,
  );
  expect(given).toContain(join(folder, 'talo.db'));
  const { child, until } = run(...given, '--port', '0', '--public-url', 'http://talo-sandbox:4600/');
  await until('Talo sandbox on http://talo-sandbox:4600:');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  rmSync(folder, { recursive: true });
});

test('listening beyond this machine is said', async () => {
  const { until } = run('--port', '0', '--host', '0.0.0.0');
  await until('whoever can reach it can see and do everything here');
  const { until: started, output } = run('--port', '0');
  await started('Ctrl+C');
  expect(output()).not.toContain('beyond this machine');
});

test('a reader that has seen enough ends it quietly', async () => {
  const { child, output, until } = run('--port', '0');
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await until('Ctrl+C'))?.[0] ?? '';
  const said = output();
  const ended = once(child, 'close');
  child.stdout?.destroy();
  await fetch(`${url}/payments/VAR-1`); // has a line of the log
  expect(await ended).toEqual([0, null]);
  expect(output()).toBe(said);
});

test('a port in use is said plainly', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { child, output } = run('--port', String(port));
  expect(await once(child, 'close')).toEqual([1, null]);
  server.close();
  expect(output().trim()).toBe(
    `talo-sandbox: Port ${port} on 127.0.0.1 is in use. Stop what uses it, choose another port, or 0 for any free one.`,
  );
});
