import type { Engine } from '../../engine.ts';
import { refKey } from '../../history.ts';
import { aboutPayment, findPayment } from '../../state/payments.ts';
import { checkoutState } from './checkout.ts';
import type { Language } from './words.ts';

const HEARTBEAT_MS = 15_000;

/**
 * The state of one payment for its open checkout, again whenever it changes. A page that does not read misses what was
 * between and costs one state: it is handed the present one when it reads again.
 * @throws Problem 404
 */
export function checkoutStream(engine: Engine, userId: string, id: string, language: Language): Response {
  const key = refKey(aboutPayment(findPayment(engine.world, userId, id)));
  const encoder = new TextEncoder();
  let stale = true;
  let hand = (): void => undefined;
  let stop = (): void => undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const reads = (): boolean => (controller.desiredSize ?? 0) > 0;
      const write = (text: string): void => controller.enqueue(encoder.encode(text));
      hand = () => {
        if (!stale || !reads()) return;
        const payment = engine.world.state.payments.get(`${userId}\n${id}`);
        if (payment === undefined) return; // after a reset
        stale = false;
        const state = checkoutState(engine.world, payment, engine.clock.kind === 'virtual', language);
        write(`event: state\ndata: ${JSON.stringify(state)}\n\n`);
      };
      const unsubscribe = engine.history.subscribe((signal) => {
        const ours = signal.type === 'activity' && refKey(signal.about) === key;
        if (!ours && signal.type !== 'clock' && signal.type !== 'changed') return;
        stale = true;
        // after the change that is under way, of which this may be only a part
        queueMicrotask(hand);
      });
      const beat = setInterval(() => {
        if (reads()) write(': still here\n\n');
      }, HEARTBEAT_MS);
      beat.unref();
      stop = () => {
        unsubscribe();
        clearInterval(beat);
      };
    },
    pull: () => hand(),
    cancel: () => stop(),
  });
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
  });
}
