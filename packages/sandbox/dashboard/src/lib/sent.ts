import type { Notice } from '../../../src/control/contract.ts';
import { statusWord, words } from '../i18n/index.ts';
import { to } from './router.ts';
import { say } from './toasts.ts';

/** What came of webhooks that were sent by hand: how many, and how they were answered. */
export function tellSent(notices: readonly Notice[]): void {
  const dictionary = words.peek();
  const { webhooks } = dictionary;
  const answers = new Map<string, number>();
  for (const { outcome, attempts } of notices) {
    const answer = String(attempts.at(-1)?.status ?? statusWord(dictionary, outcome));
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
  const parts = [...answers].map(([answer, times]) => (times === 1 ? answer : `${times} × ${answer}`));
  const [first] = notices;
  const link = notices.length === 1 && first ? { href: to(['webhooks', first.id]), text: webhooks.one } : undefined;
  say('good', `${webhooks.sent(notices.length)} ${webhooks.sentOutcomes(parts.join(', '))}`, link);
}
