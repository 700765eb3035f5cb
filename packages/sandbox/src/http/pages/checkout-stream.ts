import type { Engine } from '../../engine.ts';
import { refKey } from '../../history.ts';
import { aboutPayment, findPayment } from '../../state/payments.ts';
import { checkoutState } from './checkout.ts';
import type { Language } from './words.ts';

const HEARTBEAT_MS = 15_000;

/** The state of one payment for its open checkout, again whenever it changes. @throws Problem 404 */
export function checkoutStream(engine: Engine, userId: string, id: string, language: Language): Response {
  const key = refKey(aboutPayment(findPayment(engine.world, userId, id)));
  const encoder = new TextEncoder();
  let ended = false;
  let stop = (): void => undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string): void => controller.enqueue(encoder.encode(text));
      const tell = (): void => {
        if (ended) return;
        const payment = engine.world.state.payments.get(`${userId}\n${id}`);
        if (payment === undefined) return; // after a reset
        const state = checkoutState(engine.world, payment, engine.clock.kind === 'virtual', language);
        write(`event: state\ndata: ${JSON.stringify(state)}\n\n`);
      };
      const unsubscribe = engine.history.subscribe((signal) => {
        const ours = signal.type === 'activity' && refKey(signal.about) === key;
        // after the change that is under way, of which this may be only a part
        if (ours || signal.type === 'clock' || signal.type === 'changed') queueMicrotask(tell);
      });
      const beat = setInterval(() => write(': still here\n\n'), HEARTBEAT_MS);
      beat.unref();
      stop = () => {
        ended = true;
        unsubscribe();
        clearInterval(beat);
      };
      tell();
    },
    cancel: () => stop(),
  });
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
  });
}
