// Memory of a Nest application over 100,000 notifications on each platform, each acknowledged over a real socket by a
// process of its own. Prints what is in use after each tenth, garbage collected, and fails where a request leaves
// something behind. "pnpm --filter @talo/nestjs memory [--requests 100000]"
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '100000' } } });
const REQUESTS = Number(values.requests);
const STEPS = 10;
/** What code and caches settle to is reached after so many steps. */
const WARM = 2;
const CONNECTIONS = 32;
/** More than this, and something of a request stays: an object takes 24 bytes at least, and what refers to it 8. */
const BYTES_PER_REQUEST = 16;

interface Notice {
  readonly path: string;
  readonly body: string;
}

interface Memory {
  readonly used: number;
  readonly answers: Readonly<Record<string, number>>;
}

for (const platform of ['express', 'fastify']) await measure(platform);

async function measure(platform: string): Promise<void> {
  const server = fork(join(import.meta.dirname, 'server.ts'), [platform], { execArgv: ['--expose-gc'] });
  const exited = once(server, 'exit');
  const hear = async <T>(): Promise<T> => {
    const [message] = await Promise.race([once(server, 'message'), exited.then(() => [undefined])]);
    if (message === undefined) throw new Error(`The server on ${platform} ended too soon.`);
    return message;
  };
  const { url, notices } = await hear<{ readonly url: string; readonly notices: readonly Notice[] }>();
  const used: number[] = [];
  let last: Memory | undefined;
  for (let step = 0; step < STEPS; step++) {
    await send(url, notices, REQUESTS / STEPS);
    server.send('measure');
    last = await hear<Memory>();
    used.push(last.used);
  }
  server.send('end');
  const [code] = await exited;
  const growth = ((used.at(-1) ?? 0) - (used[WARM - 1] ?? 0)) / ((REQUESTS * (STEPS - WARM)) / STEPS);
  const acknowledged = (last?.answers['stored'] ?? 0) + (last?.answers['coalesced'] ?? 0);
  const sound = growth <= BYTES_PER_REQUEST && acknowledged === REQUESTS && code === 0;
  console.log(`${sound ? '✓' : '✗'} Nest on ${platform}: ${acknowledged} acknowledged, exit ${code}`);
  console.log(`  in use, MB: ${used.map((bytes) => (bytes / 2 ** 20).toFixed(2)).join(' ')}`);
  console.log(`  growth ${growth.toFixed(2)} bytes a request (at most ${BYTES_PER_REQUEST})`);
  if (!sound) process.exitCode = 1;
}

async function send(url: string, notices: readonly Notice[], count: number): Promise<void> {
  // one for each step: while memory is measured, the server may close what is idle
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let left = count;
  const sender = async () => {
    while (left > 0) {
      left--;
      const notice = notices[left % notices.length];
      if (notice !== undefined) await post(url, notice, agent);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sender));
  agent.destroy();
}

function post(url: string, { path, body }: Notice, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const outgoing = request(url + path, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', resolve).once('error', reject);
    });
    outgoing.once('error', reject).end(body);
  });
}
