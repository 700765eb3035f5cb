import type { Engine } from '../engine.ts';
import type { Numbered } from '../history.ts';
import type { StreamEvent } from './contract.ts';
import * as views from './views.ts';

/** So that a proxy, or a server that is gone, is noticed. */
const HEARTBEAT_MS = 15_000;
/** What a reader that does not read may cost, beside what it missed before it came. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

function viewSignal(engine: Engine, signal: Numbered): StreamEvent {
  const { seq } = signal;
  switch (signal.type) {
    case 'activity':
      return { type: 'activity', seq, resource: signal.about, entry: signal.entry };
    case 'request':
      return { type: 'request', seq, request: views.viewRequest(signal.exchange) };
    case 'notice':
      return { type: 'notice', seq, notice: views.viewNotice(signal.notice) };
    case 'transfer':
      return { type: 'transfer', seq, transfer: views.viewTransfer(engine, signal.transfer) };
    case 'clock':
      return { type: 'clock', seq, clock: views.viewClock(engine) };
    case 'changed':
      return { type: 'changed', seq, what: signal.what };
  }
}

function text(event: StreamEvent): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/**
 * Everything that happens, as server-sent events.
 * @param after the last event that the reader has; those since then come first; where some are forgotten, a `gap` and what is kept
 */
export function eventStream(engine: Engine, after: number | undefined): Response {
  const { history } = engine;
  const encoder = new TextEncoder();
  let stop = (): void => undefined;

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (chunk: string): void => controller.enqueue(encoder.encode(chunk));
        const tell = (chunk: string): void => {
          // a reader that fell behind by so much comes back for the rest, by the id of the last event that it has
          if ((controller.desiredSize ?? 0) < -MOST_WAITING_BYTES) {
            stop();
            controller.close();
            return;
          }
          write(chunk);
        };
        const unsubscribe = history.subscribe((signal) => tell(text(viewSignal(engine, signal))));
        const beat = setInterval(() => tell(': still here\n\n'), HEARTBEAT_MS);
        beat.unref();
        stop = () => {
          unsubscribe();
          clearInterval(beat);
        };
        write('retry: 1000\n\n');
        for (const event of missed(engine, after)) write(text(event));
      },
      cancel: () => stop(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
  );
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
  });
}

function missed(engine: Engine, after: number | undefined): StreamEvent[] {
  const { history } = engine;
  if (after === undefined || after === history.seq) return [];
  const since = history.signals.list().filter(({ seq }) => seq > after);
  const whole = after < history.seq && since.length === history.seq - after;
  if (whole) return since.map((signal) => viewSignal(engine, signal));
  const kept = history.signals.list().map((signal) => viewSignal(engine, signal));
  return [{ type: 'gap', seq: (kept[0]?.seq ?? history.seq + 1) - 1 }, ...kept];
}
