import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closedLoad, type Load, type OpenLoad, openLoad } from '@talo/bench/lib/load.ts';
import { generator, shuffle } from '@talo/bench/lib/random.ts';
import { bytesOf, requestBytes } from '@talo/bench/lib/wire.ts';
import { centavos, TaloClient } from '@talo/core';
import { signedNotification } from '@talo/core/testing';
import { ACCOUNT, BARE, ROUTE, SECRET } from './address.ts';
import { atRest, type Receiver, startReceiver, startTalo, type Talo } from './processes.ts';
import type { Get } from './talo.ts';

export interface StormPlan {
  readonly seed: number;
  /** Hints of the burst. */
  readonly hints: number;
  readonly resources: number;
  /** Processes that share one inbox. */
  readonly receivers: number;
  readonly connections: number;
  /** After the burst: hints per second, for so long. */
  readonly sustained: { readonly perSecond: number; readonly seconds: number };
}

export interface StormReport {
  readonly burst: Phase;
  readonly sustained: Phase;
  /** The same number of requests to bare routes of the same processes, before and after. */
  readonly bare: readonly Load[];
  readonly bank: number;
  readonly credited: number | undefined;
  readonly effects: { readonly count: number; readonly resources: number; readonly sum: number };
  readonly dead: readonly string[];
  readonly waiting: number;
}

export interface Phase {
  readonly load: Load;
  readonly gets: number;
  /** Of one resource, from the first hint until nothing is due. */
  readonly mostGets: number;
  /** Of one resource within any one second. */
  readonly mostGetsInASecond: number;
}

/** Two looks at one resource are a second apart; timers and clocks count whole milliseconds. */
const SECOND_MS = 1_000 - 5;

/** Pays many orders, then sends far too many hints of it to several processes at once. */
export async function storm(plan: StormPlan): Promise<StormReport> {
  const { seed, hints, resources, connections, sustained } = plan;
  const random = generator(seed);
  const folder = await mkdtemp(join(tmpdir(), 'talo-storm-'));
  // Talo's own notices are left out, so that the hints are those that are counted
  const talo = await startTalo({ seed, delivery: { dropEvery: 1 } });
  const receivers: Receiver[] = [];
  try {
    const taloUrl = await talo.ask('url');
    const client = clientOf(taloUrl);
    for (let i = 0; i < plan.receivers; i++) {
      const path = join(folder, 'app.db');
      const userId = client.accountId ?? '';
      receivers.push(await startReceiver({ path, taloUrl, userId, demoted: [], unsigned: 'refuse' }));
    }
    const [first] = receivers;
    if (first === undefined) throw new Error('At least one receiver.');
    const ports = await Promise.all(receivers.map((receiver) => receiver.ask('port')));
    const lanes = Array.from({ length: connections }, (_, i) => ports[i % ports.length] ?? 0);

    const notices = await paidOrders({ talo, client, resources, random });
    const order = shuffle(
      Array.from({ length: hints }, (_, i) => notices[i % notices.length] ?? Buffer.alloc(0)),
      random,
    );
    const empty = requestBytes(BARE, '{"message":"Pago Actualizado"}');
    const control = () => closedLoad({ ports: lanes, count: hints, request: () => empty });

    const before = await control();
    await talo.ask('gets');
    const burst = await closedLoad({ ports: lanes, count: hints, request: (i) => order[i] ?? empty });
    await atRest(first, resources);
    const inBurst = await talo.ask('gets');
    const after = await control();

    const steady = await Promise.all(
      ports.map((port) =>
        openLoad({
          port,
          perSecond: sustained.perSecond / ports.length,
          seconds: sustained.seconds,
          random,
          request: () => order[Math.floor(random() * order.length)] ?? empty,
        }),
      ),
    );
    const books = await atRest(first, resources);
    return {
      burst: phase(burst, inBurst),
      sustained: phase(together(steady), await talo.ask('gets')),
      bare: [before, after],
      bank: (await talo.ask('bank')).total,
      credited: books.credited,
      effects: {
        count: books.effects.length,
        resources: new Set(books.effects.map(({ resource }) => resource)).size,
        sum: books.effects.reduce((sum, effect) => sum + effect.centavos, 0),
      },
      dead: books.dead.map(({ handler, reason }) => `${handler ?? 'hint'}: ${reason}`),
      waiting: books.hints + books.deliveries + books.running,
    };
  } finally {
    await Promise.all([...receivers, talo].map((child) => child.end()));
    await rm(folder, { recursive: true, force: true });
  }
}

function clientOf(taloUrl: string): TaloClient {
  return new TaloClient({
    environment: { apiUrl: taloUrl },
    credentials: {
      userId: ACCOUNT,
      clientId: 'sandbox',
      clientSecret: 'sandbox',
    },
    webhooks: { url: `http://127.0.0.1:1${ROUTE}`, secret: SECRET },
  });
}

/** @returns the notification of each */
async function paidOrders(given: {
  readonly talo: Talo;
  readonly client: TaloClient;
  readonly resources: number;
  readonly random: () => number;
}): Promise<readonly Buffer[]> {
  const { talo, client, resources, random } = given;
  const notices: Buffer[] = [];
  for (let i = 0; i < resources; i++) {
    const price = centavos(1 + Math.floor(random() * 1_000_000));
    const externalId = `order-${i}`;
    const { id, cvu = '' } = await client.payments.create({ externalId, price });
    await talo.ask('transfer', { to: cvu, amount: price.centavos });
    notices.push(await bytesOf(signedNotification(client, { payment: { id, externalId, price } })));
  }
  return notices;
}

function phase(load: Load, gets: readonly Get[]): Phase {
  const times = new Map<string, number[]>();
  for (const { path, at } of gets) {
    if (!path.startsWith('/payments/')) continue;
    times.set(path, [...(times.get(path) ?? []), at]);
  }
  const all = [...times.values()];
  return {
    load,
    gets: all.reduce((sum, { length }) => sum + length, 0),
    mostGets: Math.max(0, ...all.map(({ length }) => length)),
    mostGetsInASecond: Math.max(0, ...all.map((ats) => mostWithin(SECOND_MS, ats))),
  };
}

function mostWithin(ms: number, times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.max(...sorted.map((from, i) => sorted.filter((at, j) => j >= i && at < from + ms).length));
}

function together(loads: readonly OpenLoad[]): Load {
  const statuses: Record<number, number> = {};
  for (const load of loads) {
    for (const [status, count] of Object.entries(load.statuses)) {
      statuses[Number(status)] = (statuses[Number(status)] ?? 0) + count;
    }
  }
  return {
    times: loads.flatMap(({ times }) => times),
    statuses,
    seconds: Math.max(...loads.map(({ seconds }) => seconds)),
  };
}
