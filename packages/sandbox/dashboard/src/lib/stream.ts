import { signal } from '@preact/signals';
import type { StreamEvent } from '../../../src/control/contract.ts';

export type Connection = 'connecting' | 'live' | 'lost';

/** Whether what is on the screen is kept up to date. */
export const connection = signal<Connection>('connecting');

type Listener = (event: StreamEvent) => void;

const TYPES: readonly StreamEvent['type'][] = [
  'activity',
  'request',
  'notice',
  'transfer',
  'clock',
  'changed',
  'gap',
];
const listeners = new Set<Listener>();
let source: EventSource | undefined;
/** From the beginning, so that what just happened can be shown; a `gap` goes before it where that is long ago. */
let last = 0;

/** Hears everything that happens, until the returned function is called. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Opens the stream. A tab that nobody sees gives it back: a browser has only six connections to one host, and the
 * seventh tab would hang. It goes on from the last event when it is seen again.
 */
export function connect(): void {
  open();
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) close();
    else if (source === undefined) open();
  });
}

function open(): void {
  if (connection.peek() !== 'lost') connection.value = 'connecting';
  const opened = new EventSource(`/_sandbox/events?after=${last}`);
  source = opened;
  opened.addEventListener('open', () => {
    const back = connection.value === 'lost';
    connection.value = 'live';
    // nothing may have happened meanwhile, and yet reads have failed
    if (back) tell({ type: 'gap', seq: last });
  });
  opened.addEventListener('error', () => {
    connection.value = 'lost';
    // a refused stream is closed for good, and a sandbox that was restarted is worth another try
    if (opened.readyState === EventSource.CLOSED) setTimeout(() => source === opened && open(), 2000);
  });
  for (const type of TYPES) {
    opened.addEventListener(type, (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as StreamEvent; // the border: typed by the contract
      last = event.seq;
      tell(event);
    });
  }
}

function tell(event: StreamEvent): void {
  for (const listener of listeners) listener(event);
}

function close(): void {
  source?.close();
  source = undefined;
}
