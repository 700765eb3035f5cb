import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import * as terminus from '@nestjs/terminus';
import { type TaloClient, TaloError } from '@talo/core';
import type { Stats, TaloWebhooks } from '@talo/core/webhooks';
import type { TaloOptions } from '../talo.options.ts';
import { getTaloOptionsToken, getTaloWebhooksToken } from '../tokens.ts';

/** What counts as unwell. Times in milliseconds. */
export interface TaloHealthOptions {
  /** Of the module, if it was given one. */
  readonly name?: string;
  /** Work may be overdue by this much. Default 5 minutes. */
  readonly maxLag?: number;
  /**
   * Dead letters there may be. Default: any number, they are only shown, because a dead letter waits for a person, and
   * a process that is restarted has it still.
   */
  readonly maxDead?: number;
  /** The last pass over Talo's ledger may be this old. Default: any age. */
  readonly maxReconcileAge?: number;
  /** How long to wait for Talo, and for the inbox. Default 5 seconds. */
  readonly timeout?: number;
  /** Talo is asked at most this often, however often the check is called. Default 1 minute. */
  readonly every?: number;
}

/** For people and dashboards; holds no amounts and nobody's data. */
export interface TaloHealth {
  readonly status: 'up' | 'down';
  /** Why it is down. */
  readonly message?: string;
  /** Whether Talo gives us a token and takes it; absent with `clientFor`, where there is no one account. */
  readonly token?: 'ok' | 'failed';
  /** By how many milliseconds the most overdue work is late; absent, as what follows, where the inbox does not tell. */
  readonly lag?: number;
  /** Notifications and deliveries that wait, overdue or not. */
  readonly waiting?: number;
  readonly dead?: number;
  /** When the last pass over Talo's ledger ended; absent before the first. */
  readonly reconciled?: string;
}

/** The answer of Talo to the last question, or the question that is under way. */
interface TokenCheck {
  readonly at: number;
  /** What went wrong, in a few words. */
  readonly failure: Promise<string | undefined>;
}

const MAX_LAG_MS = 5 * 60_000;
const TIMEOUT_MS = 5_000;
const EVERY_MS = 60_000;

/**
 * Health of a `TaloModule`, for `@nestjs/terminus` 10, 11 and 12. It asks Talo, so keep it off the probe that takes a
 * process out of service: while Talo is away, notifications are still taken.
 * @example
 * this.health.check([() => this.talo.isHealthy('talo', { maxReconcileAge: 3_600_000 })]);
 */
@Injectable()
export class TaloHealthIndicator {
  readonly #moduleRef: ModuleRef;
  readonly #tokens = new Map<string | undefined, TokenCheck>();

  constructor(@Inject(ModuleRef) moduleRef: ModuleRef) {
    this.#moduleRef = moduleRef;
  }

  /** @param key names the entry in the result */
  async isHealthy(key = 'talo', options: TaloHealthOptions = {}): Promise<Record<string, TaloHealth>> {
    const health = await this.#examine(options);
    const result = { [key]: health };
    // terminus 10 knows what is down by an error, the later ones by what is returned
    const failed: unknown = Reflect.get(terminus, 'HealthCheckError');
    if (health.message && !('HealthIndicatorService' in terminus) && typeof failed === 'function') {
      throw Reflect.construct(failed, [health.message, result]);
    }
    return result;
  }

  async #examine(options: TaloHealthOptions): Promise<TaloHealth> {
    const { name, timeout = TIMEOUT_MS } = options;
    const find = { strict: false };
    const webhooks: TaloWebhooks = this.#moduleRef.get(getTaloWebhooksToken(name), find);
    const engine: TaloOptions = this.#moduleRef.get(getTaloOptionsToken(name), find);
    const client = 'client' in engine ? engine.client : undefined;
    const [failure, { shown, complaints }] = await Promise.all([
      client && this.#tokenFailure(client, options),
      inTime(webhooks.stats(), timeout).then(
        (stats) => findings(stats, options),
        (error: unknown) => ({ shown: {}, complaints: [`the inbox does not tell: ${reasonOf(error)}`] }),
      ),
    ]);
    const message = [...(failure === undefined ? [] : [failure]), ...complaints];
    return {
      status: message.length === 0 ? 'up' : 'down',
      ...(message.length > 0 && { message: message.join('; ') }),
      ...(client && { token: failure === undefined ? 'ok' : 'failed' }),
      ...shown,
    };
  }

  #tokenFailure(
    client: TaloClient,
    { name, timeout = TIMEOUT_MS, every = EVERY_MS }: TaloHealthOptions,
  ): Promise<string | undefined> {
    const now = Date.now();
    const last = this.#tokens.get(name);
    if (last !== undefined && now - last.at < every) return last.failure;
    const failure = client.account.get({ timeout, maxRetries: 0 }).then(
      () => undefined,
      (error: unknown) => `Talo does not answer us: ${TaloError.is(error) ? error.message : 'unknown error'}`,
    );
    this.#tokens.set(name, { at: now, failure });
    return failure;
  }
}

/** What is shown of the engine, and what of it is unwell. */
function findings(stats: Stats, options: TaloHealthOptions) {
  const { maxLag = MAX_LAG_MS, maxDead = Number.POSITIVE_INFINITY, maxReconcileAge } = options;
  // the engine's time: a test moves it
  const { now, nextAt = now, hints, deliveries, dead, reconciled } = stats;
  const lag = Math.max(0, now - nextAt);
  const passed = reconciled && new Date(reconciled.at).toISOString();
  const complaints: string[] = [];
  if (lag > maxLag) complaints.push(`work is ${lag} ms late`);
  if (dead > maxDead) complaints.push(`${dead} dead letters: webhooks.dead() has the reasons`);
  if (maxReconcileAge !== undefined && !(now - (reconciled?.at ?? 0) <= maxReconcileAge)) {
    complaints.push(`the last pass over Talo's ledger is ${passed ? `of ${passed}` : 'still to come'}`);
  }
  const shown = { lag, waiting: hints + deliveries, dead, ...(passed && { reconciled: passed }) };
  return { shown, complaints };
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}
