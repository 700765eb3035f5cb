import { TaloWebhookError } from '../../errors/errors.ts';
import { describe } from '../describe.ts';
import { inTime } from '../in-time.ts';
import { MISDIRECTED, MISMOUNTED, mountNotice, unreachedNotice, unsignableNotice } from '../notices.ts';
import type { Logger, ReceivedRequest, Stats } from '../options.ts';
import { Histogram } from './histogram.ts';
import { type Outcome, outcome, type Reason } from './outcome.ts';
import type { UnhandledNotification } from './parse.ts';
import { type ReceivePorts, receive, type Step } from './receive.ts';

export interface ReceiverPorts
  extends Pick<
    ReceivePorts,
    'clock' | 'unsigned' | 'verifier' | 'budget' | 'put' | 'recall' | 'endpointFor'
  > {
  readonly log: Logger;
  /** Whether hints are taken at all. */
  readonly takes: () => boolean;
  /** Resolves when the inbox is open; `undefined` where it is. */
  readonly opening: () => Promise<void> | undefined;
  /** The address that Talo is told to notify, where there is one. */
  readonly told: string | undefined;
}

/** What is not stored within this is refused, for another try: at 3 s Talo hangs up. */
export const ANSWER_MS = 1_500;
const WAITED_FOR: Readonly<Record<Step, string>> = {
  body: 'The body',
  client: 'clientFor',
  inbox: 'The inbox',
};

/** Transfers in a row that no notification told of: one alone may be found before its notification comes. */
const UNANNOUNCED = 3;

/** Answers notifications in time, whatever happens, and keeps account of it. */
export class Receiver {
  readonly #ports: ReceiverPorts;
  readonly #receiving: ReceivePorts;
  readonly #unhandled: ((notification: UnhandledNotification) => unknown)[] = [];
  readonly #answers: Partial<Record<Reason, number>> = {};
  readonly #answered = new Histogram();
  #mismatched = 0;
  #mountChecked = false;
  #unsignableSaid = false;
  #misdirectedSaid = false;
  #reached = false;
  #unannounced = 0;

  constructor(ports: ReceiverPorts) {
    this.#ports = ports;
    const { opening, put, recall } = ports;
    this.#receiving = {
      ...ports,
      put: (hint) => opening()?.then(() => put(hint)) ?? put(hint),
      recall: (key) => opening()?.then(() => recall(key)) ?? recall(key),
      endpointFor: (claimed) => this.#endpointFor(claimed),
      unhandled: (notification) => this.#tellUnhandled(notification),
      mismatched: () => {
        this.#mismatched++;
      },
      misdirected: () => {
        if (!this.#misdirectedSaid) this.#ports.log.error(`Talo webhooks: ${MISDIRECTED}`);
        this.#misdirectedSaid = true;
      },
    };
  }

  /** Never rejects. */
  async answer(request: ReceivedRequest): Promise<Outcome> {
    const { clock, log } = this.#ports;
    const started = clock.monotonic();
    const reason = await this.#reasonFor(request).catch((error: unknown): Reason => {
      log.error(`Talo webhooks: a notification could not be stored: ${describe(error)}.`);
      return 'unavailable';
    });
    this.#answered.add(clock.monotonic() - started);
    const times = (this.#answers[reason] ?? 0) + 1;
    this.#answers[reason] = times;
    if (times === 1 && MISMOUNTED[reason]) log.error(`Talo webhooks: ${MISMOUNTED[reason]}`);
    if (reason === 'stored' || reason === 'coalesced') {
      this.reached();
      // what strangers ask for says nothing of where Talo's come
      if (!this.#mountChecked) this.mountedAt(request.url);
    }
    return outcome(reason);
  }

  onUnhandled(handler: (notification: UnhandledNotification) => unknown): void {
    this.#unhandled.push(handler);
  }

  mountedAt(path: string): void {
    this.#mountChecked = true;
    const notice = mountNotice(this.#ports.told, path);
    if (notice !== undefined) this.#ports.log.warn(`Talo webhooks: ${notice}`);
  }

  /** A notification came, here or in another process of the inbox. */
  reached(): void {
    this.#reached = true;
  }

  /** Money was found that no notification told of. */
  unannounced(): void {
    const { told, log } = this.#ports;
    if (this.#reached || told === undefined) return;
    this.#unannounced++;
    if (this.#unannounced === UNANNOUNCED) log.warn(`Talo webhooks: ${unreachedNotice(told)}`);
  }

  stats(): Pick<Stats, 'answers' | 'answered' | 'mismatched'> {
    return {
      answers: { ...this.#answers },
      answered: this.#answered.buckets(),
      mismatched: this.#mismatched,
    };
  }

  async #reasonFor(request: ReceivedRequest): Promise<Reason> {
    const { clock, takes } = this.#ports;
    if (request.method !== 'POST') return 'wrong-method';
    if (!takes()) return 'stopping';
    let step: Step = 'body';
    const work = receive(request, this.#receiving, (next) => {
      step = next;
    });
    return inTime(clock, ANSWER_MS, work, () => WAITED_FOR[step]).catch((error: unknown) => {
      // whoever sends slowly may be anybody: counted, not logged
      const late = error instanceof TaloWebhookError && error.reason === 'slow';
      if (late && step === 'body') return 'slow-body' as const;
      throw error;
    });
  }

  async #endpointFor(claimed: () => string | undefined) {
    const endpoint = await this.#ports.endpointFor(claimed);
    const { unsigned, verifier, log } = this.#ports;
    const refused = unsigned === 'refuse' && verifier === undefined && endpoint?.signer === undefined;
    if (refused && endpoint?.accountId !== undefined && !this.#unsignableSaid) {
      this.#unsignableSaid = true;
      log.error(`Talo webhooks: ${unsignableNotice(endpoint.accountId)}`);
    }
    return endpoint;
  }

  #tellUnhandled(notification: UnhandledNotification): void {
    for (const handler of this.#unhandled) {
      void Promise.resolve()
        .then(() => handler(notification))
        .catch((error: unknown) =>
          this.#ports.log.error(`Talo webhooks: onUnhandled threw ${describe(error)}.`),
        );
    }
  }
}
