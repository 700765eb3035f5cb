// How long an acknowledgement takes at a steady rate, whatever goes on behind it. Open load: requests leave at times of
// their own, with exponential gaps, and each is timed from when it was to leave, so a server that stops for a moment is
// charged for all that waited. Three settings, each beside the bare route twice (A/A) in rotated rounds:
//
//   quiet   nothing is started: what storing costs, at 1,000/s
//   hang    the engine runs and Talo takes every connection and never answers, at 1,000/s
//   lock    the engine runs, Talo answers, and the application holds the write lock of its own file, which is the
//           inbox's too, for 3 s of every 6, at 200/s; the seconds without the lock are the control
//
// Prints only; it fails where an answer is not a 200.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Child, startChild } from './lib/child.ts';
import { Disk } from './lib/disk.ts';
import type { Lap } from './lib/lap.ts';
import { type OpenLoad, openLoad } from './lib/load.ts';
import { generator } from './lib/random.ts';
import { Report } from './lib/report.ts';
import { rotated } from './lib/rounds.ts';
import type { commands, ServerSettings } from './lib/server.ts';
import { median, quantile, spread } from './lib/statistics.ts';
import type { commands as taloCommands } from './lib/talo.ts';
import { cycled, signedNotices } from './lib/world.ts';

const RESOURCES = 2_000;
const LOCK_MS = 3_000;

const { values } = parseArgs({
  options: {
    settings: { type: 'string', default: 'quiet,hang,lock' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
    rate: { type: 'string', default: '1000' },
    'lock-rate': { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    dir: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
});
const [rounds, seconds, rate, lockRate, seed] = [
  Number(values.rounds),
  Number(values.seconds),
  Number(values.rate),
  Number(values['lock-rate']),
  Number(values.seed),
];
const random = generator(seed);
const folder = await mkdtemp(join(values.dir, 'talo-bench-'));
const notice = cycled(await signedNotices(RESOURCES));
const report = new Report('Acknowledging, open load: requests leave when they are due', {
  seed,
  rounds,
  'seconds each': seconds,
  'per second': rate,
  resources: RESOURCES,
});
const disk = new Disk(folder);
const sync: number[] = [];
let refused = 0;

type Server = Child<typeof commands>;
interface Turn {
  readonly load: OpenLoad;
  readonly lap: Lap;
}

type Figures = ReturnType<typeof figures>;
/** @param control the worse of the two bare routes */
type Targets = (of: (variant: 'memory' | 'sqlite') => Figures, control: Figures) => void;

async function steady(
  title: string,
  { talo, targets }: { readonly talo: 'none' | 'hangs'; readonly targets: Targets },
): Promise<void> {
  const variants = ['bare', 'bare again', 'memory', 'sqlite'] as const;
  const peer = talo === 'none' ? undefined : await startTalo(talo);
  const servers = new Map<string, Server>();
  try {
    for (const variant of variants) {
      const behind = variant === 'memory' || variant === 'sqlite' ? variant : 'nothing';
      servers.set(variant, await startServer(behind, peer?.url));
    }
    const results = await rotated(variants, rounds, (variant) =>
      turn(serverOf(servers, variant), rate, seconds),
    );
    const rows = variants.map((variant) => row(variant, figures(results.get(variant) ?? [])));
    report.table(`${title}, ${rate}/s`, COLUMNS, rows);
    const bare = figures([...(results.get('bare') ?? []), ...(results.get('bare again') ?? [])]);
    targets((variant) => figures(results.get(variant) ?? []), bare);
    if (peer !== undefined) {
      const { gets, open } = await peer.talo.ask('counts');
      report.table('Talo, meanwhile', ['GETs begun', 'GETs unanswered'], [[gets, open]]);
    }
  } finally {
    for (const server of servers.values()) await server.end();
    await peer?.talo.end();
  }
}

function quietTargets(of: Parameters<Targets>[0], control: Figures): void {
  const { p50, p99 } = of('sqlite');
  // one in a hundred acknowledgements waits as long as one in a hundred syncs of the disk
  const calm = control.p99 < 10 && quantile(sync, 0.99) < 10;
  const rested = control.p50 < 1.5 && quantile(sync, 0.5) < 0.6;
  report.target(`SQLite at ${rate}/s: p50 < 1.5 ms`, p50 < 1.5, `${p50.toFixed(2)} ms`, rested);
  report.target(`SQLite at ${rate}/s: p99 < 10 ms`, p99 < 10, `${p99.toFixed(2)} ms`, calm);
}

function hangTargets(of: Parameters<Targets>[0], control: Figures): void {
  for (const variant of ['memory', 'sqlite'] as const) {
    const { p999 } = of(variant);
    const calm = control.p999 < 50;
    report.target(
      `Talo hangs, ${variant} at ${rate}/s: p99.9 < 50 ms`,
      p999 < 50,
      `${p999.toFixed(1)} ms`,
      calm,
    );
  }
}

/** The lock comes and goes within each turn, so both halves meet the same moments of the machine. */
async function locked(): Promise<void> {
  const { talo, url } = await startTalo('answers');
  const servers = new Map<string, Server>([
    ['bare', await startServer('nothing', url)],
    ['sqlite', await startServer('sqlite', url)],
  ]);
  const variants = ['bare', 'free', 'held'] as const;
  try {
    const results = await rotated(variants, rounds, async (variant) => {
      const server = serverOf(servers, variant === 'bare' ? 'bare' : 'sqlite');
      if (variant !== 'held') return turn(server, lockRate, LOCK_MS / 1000);
      await server.ask('lock', true);
      const result = await turn(server, lockRate, LOCK_MS / 1000);
      await server.ask('lock', false);
      // what waited for the lock is worked off before the next turn
      await sleep(500);
      return result;
    });
    const rows = variants.map((variant) => row(variant, figures(results.get(variant) ?? [])));
    report.table(`The application holds its lock for ${LOCK_MS} ms, ${lockRate}/s`, COLUMNS, rows);
    const bare = figures(results.get('bare') ?? []);
    const { p99, stall } = figures(results.get('held') ?? []);
    report.target(`lock held, ${lockRate}/s: p99 < 10 ms`, p99 < 10, `${p99.toFixed(2)} ms`, bare.p99 < 10);
    report.target(
      'lock held: event loop never stalled > 50 ms',
      stall <= 50,
      `${stall.toFixed(1)} ms`,
      // a stall of the bare route is the machine's, and so is a sync of the disk that takes as long
      bare.stall + Math.max(...sync) <= 50,
    );
    const { looks, hints } = await serverOf(servers, 'sqlite').ask('stats');
    report.table('The engine, meanwhile', ['looks', 'hints waiting at the end'], [[looks, hints]]);
  } finally {
    for (const server of servers.values()) await server.end();
    await talo.end();
  }
}

async function startTalo(manner: 'hangs' | 'answers') {
  const talo = await startChild<typeof taloCommands>(new URL('./lib/talo.ts', import.meta.url), { manner });
  return { talo, url: `http://127.0.0.1:${await talo.ask('port')}` };
}

function startServer(behind: ServerSettings['behind'], taloUrl = 'http://127.0.0.1:1'): Promise<Server> {
  const started = taloUrl !== 'http://127.0.0.1:1';
  const settings = { framework: 'node', behind, folder, taloUrl, started } satisfies ServerSettings;
  return startChild<typeof commands>(new URL('./lib/server.ts', import.meta.url), settings);
}

function serverOf(servers: ReadonlyMap<string, Server>, name: string): Server {
  const server = servers.get(name);
  if (server === undefined) throw new Error(`There is no server "${name}".`);
  return server;
}

async function turn(server: Server, perSecond: number, length: number): Promise<Turn> {
  const port = await server.ask('port');
  disk.measure(25, sync);
  await server.ask('lap');
  const load = await openLoad({ port, perSecond, seconds: length, random, request: notice });
  refused += load.times.length - (load.statuses[200] ?? 0);
  return { load, lap: await server.ask('lap') };
}

const COLUMNS = [
  '',
  'answers',
  'p50 ms',
  'p99 ms',
  'p99.9 ms',
  'max ms',
  'sent late p50',
  'p99',
  'stall ms',
  'median',
];

/** Medians over the rounds, which one bad second of the machine does not move; the longest stall of all. */
function figures(turns: readonly Turn[]) {
  const spreads = turns.map(({ load }) => spread(load.times));
  const late = turns.map(({ load }) => spread(load.late));
  return {
    count: spreads.reduce((sum, { count }) => sum + count, 0),
    p50: median(spreads.map(({ p50 }) => p50)),
    p99: median(spreads.map(({ p99 }) => p99)),
    p999: median(spreads.map(({ p999 }) => p999)),
    max: Math.max(...spreads.map(({ max }) => max)),
    late50: median(late.map(({ p50 }) => p50)),
    late99: median(late.map(({ p99 }) => p99)),
    stall: Math.max(...turns.map(({ lap }) => lap.stallMs)),
    stallMedian: median(turns.map(({ lap }) => lap.stallMs)),
  };
}

function row(label: string, of: ReturnType<typeof figures>): (string | number)[] {
  return [label, of.count, of.p50, of.p99, of.p999, of.max, of.late50, of.late99, of.stall, of.stallMedian];
}

try {
  for (const setting of values.settings.split(',')) {
    if (setting === 'quiet') await steady('Nothing started', { talo: 'none', targets: quietTargets });
    else if (setting === 'hang') await steady('Talo hangs', { talo: 'hangs', targets: hangTargets });
    else if (setting === 'lock') await locked();
    else throw new Error(`There is no setting "${setting}": quiet, hang, lock.`);
  }
} finally {
  disk.close();
  rmSync(folder, { recursive: true, force: true });
}
const { count, p50, p99, p999, max } = spread(sync);
report.table(
  'fdatasync of this disk between the turns (control)',
  ['', 'p50 ms', 'p99 ms', 'p99.9 ms', 'max ms'],
  [[String(count), p50, p99, p999, max]],
);
report.must('every answer was 200', refused === 0, `${refused} were not`);
report.end(values);
