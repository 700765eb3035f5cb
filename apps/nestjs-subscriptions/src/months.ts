/** A day in Argentina, `2026-01-31`: days are what a subscription is sold in, and they begin at 03:00 UTC there. */
export type Day = string;

const OFFSET_MS = 3 * 3_600_000;

export function dayOf(moment: Date): Day {
  return new Date(moment.getTime() - OFFSET_MS).toISOString().slice(0, 10);
}

export interface Month {
  readonly from: Day;
  /** The first day that is not paid. */
  readonly until: Day;
  /** The day of the month that the subscription began on: the 31st comes back after February. */
  readonly anchor: number;
}

/**
 * The months that `credit` pays at `price`, one after the other from the end of `last`, or from `today` where that is
 * past or there is none. What is left over stays for the next transfer.
 * @param credit centavos
 * @param price centavos, more than 0
 */
export function monthsFor(
  credit: number,
  price: number,
  last: Month | undefined,
  today: Day,
): readonly Month[] {
  const renewed = last !== undefined && last.until >= today ? last : undefined;
  const anchor = renewed?.anchor ?? Number(today.slice(8));
  let from = renewed?.until ?? today;
  const months: Month[] = [];
  for (let left = credit; left >= price; left -= price) {
    const until = oneMonthAfter(from, anchor);
    months.push({ from, until, anchor });
    from = until;
  }
  return months;
}

/** The anchor's day of the next month, or its last day where it is shorter. */
export function oneMonthAfter(day: Day, anchor: number): Day {
  const [year = 0, month = 0] = day.split('-').map(Number);
  // of the month after, because Date counts months from 0 and day 0 is the one before the first
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month, Math.min(anchor, last))).toISOString().slice(0, 10);
}
