import type { Activity } from '../activity.ts';
import type { SandboxClock } from '../clock.ts';
import type { TimelineFact } from '../control/contract.ts';
import type { History, Notice } from '../history.ts';
import type { FaultBook, WebhookFault } from '../http/faults.ts';
import type { Change } from '../state/changes.ts';
import type { NoticeOrigin, PendingAttempt, ResourceRef } from '../state/records.ts';
import type { Delivery, DeliveryOptions, Receiver } from './delivery.ts';
import { type Answer, createPost } from './post.ts';
import { retryPresets } from './presets.ts';
import { refusal, withoutQuery } from './targets.ts';

const MAX_RUNNING = 32;
/** How long a notice is held back to be overtaken, where the fault does not say. */
const OVERTAKEN_MS = 1000;

/** A notice to send by hand: not Talo's own. */
export interface HandSent {
  readonly url: string;
  readonly body: string;
  readonly about: ResourceRef | undefined;
  readonly origin: Exclude<NoticeOrigin, 'talo'>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends notices, tries again, and writes down every attempt. */
export interface Sender {
  send(url: string | undefined, body: Readonly<Record<string, string>>, about: ResourceRef | undefined): void;
  /** Sends at once and once, past every fault. */
  sendByHand(notice: HandSent): Notice;
  /** Goes on with what another life of this state left to be delivered. */
  resume(): void;
  /** What was held back because it was not stored may go. */
  proceed(): void;
  /** Resolves when no attempt is running or due now; what is held back is not due. */
  idle(): Promise<void>;
  /** Forgets everything that is waiting or running. */
  dispose(): void;
}

export interface SenderOptions {
  readonly clock: SandboxClock;
  readonly activity: Activity;
  /** As they are now: they can change while the sandbox runs. */
  readonly options: () => DeliveryOptions;
  readonly receiver: Receiver | undefined;
  readonly faults: FaultBook;
  readonly history: History;
  readonly pending: Map<string, PendingAttempt>;
  readonly nextNumber: () => number;
  readonly schedule: (at: number, run: () => void) => void;
  readonly save: (change: Change) => void;
  /** Whether all that happened is stored. Until it is, nobody is told: what was refused must not be announced. */
  readonly stored: () => boolean;
  readonly onDelivery: (delivery: Delivery) => void;
  /** Called when an attempt has been written down. */
  readonly settled: () => void;
}

/** When an attempt began, on each clock. */
interface Begun {
  readonly at: number;
  readonly startedAt: number;
  /** Of the machine, in milliseconds. */
  readonly begun: number;
}

interface Job {
  readonly notice: Notice;
  readonly attempt: PendingAttempt;
  readonly headers?: Readonly<Record<string, string>>;
}

export function createSender(given: SenderOptions): Sender {
  const { clock, activity, receiver, faults, history, pending, schedule } = given;
  const post = createPost(clock, receiver);
  const due: Job[] = [];
  let idlers: (() => void)[] = [];
  let running = 0;
  let flushing = false;
  let disposed = false;

  const mayLeave = (): boolean => receiver !== undefined || given.options().allowRemote === true;

  function open(url: string, body: string, about: ResourceRef | undefined, origin: NoticeOrigin): Notice {
    const notice: Notice = {
      id: `notice-${given.nextNumber()}`,
      url,
      body,
      about,
      origin,
      createdAt: clock.now(),
      attempts: [],
      nextAttemptAt: undefined,
    };
    history.notices.push(notice);
    tell(notice, { type: 'webhook.queued', noticeId: notice.id, target: withoutQuery(url) });
    return notice;
  }

  function send(
    url: string | undefined,
    words: Readonly<Record<string, string>>,
    about: ResourceRef | undefined,
  ): void {
    const notice = open(url ?? '', JSON.stringify(words), about, 'talo');
    const options = given.options();
    const reason = url === undefined ? 'no webhook URL is configured' : refusal(url, mayLeave());
    if (reason !== undefined) {
      note(notice, 0, { outcome: 'refused', reason });
      return;
    }
    const { dropEvery = 0 } = options;
    if (dropEvery > 0 && Number(notice.id.slice('notice-'.length)) % dropEvery === 0) {
      note(notice, 0, { outcome: 'dropped', reason: `delivery.dropEvery is ${dropEvery}` });
      return;
    }
    const met = faults.meetNotice(about);
    const fault = met?.fault;
    if (met !== undefined && fault?.effect === 'drop') {
      note(notice, 0, { outcome: 'dropped', reason: `fault ${met.id}` });
      return;
    }
    const copies = (options.duplicate ?? 0) + (fault?.effect === 'duplicate' ? (fault.copies ?? 1) : 0);
    const wait = (options.delayMs ?? 0) + (met === undefined ? 0 : heldBack(met.fault, met.delayMs));
    for (let copy = 0; copy <= copies; copy++) {
      const attempt: PendingAttempt = {
        key: `${notice.id}.${copy}`,
        noticeId: notice.id,
        url: notice.url,
        body: notice.body,
        ...(about !== undefined && { about }),
        origin: 'talo',
        createdAt: notice.createdAt,
        number: 1,
        dueAt: clock.now() + wait,
        waits: waitsOf(fault?.retry ?? options.retry ?? 'backoff'),
        ...(met !== undefined && fault?.effect === 'slow-answer' && { slowMs: met.delayMs }),
      };
      keep(attempt);
      plan({ notice, attempt }, wait);
    }
  }

  function beginning(): Begun {
    return { at: clock.now(), startedAt: clock.monotonic(), begun: performance.now() };
  }

  function keep(attempt: PendingAttempt): void {
    pending.set(attempt.key, attempt);
    given.save({ kind: 'pending', key: attempt.key, record: attempt });
  }

  function drop(attempt: PendingAttempt): void {
    if (pending.delete(attempt.key)) given.save({ kind: 'pending', key: attempt.key, record: undefined });
  }

  function tell(notice: Notice, fact: TimelineFact): void {
    if (notice.about !== undefined) history.note(notice.about, fact);
    history.signal({ type: 'notice', notice });
  }

  function note(
    notice: Notice,
    number: number,
    answer: Answer,
    { at, startedAt, begun }: Begun = beginning(),
  ): void {
    const { slowMs = 0 } = answer;
    const durationMs = clock.monotonic() - startedAt + slowMs;
    // a clock that stands still says nothing about how fast the application is
    const tookMs = Math.max(durationMs, performance.now() - begun + slowMs);
    const { outcome, status, reason } = answer;
    notice.attempts.push({
      number,
      at,
      outcome,
      status,
      durationMs: tookMs,
      reason,
      requestHeaders: answer.requestHeaders ?? {},
      answer: answer.answer,
    });
    tell(notice, {
      type: 'webhook.attempt',
      noticeId: notice.id,
      attempt: number,
      outcome,
      ...(status !== undefined && { status }),
      durationMs: tookMs,
      late: tookMs > (given.options().timeoutMs ?? 3000),
      ...(reason !== undefined && { reason }),
    });
    if (notice.origin !== 'forged') {
      const delivery: Delivery = {
        notificationId: notice.id,
        url: notice.url,
        body: JSON.parse(notice.body),
        attempt: number,
        outcome,
        ...(status !== undefined && { status }),
        ...(reason !== undefined && { reason }),
        durationMs,
        at: new Date(at),
      };
      history.deliveries.push(delivery);
      given.onDelivery(delivery);
    }
  }

  function plan(job: Job, wait: number): void {
    if (wait > 0) {
      job.notice.nextAttemptAt = clock.now() + wait;
      schedule(job.notice.nextAttemptAt, () => plan(job, 0));
      return;
    }
    due.push(job);
    if (flushing) return;
    flushing = true;
    // after the response of the call that caused it, if that is answered at once
    setImmediate(() => {
      flushing = false;
      if (given.options().reverse) due.reverse();
      startDue();
    });
  }

  function atRest(): boolean {
    return running === 0 && (due.length === 0 || !given.stored());
  }

  function startDue(): void {
    while (!disposed && running < MAX_RUNNING && given.stored()) {
      const job = due.shift();
      if (job === undefined) break;
      running += 1;
      void activity.track(run(job)).finally(() => {
        running -= 1;
        startDue();
      });
    }
    if (atRest()) {
      for (const resolve of idlers) resolve();
      idlers = [];
    }
  }

  async function run({ notice, attempt, headers }: Job): Promise<void> {
    const begun = beginning();
    notice.nextAttemptAt = undefined;
    // what is resumed may come from a sandbox that was allowed more than this one
    const reason = refusal(attempt.url, mayLeave());
    if (reason !== undefined) {
      drop(attempt);
      note(notice, 0, { outcome: 'refused', reason });
      given.settled();
      return;
    }
    const answer = await post({
      url: attempt.url,
      body: attempt.body,
      timeoutMs: given.options().timeoutMs ?? 3000,
      slowMs: attempt.slowMs ?? 0,
      headers,
    });
    if (disposed) return;
    const wait = answer.outcome === 'delivered' ? undefined : attempt.waits[attempt.number - 1];
    if (wait === undefined) {
      drop(attempt);
      note(notice, attempt.number, answer, begun);
    } else {
      const next = { ...attempt, number: attempt.number + 1, dueAt: clock.now() + wait };
      keep(next);
      notice.nextAttemptAt = next.dueAt;
      note(notice, attempt.number, answer, begun);
      const dueAt = new Date(next.dueAt).toISOString();
      tell(notice, { type: 'webhook.retry', noticeId: notice.id, attempt: next.number, dueAt });
      plan({ notice, attempt: next }, wait);
    }
    given.settled();
  }

  return {
    send,
    sendByHand({ url, body, about, origin, headers }) {
      const notice = open(url, body, about, origin);
      const reason = refusal(url, mayLeave());
      if (reason !== undefined) {
        note(notice, 0, { outcome: 'refused', reason });
        return notice;
      }
      const attempt: PendingAttempt = {
        key: notice.id,
        noticeId: notice.id,
        url,
        body,
        origin,
        createdAt: notice.createdAt,
        number: 1,
        dueAt: notice.createdAt,
        waits: [],
      };
      plan({ notice, attempt, ...(headers && { headers }) }, 0);
      return notice;
    },
    resume() {
      for (const attempt of pending.values()) {
        const notice: Notice = {
          id: attempt.noticeId,
          url: attempt.url,
          body: attempt.body,
          about: attempt.about,
          origin: attempt.origin,
          createdAt: attempt.createdAt,
          attempts: [],
          nextAttemptAt: attempt.dueAt,
        };
        history.notices.push(notice);
        plan({ notice, attempt }, attempt.dueAt - clock.now());
      }
    },
    proceed: startDue,
    idle() {
      if (atRest()) return Promise.resolve();
      return new Promise((resolve) => idlers.push(resolve));
    },
    dispose() {
      disposed = true;
      due.length = 0;
      startDue();
    },
  };
}

function waitsOf(retry: NonNullable<DeliveryOptions['retry']>): readonly number[] {
  return typeof retry === 'string' ? retryPresets[retry] : retry;
}

/** How long a fault keeps a notice from being sent. */
function heldBack({ effect }: WebhookFault, delayMs: number): number {
  if (effect === 'slow-answer') return 0;
  return effect === 'reorder' && delayMs === 0 ? OVERTAKEN_MS : delayMs;
}
