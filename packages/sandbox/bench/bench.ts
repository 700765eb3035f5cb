// What a sandbox costs: printed beside its targets, and exit code 1 where one is missed.
// pnpm --filter @talo/sandbox bench   (builds first; runs on the built files)
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '64' },
    resources: { type: 'string', default: '100000' },
    only: { type: 'string' },
  },
});
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const bare = fileURLToPath(new URL('bare.mjs', import.meta.url));
const memory = fileURLToPath(new URL('memory.ts', import.meta.url));
let missed = 0;

function report(what: string, value: string, target: string, held: boolean): void {
  if (!held) missed += 1;
  console.log(`${held ? ' ' : '!'} ${what.padEnd(46)} ${value.padStart(18)}   target ${target}`);
}

function median(times: number[]): number {
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
  readonly startedMs: number;
}

function start(...args: string[]): Promise<Server> {
  return launch(cli, 'start', '--port', '0', '--json', ...args);
}

async function launch(...args: string[]): Promise<Server> {
  const begun = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for (;;) {
    const [chunk] = await once(child.stdout, 'data');
    text += chunk;
    const line = text.split('\n').find((each) => each.includes('"started"'));
    if (line === undefined) continue;
    child.stdout.resume(); // the log goes on, and is read
    return { child, url: JSON.parse(line).url, startedMs: performance.now() - begun };
  }
}

async function stop({ child }: Server): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function bareStart(): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, ['-e', '0']);
  await once(child, 'exit');
  return performance.now() - begun;
}

async function startUp(): Promise<void> {
  const times: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < 10; round++) {
    bare.push(await bareStart());
    const server = await start('--quiet');
    times.push(server.startedMs);
    await stop(server);
  }
  const value = median(times);
  report('start-up, process to listening', `${value.toFixed(0)} ms`, '300 ms', value < 300);
  console.log(`    control: node -e 0 takes ${median(bare).toFixed(0)} ms`);
}

interface Target {
  readonly method: string;
  readonly path: string;
  readonly body?: () => string;
}

interface Load {
  readonly perSecond: number;
  /** Of the server alone, where the system tells: what neighbours do does not change it much. */
  readonly cpuUs: number | undefined;
}

/** Milliseconds of CPU that a process has used. */
function cpuOf({ child }: Server): number | undefined {
  const file = `/proc/${child.pid}/stat`;
  if (!existsSync(file)) return undefined;
  const fields = readFileSync(file, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10; // ticks of a hundredth of a second
}

async function load(server: Server, headers: Record<string, string>, target: Target): Promise<Load> {
  const { url } = server;
  const cpuBefore = cpuOf(server);
  const agent = new Agent({ keepAlive: true, maxSockets: Number(values.connections) });
  const until = performance.now() + Number(values.seconds) * 1000;
  let done = 0;
  let failed = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const status = await new Promise<number>((resolve, reject) => {
        const outgoing = request(
          `${url}${target.path}`,
          { agent, method: target.method, headers: { ...headers, 'content-type': 'application/json' } },
          (incoming) => {
            incoming.resume();
            incoming.on('end', () => resolve(incoming.statusCode ?? 0));
          },
        );
        outgoing.on('error', reject);
        outgoing.end(target.body?.());
      });
      if (status === 200) done += 1;
      else failed += 1;
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: Number(values.connections) }, worker));
  agent.destroy();
  if (failed > 0) throw new Error(`${failed} requests were not answered with 200`);
  const cpuAfter = cpuOf(server);
  return {
    perSecond: done / ((performance.now() - begun) / 1000),
    cpuUs:
      cpuBefore === undefined || cpuAfter === undefined ? undefined : ((cpuAfter - cpuBefore) * 1000) / done,
  };
}

function tellLoad(what: string, { perSecond, cpuUs }: Load): void {
  report(what, `${perSecond.toFixed(0)} /s`, '2000 /s', perSecond >= 2000);
  if (cpuUs !== undefined) console.log(`    the server used ${cpuUs.toFixed(0)} us of CPU for each`);
}

async function throughput(): Promise<void> {
  const control = await launch(bare);
  const most = await load(control, {}, { method: 'GET', path: '/' });
  const used = most.cpuUs === undefined ? '' : `, ${most.cpuUs.toFixed(0)} us of CPU each`;
  console.log(`  control: node:http alone answers ${most.perSecond.toFixed(0)} /s here and now${used}`);
  await stop(control);
  const server = await start();
  const json = { 'content-type': 'application/json' };
  const status = await (await fetch(`${server.url}/_sandbox/status`)).json();
  const { userId, clientId, clientSecret } = status.merchant;
  const login = await fetch(`${server.url}/users/${userId}/tokens`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ client_id: clientId, client_secret: clientSecret }),
  });
  const authorization = `Bearer ${(await login.json()).data.token}`;
  const payment = (id: string): string =>
    JSON.stringify({
      user_id: userId,
      external_id: id,
      price: { amount: 1000, currency: 'ARS' },
      payment_options: ['transfer'],
      webhook_url: 'https://tu-sitio.example/webhooks/talo',
    });
  const created = await fetch(`${server.url}/payments/`, {
    method: 'POST',
    headers: json,
    body: payment('first'),
  });
  const { id } = (await created.json()).data;
  const read: Target = { method: 'GET', path: `/payments/${id}` };
  tellLoad('reads of a payment, log on', await load(server, { authorization }, read));
  let count = 0;
  const create: Target = { method: 'POST', path: '/payments/', body: () => payment(`order-${count++}`) };
  tellLoad('payments created, log on', await load(server, { authorization }, create));

  const times: number[] = [];
  for (let round = 0; round < 20; round++) {
    const begun = performance.now();
    await (await fetch(`${server.url}/_sandbox/payments?limit=50&q=order-${round}`)).json();
    times.push(performance.now() - begun);
  }
  const searched = median(times);
  report(`a search among ${count} payments`, `${searched.toFixed(1)} ms`, '200 ms', searched < 200);
  await stop(server);
}

async function memoryUse(): Promise<void> {
  const child = spawn(process.execPath, ['--expose-gc', memory, values.resources], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(child, 'close');
  const { resources, heapMb, rssMb, freshMs } = JSON.parse(text);
  report(`memory of ${resources} resources, each paid: RSS`, `${rssMb.toFixed(0)} MB`, '500 MB', rssMb < 500);
  // with room to spare, V8 lets garbage lie, and takes two to three times what there is
  console.log(`    of which JavaScript holds ${heapMb.toFixed(0)} MB after collecting`);
  report('a fresh sandbox, median of 200', `${freshMs.toFixed(2)} ms`, '5 ms', freshMs < 5);
}

console.log(`${cpus().length} cores, Node ${process.version}; client and server on the same machine\n`);
const parts: Readonly<Record<string, () => Promise<void>>> = {
  start: startUp,
  load: throughput,
  memory: memoryUse,
};
for (const [name, part] of Object.entries(parts)) {
  if (values.only === undefined || values.only === name) await part();
}
process.exitCode = missed > 0 ? 1 : 0;
