// What one sequential call through the client costs over a bare `fetch` of the same answer from the same local server.
// Every call is timed by itself. Variants take turns in small blocks, in rotated order, so that a slow moment of the
// machine falls on all of them; bare `fetch` appears twice, and the difference between the two (A/A) is the smallest
// difference this run can tell. Prints only; never a gate.
//
// The server runs in a thread of its own and answers every GET with one payment. `node:http` is measured bare and as
// the `fetch` option of the client. Run it on an idle machine: where the two threads wait for a core, all times grow.
import { existsSync } from 'node:fs';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const TARGET_US = 75;
const BLOCK = 30;
const USER_ID = 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6';
const PAYMENT_ID = 'VAR-f61876b0-order-1001';

/** What is used of the built package. */
interface Core {
  readonly TaloClient: new (options: object) => { readonly payments: { get(id: string): Promise<unknown> } };
}

if (isMainThread) await measure();
else serve();

function serve(): void {
  const payment = JSON.stringify({
    message: 'ok',
    error: false,
    code: 200,
    data: {
      id: PAYMENT_ID,
      payment_status: 'SUCCESS',
      status: 'SUCCESS',
      user_id: USER_ID,
      external_id: 'order-1001',
      price: { amount: 30_000, currency: 'ARS' },
      payment_options: ['transfer'],
      quotes: [
        { address: '0000630500000060195375', alias: 'bami.1001.talo', network: 'CRESIUM', amount: '30000' },
      ],
      payment_url: `https://talo.com.ar/payments/${PAYMENT_ID}`,
      redirect_url: 'https://shop.example/thanks',
      webhook_url: 'https://shop.example/webhooks/talo',
      motive: 'Order 1001',
      transactions: ['18000', '12000'].map((amount, index) => ({
        transaction_id: `CRS-198-30485${index}`,
        transaction_status: 'PROCESSED',
        amount,
        currency: 'ARS',
        network: 'CRESIUM',
        address: '0000630500000060195375',
        creation_timestamp: '2026-01-01T12:00:00.000Z',
      })),
      creation_timestamp: '2026-01-01T11:00:00.000Z',
      expiration_timestamp: '2026-01-06T11:00:00.000Z',
      last_modified_timestamp: '2026-01-01T12:00:00.000Z',
    },
  });
  const seconds = Math.floor(Date.now() / 1000);
  const claims = Buffer.from(JSON.stringify({ iat: seconds, exp: seconds + 3600 })).toString('base64url');
  const token = JSON.stringify({ message: 'ok', error: false, data: { token: `TL-head.${claims}.mac` } });
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    const body = incoming.method === 'POST' ? token : payment;
    outgoing.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    outgoing.end(body);
  });
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
}

async function measure(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '20' }, blocks: { type: 'string', default: '10' } },
  });
  const rounds = Number(values.rounds);
  const blocks = Number(values.blocks);
  const core = fileURLToPath(new URL('../packages/core/dist/index.js', import.meta.url));
  if (!existsSync(core)) throw new Error('@talo/core is not built: run "pnpm build" first.');
  const { TaloClient } = (await import(pathToFileURL(core).href)) as Core;

  const server = new Worker(new URL(import.meta.url));
  const port = await new Promise<number>((resolve) => server.once('message', resolve));
  const apiUrl = `http://127.0.0.1:${port}`;
  const url = `${apiUrl}/payments/${PAYMENT_ID}`;
  const headers = { accept: 'application/json', authorization: 'Bearer TL-head.claims.mac' };
  const options = {
    environment: { apiUrl },
    credentials: { userId: USER_ID, clientId: 'bench', clientSecret: 'bench' },
  };
  const agent = new Agent({ keepAlive: true });

  const bare = async (): Promise<unknown> => (await fetch(url, { headers })).json();
  const bareHttp = async (): Promise<unknown> =>
    JSON.parse(await textOf(await send(agent, url, { headers })));
  const client = new TaloClient(options);
  const clientHttp = new TaloClient({ ...options, fetch: httpPort(agent) });
  const variants: readonly {
    readonly label: string;
    readonly base: string;
    readonly call: () => Promise<unknown>;
  }[] = [
    { label: 'fetch (A)', base: 'fetch (A)', call: bare },
    { label: 'fetch (A again)', base: 'fetch (A)', call: bare },
    { label: 'client', base: 'fetch (A)', call: () => client.payments.get(PAYMENT_ID) },
    { label: 'node:http', base: 'node:http', call: bareHttp },
    { label: 'client over node:http', base: 'node:http', call: () => clientHttp.payments.get(PAYMENT_ID) },
  ];

  const times = new Map(variants.map(({ label }) => [label, [] as number[]]));
  const block = async ({ label, call }: (typeof variants)[number]): Promise<void> => {
    // the first one still pays for what the block before left behind
    await call();
    for (let i = 0; i < BLOCK; i++) {
      const start = performance.now();
      await call();
      times.get(label)?.push((performance.now() - start) * 1000);
    }
  };
  const round = async (number: number): Promise<void> => {
    for (let i = 0; i < blocks; i++) {
      for (let j = 0; j < variants.length; j++) {
        const variant = variants[(number + i + j) % variants.length];
        if (variant) await block(variant);
      }
    }
  };
  // connections, the token and the compiler's warm-up; not counted
  for (let i = 0; i < 3; i++) await round(i);
  for (const counted of times.values()) counted.length = 0;
  for (let i = 0; i < rounds; i++) await round(i);
  agent.destroy();
  await server.terminate();

  const at = (label: string, share: number): number => {
    const sorted = (times.get(label) ?? []).toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  };
  const us = (value: number): string => value.toFixed(1).padStart(9);
  console.log(
    `One sequential call, Node ${process.versions.node}, ${rounds} rotated rounds of ${blocks * BLOCK} calls each, microseconds\n`,
  );
  console.log(`${''.padEnd(24)}   median      p90  over fetch  over its own transport`);
  for (const { label, base } of variants) {
    const median = at(label, 0.5);
    const over = us(median - at('fetch (A)', 0.5));
    console.log(
      `${label.padEnd(24)}${us(median)}${us(at(label, 0.9))}   ${over}               ${us(median - at(base, 0.5))}`,
    );
  }
  console.log(`\nTarget for the client: at most ${TARGET_US} us over bare fetch.`);
}

interface Init {
  readonly method?: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

function send(agent: Agent, url: string, { body, ...init }: Init): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { agent, ...init }, resolve)
      .on('error', reject)
      .end(body);
  });
}

function textOf(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => {
      text += chunk;
    });
    incoming.on('end', () => resolve(text)).on('error', reject);
  });
}

/** The client's `fetch` option on `node:http`. */
function httpPort(agent: Agent) {
  return async (url: string, { method, headers, body, signal }: Init) => {
    const init = { headers, ...(method && { method }), ...(body && { body }), ...(signal && { signal }) };
    const incoming = await send(agent, url, init);
    return {
      status: incoming.statusCode ?? 0,
      headers: { get: (name: string) => incoming.headers[name]?.toString() ?? null },
      text: () => textOf(incoming),
    };
  };
}
