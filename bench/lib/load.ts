import type { Random } from './random.ts';
import { Connection } from './wire.ts';

/** 0 stands for an answer that never came. */
export type Statuses = Readonly<Record<number, number>>;

export interface Load {
  /** Milliseconds to each answer; under an open load from the moment at which it was to be sent. */
  readonly times: readonly number[];
  readonly statuses: Statuses;
  readonly seconds: number;
}

export interface OpenLoad extends Load {
  /** Milliseconds by which requests left late: what the sender itself adds to `times`. */
  readonly late: readonly number[];
}

/** So many connections, each sending its next request as soon as the last one is answered. */
export async function closedLoad(given: {
  /** One connection per entry. */
  readonly ports: readonly number[];
  readonly count: number;
  /** The nth request, counted from 0. */
  readonly request: (index: number) => Uint8Array;
}): Promise<Load> {
  const { ports, count, request } = given;
  const tally = new Tally();
  let next = 0;
  const started = performance.now();
  const lanes = ports.map(async (port) => {
    const connection = new Connection(port);
    while (next < count) {
      const bytes = request(next++);
      const sent = performance.now();
      tally.note(sent, await answer(connection, bytes));
    }
    connection.close();
  });
  await Promise.all(lanes);
  return { ...tally.result(), seconds: (performance.now() - started) / 1000 };
}

/**
 * Requests at times that do not depend on the answers, as those of many independent senders: exponential gaps. A server
 * that stops for a moment makes all wait that were to be sent meanwhile, and each is timed from when it was to be sent.
 */
export async function openLoad(given: {
  readonly port: number;
  readonly perSecond: number;
  readonly seconds: number;
  readonly random: Random;
  readonly request: (index: number) => Uint8Array;
  /** Connections at most; what finds none waits, and its time goes on. */
  readonly connections?: number;
  /** Told of each answer, with what it was an answer to. */
  readonly answered?: (index: number, status: number) => void;
}): Promise<OpenLoad> {
  const { port, perSecond, seconds, random, request, connections = 64, answered } = given;
  const tally = new Tally();
  const late: number[] = [];
  const free = Array.from({ length: connections }, () => new Connection(port));
  const all = [...free];
  const queue: { readonly due: number; readonly index: number }[] = [];
  const under = new Set<Promise<void>>();
  const sendNext = async (connection: Connection): Promise<void> => {
    for (let todo = queue.shift(); todo !== undefined; todo = queue.shift()) {
      const { due, index } = todo;
      const status = await answer(connection, request(index));
      tally.note(due, status);
      answered?.(index, status);
    }
    free.push(connection);
  };
  const started = performance.now();
  const end = started + seconds * 1000;
  let index = 0;
  for (let due = started; ; ) {
    due += (-Math.log(1 - random()) / perSecond) * 1000;
    if (due >= end) break;
    if (due > performance.now()) await until(due);
    late.push(Math.max(0, performance.now() - due));
    queue.push({ due, index: index++ });
    const connection = free.pop();
    if (connection === undefined) continue;
    const work = sendNext(connection).finally(() => under.delete(work));
    under.add(work);
  }
  await Promise.all(under);
  for (const connection of all) connection.close();
  return { ...tally.result(), late, seconds: (performance.now() - started) / 1000 };
}

function until(due: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, due - performance.now()));
  });
}

async function answer(connection: Connection, bytes: Uint8Array): Promise<number> {
  return connection.send(bytes).catch(() => 0);
}

class Tally {
  readonly #times: number[] = [];
  readonly #statuses: Record<number, number> = {};

  note(from: number, status: number): void {
    this.#times.push(performance.now() - from);
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
  }

  result() {
    return { times: this.#times, statuses: this.#statuses };
  }
}
