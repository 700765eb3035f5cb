import type { RetryPreset } from './presets.ts';

/** How webhooks are sent, and what goes wrong with them. Plain data; everything has a default. */
export interface DeliveryOptions {
  /** A preset, or the waits in milliseconds after each failed attempt. Default `backoff`. */
  readonly retry?: RetryPreset | readonly number[];
  /** An answer slower than this counts as failed. Default 3000, as Talo warns (talo-api 4). */
  readonly timeoutMs?: number;
  /** Wait before the first attempt. Default 0. */
  readonly delayMs?: number;
  /** Each notice is sent this many times more. Default 0. */
  readonly duplicate?: number;
  /** Loses every nth notice, 1 all of them. Default 0, none. */
  readonly dropEvery?: number;
  /** Sends what is due at the same moment last first. Default false. */
  readonly reverse?: boolean;
  /**
   * `before-response`: the call that causes a notice answers only after the first attempt, so that the webhook
   * overtakes the response. Default `after-response`.
   */
  readonly timing?: 'after-response' | 'before-response';
  /** Lets webhooks leave this machine. Default false: only to localhost and names under it, 127.0.0.0/8 and ::1. */
  readonly allowRemote?: boolean;
}

/** One attempt to deliver a notice, or the reason why there was none. */
export interface Delivery {
  /** The same for every attempt and every duplicate of one notice. */
  readonly notificationId: string;
  readonly url: string;
  readonly body: Readonly<Record<string, string>>;
  /** What the receiver answered. */
  readonly status?: number;
  /** Of the sandbox's time, so that two runs on a virtual clock tell the same. The dashboard shows the real one. */
  readonly durationMs: number;
  /** From 1; 0 where nothing was attempted. */
  readonly attempt: number;
  readonly at: Date;
  /**
   * `delivered`: 2xx in time. `rejected`: another status. `timeout`: no answer in time. `failed`: no connection, or
   * the receiver threw. `refused`: not sent, see `reason`. `dropped`: lost on purpose by `dropEvery`.
   */
  readonly outcome: 'delivered' | 'rejected' | 'timeout' | 'failed' | 'refused' | 'dropped';
  readonly reason?: string;
}

/** Where webhooks go instead of over the network. `webhooks.fetch` fits. */
export type Receiver = (request: Request) => Promise<Response> | Response;
