import type { Notice, StreamEvent } from '../../../src/control/contract.ts';

/** A little more than an application may take to answer; retries are not waited for. */
const PATIENCE_MS = 10_000;

/**
 * The same notices, once each has been tried, or as they are when patience ends.
 * @param listen hears what happens from now on, until the returned function is called
 * @param read the last `limit` notices: those that were answered before we began to listen
 */
export async function answered(
  sent: readonly Notice[],
  listen: (hear: (event: StreamEvent) => void) => () => void,
  read: (limit: number) => Promise<readonly Notice[]>,
): Promise<readonly Notice[]> {
  const latest = new Map(sent.map((notice) => [notice.id, notice]));
  const open = (): boolean => [...latest.values()].some(({ attempts }) => attempts.length === 0);
  await new Promise<void>((resolve) => {
    const end = (): void => {
      deaf();
      clearTimeout(timer);
      resolve();
    };
    const learn = (notice: Notice): void => {
      const known = latest.get(notice.id);
      // what is read may be older than what was heard while it was on its way
      if (known && notice.attempts.length >= known.attempts.length) latest.set(notice.id, notice);
      if (!open()) end();
    };
    const deaf = listen((event) => {
      if (event.type === 'notice') learn(event.notice);
    });
    const timer = setTimeout(end, PATIENCE_MS);
    read(Math.min(500, sent.length + 50))
      .then((notices) => notices.forEach(learn))
      .catch(end);
  });
  return [...latest.values()];
}
