import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startChild } from '@talo/bench/lib/child.ts';
import type { ReceiverSettings, commands as receiverCommands } from './receiver.ts';
import type { TaloSettings, commands as taloCommands } from './talo.ts';

export type Talo = Child<typeof taloCommands>;
export type Receiver = Child<typeof receiverCommands>;
export type Books = Awaited<ReturnType<(typeof receiverCommands)['books']>>;

/** From the sources, whatever runs this. */
const FLAGS = ['--conditions=@talo/source', '--disable-warning=ExperimentalWarning'];

export function startTalo(settings: TaloSettings): Promise<Talo> {
  return startChild<typeof taloCommands>(new URL('./talo.ts', import.meta.url), settings, FLAGS);
}

export function startReceiver(settings: ReceiverSettings): Promise<Receiver> {
  return startChild<typeof receiverCommands>(new URL('./receiver.ts', import.meta.url), settings, FLAGS);
}

/** Waits until nothing is due or runs and all the money has had its effect, or for a minute. */
export async function atRest(receiver: Receiver, effects: number): Promise<Books> {
  const end = performance.now() + 60_000;
  for (;;) {
    const books = await receiver.ask('books');
    const quiet = books.hints === 0 && books.deliveries === 0 && books.running === 0;
    if ((quiet && books.effects.length >= effects) || performance.now() > end) return books;
    await sleep(100);
  }
}
