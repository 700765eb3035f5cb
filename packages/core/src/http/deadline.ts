import type { Clock } from '../clock.ts';
import { type Outcome, TaloTransportError } from '../errors/errors.ts';

/** The one limit of a call, over token, attempts, pauses and bodies; and the caller's own signal beside it. */
export class Deadline {
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  readonly #timeoutMs: number;
  readonly #endsAt: number;
  readonly #timer: unknown;
  readonly #outer: AbortSignal | undefined;
  readonly #ended: Promise<never>;
  #end: (error: Error) => void = () => {};
  /** Whether an attempt has left us: from then on, what became of it is unknown when time runs out. */
  sent = false;

  constructor(clock: Clock, timeoutMs: number, outer?: AbortSignal) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#endsAt = clock.monotonic() + timeoutMs;
    this.#outer = outer;
    this.#ended = new Promise((_, reject) => {
      this.#end = reject;
    });
    // ending while nobody waits is no unhandled rejection
    this.#ended.catch(() => {});
    this.#timer = clock.setTimeout(this.#timeOut, timeoutMs);
    outer?.addEventListener('abort', this.#abort, { once: true });
    if (outer?.aborted) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get remainingMs(): number {
    return this.#endsAt - this.#clock.monotonic();
  }

  get outcome(): Outcome {
    return this.sent ? 'unknown' : 'not-sent';
  }

  /** `promise`, unless time runs out or the caller aborts first. Whoever ignores the signal is left behind. */
  race<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([this.#ended, promise]);
  }

  async sleep(ms: number): Promise<void> {
    let timer: unknown;
    try {
      await this.race(
        new Promise<void>((resolve) => {
          timer = this.#clock.setTimeout(resolve, ms);
        }),
      );
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  /** Lets go of the timer and of the caller's signal. */
  release(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#abort);
  }

  readonly #timeOut = (): void => {
    this.#stop('TIMEOUT', `No answer within ${this.#timeoutMs} ms.`);
  };

  readonly #abort = (): void => {
    this.#stop('ABORTED', 'The caller aborted the call.');
  };

  #stop(reason: 'TIMEOUT' | 'ABORTED', message: string): void {
    this.#end(new TaloTransportError(reason, this.outcome, message));
    this.#controller.abort();
  }
}
