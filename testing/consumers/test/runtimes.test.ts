// One application of web-standard parts, served by Bun, Deno and workerd (the runtime of Cloudflare Workers), over real
// sockets: it makes an order at the sandbox, a transfer comes in, the notification is confirmed and told of.
import { deepStrictEqual, ok } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { allPacked, consumer, files, freePort, type Packed, run } from '../../packaging/packed.ts';

/** What this test needs of the packed sandbox. */
interface Sandbox {
  readonly merchant: {
    readonly environment: { readonly apiUrl: string };
    readonly credentials: { readonly userId: string };
  };
  readonly bank: {
    transfer(transfer: { to: string; amount: { currency: string; centavos: number } }): unknown;
  };
  listen(options: { port: number }): Promise<{ close(): Promise<void> }>;
}

const packed = allPacked().find(({ manifest }) => manifest.name === '@talo/sandbox') as Packed;
const { createSandbox } = (await import(pathToFileURL(files(packed, '.').import.default).href)) as {
  createSandbox(): Sandbox;
};
let project = '';

before(() => {
  project = consumer('runtimes', ['@talo/core']);
});

const programs = {
  Bun: (): string[] => [join(project, 'node_modules/bun/bin/bun.exe'), 'bun.mjs'],
  Deno: (): string[] => [
    join(project, 'node_modules/deno/deno'),
    'run',
    '--node-modules-dir=manual',
    '--allow-net=127.0.0.1',
    '--allow-env=APP,PORT',
    'deno.mjs',
  ],
  workerd: (port: number, app: string): string[] => {
    const [bun = ''] = programs.Bun();
    run(project, bun, 'build', 'worker.mjs', '--format=esm', '--outfile=worker.bundle.mjs');
    writeFileSync(join(project, 'worker.capnp'), capnp(port, app));
    return [join(project, 'node_modules/workerd/bin/workerd'), 'serve', 'worker.capnp'];
  },
};

for (const [name, program] of Object.entries(programs)) {
  test(`${name} runs the client and webhooks.fetch`, { timeout: 60_000 }, async () => {
    const sandbox = createSandbox();
    const served = await sandbox.listen({ port: 0 });
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const { environment, credentials } = sandbox.merchant;
    const app = JSON.stringify({
      apiUrl: environment.apiUrl,
      userId: credentials.userId,
      webhookUrl: `${url}/webhooks/talo`,
    });
    const [file = '', ...args] = program(port, app);
    const child = spawn(file, args, { cwd: project, env: { ...process.env, APP: app, PORT: String(port) } });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
    try {
      const order = await until(child, () => fetch(`${url}/orders`, { method: 'POST' }));
      const { cvu, valid } = (await order.json()) as { cvu: string; valid: boolean };
      ok(valid);
      sandbox.bank.transfer({ to: cvu, amount: { currency: 'ARS', centavos: 150_050 } });
      const paid = await until(child, async () => {
        const told: unknown = await (await fetch(`${url}/paid`)).json();
        return Array.isArray(told) && told.length > 0 ? told : undefined;
      });
      deepStrictEqual(paid, [{ order: 'order-1', centavos: 150_050 }]);
      const stranger = await fetch(`${url}/webhooks/talo`, {
        method: 'POST',
        body: '{"message":"x","paymentId":"1"}',
      });
      deepStrictEqual([stranger.status, await stranger.text()], [401, '{"error":"unauthenticated"}']);
    } catch (error) {
      throw new Error(`${name} printed:\n${printed}`, { cause: error });
    } finally {
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
      await served.close();
    }
  });
}

async function until<T>(child: ChildProcess, ask: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 20_000; Date.now() < end && child.exitCode === null; await sleep(50)) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
  }
  throw new Error(child.exitCode === null ? 'no answer in 20 s' : `ended with ${child.exitCode}`);
}

/** workerd reaches only public addresses unless told otherwise. */
function capnp(port: number, app: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .app),
    (name = "internet", network = (allow = ["private", "public", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const app :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.bundle.mjs")],
  bindings = [(name = "APP", text = ${JSON.stringify(app)})],
  compatibilityDate = "2026-01-01",
);
`;
}
