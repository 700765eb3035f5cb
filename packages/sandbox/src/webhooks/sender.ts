import type { Activity } from '../activity.ts';
import type { SandboxClock } from '../clock.ts';
import type { Delivery, DeliveryOptions, Receiver } from './delivery.ts';
import { retryPresets } from './presets.ts';
import { refusal } from './targets.ts';

const MAX_RUNNING = 32;

interface Notice {
  readonly id: string;
  readonly url: string;
  readonly body: Readonly<Record<string, string>>;
}

interface Attempt {
  readonly notice: Notice;
  readonly number: number;
}

/** Sends notices, tries again, and writes down every attempt. */
export interface Sender {
  send(url: string | undefined, body: Readonly<Record<string, string>>): void;
  /** Resolves when no attempt is running or due now. */
  idle(): Promise<void>;
  /** Forgets everything that is waiting or running. */
  dispose(): void;
}

export interface SenderOptions {
  readonly clock: SandboxClock;
  readonly activity: Activity;
  readonly options: DeliveryOptions;
  readonly receiver: Receiver | undefined;
  readonly schedule: (at: number, run: () => void) => void;
  readonly record: (delivery: Delivery) => void;
}

export function createSender(given: SenderOptions): Sender {
  const { clock, activity, options, receiver, schedule, record } = given;
  const { retry = 'backoff', timeoutMs = 3000, delayMs = 0, duplicate = 0, dropEvery = 0 } = options;
  const waits = typeof retry === 'string' ? retryPresets[retry] : retry;
  const due: Attempt[] = [];
  let idlers: (() => void)[] = [];
  let count = 0;
  let running = 0;
  let flushing = false;
  let disposed = false;

  function send(url: string | undefined, body: Readonly<Record<string, string>>): void {
    count += 1;
    const notice: Notice = { id: `notice-${count}`, url: url ?? '', body };
    const reason =
      url === undefined
        ? 'no webhook URL is configured'
        : refusal(url, receiver !== undefined || options.allowRemote === true);
    if (reason !== undefined) {
      note(notice, 0, 'refused', { reason });
      return;
    }
    if (dropEvery > 0 && count % dropEvery === 0) {
      note(notice, 0, 'dropped', { reason: `delivery.dropEvery is ${dropEvery}` });
      return;
    }
    for (let copy = 0; copy <= duplicate; copy++) plan({ notice, number: 1 }, delayMs);
  }

  function note(
    { id, url, body }: Notice,
    attempt: number,
    outcome: Delivery['outcome'],
    rest: { status?: number; reason?: string; startedAt?: number; at?: number } = {},
  ): void {
    const { startedAt = clock.monotonic(), at = clock.now(), ...details } = rest;
    const durationMs = clock.monotonic() - startedAt;
    record({ notificationId: id, url, body, attempt, outcome, ...details, durationMs, at: new Date(at) });
  }

  function plan(attempt: Attempt, wait: number): void {
    if (wait > 0) {
      schedule(clock.now() + wait, () => plan(attempt, 0));
      return;
    }
    due.push(attempt);
    if (flushing) return;
    flushing = true;
    // after the response of the call that caused it, if that is answered at once
    setImmediate(() => {
      flushing = false;
      if (options.reverse) due.reverse();
      startDue();
    });
  }

  function startDue(): void {
    while (!disposed && running < MAX_RUNNING) {
      const attempt = due.shift();
      if (attempt === undefined) break;
      running += 1;
      void activity.track(run(attempt)).finally(() => {
        running -= 1;
        startDue();
      });
    }
    if (running === 0 && due.length === 0) {
      for (const resolve of idlers) resolve();
      idlers = [];
    }
  }

  async function run({ notice, number }: Attempt): Promise<void> {
    const startedAt = clock.monotonic();
    const at = clock.now();
    const answer = await post(notice);
    if (disposed) return;
    note(notice, number, answer.outcome, { ...answer, startedAt, at });
    const wait = answer.outcome === 'delivered' ? undefined : waits[number - 1];
    if (wait !== undefined) plan({ notice, number: number + 1 }, wait);
  }

  type Answer = Pick<Delivery, 'outcome'> & { status?: number; reason?: string };

  async function post({ url, body }: Notice): Promise<Answer> {
    const abort = new AbortController();
    const cut = cutOff(timeoutMs, () => abort.abort(new Error(`no answer within ${timeoutMs} ms`)));
    const request = new Request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Talo-Sandbox' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: abort.signal,
    });
    const aborted = new Promise<never>((_, reject) => {
      abort.signal.addEventListener('abort', () => reject(abort.signal.reason));
    });
    try {
      const response = await Promise.race([
        receiver === undefined ? fetch(request) : receiver(request),
        aborted,
      ]);
      await response.body?.cancel();
      return { outcome: response.ok ? 'delivered' : 'rejected', status: response.status };
    } catch (error) {
      return { outcome: abort.signal.aborted ? 'timeout' : 'failed', reason: describe(error) };
    } finally {
      cut();
    }
  }

  /** On the sandbox's clock, and on the real one too, for a receiver that hangs while nobody advances. */
  function cutOff(ms: number, run: () => void): () => void {
    const timer = clock.setTimeout(run, ms);
    const fallback = clock.kind === 'virtual' ? setTimeout(run, ms) : undefined;
    return () => {
      clock.clearTimeout(timer);
      clearTimeout(fallback);
    };
  }

  return {
    send,
    idle() {
      if (running === 0 && due.length === 0) return Promise.resolve();
      return new Promise((resolve) => idlers.push(resolve));
    },
    dispose() {
      disposed = true;
      due.length = 0;
      startDue();
    },
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
