/** Money that came, and when a handler's writes for it were committed. */
export interface Transfer {
  readonly group: string;
  readonly amount: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `undefined` while it is not delivered. */
  readonly deliveredAt: number | undefined;
}

export interface Age {
  readonly at: number;
  /** Of the oldest transfer that was not delivered then, in milliseconds; 0 where there was none. */
  readonly ms: number;
}

const EVERY_MS = 100;

/** How old the oldest undelivered transfer was, every tenth of a second. */
export function agesOf(transfers: readonly Transfer[], from: number, to: number): readonly Age[] {
  const ages: Age[] = [];
  for (let at = from; at <= to; at += EVERY_MS) {
    const waiting = transfers.filter(
      ({ at: made, deliveredAt = Number.POSITIVE_INFINITY }) => made <= at && deliveredAt > at,
    );
    ages.push({ at, ms: Math.max(0, ...waiting.map(({ at: made }) => at - made)) });
  }
  return ages;
}
