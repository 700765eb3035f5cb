import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { TaloClient } from '@talo/core';
import type { TaloEvent } from '@talo/core/webhooks';
import { createSandbox, type Sandbox } from '@talo/sandbox';
import { balance, movementsOf, movementsTold, prematureOf, unmatchedOf } from '../books.ts';
import { apart, WEBHOOK_URL } from './apart.ts';
import { BROKEN, DONE, SECRET, type Status, WORKING } from './application.ts';
import { here, type Receiver } from './here.ts';
import type { Shape } from './shapes.ts';
import { RETRY, Stage } from './stage.ts';

export type Where = 'here' | 'apart';

export interface Trial {
  /** Whether the application died at the point; if not, the shape never got there. */
  readonly died: boolean;
  readonly events: number;
  readonly transfers: number;
  /** In words, what is not as it must be. */
  readonly wrong: readonly string[];
}

/** Plays one shape with an application that dies at one point and is started again, and checks all that is left. */
export async function trial(shape: Shape, point: string, where: Where): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), 'talo-matrix-'));
  const path = join(folder, 'app.db');
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(DONE);
  const { stage, close } = where === 'here' ? onStageHere(shape, path) : await onStageApart(shape, path);
  try {
    await stage.talo.account.update({ transferTolerance: shape.tolerance ?? 0 });
    await stage.begin(point);
    await shape.play(stage);
    await stage.rest();
    // the newest rows of Talo's ledger are left to their notifications
    await stage.pass(11 * 60_000);
    await stage.reconcile();
    await stage.reconcile();
    await stage.rest();
    const done = database
      .prepare('SELECT handler, type, payload, credited FROM done')
      .all()
      .map(
        ({ handler, payload, credited }): Done => ({
          handler: String(handler),
          credited: credited === 1,
          event: JSON.parse(String(payload)),
        }),
      );
    const status = await stage.status();
    return {
      died: stage.deaths > 0,
      events: done.length / WORKING.length,
      transfers: stage.sandbox.bank.transfers.length,
      wrong: await judge(shape, stage, done, status),
    };
  } finally {
    await stage.end();
    await close();
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Done {
  readonly handler: string;
  readonly event: TaloEvent;
  /** Whether its money stood in the ledger of credits when the handler was called. */
  readonly credited: boolean;
}

async function judge(
  shape: Shape,
  { sandbox, talo, reports }: Stage,
  done: readonly Done[],
  { credits, dead, backlog }: Status,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const idsOf = (name: string) =>
    done.flatMap(({ handler, event }) => (handler === name ? [event.id] : [])).sort();
  const same = (what: string, one: readonly string[], other: readonly string[]) => {
    if (JSON.stringify(one) !== JSON.stringify(other))
      wrong.push(`${what}: ${one.length} and ${other.length}`);
  };
  const [first, second] = WORKING;
  same('events done by the two handlers', idsOf(first), idsOf(second));
  const given = dead.flatMap(({ eventId, handler }) => (handler === BROKEN ? [eventId ?? ''] : [])).sort();
  same('events done, and dead for the broken handler', idsOf(first), given);
  const hints = dead.filter(({ kind }) => kind === 'hint').length;
  if (hints !== (shape.buried ?? 0)) wrong.push(`${hints} hints were given up`);
  const others = dead.filter(({ kind, handler }) => kind === 'delivery' && handler !== BROKEN);
  for (const { handler, reason } of others) wrong.push(`dead: ${handler ?? 'nobody'}: ${reason}`);
  if (backlog.hints + backlog.deliveries + backlog.running > 0) wrong.push('something still waits');
  for (const { credited, event } of done)
    if (!credited) wrong.push(`${event.type} was told before its credit was committed`);

  const events = done.flatMap(({ handler, event }) => (handler === first ? [event] : []));
  for (const [type, times] of Object.entries(shape.told)) {
    const told = events.filter((event) => event.type === type).length;
    if (told !== times) wrong.push(`${type} was told ${told} times, not ${times}`);
  }
  same('movements told and credited', movementsTold(events, credits), movementsOf(credits));

  const strangers = new Set(
    events.flatMap((event) => (event.type === 'payment.foreign' ? [event.payment.cvu] : [])),
  );
  const cvus = new Map<string, string | undefined>();
  for (const { paymentId, customerId } of credits) {
    if (paymentId !== undefined) cvus.set(paymentId, (await talo.payments.get(paymentId)).cvu);
    if (customerId !== undefined) cvus.set(customerId, (await talo.customers.get(customerId)).cvu);
  }
  const books = balance({
    bank: sandbox.bank.transfers.filter(({ cvu }) => !strangers.has(cvu)),
    credits,
    cvuOf: ({ paymentId, customerId }) => cvus.get(paymentId ?? customerId ?? ''),
    reported: unmatchedOf(reports),
  });
  return [...wrong, ...prematureOf(events), ...books.wrong];
}

interface OnStage {
  readonly stage: Stage;
  readonly close: () => Promise<void>;
}

function onStageHere(shape: Shape, path: string): OnStage {
  const application: { receiver?: Receiver } = {};
  const sandbox = createSandbox({
    clock: 'virtual',
    delivery: { ...shape.delivery, retry: RETRY },
    ...(shape.oddities && { oddities: shape.oddities }),
    receiver: (request) => application.receiver?.(request) ?? new Response(null, { status: 503 }),
  });
  const { launch, receiver } = here(sandbox, path);
  application.receiver = receiver;
  const stage = new Stage({ sandbox, talo: onlooker(sandbox), launch, receiver, breathe: async () => {} });
  return {
    stage,
    async close() {
      sandbox.reset();
    },
  };
}

/** Talo's time stands ahead of the application's, so that nothing seems to have been there before it. */
const AHEAD_MS = 3_600_000;

async function onStageApart(shape: Shape, path: string): Promise<OnStage> {
  const application: { receiver?: Receiver } = {};
  const sandbox = createSandbox({
    clock: 'virtual',
    startAt: new Date(Date.now() + AHEAD_MS),
    delivery: { ...shape.delivery, retry: RETRY },
    ...(shape.oddities && { oddities: shape.oddities }),
    receiver: (request) => application.receiver?.(request) ?? new Response(null, { status: 503 }),
  });
  const { url, close } = await sandbox.listen({ port: 0 });
  const { launch, receiver } = apart(url, sandbox.merchant.credentials.userId, path);
  application.receiver = receiver;
  const stage = new Stage({ sandbox, talo: onlooker(sandbox), launch, receiver, breathe: () => sleep(5) });
  return {
    stage,
    async close() {
      await close();
      sandbox.reset();
    },
  };
}

function onlooker(sandbox: Sandbox): TaloClient {
  return new TaloClient({
    ...sandbox.merchant,
    fetch: sandbox.fetch,
    clock: sandbox.clock,
    random: () => 0,
    webhooks: { url: WEBHOOK_URL, secret: SECRET },
  });
}
