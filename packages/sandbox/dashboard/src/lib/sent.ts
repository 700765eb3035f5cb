import type { Notice } from '../../../src/control/contract.ts';
import { statusWord, words } from '../i18n/index.ts';
import { answered } from './answered.ts';
import { call } from './api.ts';
import { to } from './router.ts';
import { listen } from './stream.ts';
import { say } from './toasts.ts';

/** Says what came of webhooks that were sent by hand: how many, and how they were answered. */
export async function tellSent(sent: readonly Notice[]): Promise<void> {
  const notices = await answered(sent, listen, async (limit) => {
    const { items } = await call('GET /notices', { query: { limit } });
    return items;
  });
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
