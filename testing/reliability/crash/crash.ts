import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { centavos, type Payment, TaloClient } from '@talo/core';
import { createSandbox } from '@talo/sandbox';

export interface CrashPlan {
  readonly seed: number;
  /** Times that the application is killed. */
  readonly kills: number;
  /** Kills at these points first, each once; then at random moments and points. */
  readonly failpoints?: readonly string[];
}

export interface CrashReport {
  readonly kills: number;
  /** How often it got to its named point and died there; the others were killed at a random moment. */
  readonly struck: number;
  readonly transfers: number;
  readonly bank: number;
  readonly credited: number | undefined;
  readonly effects: { readonly count: number; readonly sum: number };
  readonly paidTold: number;
  readonly paidAtTalo: number;
  /** Dead letters other than those of the handler that is broken on purpose. */
  readonly unexpected: readonly string[];
  /** Those of that handler, which hears of each paid payment once. */
  readonly broken: number;
}

/** What does not hold, in words; empty when nothing was lost and nothing is double. */
export function wrongOf(report: CrashReport): readonly string[] {
  const { transfers, bank, credited, effects, paidTold, paidAtTalo, unexpected, broken } = report;
  return [
    ...(credited === bank ? [] : [`${credited} was credited, and the bank received ${bank}`]),
    ...(effects.sum === bank ? [] : [`effects are of ${effects.sum}, and the bank received ${bank}`]),
    ...(effects.count === transfers ? [] : [`${effects.count} effects of ${transfers} transfers`]),
    ...(paidTold === paidAtTalo ? [] : [`${paidTold} payments were told as paid, and ${paidAtTalo} are`]),
    ...(broken === paidAtTalo
      ? []
      : [`${broken} dead letters of the broken handler, for ${paidAtTalo} payments`]),
    ...unexpected.map((letter) => `dead: ${letter}`),
  ];
}

const METHODS = [
  'put',
  'claim',
  'commit',
  'complete',
  'claimDeliveries',
  'finish',
  'retry',
  'park',
  'state',
  'recall',
];

/** Every named point: before and after each step that leaves a trace, at its first and its third time. */
export const FAILPOINTS: readonly string[] = METHODS.flatMap((method) =>
  ['before', 'after'].flatMap((when) => [1, 3].map((nth) => `${when}:${method}:${nth}`)),
);

const WEBHOOK_URL = 'https://shop.example/webhooks/talo';
const SECRET = 'a secret of more than sixteen characters';

/** Kills an application again and again while money comes in, lets it rest, and says how the books stand. */
export async function crash({ seed, kills, failpoints = [] }: CrashPlan): Promise<CrashReport> {
  const random = generator(seed);
  const folder = await mkdtemp(join(tmpdir(), 'talo-crash-'));
  let app: App | undefined;
  const sandbox = createSandbox({
    seed,
    delivery: { retry: Array<number>(600).fill(250) },
    // each application listens where there is room: a port that is kept for the next one may be taken meanwhile
    receiver: (request) => deliver(request, app?.origin),
  });
  const { url, close } = await sandbox.listen({ port: 0 });
  const talo = new TaloClient({
    ...sandbox.merchant,
    webhooks: { url: WEBHOOK_URL, secret: SECRET },
  });
  const variables = { DATABASE: join(folder, 'app.db'), TALO_URL: url, WEBHOOK_URL, SECRET };
  try {
    const cvus = await Promise.all(
      [0, 1, 2].map(async (i) => {
        const wanted = { customerId: `c${i}`, alias: `cliente${i}`, name: 'Carla', email: 'c@example.com' };
        return (await talo.customers.create(wanted)).cvu;
      }),
    );
    const open: Payment[] = [];
    const pay = async () => {
      if (open.length < 3) {
        const externalId = `order-${sandbox.bank.transfers.length}-${open.length}`;
        open.push(await talo.payments.create({ externalId, price: centavos(10_000) }));
      }
      const payment = random() < 0.6 ? open[Math.floor(random() * open.length)] : undefined;
      const to = payment?.cvu ?? cvus[Math.floor(random() * cvus.length)];
      sandbox.bank.transfer({ to, amount: centavos(1 + Math.floor(random() * 9_999)) });
      if (payment && sandbox.bank.received(payment.cvu).centavos >= 10_000)
        open.splice(open.indexOf(payment), 1);
    };

    let struck = 0;
    for (let i = 0; i < kills; i++) {
      const failpoint = failpoints[i] ?? (random() < 0.5 ? pick(FAILPOINTS, random) : '');
      app = await start({ ...variables, FAILPOINT: failpoint, USER_ID: talo.accountId ?? '' });
      const until = performance.now() + (failpoint === '' ? 20 + random() * 200 : 2_000);
      while (!hasEnded(app.child) && performance.now() < until) {
        await pay();
        await sleep(random() * 20);
      }
      if (hasEnded(app.child)) struck++;
      await end(app.child);
    }

    app = await start({ ...variables, USER_ID: talo.accountId ?? '' });
    const books = await rest(app.origin, () => sandbox.bank.total().centavos);
    const statuses = await Promise.all(
      [...new Set(sandbox.bank.transfers.map(({ cvu }) => cvu))].map((cvu) => sandbox.bank.received(cvu)),
    );
    const { dead, ...state } = books;
    const broken = dead.filter((letter) => letter.startsWith('broken: '));
    return {
      kills,
      struck,
      transfers: sandbox.bank.transfers.length,
      bank: sandbox.bank.total().centavos,
      credited: state.credited,
      effects: state.effects,
      paidTold: state.paid,
      paidAtTalo:
        statuses.length -
        cvus.filter((cvu) => sandbox.bank.received(cvu).centavos > 0).length -
        open.filter((payment) => sandbox.bank.received(payment.cvu).centavos > 0).length,
      unexpected: dead.filter((letter) => !letter.startsWith('broken: ')),
      broken: broken.length,
    };
  } finally {
    app?.child.kill('SIGKILL');
    await close();
    sandbox.reset();
    await rm(folder, { recursive: true, force: true });
  }
}

interface App {
  readonly child: ChildProcess;
  readonly origin: string;
}

interface Books {
  readonly hints: number;
  readonly deliveries: number;
  readonly running: number;
  readonly credited: number;
  readonly effects: { readonly count: number; readonly sum: number };
  readonly paid: number;
  readonly dead: readonly string[];
}

/** Waits until the application has worked off everything, or for a minute. */
async function rest(origin: string, bank: () => number): Promise<Books> {
  const end = performance.now() + 60_000;
  for (;;) {
    const books = (await (await fetch(origin)).json()) as Books;
    const quiet = books.hints === 0 && books.deliveries === 0 && books.running === 0;
    if ((quiet && books.credited === bank()) || performance.now() > end) return books;
    await sleep(200);
  }
}

async function start(variables: Record<string, string>): Promise<App> {
  const receiver = fileURLToPath(new URL('./receiver.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--conditions=@talo/source', '--disable-warning=ExperimentalWarning', receiver],
    {
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  // it may die before it is ready: that is what it is for
  const [port] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return { child, origin: `http://127.0.0.1:${String(port).trim()}` };
}

async function deliver(request: Request, origin: string | undefined): Promise<Response> {
  if (origin === undefined) return new Response(null, { status: 503 });
  const headers = { 'content-type': 'application/json' };
  const body = await request.text();
  return fetch(origin + new URL(request.url).search, {
    method: 'POST',
    headers,
    body,
    signal: request.signal,
  });
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const died = once(child, 'exit');
  child.kill('SIGKILL');
  await died;
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T;
}

/** Mulberry32: the same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
