// What acknowledging a notification costs: a framework's bare JSON route, and the same framework with the engine behind
// it (signature checked, hint stored), in memory and in SQLite, at one connection and at 64. Variants take turns; the
// bare route appears twice, and the ratio of the two (A/A) is what this run cannot tell apart. SQLite stands beside what
// the disk needs for one fdatasync in the same minute. Every engine is started, as applications have it, and Talo takes
// every connection and answers none: looks hang, and what waits for them grows.
//
// Each server is a process of its own, so its CPU time is its alone; the load comes from this one. Prints only; it fails
// where an answer is not a 200.
import { readdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Child, startChild } from './lib/child.ts';
import { Disk } from './lib/disk.ts';
import type { Lap } from './lib/lap.ts';
import { closedLoad, type Load } from './lib/load.ts';
import { Report } from './lib/report.ts';
import { rotated } from './lib/rounds.ts';
import type { commands, ServerSettings } from './lib/server.ts';
import { median, quantile, RESOLVED, ratioText } from './lib/statistics.ts';
import type { commands as taloCommands } from './lib/talo.ts';
import { cycled, signedNotices } from './lib/world.ts';

const RESOURCES = 1_000;
const REQUESTS: ReadonlyMap<number, number> = new Map([
  [1, 2_000],
  [64, 12_000],
]);
const CPU_TARGET_US = 60;
/** What part of the bare route's rate the memory inbox keeps, by framework: at one connection and at 64. */
const KEEPS: Readonly<Record<string, readonly [number, number]>> = {
  fastify: [0.75, 0.55],
  express: [0.75, 0.7],
  nest: [0.75, 0.7],
};
const VARIANTS = ['bare', 'bare again', 'memory', 'sqlite'] as const;
type Variant = (typeof VARIANTS)[number];

const { values } = parseArgs({
  options: {
    /** Names of files in `frameworks`, with commas; all of them where it is absent. */
    frameworks: { type: 'string' },
    rounds: { type: 'string', default: '8' },
    dir: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const frameworks = values.frameworks?.split(',') ?? everyFramework();
const folder = await mkdtemp(join(values.dir, 'talo-bench-'));
const report = new Report('Acknowledging, closed load: each connection waits for its answer', {
  rounds,
  requests: [...REQUESTS.values()].join(' and '),
  resources: RESOURCES,
});
const notice = cycled(await signedNotices(RESOURCES));
const talo = await startChild<typeof taloCommands>(new URL('./lib/talo.ts', import.meta.url), {
  manner: 'hangs',
});
const taloUrl = `http://127.0.0.1:${await talo.ask('port')}`;
let refused = 0;
try {
  for (const framework of frameworks) await measure(framework);
} finally {
  await talo.end();
  rmSync(folder, { recursive: true, force: true });
}
report.must('every answer was 200', refused === 0, `${refused} were not`);
report.end(values);

function everyFramework(): string[] {
  const files = readdirSync(new URL('./frameworks', import.meta.url));
  const names = files.map((file) => file.replace(/\.ts$/, '')).filter((file) => file !== 'framework');
  return names.sort((a, b) => Number(b === 'node') - Number(a === 'node') || a.localeCompare(b));
}

type Server = Child<typeof commands>;

async function measure(framework: string): Promise<void> {
  const servers = new Map<Variant, { readonly server: Server; readonly port: number }>();
  const disk = new Disk(folder);
  try {
    for (const variant of VARIANTS) {
      const behind = variant === 'memory' || variant === 'sqlite' ? variant : 'nothing';
      const settings = { framework, behind, folder, taloUrl, started: true } as const;
      const server = await startChild<typeof commands>(
        new URL('./lib/server.ts', import.meta.url),
        settings satisfies ServerSettings,
      );
      servers.set(variant, { server, port: await server.ask('port') });
    }
    for (const [connections, count] of REQUESTS) {
      const sync: number[] = [];
      const results = await rotated(VARIANTS, rounds, async (variant) => {
        const entry = servers.get(variant);
        if (entry === undefined) throw new Error('No such server.');
        if (connections === 1) disk.measure(25, sync);
        await entry.server.ask('lap');
        const ports = Array.from({ length: connections }, () => entry.port);
        const load = await closedLoad({ ports, count, request: notice });
        refused += count - (load.statuses[200] ?? 0);
        return { load, lap: await entry.server.ask('lap') };
      });
      say(framework, connections, results, sync);
    }
  } finally {
    for (const { server } of servers.values()) await server.end();
    disk.close();
  }
}

type Turn = { readonly load: Load; readonly lap: Lap };

function say(
  framework: string,
  connections: number,
  results: ReadonlyMap<Variant, readonly Turn[]>,
  sync: readonly number[],
): void {
  const of = (variant: Variant) => {
    const turns = results.get(variant) ?? [];
    return {
      rate: median(turns.map(({ load }) => load.times.length / load.seconds)),
      p50: median(turns.map(({ load }) => median(load.times))),
      p99: median(turns.map(({ load }) => quantile(load.times, 0.99))),
      cpu: median(turns.map(({ load, lap }) => lap.cpuUs / load.times.length)),
    };
  };
  const [bare, again] = [of('bare'), of('bare again')];
  const base = {
    rate: (bare.rate + again.rate) / 2,
    p50: (bare.p50 + again.p50) / 2,
    cpu: (bare.cpu + again.cpu) / 2,
  };
  const rows = VARIANTS.map((variant) => {
    const { rate, p50, p99, cpu } = of(variant);
    return [variant, Math.round(rate), ratioText(rate / base.rate), p50, p99, cpu, cpu - base.cpu];
  });
  const at = `${framework}, ${connections === 1 ? 'one connection' : `${connections} connections`}`;
  report.table(
    `${at} (A/A ${(again.rate / bare.rate).toFixed(2)})`,
    ['', 'per second', 'of bare', 'p50 ms', 'p99 ms', 'CPU us', 'CPU us over bare'],
    rows,
  );
  // where the bare route differs from itself, its ratio to anything else says nothing
  const same = Math.abs(again.rate / bare.rate - 1) < RESOLVED;
  const memory = of('memory');
  const kept = KEEPS[framework.replace(/-.*/, '')]?.[connections === 1 ? 0 : 1];
  const ratio = memory.rate / base.rate;
  if (kept !== undefined)
    report.target(`${at}: memory of bare >= ${kept}`, ratio >= kept, ratio.toFixed(2), same);
  const more = memory.cpu - base.cpu;
  report.target(
    `${at}: CPU over bare <= ${CPU_TARGET_US} us`,
    more <= CPU_TARGET_US,
    `${more.toFixed(0)} us`,
  );
  const sqlite = of('sqlite');
  if (connections > 1) {
    const rate = Math.round(sqlite.rate);
    report.target(`${at}: SQLite >= 18000/s`, rate >= 18_000, `${rate}/s`);
    return;
  }
  const fdatasync = median(sync);
  const limit = base.p50 + 2.5 * fdatasync;
  report.target(
    `${at}: SQLite p50 <= bare + 2.5 x fdatasync = ${limit.toFixed(3)} ms`,
    sqlite.p50 <= limit,
    `${sqlite.p50.toFixed(3)} ms (fdatasync ${fdatasync.toFixed(3)}, so bare + ${((sqlite.p50 - base.p50) / fdatasync).toFixed(2)} x)`,
  );
}
