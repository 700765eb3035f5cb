import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { centavos, TaloClient } from '@talo/core';
import { createSandbox } from '@talo/sandbox';
import { expect, test } from 'vitest';
import { type Farewell, Fleet } from './fleet.ts';

const DEPLOYS = Number(process.env['DEPLOYS'] ?? 3);
const PER_SECOND = Number(process.env['PER_SECOND'] ?? 60);
const SECRET = 'a secret of more than sixteen characters';
const ROUTE = 'https://shop.example/webhooks/talo';

interface Status {
  readonly hints: number;
  readonly deliveries: number;
  readonly running: number;
  readonly dead: readonly string[];
  readonly credited: number;
}

/** What the deploys did, once all has come to rest. */
interface Report {
  readonly transfers: number;
  readonly bank: number;
  readonly orders: number;
  readonly effects: { readonly count: unknown; readonly sum: unknown };
  readonly paid: unknown;
  readonly books: Status;
  readonly outcomes: readonly string[];
  readonly refusals: readonly string[];
  readonly farewells: readonly Farewell[];
  readonly slowest: number;
  readonly byLeaving: number;
}

interface Plan {
  readonly deploys: number;
  /** Milliseconds that one handler in 25 takes. A deploy waits 500. */
  readonly longWork: number;
  /** How long it may take for what is left. */
  readonly patience: number;
}

async function rollOut({ deploys, longWork, patience }: Plan): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'talo-deploys-'));
  const path = join(folder, 'app.db');
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('CREATE TABLE effects (event TEXT PRIMARY KEY, txn TEXT, centavos INTEGER NOT NULL) STRICT');
  database.exec('CREATE TABLE paid (payment TEXT PRIMARY KEY) STRICT');
  // what is refused is never sent again: a customer's transfer would then be lost for good
  const sandbox = createSandbox({
    // and a machine that is busy with other things may be slow, as long as it refuses nothing
    delivery: { retry: 'none', timeoutMs: 20_000 },
    historyLimit: 100_000,
    receiver: (request) => fleet.receive(request),
  });
  const { url, close } = await sandbox.listen();
  const talo = new TaloClient({ ...sandbox.merchant, webhooks: { url: ROUTE, secret: SECRET } });
  const fleet = new Fleet({
    DATABASE: path,
    TALO_URL: url,
    ROUTE,
    SECRET,
    USER_ID: talo.accountId ?? '',
    DEADLINE: '500',
    LONG_WORK: String(longWork),
  });
  const farewells: Farewell[] = [];
  const one = (sql: string) => database.prepare(sql).get();
  try {
    const customers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => {
        const wanted = { customerId: `c${i}`, alias: `cliente${i}`, name: 'Carla', email: 'c@example.com' };
        return talo.customers.create(wanted);
      }),
    );
    await fleet.grow();
    const pay = new AbortController();
    let orders = 0;
    const paying = steadily(PER_SECOND, pay.signal, async (i) => {
      const amount = centavos(100 + i);
      const to =
        i % 10 === 0 ? await talo.payments.create({ externalId: `order-${i}`, price: amount }) : undefined;
      if (to !== undefined) orders++;
      sandbox.bank.transfer({ to: (to ?? customers[i % customers.length])?.cvu, amount });
    });
    for (let i = 0; i < deploys; i++) farewells.push(await fleet.deploy());
    pay.abort();
    await paying;
    await sandbox.idle();
    // one more, when no money comes any more: what the last ones left is in its hands
    await fleet.deploy({ LONG_WORK: '1' });
    const transfers = sandbox.bank.transfers.length;
    const done = () => one('SELECT count(*) AS n FROM effects')?.['n'] === transfers;
    const books = await rest(fleet, done, patience);
    return {
      transfers,
      bank: sandbox.bank.total().centavos,
      orders,
      effects: {
        count: one('SELECT count(*) AS n FROM effects')?.['n'],
        sum: one('SELECT sum(centavos) AS n FROM effects')?.['n'],
      },
      paid: one('SELECT count(*) AS n FROM paid')?.['n'],
      books,
      outcomes: [...new Set(sandbox.deliveries.map(({ outcome }) => outcome))],
      refusals: [...fleet.refusals],
      farewells,
      slowest: Math.round(fleet.slowest),
      byLeaving: fleet.byLeaving,
    };
  } finally {
    await fleet.end();
    await close();
    sandbox.reset();
    database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

test(
  `${DEPLOYS} deploys in a row at ${PER_SECOND} transfers a second: nothing refused, nothing lost, nothing double`,
  async () => {
    const { books, ...report } = await rollOut({
      deploys: DEPLOYS,
      longWork: 150,
      patience: 40_000,
    });
    const { transfers, bank, orders } = report;
    expect(report.refusals, 'a process is always up').toEqual([]);
    expect(report.outcomes).toEqual(['delivered']);
    expect(report.effects, 'each transfer had its effect once').toEqual({ count: transfers, sum: bank });
    expect(books).toMatchObject({ credited: bank, dead: [] });
    expect(report.paid).toBe(orders);
    // it was a deploy under load, or it proves nothing
    expect(transfers).toBeGreaterThan((DEPLOYS * PER_SECOND) / 4);
    expect(report.farewells.every(({ heard }) => heard > 0)).toBe(true);
    if (process.env['DEPLOYS'] !== undefined) console.log(JSON.stringify(report));
  },
  60_000 + DEPLOYS * 10_000,
);

test('work that is under way at the deadline, and ends when it is told to, is done by the next process at once', async () => {
  const { transfers, bank, effects, books, farewells } = await rollOut({
    deploys: 1,
    longWork: 60_000,
    patience: 10_000,
  });
  expect(farewells.some(({ aborted }) => aborted > 0)).toBe(true);
  expect(effects).toEqual({ count: transfers, sum: bank });
  expect(books.dead).toEqual([]);
}, 60_000);

/** Does something so many times a second, late ones at once, until it is told to stop. */
async function steadily(
  perSecond: number,
  signal: AbortSignal,
  what: (i: number) => Promise<void>,
): Promise<void> {
  const began = performance.now();
  for (let i = 0; !signal.aborted; i++) {
    const wait = began + (i * 1_000) / perSecond - performance.now();
    if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => undefined);
    await what(i);
  }
}

/** Waits until all work is done, but no longer than `patience`. */
async function rest(fleet: Fleet, done: () => boolean, patience: number): Promise<Status> {
  const end = performance.now() + patience;
  for (;;) {
    const status = await fleet.status<Status>();
    const quiet = status.hints === 0 && status.deliveries === 0 && done();
    if (quiet || performance.now() > end) return status;
    await sleep(100);
  }
}
