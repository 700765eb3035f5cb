import type { Clock } from '../clock.ts';
import { TaloWebhookError } from '../errors/errors.ts';

/**
 * Waits for `work`, but not longer than `ms`. It is not ended by that, only left alone.
 * @throws TaloWebhookError with `reason: 'slow'`
 */
export function inTime<T>(clock: Clock, ms: number, work: Promise<T>, waitedFor: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new TaloWebhookError('slow', `${waitedFor()} took longer than ${ms} ms.`));
    const timer = clock.setTimeout(late, ms);
    work.then(resolve, reject).finally(() => clock.clearTimeout(timer));
  });
}
