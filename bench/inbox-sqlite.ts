// What the durable inbox costs, beside what the disk itself costs in the same minute: the time of one fdatasync of a
// small write to a file that is not grown by it. Every block of puts has a block of such writes before and after it.
// Prints only; never a gate. Run it on an idle machine, on the disk that matters (--dir).
import { closeSync, existsSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { HintClaim, Inbox } from '../packages/core/src/webhooks/index.ts';
import type * as InboxSqlite from '../packages/inbox-sqlite/src/index.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: tmpdir() },
    rounds: { type: 'string', default: '10' },
    /** Resources in the largest inbox whose cost per resource is compared with one of 1,000. */
    resources: { type: 'string', default: '100000' },
  },
});
const rounds = Number(values.rounds);
const built = fileURLToPath(new URL('../packages/inbox-sqlite/dist/index.js', import.meta.url));
if (!existsSync(built)) throw new Error('@talo/inbox-sqlite is not built: run "pnpm build" first.');
const { sqliteInbox } = (await import(pathToFileURL(built).href)) as typeof InboxSqlite;

const folder = mkdtempSync(join(values.dir, 'talo-bench-'));
const T0 = Date.now();
const LEASE = 600_000;
let made = 0;

/** One put after another, beside the disk; then 64 at a time. */
async function acknowledging(): Promise<void> {
  const inbox = sqliteInbox({ path: join(folder, 'ack.db') });
  await inbox.open();
  const disk = new Disk();
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
  const base = at(sync, 0.5);
  heading(`Acknowledging, Node ${process.versions.node}, ${rounds} rounds`);
  line('fdatasync of this disk (control)', ms(sync));
  line(
    'one put at a time',
    `${ms(alone)}   ${(at(alone, 0.5) / base).toFixed(2)} x fdatasync (target <= 2.5)`,
  );
  line('64 at a time', `${rate(perSecond)} puts/s (target >= 18000)`);
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
  heading('Working off, operations per second');
  for (const [name, speed] of speeds) line(name, rate(speed));
}

/**
 * The whole way of 500 resources, in turns in an inbox that knows few and in one that knows many, so that a slow moment
 * of the disk falls on both.
 */
async function growing(): Promise<void> {
  const sizes = [1_000, Number(values.resources)];
  const disk = new Disk();
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
  heading('Cost of one resource by how many the inbox knows, in turns (target: within 1.5 x)');
  line('fdatasync of this disk (control)', ms(sync));
  const first = at(inboxes[0]?.times ?? [], 0.5);
  for (const { size, inbox, times } of inboxes) {
    const cost = at(times, 0.5);
    line(`${size} resources`, `${(cost * 1_000).toFixed(1).padStart(8)} us   ${(cost / first).toFixed(2)} x`);
    await inbox.close();
  }
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

class Disk {
  readonly #file = openSync(join(folder, 'disk'), 'w');
  readonly #bytes = Buffer.alloc(8_240, 1);
  #next = 0;

  constructor() {
    writeSync(this.#file, Buffer.alloc(8 << 20));
    fdatasyncSync(this.#file);
  }

  measure(count: number, times: number[]): void {
    for (let i = 0; i < count; i++) {
      this.#next = (this.#next + this.#bytes.length) % (7 << 20);
      const start = performance.now();
      writeSync(this.#file, this.#bytes, 0, this.#bytes.length, this.#next);
      fdatasyncSync(this.#file);
      times.push(performance.now() - start);
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

function at(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function ms(times: readonly number[]): string {
  const [p50, p90, p99] = [0.5, 0.9, 0.99].map((share) => at(times, share).toFixed(3));
  return `p50 ${p50}  p90 ${p90}  p99 ${p99} ms`;
}

function rate(speeds: readonly number[]): string {
  return `${at(speeds, 0.5).toFixed(0).padStart(8)} (from ${at(speeds, 0).toFixed(0)} to ${at(speeds, 1).toFixed(0)})`;
}

function heading(text: string): void {
  console.log(`\n${text}\n`);
}

function line(label: string, value: string): void {
  console.log(`${label.padEnd(38)}${value}`);
}

try {
  await acknowledging();
  await working();
  await growing();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
