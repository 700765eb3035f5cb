import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { centavos, TaloClient } from '@talo/core';
import { createSandbox } from '@talo/sandbox';
import { balance } from './books.ts';
import { type Apart, apart, type RunningApart, WEBHOOK_URL } from './matrix/apart.ts';
import { BROKEN, DONE, SECRET, type Status, WORKING } from './matrix/application.ts';
import { RETRY } from './matrix/stage.ts';

/**
 * Where a process can be stopped with work in its hands. Not inside a transaction: there it holds the lock of the file,
 * and nobody can take over until it goes on or is killed.
 */
export const ZOMBIE_POINTS: readonly string[] = [
  'before:GET:1',
  'after:GET:1',
  'before:commit:1',
  'after:commit:1',
  'before:complete:1',
  'before:first:1',
  'after:first:1',
  'before:finish:1',
  'after:finish:1',
];

export interface ZombieReport {
  /** Calls of the zombie that were refused once it went on. */
  readonly fenced: number;
  /** How the books stood when the other had taken over, when the zombie had gone on, and when the other was gone. */
  readonly wrong: readonly string[];
  readonly transfers: number;
}

const POLLS = 2_000;

/**
 * Two processes on one inbox. One is stopped at a point (SIGSTOP), the other takes its work over and sees it through,
 * the first goes on (SIGCONT) with what it had in its hands, more money comes, the other is killed, and the first works
 * again.
 */
export async function zombie(point: string): Promise<ZombieReport> {
  const folder = mkdtempSync(join(tmpdir(), 'talo-zombie-'));
  const path = join(folder, 'app.db');
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(DONE);
  let front: Apart | undefined;
  const sandbox = createSandbox({
    clock: 'virtual',
    startAt: new Date(Date.now() + 3_600_000),
    delivery: { retry: RETRY },
    // a balancer: whoever is in front gets the notification
    receiver: (request) => front?.receiver(request) ?? new Response(null, { status: 503 }),
  });
  const api = await sandbox.listen({ port: 0 });
  const { userId } = sandbox.merchant.credentials;
  const first = apart(api.url, userId, path, 'SIGSTOP');
  const second = apart(api.url, userId, path);
  const processes: RunningApart[] = [];
  const wrong: string[] = [];
  try {
    const a = await first.launch(point);
    processes.push(a);
    front = first;
    const talo = new TaloClient({
      ...sandbox.merchant,
      fetch: sandbox.fetch,
      clock: sandbox.clock,
      webhooks: { url: WEBHOOK_URL, secret: SECRET },
    });
    const wanted = { customerId: 'c0', alias: 'cliente', name: 'Carla', email: 'c@example.com' };
    const { cvu } = await talo.customers.create(wanted);
    const pay = (...amounts: readonly number[]) => {
      for (const amount of amounts) sandbox.bank.transfer({ to: cvu, amount: centavos(amount) });
    };
    const until = async (what: string, met: () => Promise<boolean>) => {
      for (let polls = 0; !(await met()); polls++) {
        if (polls > POLLS) throw new Error(`${what} does not come about`);
        await sandbox.clock.advance({ seconds: 1 });
        await sleep(5);
      }
    };
    const settled = (process: RunningApart) => async () => {
      const { backlog, credits } = (await process.ask({ do: 'status' })) as Status;
      const waiting = backlog.hints + backlog.deliveries + backlog.running;
      return waiting === 0 && credits.length === sandbox.bank.transfers.length;
    };
    const check = async (when: string, process: RunningApart) => {
      const status = await process.ask({ do: 'status' });
      for (const what of judge(status)) wrong.push(`${when}: ${what}`);
    };
    const judge = ({ credits, dead }: Status): readonly string[] => {
      const { wrong } = balance({ bank: sandbox.bank.transfers, credits, cvuOf: () => cvu, reported: [] });
      const done = database.prepare('SELECT handler, count(*) AS n FROM done GROUP BY handler').all();
      const count = (name: string) => done.find(({ handler }) => handler === name)?.['n'] ?? 0;
      const moved = sandbox.bank.transfers.length;
      const uneven = WORKING.filter((name) => count(name) !== moved).map(
        (name) => `${name} has done ${count(name)} of ${moved}`,
      );
      const broken = dead.filter(({ handler }) => handler === BROKEN).length;
      const others = dead.filter(({ handler }) => handler !== BROKEN).map(({ reason }) => `dead: ${reason}`);
      if (broken !== moved) uneven.push(`${broken} of ${moved} are dead for the broken handler`);
      return [...wrong, ...uneven, ...others];
    };

    pay(100, 200, 300);
    await until('the stop', () => a.stopped());
    const b = await second.launch(undefined);
    processes.push(b);
    front = second;
    pay(400);
    await until('the taking over', settled(b));
    await check('taken over', b);

    a.signal('SIGCONT');
    // what it has in its hands it has let go of once it answers and nothing runs any more
    await until('the going on', settled(a));
    pay(500);
    front = first;
    pay(600);
    await until('the work of both', settled(b));
    await check('both alive', b);
    const { fenced = 0 } = await a.ask({ do: 'status' });

    await b.kill();
    pay(700, 800);
    await until('the work of the first', settled(a));
    await check('the first alone', a);
    return { fenced, wrong, transfers: sandbox.bank.transfers.length };
  } finally {
    for (const process of processes) await process.kill();
    await api.close();
    sandbox.reset();
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
