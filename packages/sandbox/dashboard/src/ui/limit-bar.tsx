import type { VNode } from 'preact';
import { words } from '../i18n/index.ts';
import { stretch } from '../lib/format.ts';
import { status } from '../lib/sandbox.ts';

/** How much of Talo's time limit an answer took. `whole`: with the limit in words. */
export function LimitBar({ ms, late, whole }: { ms: number; late: boolean; whole?: boolean }): VNode {
  const { timeline } = words.value;
  const limit = status.value?.limits.answerMs ?? 3000;
  const percent = Math.min(100, Math.round((ms / limit) * 100));
  const tone = late || percent >= 100 ? 'bad' : percent >= 60 ? 'warn' : 'good';
  return (
    <span class="limit" title={words.value.webhooks.limit(stretch(limit))}>
      <span class="limit-track" role="img" aria-label={timeline.bar(percent)}>
        <span class={`limit-fill ${tone}`} style={{ width: `${Math.max(percent, 2)}%` }} />
      </span>
      <span class="num">{whole ? timeline.ofLimit(stretch(ms), stretch(limit)) : stretch(ms)}</span>
    </span>
  );
}
