// What acknowledging a notification costs: requests per second of a bare JSON route on node:http, and of the same route
// with the engine behind it (signature checked, hint stored) in memory and in SQLite. Variants take turns; the bare route
// appears twice, and the difference between the two (A/A) is the smallest that this run can tell. SQLite stands beside
// what the disk needs for one fdatasync. Prints only; never a gate. Looks at Talo are not part of it: nothing is started.
import { closeSync, existsSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const ACCOUNT = 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6';
const RESOURCES = 1_000;
const ROUNDS = 8;
const REQUESTS = { 1: 3_000, 64: 12_000 } as const;
const VARIANTS = ['bare', 'bare again', 'memory', 'sqlite'] as const;
type Variant = (typeof VARIANTS)[number];

if (isMainThread) await measure();
else await serve(workerData as { variant: Variant; folder: string });

async function load(path: string) {
  const url = new URL(`../packages/${path}`, import.meta.url);
  if (!existsSync(fileURLToPath(url))) throw new Error('The packages are not built: run "pnpm build" first.');
  return await import(pathToFileURL(fileURLToPath(url)).href);
}

async function serve({ variant, folder }: { variant: Variant; folder: string }): Promise<void> {
  const { TaloClient } = await load('core/dist/index.js');
  const { memoryInbox, TaloWebhooks } = await load('core/dist/webhooks/index.js');
  const { signedNotification } = await load('core/dist/testing/index.js');
  const { sqliteInbox } = await load('inbox-sqlite/dist/index.js');
  const talo = new TaloClient({
    environment: { apiUrl: 'http://127.0.0.1:1' },
    credentials: { userId: ACCOUNT, accessToken: 'TL-none' },
    webhooks: { url: 'http://127.0.0.1/webhooks/talo', secret: 'a secret of more than sixteen characters' },
  });
  const inbox = variant === 'sqlite' ? sqliteInbox({ path: join(folder, 'bench.db') }) : memoryInbox();
  const webhooks = new TaloWebhooks({ client: talo, inbox, logger: { warn() {}, error: console.error } });
  const bare = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    JSON.parse(Buffer.concat(chunks).toString());
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{"received":true}');
  };
  const engine = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = incoming;
    const {
      status,
      headers: answered,
      body,
    } = await webhooks.receive({ method, url, headers, body: incoming });
    outgoing.writeHead(status, answered).end(body);
  };
  const server = createServer(variant.startsWith('bare') ? bare : engine);
  server.listen(0, '127.0.0.1', async () => {
    const notices = [];
    for (let i = 0; i < RESOURCES; i++) {
      const payment = { id: `VAR-${i}`, externalId: `order-${i}`, price: { currency: 'ARS', centavos: 100 } };
      const notice: Request = signedNotification(talo, { payment });
      const { pathname, search } = new URL(notice.url);
      notices.push({ path: pathname + search, body: await notice.text() });
    }
    parentPort?.postMessage({ port: (server.address() as AddressInfo).port, notices });
  });
}

interface Server {
  readonly port: number;
  readonly notices: readonly { readonly path: string; readonly body: string }[];
  readonly worker: Worker;
}

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'talo-bench-'));
  const servers = new Map<Variant, Server>();
  for (const variant of VARIANTS) {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { variant, folder } });
    const ready = await new Promise<Omit<Server, 'worker'>>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    servers.set(variant, { ...ready, worker });
  }
  console.log(
    `Acknowledgements per second, median of ${ROUNDS} rounds; fdatasync of this disk ${syncMs(folder)} ms\n`,
  );
  console.log(
    `${'connections'.padEnd(14)}${VARIANTS.map((name) => name.padStart(12)).join('')}   memory/bare  sqlite/bare`,
  );
  for (const connections of [1, 64] as const) {
    const rates = new Map<Variant, number[]>(VARIANTS.map((variant) => [variant, []]));
    for (let round = 0; round <= ROUNDS; round++) {
      for (let i = 0; i < VARIANTS.length; i++) {
        const variant = VARIANTS[(i + round) % VARIANTS.length] as Variant;
        const server = servers.get(variant);
        if (server === undefined) continue;
        const rate = await storm(server, connections, REQUESTS[connections]);
        // the first round warms up
        if (round > 0) rates.get(variant)?.push(rate);
      }
    }
    const medians = VARIANTS.map((variant) => median(rates.get(variant) ?? []));
    const [base = 1, again = 1, memory = 0, sqlite = 0] = medians;
    const bare = (base + again) / 2;
    const ratios = [memory / bare, sqlite / bare].map((ratio) => ratio.toFixed(2).padStart(13)).join('');
    console.log(
      `${String(connections).padEnd(14)}${medians.map((rate) => rate.toFixed(0).padStart(12)).join('')}${ratios}`,
    );
  }
  for (const { worker } of servers.values()) await worker.terminate();
  rmSync(folder, { recursive: true, force: true });
}

/** Requests per second over so many kept-alive connections. */
async function storm({ port, notices }: Server, connections: number, count: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const notice = notices[next++ % notices.length];
      if (notice !== undefined) await post(agent, port, notice.path, notice.body);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: connections }, lane));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return count / seconds;
}

function post(agent: Agent, port: number, path: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const outgoing = request(
      { agent, port, path, method: 'POST', headers, host: '127.0.0.1' },
      (response) => {
        if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
        response.resume().once('end', resolve);
      },
    );
    outgoing.once('error', reject).end(body);
  });
}

function syncMs(folder: string): string {
  const file = openSync(join(folder, 'sync'), 'w');
  const times = Array.from({ length: 50 }, () => {
    writeSync(file, 'x'.repeat(4096));
    const started = performance.now();
    fdatasyncSync(file);
    return performance.now() - started;
  });
  closeSync(file);
  return median(times).toFixed(2);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
