// What the durable inbox costs, beside what the disk itself costs in the same minute: the time of one fdatasync of a
// small write to a file that is not grown by it. Every block of puts has a block of such writes before and after it.
// Prints only; never a gate. Run it on an idle machine, on the disk that matters (--dir).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { HintClaim, Inbox } from '@talo/core/webhooks';
import { sqliteInbox } from '@talo/inbox-sqlite';
import { Disk } from './lib/disk.ts';
import { Report } from './lib/report.ts';
import { quantile } from './lib/statistics.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: tmpdir() },
    rounds: { type: 'string', default: '10' },
    /** Resources in the largest inbox whose cost per resource is compared with one of 1,000. */
    resources: { type: 'string', default: '100000' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const folder = mkdtempSync(join(values.dir, 'talo-bench-'));
const report = new Report('The SQLite inbox by itself', { rounds, 'largest inbox': values.resources });
const TIMES = ['', 'p50 ms', 'p90 ms', 'p99 ms'];
const RATES = ['', 'per second', 'least', 'most'];
const T0 = Date.now();
const LEASE = 600_000;
let made = 0;

/** One put after another, beside the disk; then 64 at a time. */
async function acknowledging(): Promise<void> {
  const inbox = sqliteInbox({ path: join(folder, 'ack.db') });
  await inbox.open();
  const disk = new Disk(folder);
  const alone: number[] = [];
  const sync: number[] = [];
  const perSecond: number[] = [];
  await puts(inbox, 500, []);
  for (let round = 0; round < rounds; round++) {
    disk.measure(100, sync);
    await puts(inbox, 200, alone);
    disk.measure(100, sync);
    const start = performance.now();
    await together(64, 8_000, () => inbox.put(hint(++made)));
    perSecond.push(8_000 / ((performance.now() - start) / 1_000));
  }
  disk.close();
  await inbox.close();
  const ratio = quantile(alone, 0.5) / quantile(sync, 0.5);
  report.table('Acknowledging', TIMES, [
    ['fdatasync of this disk (control)', ...ms(sync)],
    ['one put at a time', ...ms(alone)],
  ]);
  report.target('one put <= 2.5 x fdatasync', ratio <= 2.5, `${ratio.toFixed(2)} x`);
  const middle = quantile(perSecond, 0.5);
  report.table('64 puts at a time', RATES, [['puts', ...rate(perSecond)]]);
  report.target('64 at a time >= 18000/s', middle >= 18_000, `${middle.toFixed(0)}/s`);
}

/** The rest of a notification's way: claim, commit, complete, deliver, finish. */
async function working(): Promise<void> {
  const inbox = sqliteInbox({ path: join(folder, 'work.db') });
  await inbox.open();
  const speeds = new Map<string, number[]>();
  const timed = async (name: string, count: number, work: () => Promise<unknown>): Promise<void> => {
    const start = performance.now();
    await work();
    const speed = count / ((performance.now() - start) / 1_000);
    speeds.set(name, [...(speeds.get(name) ?? []), speed]);
  };
  const each = 1_000;
  for (let round = 0; round < rounds; round++) {
    await together(64, each, () => inbox.put(hint(++made)));
    const claims: HintClaim[] = [];
    await timed('claim, 8 at a time', each, async () => {
      while (claims.length < each) claims.push(...(await inbox.claim(8, Date.now(), LEASE)));
    });
    const todo = claims.values();
    await timed('commit with an event, 8 at a time', each, () =>
      together(8, each, () => commit(inbox, todo.next().value)),
    );
    const done = claims.values();
    await timed('complete, 8 at a time', each, () =>
      together(8, each, async () => {
        const claim = done.next().value;
        if (claim !== undefined) await inbox.complete(claim, Date.now());
      }),
    );
    await timed('deliver and finish, 16 at a time', each, async () => {
      for (let finished = 0; finished < each; ) {
        const taken = await inbox.claimDeliveries(16, Date.now(), LEASE);
        await Promise.all(taken.map((claim) => inbox.finish(claim, [])));
        finished += taken.length;
      }
    });
    await timed('backlog', 1_000, async () => {
      for (let i = 0; i < 1_000; i++) await inbox.backlog();
    });
  }
  await inbox.close();
  report.table(
    'Working off',
    RATES,
    [...speeds].map(([name, speed]) => [name, ...rate(speed)]),
  );
}

/**
 * The whole way of 500 resources, in turns in an inbox that knows few and in one that knows many, so that a slow moment
 * of the disk falls on both.
 */
async function growing(): Promise<void> {
  const sizes = [1_000, Number(values.resources)];
  const disk = new Disk(folder);
  const sync: number[] = [];
  const inboxes: { readonly size: number; readonly inbox: Inbox; readonly times: number[] }[] = [];
  for (const size of sizes) {
    const inbox = sqliteInbox({ path: join(folder, `${size}.db`) });
    await inbox.open();
    for (let known = 0; known < size; known += 500) await way(inbox, 500, 500);
    inboxes.push({ size, inbox, times: [] });
  }
  for (let round = 0; round < rounds * 2; round++) {
    disk.measure(50, sync);
    const turn = round % 2 === 0 ? inboxes : inboxes.toReversed();
    for (const { inbox, times } of turn) times.push(await way(inbox, 500, 8));
  }
  disk.close();
  report.table('fdatasync of this disk (control)', TIMES, [['meanwhile', ...ms(sync)]]);
  const first = quantile(inboxes[0]?.times ?? [], 0.5);
  const costs = inboxes.map(({ size, times }) => ({ size, cost: quantile(times, 0.5) }));
  report.table(
    'Cost of one resource by how many the inbox knows, in turns',
    ['resources', 'us', 'x'],
    costs.map(({ size, cost }) => [String(size), cost * 1_000, cost / first]),
  );
  const most = Math.max(...costs.map(({ cost }) => cost / first));
  report.target('flat within 1.5 x', most <= 1.5, `${most.toFixed(2)} x`);
  for (const { inbox } of inboxes) await inbox.close();
}

/** As the engine goes it, with `width` looks and twice as many deliveries at a time. @returns milliseconds per resource */
async function way(inbox: Inbox, count: number, width: number): Promise<number> {
  const start = performance.now();
  const now = Date.now();
  await together(64, count, () => inbox.put(hint(++made)));
  for (let looked = 0; looked < count; ) {
    const claims = await inbox.claim(width, now + 1, LEASE);
    await Promise.all(
      claims.map(async (claim) => {
        await commit(inbox, claim);
        await inbox.complete(claim, now + 1, now + LEASE * 1_000);
      }),
    );
    looked += claims.length;
  }
  for (let delivered = 0; delivered < count; ) {
    const deliveries = await inbox.claimDeliveries(width * 2, Date.now() + 1, LEASE);
    await Promise.all(deliveries.map((claim) => inbox.finish(claim, [])));
    delivered += deliveries.length;
  }
  return (performance.now() - start) / count;
}

async function commit(inbox: Inbox, claim: HintClaim | undefined): Promise<void> {
  if (claim === undefined) return;
  const now = Date.now();
  const [, , , paymentId] = JSON.parse(claim.key) as string[];
  const id = `e${claim.token.toString(36)}`.padEnd(24, '0');
  const event = { id, type: 'payment.paid', key: claim.key, payload: PAYLOAD, handlers: ['payment.paid'] };
  const credit = {
    key: JSON.stringify([claim.key, 'CRS-198-304850', 1]),
    kind: 'credit',
    environment: 'production',
    accountId: ACCOUNT,
    ...(paymentId !== undefined && { paymentId }),
    transactionId: 'CRS-198-304850',
    gross: { currency: 'ARS', centavos: 1_500_000 },
    at: now,
  } as const;
  await inbox.commit({ claim, state: PAYLOAD, credits: [credit], events: [event], now });
}

const ACCOUNT = 'f61876b0-10a5-4e39-8e2c-17343b3fa1b6';
const PAYLOAD = JSON.stringify({ type: 'payment.paid', payment: 'x'.repeat(900) });

function hint(number: number) {
  // spread over the index as ids of a real system are
  const id = `${((number * 2_654_435_761) % 4_294_967_296).toString(16)}-${number}`;
  const key = JSON.stringify(['production', ACCOUNT, 'payment', id]);
  return { key, authenticated: true, origin: 'webhook', at: T0 } as const;
}

async function puts(inbox: Inbox, count: number, times: number[]): Promise<void> {
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await inbox.put(hint(++made));
    times.push(performance.now() - start);
  }
}

/** `count` calls, `width` of them at a time. */
async function together(width: number, count: number, call: () => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: width }, lane));
}

function ms(times: readonly number[]): number[] {
  return [0.5, 0.9, 0.99].map((share) => quantile(times, share));
}

function rate(speeds: readonly number[]): number[] {
  return [0.5, 0, 1].map((share) => Math.round(quantile(speeds, share)));
}

try {
  await acknowledging();
  await working();
  await growing();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report.end(values);
