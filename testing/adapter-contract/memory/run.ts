// Memory of each adapter over 100,000 notifications, each answered over a real socket by a server in a process of its own,
// with the packages as built; every fifth is refused, for strangers may send such for ever. Prints what is in use after
// each tenth, garbage collected, and fails where a request leaves something behind.
// "pnpm --filter @talo-testing/adapter-contract memory [--requests 100000] [path/of/driver.ts:nameOfDriver …]"
import { Agent, request } from 'node:http';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import type { Notification } from '../src/application.ts';
import { LIMIT } from '../src/padded.ts';
import { DRIVERS, NEST_DRIVERS } from './drivers.ts';
import { serve } from './serve.ts';

const { values, positionals } = parseArgs({
  options: { requests: { type: 'string', default: '100000' } },
  allowPositionals: true,
});
const REQUESTS = Number(values.requests);
if (!(REQUESTS >= 20_000)) throw new Error('Fewer than 20000 requests do not tell warming up from leaking.');
const STEPS = 10;
/** What code and caches settle to is reached after so many steps. */
const WARM = 2;
const CONNECTIONS = 32;
/** One of so many is refused, with one of these. */
const REFUSED = 5;
const REFUSALS = [400, 401, 413];
/**
 * More than this, and something of a request stays: an object takes 24 bytes at least, and what refers to it 8. A short
 * run still has some hundred kilobytes of warming up in it, and finds an empty object with its place in a list, 70 bytes.
 */
const BYTES_PER_REQUEST = REQUESTS < 100_000 ? 60 : 16;

interface Memory {
  readonly used: number;
  readonly rss: number;
  readonly answers: Readonly<Record<string, number>>;
}

for (const driver of positionals.length > 0 ? positionals : [...DRIVERS, ...NEST_DRIVERS])
  await measure(driver);

async function measure(driver: string): Promise<void> {
  const { url, mount, notices, server, hear, end } = await serve(driver, []);
  const used: number[] = [];
  const statuses = new Map<number, number>();
  let last: Memory | undefined;
  const started = performance.now();
  for (let step = 0; step < STEPS; step++) {
    await send(url, notices, REQUESTS / STEPS, statuses);
    server.send('measure');
    last = await hear<Memory>();
    used.push(last.used);
  }
  const seconds = (performance.now() - started) / 1000;
  const code = await end();
  const growth = ((used.at(-1) ?? 0) - (used[WARM - 1] ?? 0)) / ((REQUESTS * (STEPS - WARM)) / STEPS);
  const flat = growth <= BYTES_PER_REQUEST;
  const { stored = 0, coalesced = 0 } = last?.answers ?? {};
  const acknowledged = statuses.get(200) ?? 0;
  // what is malformed a parser before the route may refuse
  const refused = REFUSALS.reduce((sum, status) => sum + (statuses.get(status) ?? 0), 0);
  const asSent = refused === REQUESTS / REFUSED && acknowledged + refused === REQUESTS;
  const whole = asSent && stored + coalesced === acknowledged && code === 0;
  console.log(
    `${flat && whole ? '✓' : '✗'} ${basename(driver)}, ${mount}: ${acknowledged} acknowledged and ${refused} refused in ${seconds.toFixed(0)} s`,
  );
  console.log(`  in use, MB: ${used.map((bytes) => (bytes / 2 ** 20).toFixed(2)).join(' ')}`);
  console.log(
    `  growth ${growth.toFixed(2)} bytes a request (at most ${BYTES_PER_REQUEST}), resident ${((last?.rss ?? 0) / 2 ** 20).toFixed(0)} MB, exit ${code}`,
  );
  if (!asSent) console.log(`  answers by status: ${JSON.stringify(Object.fromEntries(statuses))}`);
  if (!flat || !whole) process.exitCode = 1;
}

async function send(
  url: string,
  notices: readonly Notification[],
  count: number,
  statuses: Map<number, number>,
): Promise<void> {
  // one for each step: while memory is measured, a server may close what is idle
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let left = count;
  const sender = async () => {
    for (; left > 0; ) {
      left--;
      const notice = notices[left % notices.length];
      if (notice === undefined) continue;
      const sent = left % REFUSED === 0 ? spoiled(notice, left / REFUSED) : notice;
      const status = await post(url, sent, agent);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sender));
  agent.destroy();
}

/** Forged, malformed or too long, by turns. */
function spoiled({ query, body }: Notification, turn: number): Notification {
  const ways = [
    { query: `${query}x`, body },
    { query, body: body.slice(1) },
    { query, body: body + ' '.repeat(LIMIT) },
  ];
  return ways[turn % ways.length] ?? { query, body };
}

function post(url: string, { query, body }: Notification, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const outgoing = request(url + query, { method: 'POST', agent, headers }, (response) => {
      response
        .resume()
        .once('end', () => resolve(response.statusCode ?? 0))
        .once('error', reject);
    });
    outgoing.once('error', reject).end(body);
  });
}
