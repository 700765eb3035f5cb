import type { Notice } from '../../../src/control/contract.ts';
import { statusWord, words } from '../i18n/index.ts';
import { call } from './api.ts';
import { to } from './router.ts';
import { listen } from './stream.ts';
import { say } from './toasts.ts';

/** A little more than an application may take to answer; retries are not waited for. */
const PATIENCE_MS = 10_000;

/** Says what came of webhooks that were sent by hand: how many, and how they were answered. */
export async function tellSent(sent: readonly Notice[]): Promise<void> {
  const notices = await answered(sent);
  const dictionary = words.peek();
  const { webhooks } = dictionary;
  const answers = new Map<string, number>();
  for (const { outcome, attempts } of notices) {
    const answer = String(attempts.at(-1)?.status ?? statusWord(dictionary, outcome));
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
  const parts = [...answers].map(([answer, times]) => (times === 1 ? answer : `${times} × ${answer}`));
  const [first] = notices;
  const link =
    notices.length === 1 && first ? { href: to(['webhooks', first.id]), text: webhooks.openOne } : undefined;
  say('good', `${webhooks.sent(notices.length)} ${webhooks.sentOutcomes(parts.join(', '))}`, link);
}

/** The same notices, once each has been tried, or as they are when patience ends. */
async function answered(sent: readonly Notice[]): Promise<readonly Notice[]> {
  const latest = new Map(sent.map((notice) => [notice.id, notice]));
  const open = (): boolean => [...latest.values()].some(({ attempts }) => attempts.length === 0);
  const learn = (notice: Notice): void => {
    if (latest.has(notice.id)) latest.set(notice.id, notice);
  };
  await new Promise<void>((resolve) => {
    const end = (): void => {
      deaf();
      clearTimeout(timer);
      resolve();
    };
    const deaf = listen((event) => {
      if (event.type !== 'notice') return;
      learn(event.notice);
      if (!open()) end();
    });
    const timer = setTimeout(end, PATIENCE_MS);
    // those that were answered before we began to listen
    call('GET /notices', { query: { limit: Math.min(500, sent.length + 50) } })
      .then(({ items }) => {
        items.forEach(learn);
        if (!open()) end();
      })
      .catch(end);
  });
  return [...latest.values()];
}
