const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * When a webhook that was not answered with a 2xx in time is sent again: the waits after each failed attempt. What
 * Talo does is unknown (talo-api 4), so try your integration with several.
 */
export const retryPresets = {
  /** Never again. */
  none: [],
  /** Three more tries within two seconds: for watching retries on a real clock. */
  quick: [100, 400, 1500],
  /** Five more tries in a little over an hour. */
  backoff: [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR],
  /** Growing waits over about three days, as card processors do. */
  'stripe-like': [
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    ...Array<number>(5).fill(12 * HOUR),
  ],
} as const satisfies Record<string, readonly number[]>;

export type RetryPreset = keyof typeof retryPresets;
