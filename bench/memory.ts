// What stays behind in a process that has answered very many notifications: memory after a garbage collection, block by
// block, of the bare route and of the engine on either inbox. The engine runs, Talo answers, and what is due is worked
// off before each reading, so the resources are few and their hints many. One notification in ten is refused: forged, too
// large or no JSON. Prints only; it fails where an answer is not the one that its kind must get.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Child, startChild } from './lib/child.ts';
import { closedLoad } from './lib/load.ts';
import { Report } from './lib/report.ts';
import type { commands, ServerSettings } from './lib/server.ts';
import type { commands as taloCommands } from './lib/talo.ts';
import { requestBytes } from './lib/wire.ts';
import { cycled, signedNotices } from './lib/world.ts';

const VARIANTS = ['bare', 'memory', 'sqlite'] as const;
type Variant = (typeof VARIANTS)[number];
type Server = Child<typeof commands>;
const CONNECTIONS = 16;
const RESOURCES = 500;
const REFUSED_EVERY = 10;
const HEAP_TARGET_MB = 1;
const RSS_TARGET_MB = 10;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    blocks: { type: 'string', default: '10' },
    dir: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
});
const blocks = Number(values.blocks);
const each = Math.floor(Number(values.requests) / blocks);
/** What is compiled, pooled and cached once. */
const warm = Math.ceil(blocks * 0.3);

const folder = await mkdtemp(join(values.dir, 'talo-bench-'));
const report = new Report('Memory after very many notifications', {
  requests: each * blocks,
  'warm-up': each * warm,
  resources: RESOURCES,
  connections: CONNECTIONS,
});
const signed = cycled(await signedNotices(RESOURCES));
const refused = cycled([
  requestBytes('/webhooks/talo?talo=1~forged~forged~payment~a~b~1', '{"paymentId":"a"}'),
  requestBytes('/webhooks/talo', Buffer.alloc(20_000, 'x')),
  requestBytes('/webhooks/talo', '{"paymentId":'),
]);
const talo = await startChild<typeof taloCommands>(new URL('./lib/talo.ts', import.meta.url), {
  manner: 'answers',
});
const servers: Server[] = [];
let unexpected = 0;
try {
  const taloUrl = `http://127.0.0.1:${await talo.ask('port')}`;
  const readings = new Map<Variant, Awaited<ReturnType<typeof block>>[]>();
  for (const variant of VARIANTS) {
    const behind = variant === 'bare' ? 'nothing' : variant;
    const settings = { framework: 'node', behind, folder, taloUrl, started: true } satisfies ServerSettings;
    const flags = [...process.execArgv, '--expose-gc'];
    servers.push(
      await startChild<typeof commands>(new URL('./lib/server.ts', import.meta.url), settings, flags),
    );
    readings.set(variant, []);
  }
  for (let i = 0; i < blocks; i++) {
    for (const [index, variant] of VARIANTS.entries()) {
      const server = servers[index];
      if (server !== undefined) readings.get(variant)?.push(await block(variant, server));
    }
  }
  const rows = Array.from({ length: blocks }, (_, i) => [
    String((i + 1) * each),
    ...VARIANTS.flatMap((variant) => {
      const { heap = 0, rss = 0 } = readings.get(variant)?.[i] ?? {};
      return [heap.toFixed(2), rss.toFixed(1)];
    }),
  ]);
  const columns = VARIANTS.flatMap((variant) => [`${variant} heap MB`, 'RSS MB']);
  report.table('After so many requests', ['requests', ...columns], rows);
  const growth = (variant: Variant, of: 'heap' | 'rss') => {
    const list = readings.get(variant) ?? [];
    return (list.at(-1)?.[of] ?? 0) - (list[warm - 1]?.[of] ?? 0);
  };
  for (const variant of ['memory', 'sqlite'] as const) {
    const heap = growth(variant, 'heap');
    const rss = growth(variant, 'rss');
    report.target(
      `${variant}: heap grows <= ${HEAP_TARGET_MB} MB after the warm-up`,
      heap <= HEAP_TARGET_MB,
      `${heap.toFixed(2)} MB (bare ${growth('bare', 'heap').toFixed(2)})`,
    );
    report.target(
      `${variant}: RSS grows <= ${RSS_TARGET_MB} MB after the warm-up`,
      rss <= RSS_TARGET_MB,
      `${rss.toFixed(1)} MB (bare ${growth('bare', 'rss').toFixed(1)})`,
    );
  }
} finally {
  for (const server of [...servers, talo]) await server.end();
  rmSync(folder, { recursive: true, force: true });
}
report.must('every answer was the one expected', unexpected === 0, `${unexpected} were not`);
report.end(values);

async function block(variant: Variant, server: Server) {
  const port = await server.ask('port');
  const { statuses } = await closedLoad({
    ports: Array.from({ length: CONNECTIONS }, () => port),
    count: each,
    // the bare route parses whatever comes, so it gets what can be parsed
    request: (i) => (variant !== 'bare' && i % REFUSED_EVERY === 0 ? refused(i / REFUSED_EVERY) : signed(i)),
  });
  const accepted = variant === 'bare' ? each : each - Math.ceil(each / REFUSED_EVERY);
  unexpected += Math.abs((statuses[200] ?? 0) - accepted) + (statuses[503] ?? 0) + (statuses[0] ?? 0);
  await server.ask('idle');
  const { heapUsed, rss } = await server.ask('memory');
  return { heap: heapUsed / 2 ** 20, rss: rss / 2 ** 20 };
}
